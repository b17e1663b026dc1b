// What a product asks of its buyer, held against what was typed: the API's own rules as far as a browser can tell them.
import { useState } from "react";
import type { BuyerInputValueInput } from "../api/operations";
import type { Refusal } from "../api/refusals";
import type { Product } from "../pages/ProductPage";
import { useWords } from "../words/language";
import type { Words } from "../words/zh";

export type Asked = Product["buyerInputs"][number];

/** What is wrong with an answer; phones, e-mails and days are left to the API. */
function faultOf(asked: Asked, typed: string, words: Words): string | undefined {
  const value = typed.normalize("NFKC").trim();
  if (value === "") return asked.required ? words.asked.needed : undefined;
  const length = Array.from(value).length;
  const least = asked.minLength ?? 1;
  const most = asked.maxLength ?? 500;
  if (length < least || length > most) return words.asked.length(least, most);
  if (asked.pattern && !new RegExp(`^(?:${asked.pattern})$`).test(value)) return words.asked.pattern;
  return undefined;
}

/** The answers to a product's form. They live as long as the page: nothing of them is kept in the browser. */
export function useAnswers(asked: ReadonlyArray<Asked>) {
  const words = useWords();
  const [said, setSaid] = useState<Record<string, string>>({});
  const [left, setLeft] = useState<Record<string, boolean>>({});
  const [refused, setRefused] = useState<Record<string, string | undefined>>({});
  const value = (key: string) => said[key] ?? "";
  const faults = new Map(asked.map((one) => [one.key, faultOf(one, value(one.key), words)]));
  return {
    value,
    say: (key: string, typed: string) => {
      setSaid((before) => ({ ...before, [key]: typed }));
      setRefused((before) => ({ ...before, [key]: undefined }));
    },
    leave: (key: string) => setLeft((before) => ({ ...before, [key]: true })),
    error: (key: string) => refused[key] ?? (left[key] ? faults.get(key) : undefined),
    /** What to send; nothing where something is wrong, which is shown from now on. */
    complete: (): BuyerInputValueInput[] | undefined => {
      setLeft(Object.fromEntries(asked.map((one) => [one.key, true])));
      if ([...faults.values()].some(Boolean)) return undefined;
      return asked.flatMap(({ key }) => (value(key).trim() === "" ? [] : [{ key, value: value(key) }]));
    },
    /** Show refusals of the API at their fields; what is left belongs to none. */
    refuse: (refusals: ReadonlyArray<Refusal>): Refusal[] => {
      const mine = refusals.filter((one) => asked.some(({ key }) => key === one.key));
      setRefused(Object.fromEntries(mine.map((one) => [one.key ?? "", one.message])));
      return refusals.filter((one) => !mine.includes(one));
    },
  };
}

export type Answers = ReturnType<typeof useAnswers>;
