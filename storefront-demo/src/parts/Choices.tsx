// One of a few, as cards: real radio buttons underneath, so that keys and screen readers find what they know.
import type { ReactNode } from "react";
import style from "./Choices.module.css";

export function Choices({
  legend,
  columns,
  children,
}: {
  legend: string;
  columns?: "wide" | "narrow";
  children: ReactNode;
}) {
  return (
    <fieldset className={style.choices}>
      <legend>{legend}</legend>
      <div className={columns ? style[columns] : style.rows}>{children}</div>
    </fieldset>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  checked: boolean;
  onChoose: () => void;
  disabled?: boolean;
  children: ReactNode;
}

export function Choice({ name, value, checked, onChoose, disabled, children }: ChoiceProps) {
  return (
    <label className={style.choice} data-disabled={disabled || undefined}>
      <input
        type="radio"
        name={name}
        value={value}
        checked={checked}
        onChange={onChoose}
        disabled={disabled}
      />
      <span className={style.dot} aria-hidden />
      <span className={style.content}>{children}</span>
    </label>
  );
}
