// What went wrong, in the API's own words where it said some, with a way on.
import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { CircleAlert, CloudOff } from "lucide-react";
import type { CombinedError } from "urql";
import { useWords } from "../words/language";

/** In place of a page or a list that could not be read. */
export function Trouble({ error, again }: { error: CombinedError; again?: () => void }) {
  const words = useWords();
  const unreachable = error.networkError !== undefined;
  const said = error.graphQLErrors.map((one) => one.message).join(" ");
  return (
    <Stack align="center" gap="sm" py={56} role="alert">
      <CloudOff size={36} strokeWidth={1.5} color="var(--soft-ink)" aria-hidden />
      <Title order={2} size="h4" ta="center">
        {unreachable ? words.failed.title : words.failed.unexpected}
      </Title>
      {!unreachable && (
        <Text c="var(--soft-ink)" ta="center">
          {said}
        </Text>
      )}
      {again && (
        <Button variant="light" onClick={again}>
          {words.failed.again}
        </Button>
      )}
    </Stack>
  );
}

/** Above a form: refusals that belong to none of its fields. */
export function Refusals({ messages }: { messages: ReadonlyArray<string> }) {
  if (messages.length === 0) return null;
  return (
    <Alert role="alert" color="red" variant="light" icon={<CircleAlert size={18} aria-hidden />} radius="md">
      {messages.map((message) => (
        <Text key={message} size="sm" c="red.9">
          {message}
        </Text>
      ))}
    </Alert>
  );
}
