// The heading of a page, which names the browser's tab as well.
import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords } from "../words/language";

export function PageTitle({ children, beside }: { children: string; beside?: ReactNode }) {
  const words = useWords();
  return (
    <>
      <title>{`${children} · ${words.shop}`}</title>
      <Group justify="space-between" align="center" mb="lg" gap="sm">
        <Title order={1} fz={{ base: 24, sm: 28 }}>
          {children}
        </Title>
        {beside}
      </Group>
    </>
  );
}
