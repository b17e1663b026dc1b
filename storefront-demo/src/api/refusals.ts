// Why something was refused, in the API's own words: by the field they name, or for the whole form.
import type { CombinedError } from "urql";

export interface Refusal {
  code: string;
  message: string;
  path?: ReadonlyArray<string> | null;
  /** Of which of the product's inputs, where it is about one. */
  key?: string | null;
}

/** The message for this field of the input; paths read ["input", "contact", "email"]. */
export function refusalOf(refusals: ReadonlyArray<Refusal>, field: string): string | undefined {
  return refusals.find((one) => one.path?.includes(field))?.message;
}

/** Messages that belong to none of these fields. */
export function otherRefusals(refusals: ReadonlyArray<Refusal>, fields: ReadonlyArray<string>): string[] {
  return refusals.filter((one) => !one.path?.some((step) => fields.includes(step))).map((one) => one.message);
}

/** What went wrong outside of the payload, as payload errors: the same place on the page shows both. */
export function transportRefusals(error: CombinedError | undefined, unreachable: string): Refusal[] {
  if (error === undefined) return [];
  if (error.networkError !== undefined) return [{ code: "NETWORK", message: unreachable }];
  return error.graphQLErrors.map((one) => ({
    code: typeof one.extensions.code === "string" ? one.extensions.code : "UNKNOWN",
    message: one.message,
  }));
}
