// Prices of a product's forms, as the API says them for this viewer.
interface Priced<P> {
  price?: P | null;
}

interface Unit {
  unit: { amount: string };
}

/** What the cheapest form costs; undefined where none is priced here. */
export function lowestPrice<P extends Unit>(variants: ReadonlyArray<Priced<P>>): P | undefined {
  return variants
    .flatMap(({ price }) => (price ? [price] : []))
    .reduce<P | undefined>(
      (best, one) => (best === undefined || Number(one.unit.amount) < Number(best.unit.amount) ? one : best),
      undefined,
    );
}

/** A round price without its zeros: "¥20.00" reads as "¥20". */
export function rounded(formatted: string): string {
  return formatted.replace(/[.,]00$/, "");
}
