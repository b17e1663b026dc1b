// How many: two buttons and a number that can be typed.
import { ActionIcon, Group, NumberInput } from "@mantine/core";
import { Minus, Plus } from "lucide-react";
import { useWords } from "../words/language";

interface Props {
  value: number;
  most: number;
  onChange: (value: number) => void;
  labelledBy: string;
  disabled?: boolean;
}

export function Quantity({ value, most, onChange, labelledBy, disabled = false }: Props) {
  const words = useWords();
  const fit = (wanted: number) => onChange(Math.max(1, Math.min(most, Math.trunc(wanted) || 1)));
  return (
    <Group gap={6} wrap="nowrap">
      <ActionIcon
        size={42}
        variant="default"
        aria-label={words.product.fewer}
        disabled={disabled || value <= 1}
        onClick={() => fit(value - 1)}
      >
        <Minus size={17} aria-hidden />
      </ActionIcon>
      <NumberInput
        aria-labelledby={labelledBy}
        value={value}
        onChange={(typed) => fit(Number(typed))}
        min={1}
        max={most}
        allowDecimal={false}
        hideControls
        disabled={disabled}
        w={62}
        size="md"
        styles={{ input: { textAlign: "center" } }}
      />
      <ActionIcon
        size={42}
        variant="default"
        aria-label={words.product.moreOf}
        disabled={disabled || value >= most}
        onClick={() => fit(value + 1)}
      >
        <Plus size={17} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
