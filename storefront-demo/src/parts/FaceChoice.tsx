// Which face value, where the buyer chooses one: typed or stepped, and put right when the field is left.
import { NumberInput } from "@mantine/core";
import { useState } from "react";
import type { Product } from "../pages/ProductPage";
import { useWords } from "../words/language";

type Range = NonNullable<Product["variants"][number]["faceRange"]>;

interface Props {
  range: Range;
  value: string;
  onChange: (value: string) => void;
}

/** The nearest value that the range offers. */
function nearest(range: Range, typed: number): string {
  const [least, most, step] = [Number(range.least), Number(range.most), Number(range.step)];
  const inside = Math.min(most, Math.max(least, Number.isFinite(typed) ? typed : least));
  return (least + Math.round((inside - least) / step) * step).toFixed(6);
}

export function FaceChoice({ range, value, onChange }: Props) {
  const words = useWords();
  const [typed, setTyped] = useState<string | number>(Number(value));
  const take = (given: string | number) => {
    setTyped(given);
    if (given !== "" && Number(nearest(range, Number(given))) === Number(given))
      onChange(nearest(range, Number(given)));
  };
  const putRight = () => {
    const found = nearest(range, Number(typed === "" ? range.least : typed));
    setTyped(Number(found));
    onChange(found);
  };
  return (
    <NumberInput
      label={words.product.faceValue}
      description={words.product.faceHint(
        ...([range.least, range.most, range.step].map(Number) as [number, number, number]),
        range.currency,
      )}
      value={typed}
      onChange={take}
      onBlur={putRight}
      min={Number(range.least)}
      max={Number(range.most)}
      step={Number(range.step)}
      clampBehavior="blur"
      size="md"
    />
  );
}
