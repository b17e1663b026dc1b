// The frame of something that is on: what it looks like, how it stands, and beside it what one can do.
import { Badge, Grid, Group, Stack, Text, Title } from "@mantine/core";
import { Radio } from "lucide-react";
import type { ReactNode } from "react";
import type { FacePartsFragment } from "../api/operations";
import { useWords } from "../words/language";
import { Face } from "./Face";
import style from "./Stage.module.css";

interface Props {
  name: string;
  product: FacePartsFragment | undefined;
  state: { says: string; colour: string; testId: string };
  kind?: string;
  /** Whether what is shown follows by itself. */
  live: boolean;
  /** Between the name and what one can do. */
  when?: ReactNode;
  children: ReactNode;
}

export function Stage({ name, product, state, kind, live, when, children }: Props) {
  const words = useWords();
  return (
    <article>
      <title>{`${name} · ${words.shop}`}</title>
      <Grid gap={{ base: "lg", md: 48 }}>
        <Grid.Col span={{ base: 12, md: 6 }}>
          {product && (
            <div className={style.face}>
              <Face product={product} size="page" eager />
            </div>
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Group gap="xs">
            <Badge variant="light" size="lg" color={state.colour} tt="none" data-testid={state.testId}>
              {state.says}
            </Badge>
            {kind && (
              <Text size="sm" c="var(--soft-ink)" fw={500}>
                {kind}
              </Text>
            )}
            {live && (
              <span className={style.live} data-testid="live">
                <Radio size={15} aria-hidden /> {words.order.live}
              </span>
            )}
          </Group>
          <Title order={1} fz={{ base: 24, sm: 30 }} mt={6} mb="xs">
            {name}
          </Title>
          {when}
          <Stack gap="lg" mt="lg">
            {children}
          </Stack>
        </Grid.Col>
      </Grid>
    </article>
  );
}
