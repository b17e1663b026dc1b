// Which of one's coupons an order shall use; nothing where there is none.
import { Select } from "@mantine/core";
import { useQuery } from "urql";
import { CouponsDocument, type HeldPartsFragment } from "../api/operations";
import { useWords } from "../words/language";
import type { Words } from "../words/zh";
import { fromWhen, takesOff } from "./coupons";

const MOST = 50;

interface Props {
  value: string | null;
  onChange: (code: string | null) => void;
}

export function CouponChoice({ value, onChange }: Props) {
  const words = useWords();
  const [{ data }] = useQuery({
    query: CouponsDocument,
    variables: { first: MOST, standings: ["USABLE"] },
    requestPolicy: "cache-and-network",
  });
  const coupons = data?.me?.coupons?.nodes ?? [];
  if (coupons.length === 0) return null;
  return (
    <Select
      label={words.coupon.use}
      placeholder={words.coupon.none}
      data={coupons.flatMap((one) => (one.code ? [{ value: one.code, label: says(one, words.coupon) }] : []))}
      value={value}
      onChange={onChange}
      clearable
      size="md"
    />
  );
}

function says(held: HeldPartsFragment, words: Words["coupon"]): string {
  const terms = held.campaign?.__typename === "Coupon" ? held.campaign : null;
  const what = terms ? `${takesOff(terms, words)} · ${fromWhen(terms, words)}` : (held.campaign?.name ?? "");
  return `${what} · ${held.code?.slice(-4) ?? ""}`;
}
