// The one-time code: a button that sends it, a pause before the next one, and the field it goes into.
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { useMutation } from "urql";
import { type CodePurpose, SendCodeDocument } from "../api/operations";
import { type Refusal, transportRefusals } from "../api/refusals";
import { useShop } from "../api/shop";
import { useWords } from "../words/language";
import { asContact } from "./contacts";

interface Props {
  purpose: CodePurpose;
  contact: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  onRefused: (refusals: Refusal[]) => void;
}

export function CodeField({ purpose, contact, value, onChange, error, onRefused }: Props) {
  const words = useWords();
  const { ahead } = useShop();
  const [{ fetching }, send] = useMutation(SendCodeDocument);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [again, setAgain] = useState(0);
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  const pause = Math.max(0, Math.ceil((again - now) / 1000));
  const ask = async () => {
    const { data, error: failed } = await send({ input: { contact: asContact(contact), purpose } });
    const answer = data?.oneTimeCodeRequest;
    const refused = [...transportRefusals(failed, words.failed.title), ...(answer?.errors ?? [])];
    onRefused(refused);
    const tooMany = answer?.errors.find((one) => "retryAfter" in one);
    if (tooMany && "retryAfter" in tooMany) setAgain(Date.now() + tooMany.retryAfter * 1000);
    if (refused.length > 0 || !answer) return;
    setSentTo(contact.trim());
    if (answer.resendAt) setAgain(Date.parse(answer.resendAt) - ahead);
  };
  return (
    <div>
      <Group align="flex-start" gap="xs" wrap="nowrap">
        <TextInput
          flex={1}
          size="md"
          label={words.sign.code}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
          required
          withAsterisk={false}
        />
        <Button
          mt={25}
          size="md"
          px="md"
          variant="light"
          loading={fetching}
          disabled={contact.trim() === "" || pause > 0}
          onClick={ask}
        >
          {pause > 0 ? words.sign.resend(pause) : words.sign.send}
        </Button>
      </Group>
      {sentTo && (
        <Text size="sm" c="var(--soft-ink)" mt={4} role="status">
          {words.sign.codeSent(sentTo)}
        </Text>
      )}
    </div>
  );
}
