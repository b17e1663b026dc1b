// A list with nothing in it: what would be here, and how to get it.
import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import style from "./Empty.module.css";

interface Props {
  icon: ReactNode;
  title: string;
  text: string;
  action?: ReactNode;
}

export function Empty({ icon, title, text, action }: Props) {
  return (
    <Stack align="center" gap={6} py={64}>
      <div className={style.icon} aria-hidden>
        {icon}
      </div>
      <Title order={2} size="h4" mt="sm" ta="center">
        {title}
      </Title>
      <Text c="var(--soft-ink)" ta="center">
        {text}
      </Text>
      {action && <div className={style.action}>{action}</div>}
    </Stack>
  );
}
