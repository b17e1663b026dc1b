// What a coupon takes off, in the reader's words.
import type { CouponTermsFragment } from "../api/operations";
import type { Words } from "../words/zh";

export function takesOff(terms: CouponTermsFragment, words: Words["coupon"]): string {
  if (terms.off) return words.off(terms.off.formatted);
  return words.percentOff(Number(terms.percentOff ?? 0), terms.mostOff?.formatted ?? null);
}

export function fromWhen(terms: CouponTermsFragment, words: Words["coupon"]): string {
  return terms.threshold ? words.from(terms.threshold.formatted) : words.always;
}
