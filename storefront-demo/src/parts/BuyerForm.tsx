// The form that a product asks its buyer to fill in: a field for each of its inputs, whatever they are.
import { NativeSelect, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useWords } from "../words/language";
import type { Answers, Asked } from "./asked";
import style from "./BuyerForm.module.css";

const KEYBOARDS = {
  PHONE: { type: "tel", inputMode: "tel", autoComplete: "tel" },
  EMAIL: { type: "email", inputMode: "email", autoComplete: "email" },
  NUMBER: { type: "text", inputMode: "decimal", autoComplete: "off" },
  DATE: { type: "date", autoComplete: "off" },
} as const;
const ANY_KEYBOARD = { type: "text", autoComplete: "off" } as const;

export function BuyerForm({ asked, answers }: { asked: ReadonlyArray<Asked>; answers: Answers }) {
  const words = useWords();
  if (asked.length === 0) return null;
  return (
    <fieldset className={style.form}>
      <legend>{words.product.inputs}</legend>
      <Stack gap="sm">
        {asked.map((one) => (
          <Field key={one.key} asked={one} answers={answers} />
        ))}
      </Stack>
    </fieldset>
  );
}

function Field({ asked, answers }: { asked: Asked; answers: Answers }) {
  const words = useWords();
  const common = {
    label: asked.required ? asked.label : words.asked.optional(asked.label),
    description: asked.help,
    name: asked.key,
    value: answers.value(asked.key),
    error: answers.error(asked.key),
    required: asked.required,
    withAsterisk: false,
    size: "md",
    onBlur: () => answers.leave(asked.key),
    onChange: (event: { currentTarget: { value: string } }) =>
      answers.say(asked.key, event.currentTarget.value),
  };
  if (asked.options.length > 0) {
    const choices = asked.options.map(({ value, label }) => ({ value, label }));
    return <NativeSelect {...common} data={[{ value: "", label: words.asked.choose }, ...choices]} />;
  }
  if (asked.secret) return <PasswordInput {...common} autoComplete="off" />;
  const keyboard = asked.kind in KEYBOARDS ? KEYBOARDS[asked.kind as keyof typeof KEYBOARDS] : ANY_KEYBOARD;
  return <TextInput {...common} {...keyboard} />;
}
