// One benefit that the customer holds: masked until they ask, then its secrets with a button to copy each.
import { ActionIcon, Badge, Button, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { Check, Copy, ExternalLink, Eye, EyeOff, LockKeyhole } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useMutation } from "urql";
import { type BenefitPartsFragment, RevealDocument, type RevealMutation } from "../api/operations";
import { transportRefusals } from "../api/refusals";
import { useMoments, useWords } from "../words/language";
import style from "./BenefitCard.module.css";
import { Face } from "./Face";
import { Refusals } from "./Trouble";

type Secret = NonNullable<RevealMutation["entitlementReveal"]["revealed"]>["credentials"][number];

const COLOURS: Record<string, string> = {
  ISSUED: "pine",
  REVEALED: "gray",
  DELIVERED: "pine",
  PENDING: "orange",
  FAILED: "red",
  REVOKED: "gray",
};
const CAN_BE_SEEN = new Set(["ISSUED", "REVEALED"]);

export function BenefitCard({ benefit, titled = true }: { benefit: BenefitPartsFragment; titled?: boolean }) {
  const words = useWords();
  const moments = useMoments();
  const { product } = benefit.variant;
  const [secrets, setSecrets] = useState<ReadonlyArray<Secret> | null>(null);
  const [refusals, setRefusals] = useState<string[]>([]);
  const [{ fetching }, reveal] = useMutation(RevealDocument);
  const look = async () => {
    const { data, error } = await reveal({ input: { entitlementId: benefit.id } });
    const answer = data?.entitlementReveal;
    setSecrets(answer?.revealed?.credentials ?? null);
    setRefusals(
      [...transportRefusals(error, words.failed.title), ...(answer?.errors ?? [])].map((one) => one.message),
    );
  };
  const until = benefit.expiresAt
    ? words.benefit.expires(moments.day(benefit.expiresAt))
    : words.benefit.never;
  return (
    <article className={style.card} aria-label={`${product.name} ${benefit.variant.name}`}>
      <Group wrap="nowrap" gap="md" align="flex-start">
        {titled && <Face product={product} size="row" />}
        <div className={style.about}>
          <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
            <div>
              {titled && (
                <Text fw={600} component={Link} to={`/products/${product.slug}`} className={style.link}>
                  {product.name}
                </Text>
              )}
              <Text size="sm" c="var(--soft-ink)">
                {benefit.variant.name}
              </Text>
              {benefit.target && (
                <Text size="sm" c="var(--soft-ink)" data-testid="target">
                  {words.benefit.target(benefit.target)}
                </Text>
              )}
              {benefit.state !== "DELIVERED" && benefit.state !== "PENDING" && (
                <Text size="sm" c="var(--soft-ink)">
                  {until}
                </Text>
              )}
            </div>
            <Badge variant="light" color={COLOURS[benefit.state] ?? "gray"} tt="none" className={style.state}>
              {words.benefit.states[benefit.state] ?? benefit.state}
            </Badge>
          </Group>
        </div>
      </Group>
      {secrets ? (
        <Shown secrets={secrets} howToUse={benefit.howToUse ?? null} hide={() => setSecrets(null)} />
      ) : (
        CAN_BE_SEEN.has(benefit.state) && (
          <div className={style.masked}>
            <span className={style.dots}>
              <LockKeyhole size={15} aria-hidden /> {benefit.masked ?? "••••••••"}
            </span>
            <Button
              size="compact-md"
              h={36}
              px={14}
              loading={fetching}
              onClick={look}
              leftSection={<Eye size={16} aria-hidden />}
              variant={benefit.state === "ISSUED" ? "filled" : "light"}
            >
              {benefit.state === "ISSUED" ? words.benefit.reveal : words.benefit.revealAgain}
            </Button>
          </div>
        )
      )}
      {benefit.state === "ISSUED" && !secrets && (
        <Text size="xs" c="var(--soft-ink)" mt={6}>
          {words.benefit.warning}
        </Text>
      )}
      {refusals.length > 0 && (
        <div className={style.refused}>
          <Refusals messages={refusals} />
        </div>
      )}
    </article>
  );
}

interface ShownProps {
  secrets: ReadonlyArray<Secret>;
  howToUse: string | null;
  hide: () => void;
}

function Shown({ secrets, howToUse, hide }: ShownProps) {
  const words = useWords();
  return (
    <div className={style.shown} role="status">
      {secrets.map((secret) => (
        <SecretRow key={secret.kind} secret={secret} />
      ))}
      {howToUse && (
        <div className={style.how}>
          <Text size="sm" fw={600}>
            {words.product.howToUse}
          </Text>
          <Text size="sm">{howToUse}</Text>
        </div>
      )}
      <Group justify="space-between" mt="sm">
        <Text size="xs" c="var(--soft-ink)">
          {words.benefit.hidden}
        </Text>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<EyeOff size={15} aria-hidden />}
          onClick={hide}
        >
          {words.benefit.hide}
        </Button>
      </Group>
    </div>
  );
}

function SecretRow({ secret }: { secret: Secret }) {
  const words = useWords();
  const name = words.benefit.credentials[secret.kind] ?? secret.kind;
  const isLink = secret.kind === "URL" && secret.value.startsWith("https://");
  return (
    <div className={style.secret}>
      <div className={style.value}>
        <Text size="xs" c="var(--soft-ink)">
          {name}
        </Text>
        <code data-testid="secret">{secret.value}</code>
      </div>
      <Group gap={4} wrap="nowrap">
        {isLink && (
          <ActionIcon
            component="a"
            href={secret.value}
            target="_blank"
            rel="noopener noreferrer"
            variant="subtle"
            size={40}
            aria-label={words.benefit.open}
          >
            <ExternalLink size={18} aria-hidden />
          </ActionIcon>
        )}
        <CopyButton value={secret.value} timeout={2000}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? words.benefit.copied : words.benefit.copy} withArrow>
              <ActionIcon
                variant={copied ? "filled" : "light"}
                size={40}
                onClick={copy}
                aria-label={copied ? words.benefit.copied : words.benefit.copyOf(name)}
              >
                {copied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
