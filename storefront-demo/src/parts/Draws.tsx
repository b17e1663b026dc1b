// What was drawn for an order's line, and checking it: computed here, in the reader's browser, once the secret is shown.
import { Alert, Button, Text, Title } from "@mantine/core";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useClient } from "urql";
import { type DrawnLinePartsFragment, DrawnLinesDocument } from "../api/operations";
import { useSession } from "../api/session";
import { useMoments, useWords } from "../words/language";
import style from "./Draws.module.css";
import { Face } from "./Face";
import { verify } from "./proof";

type Line = DrawnLinePartsFragment;
type Draw = Line["draws"][number];

/** What checking came to; `later` while the secret is not shown. */
type Found = { says: "holds" } | { says: "wrong"; number: number } | { says: "later" } | { says: "unable" };

export function Draws({ orderId, line }: { orderId: string; line: Line }) {
  const words = useWords();
  const check = useCheck(orderId, line);
  const { draws } = check.line;
  if (draws.length === 0) return null;
  return (
    <section className={style.draws} data-testid="draws">
      <Title order={2} size="h4">
        {words.box.results}
      </Title>
      <ol className={style.list}>
        {draws.map((draw) => (
          <li key={draw.position}>
            <Face product={draw.variant.product} size="row" />
            <div>
              <strong>{draw.variant.product.name}</strong>
              <Text size="sm" c="var(--soft-ink)">
                {draw.variant.name}
              </Text>
              {draw.given !== draw.drawn && (
                <Text size="sm" c="var(--gold)">
                  {words.box.replaced(draw.drawn)}
                </Text>
              )}
            </div>
          </li>
        ))}
      </ol>
      <Button
        variant="light"
        w="fit-content"
        loading={check.busy}
        leftSection={<ShieldCheck size={18} aria-hidden />}
        onClick={check.start}
      >
        {words.box.verify}
      </Button>
      <div role="status" data-testid="verdict">
        {check.found && <Said found={check.found} line={check.line} />}
      </div>
      <Proof draws={draws} />
    </section>
  );
}

/** Reads the line again, for the secret may be shown by now, and computes each draw. */
function useCheck(orderId: string, read: Line) {
  const client = useClient();
  const session = useSession();
  const [later, setLater] = useState<Line | null>(null);
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Found | null>(null);
  const start = async () => {
    if (session.status !== "signedIn") return;
    setBusy(true);
    const { data } = await client.query(
      DrawnLinesDocument,
      { id: orderId },
      { requestPolicy: "network-only" },
    );
    const order = data?.node && "lines" in data.node ? data.node : null;
    const line = order?.lines.find(({ id }) => id === read.id) ?? read;
    setLater(line);
    setFound(await foundOf(line, session.customerId));
    setBusy(false);
  };
  return { line: later ?? read, found, busy, start };
}

async function foundOf(line: Line, owner: string): Promise<Found> {
  // A page that did not come by https has none.
  if ((globalThis.crypto as Crypto | undefined)?.subtle === undefined || !line.campaign)
    return { says: "unable" };
  for (const draw of line.draws) {
    const verdict = await verify(draw, line.campaign.id, owner);
    if (verdict === null) return { says: "later" };
    if (!verdict.holds) return { says: "wrong", number: draw.position + 1 };
  }
  return { says: "holds" };
}

function Said({ found, line }: { found: Found; line: Line }) {
  const words = useWords();
  const moments = useMoments();
  if (found.says === "holds") {
    return (
      <Alert color="pine" variant="light" icon={<ShieldCheck size={18} aria-hidden />} data-says="holds">
        {words.box.holds(line.draws.length)}
      </Alert>
    );
  }
  if (found.says === "wrong") {
    return (
      <Alert color="red" variant="light" icon={<ShieldAlert size={18} aria-hidden />} data-says="wrong">
        {words.box.wrong(found.number)}
      </Alert>
    );
  }
  const over = line.campaign?.state === "ENDED";
  const later = over ? words.box.over : words.box.later(moments.moment(line.campaign?.endsAt ?? ""));
  return (
    <Alert color="gray" variant="light" data-says={found.says}>
      {found.says === "later" ? later : words.box.unable}
    </Alert>
  );
}

function Proof({ draws }: { draws: ReadonlyArray<Draw> }) {
  const words = useWords();
  const [first] = draws;
  if (!first) return null;
  const shared: [string, string][] = [
    [words.box.commitment, first.seed.commitment],
    [words.box.oddsHash, first.seed.oddsHash],
    [words.box.secret, first.seed.seed ?? words.box.hidden],
    [words.box.seed, first.clientSeed],
    [words.box.who, first.who],
    [words.box.nonce, draws.map(({ nonce }) => nonce).join(", ")],
    [words.box.pity, draws.map(({ pity }) => pity).join(", ")],
  ];
  return (
    <details className={style.proof}>
      <summary>{words.box.proof}</summary>
      <dl>
        {shared.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
