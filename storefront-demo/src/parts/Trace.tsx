// How a price came about, for those who want to know.
import { useWords } from "../words/language";
import style from "./Trace.module.css";

interface Step {
  source: string;
  label: string;
  effect: { amount: string; formatted: string };
}

export function Trace({ steps, unit }: { steps: ReadonlyArray<Step>; unit: string }) {
  const words = useWords();
  return (
    <details className={style.trace}>
      <summary>{words.product.trace}</summary>
      <dl>
        {steps.map((step, place) => (
          <div key={`${step.label}${step.effect.amount}`}>
            <dt>{words.product.sources[step.source] ?? step.label}</dt>
            <dd>
              {place > 0 && !step.effect.amount.startsWith("-")
                ? `+${step.effect.formatted}`
                : step.effect.formatted}
            </dd>
          </div>
        ))}
        <div className={style.sum}>
          <dt>{words.product.unit}</dt>
          <dd>{unit}</dd>
        </div>
      </dl>
    </details>
  );
}
