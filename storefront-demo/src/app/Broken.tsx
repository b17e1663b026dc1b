// What is shown instead of a page that failed: a way on, and no white screen.
import { Button, Container, Stack, Text, Title } from "@mantine/core";
import { useWords } from "../words/language";

export function Broken() {
  const words = useWords();
  return (
    <Container size="xs" py={96}>
      <Stack align="center" gap="md" role="alert">
        <Title order={1} size="h3">
          {words.failed.unexpected}
        </Title>
        <Text c="var(--soft-ink)">{words.failed.title}</Text>
        <Button onClick={() => window.location.reload()}>{words.failed.again}</Button>
      </Stack>
    </Container>
  );
}
