// What a reader looks for: kept in the page's address, so that it can be sent to somebody, and asked for as the API's `where`.
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { BenefitKind, ProductSort, ProductWhere } from "./operations";

/** From, and below; the last range has no end. */
export interface PriceRange {
  from: string;
  below: string | null;
}

export interface Finding {
  search: string;
  category: string | null;
  brands: string[];
  kinds: BenefitKind[];
  price: PriceRange | null;
  /** Chosen values by the code of their attribute. */
  attributes: Record<string, string[]>;
  inStock: boolean;
  sort: ProductSort | null;
}

export type Sorting = "RELEVANCE" | "NEWEST" | "PRICE_ASC" | "PRICE_DESC" | "NAME_ASC";

const SORTS: Record<string, Sorting> = {
  newest: "NEWEST",
  cheapest: "PRICE_ASC",
  dearest: "PRICE_DESC",
  name: "NAME_ASC",
};
const KINDS: ReadonlyArray<string> = ["CODE", "LINK", "TOP_UP", "MEMBERSHIP", "VOUCHER", "SERVICE"];
const ATTRIBUTE = /^a\.([a-z][a-z0-9_]{0,39})$/;
const PRICE = /^(\d{1,9}(?:\.\d{1,6})?)-(\d{1,9}(?:\.\d{1,6})?)?$/;

/** An address as it may have been typed by anybody: what is not understood is left out. */
export function readFinding(params: URLSearchParams): Finding {
  const attributes: Record<string, string[]> = {};
  for (const name of new Set(params.keys())) {
    const code = ATTRIBUTE.exec(name)?.[1];
    if (code) attributes[code] = params.getAll(name).slice(0, 50);
  }
  const price = PRICE.exec(params.get("price") ?? "");
  return {
    search: (params.get("q") ?? "").trim().slice(0, 100),
    category: params.get("category"),
    brands: params.getAll("brand").slice(0, 50),
    kinds: params.getAll("kind").filter((kind): kind is BenefitKind => KINDS.includes(kind)),
    price: price?.[1] === undefined ? null : { from: price[1], below: price[2] ?? null },
    attributes,
    inStock: params.has("stock"),
    sort: SORTS[params.get("sort") ?? ""] ?? null,
  };
}

export function writeFinding(finding: Finding): URLSearchParams {
  const params = new URLSearchParams();
  if (finding.search) params.set("q", finding.search);
  if (finding.category) params.set("category", finding.category);
  for (const brand of finding.brands) params.append("brand", brand);
  for (const kind of finding.kinds) params.append("kind", kind);
  if (finding.price) params.set("price", priceKey(finding.price));
  for (const [code, values] of Object.entries(finding.attributes)) {
    for (const value of values) params.append(`a.${code}`, value);
  }
  if (finding.inStock) params.set("stock", "1");
  const sort = Object.entries(SORTS).find(([, sort]) => sort === finding.sort)?.[0];
  if (sort) params.set("sort", sort);
  return params;
}

export function priceKey({ from, below }: PriceRange): string {
  return `${Number(from)}-${below === null ? "" : Number(below)}`;
}

export function isWithin(amount: string, range: PriceRange | null): boolean {
  if (range === null) return true;
  return (
    Number(amount) >= Number(range.from) && (range.below === null || Number(amount) < Number(range.below))
  );
}

/** Null where nothing is narrowed: the same question as everybody's is answered from everybody's cache. */
export function toWhere(finding: Finding): ProductWhere | null {
  const where: ProductWhere = {};
  if (finding.category) where.categorySlug = { eq: finding.category };
  if (finding.brands.length > 0) where.brandSlug = { oneOf: finding.brands };
  if (finding.kinds.length > 0) where.kind = { oneOf: finding.kinds };
  if (finding.price) where.price = { gte: finding.price.from, lt: finding.price.below };
  const attributes = Object.entries(finding.attributes).map(([code, oneOf]) => ({ code, oneOf }));
  if (attributes.length > 0) where.attributes = attributes;
  if (finding.inStock) where.inStock = true;
  return Object.keys(where).length > 0 ? where : null;
}

/** Whether the reader asked for anything but the whole shop. */
export function isNarrowed(finding: Finding): boolean {
  return finding.search !== "" || toWhere(finding) !== null;
}

export const NOTHING: Finding = readFinding(new URLSearchParams());

export function useFinding() {
  const [params, setParams] = useSearchParams();
  // The address follows in a moment; what was pressed shows at once.
  const [ahead, goAhead] = useState<{ of: URLSearchParams; finding: Finding } | null>(null);
  const addressed = useMemo(() => readFinding(params), [params]);
  const finding = ahead?.of === params ? ahead.finding : addressed;
  const change = useCallback(
    (changes: Partial<Finding>) => {
      const next = { ...finding, ...changes };
      goAhead({ of: params, finding: next });
      setParams(writeFinding(next), { preventScrollReset: true });
    },
    [finding, params, setParams],
  );
  return { finding, change };
}

/** With it where it was not, without it where it was. */
export function toggled<T>(values: ReadonlyArray<T>, value: T): T[] {
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}
