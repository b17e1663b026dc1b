// A blind box: its odds and what was promised of them, the buyer's own part, and opening it.
import { ActionIcon, Checkbox, Group, Stack, Table, Text, TextInput, Title, Button } from "@mantine/core";
import { Dices, ShieldCheck } from "lucide-react";
import { useRef, useState } from "react";
import { type NewDraws, useNewestDraws } from "../api/live";
import type { Campaign } from "../pages/CampaignPage";
import { useMoments, useWords } from "../words/language";
import { useAnswers } from "./asked";
import style from "./BlindBox.module.css";
import { BuyerForm } from "./BuyerForm";
import { CampaignPrice } from "./CampaignPrice";
import { Face } from "./Face";
import { hex } from "./proof";
import { Checkout } from "./Purchase";
import { Quantity } from "./Quantity";

export type Box = Extract<Campaign, { __typename: "BlindBox" }>;

const SEED = /^[\x21-\x7e]{1,64}$/;
const NEWS_SHOWN = 5;

export function BlindBox({ box }: { box: Box }) {
  const words = useWords();
  const [variant] = box.variants;
  const [waiting, setWaiting] = useState(false);
  const open = waiting || (box.state === "LIVE" && box.left?.level !== "NONE" && most(box) > 0);
  return (
    <Stack gap="lg">
      <CampaignPrice
        says={words.box.price}
        price={box.price.formatted}
        usual={variant?.price?.unit.formatted}
        left={box.left}
      />
      <Odds box={box} />
      {variant && open && <Opening box={box} variant={variant} waiting={waiting} onWaiting={setWaiting} />}
      {box.state === "LIVE" && !open && (
        <Button size="lg" disabled data-testid="closed">
          {most(box) < 1 ? words.box.used : words.campaign.left("NONE", 0)}
        </Button>
      )}
      <Promised box={box} />
      {box.state === "LIVE" && <News id={box.id} />}
    </Stack>
  );
}

function most(box: Box): number {
  return box.drawsLeft ?? box.drawsPerCustomer;
}

function nameOf(box: Box, key: string): string {
  const prize = box.prizes.find((one) => one.key === key);
  return prize ? `${prize.variant.product.name} ${prize.variant.name}` : key;
}

function Odds({ box }: { box: Box }) {
  const words = useWords();
  return (
    <section className={style.odds}>
      <Title order={2} size="h4" id="odds">
        {words.box.odds}
      </Title>
      <Table aria-labelledby="odds" verticalSpacing="xs" data-testid="odds">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.box.prize}</Table.Th>
            <Table.Th scope="col" className={style.number}>
              {words.box.many}
            </Table.Th>
            <Table.Th scope="col" className={style.number}>
              {words.box.chance}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {box.prizes.map((prize) => (
            <Table.Tr key={prize.key}>
              <Table.Th scope="row" className={style.prize}>
                <span className={style.face}>
                  <Face product={prize.variant.product} size="row" />
                </span>
                <span>
                  {prize.variant.product.name}
                  <small>{prize.variant.name}</small>
                </span>
              </Table.Th>
              <Table.Td className={style.number}>{prize.quantity ?? words.box.endless}</Table.Td>
              <Table.Td className={style.number}>{Number(prize.odds)}%</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {box.guaranteeAfter != null && (
        <Text size="sm" fw={600} data-testid="guarantee">
          {words.box.guarantee(
            box.guaranteeAfter,
            box.guaranteed.map((key) => nameOf(box, key)).join(words.box.or),
          )}
        </Text>
      )}
      {box.prizes.some(({ quantity }) => quantity != null) && (
        <Text size="sm" c="var(--soft-ink)">
          {words.box.exhausted(nameOf(box, box.exhausted))}
        </Text>
      )}
    </section>
  );
}

function randomSeed(): string {
  return hex(crypto.getRandomValues(new Uint8Array(8)));
}

interface OpeningProps {
  box: Box;
  variant: Box["variants"][number];
  /** In a queue, for what was said when they pressed the button. */
  waiting: boolean;
  onWaiting: (waiting: boolean) => void;
}

function Opening({ box, variant, waiting, onWaiting }: OpeningProps) {
  const words = useWords();
  const answers = useAnswers(variant.product.buyerInputs);
  const [wanted, want] = useState(1);
  const quantity = Math.max(1, Math.min(wanted, most(box)));
  const [clientSeed, setSeed] = useState(randomSeed);
  const [ofAge, setOfAge] = useState(false);
  const [asked, ask] = useState(false);
  const consent = useRef<HTMLInputElement>(null);
  const seedField = useRef<HTMLInputElement>(null);
  const fits = SEED.test(clientSeed);
  const agreed = ofAge || !box.askAge;
  const ready = () => {
    ask(true);
    if (!fits) seedField.current?.focus();
    else if (!agreed) consent.current?.focus();
    return fits && agreed;
  };
  const line = { variantId: variant.id, quantity };
  const said = { campaignId: box.id, ofAge: true };
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <div>
          <Text fw={600} size="sm" id="quantity-label">
            {words.product.quantity}
          </Text>
          <Text size="xs" c="var(--soft-ink)">
            {words.box.draws(most(box))}
          </Text>
        </div>
        <Quantity
          value={quantity}
          most={most(box)}
          onChange={want}
          labelledBy="quantity-label"
          disabled={waiting}
        />
      </Group>
      <TextInput
        ref={seedField}
        label={words.box.seed}
        description={words.box.seedHint}
        value={clientSeed}
        onChange={(event) => setSeed(event.currentTarget.value)}
        error={fits ? undefined : words.box.seedWrong}
        disabled={waiting}
        maxLength={64}
        size="md"
        name="client-seed"
        autoComplete="off"
        spellCheck={false}
        rightSection={
          <ActionIcon variant="subtle" aria-label={words.box.another} onClick={() => setSeed(randomSeed())}>
            <Dices size={18} aria-hidden />
          </ActionIcon>
        }
      />
      <BuyerForm asked={variant.product.buyerInputs} answers={answers} />
      {box.askAge && (
        <Checkbox
          ref={consent}
          checked={ofAge}
          onChange={(event) => setOfAge(event.currentTarget.checked)}
          label={box.consents.map(({ text }) => text).join(" ")}
          error={asked && !agreed ? words.box.ofAgeNeeded : undefined}
          size="sm"
          required
        />
      )}
      <Checkout
        line={{ ...line, campaign: { blindBox: { ...said, clientSeed } } }}
        priced={{ ...line, campaign: { blindBox: said } }}
        answers={answers}
        soldOut={false}
        label={words.box.buy}
        ready={ready}
        onWaiting={onWaiting}
      />
    </Stack>
  );
}

function Promised({ box }: { box: Box }) {
  const words = useWords();
  const moments = useMoments();
  const seed = box.drawSeed;
  if (!seed) return null;
  const facts: [string, string][] = [
    [words.box.commitment, seed.commitment],
    [words.box.oddsHash, seed.oddsHash],
  ];
  if (seed.seed) facts.push([words.box.secret, seed.seed]);
  return (
    <section className={style.promise}>
      <Title order={2} size="h4">
        <ShieldCheck size={19} aria-hidden /> {words.box.fair}
      </Title>
      <Text size="sm">{words.box.fairText(moments.moment(box.endsAt))}</Text>
      <dl className={style.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-testid={value === seed.commitment ? "commitment" : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      <Text size="xs" c="var(--soft-ink)">
        {words.box.since(moments.moment(seed.committedAt))}
      </Text>
    </section>
  );
}

/** What others drew, as it happens. */
function News({ id }: { id: string }) {
  const words = useWords();
  const [draws, tell] = useState<NewDraws | null>(null);
  useNewestDraws(id, tell);
  if (!draws) return null;
  return (
    <section>
      <Title order={2} size="h4" mb={6}>
        {words.box.news}
      </Title>
      {draws.length === 0 && (
        <Text size="sm" c="var(--soft-ink)">
          {words.box.noNews}
        </Text>
      )}
      <ul className={style.news} data-testid="news">
        {draws.slice(0, NEWS_SHOWN).map((draw, place) => (
          <li key={`${draw.at} ${place}`}>
            {words.box.drew(
              draw.isMe ? words.group.me : words.group.named(draw.maskedName),
              `${draw.variant.product.name} ${draw.variant.name}`,
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
