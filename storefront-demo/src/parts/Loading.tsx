// While an answer is on its way: quiet shapes, and after a few seconds a word that nobody has forgotten the reader.
import { Skeleton, Stack, Text } from "@mantine/core";
import { useTimeout } from "@mantine/hooks";
import { useState } from "react";
import { useWords } from "../words/language";

const ROWS = ["first", "second", "third", "fourth"];
const SLOW_AFTER_MS = 4000;

export function Loading({ rows = 2 }: { rows?: number }) {
  const words = useWords();
  const [slow, setSlow] = useState(false);
  useTimeout(() => setSlow(true), SLOW_AFTER_MS, { autoInvoke: true });
  return (
    <div role="status" aria-live="polite">
      <span className="unseen">{words.loading}</span>
      <Stack gap="md" aria-hidden>
        <Skeleton height={32} width="40%" radius="lg" />
        {ROWS.slice(0, rows).map((row) => (
          <Skeleton key={row} height={88} radius="lg" />
        ))}
      </Stack>
      {slow && (
        <Text mt="md" size="sm" c="var(--soft-ink)">
          {words.slow}
        </Text>
      )}
    </div>
  );
}
