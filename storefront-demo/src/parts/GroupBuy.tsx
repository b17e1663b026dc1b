// A group buy on its campaign's page: what a group pays, the groups that are open, and opening one's own.
import { Button, Stack, Text, Title } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { Link } from "react-router";
import { useQuery } from "urql";
import { type CirclePartsFragment, OpenGroupsDocument } from "../api/operations";
import { useAhead } from "../api/shop";
import type { Campaign } from "../pages/CampaignPage";
import { useWords } from "../words/language";
import { type Asked, useAnswers } from "./asked";
import { BuyerForm } from "./BuyerForm";
import { CampaignPrice } from "./CampaignPrice";
import style from "./GroupBuy.module.css";
import { Checkout } from "./Purchase";
import { TimeLeft } from "./TimeLeft";

export type Groups = Extract<Campaign, { __typename: "GroupBuy" }>;

const SHOWN = 6;
const LOOK_AGAIN_MS = 10_000;

export function GroupBuy({ groups }: { groups: Groups }) {
  const words = useWords();
  const [variant] = groups.variants;
  return (
    <Stack gap="lg">
      <CampaignPrice
        says={words.group.price}
        price={groups.price.formatted}
        usual={variant?.price?.unit.formatted}
        beside={words.group.of(groups.size)}
      />
      <Text size="sm" c="var(--soft-ink)" data-testid="group-rule">
        {words.group.rule(groups.size, groups.hoursOpen)}
      </Text>
      {groups.state === "LIVE" && <Open groups={groups} />}
      {groups.state === "LIVE" && variant && (
        <section>
          <Title order={2} size="h4" mb="sm">
            {words.group.startTitle}
          </Title>
          <Joining groups={groups} variant={variant} label={words.group.start} />
        </section>
      )}
    </Stack>
  );
}

/** Those that close first before the others; looked at again now and then. */
function Open({ groups }: { groups: Groups }) {
  const words = useWords();
  const [{ data }, ask] = useQuery({
    query: OpenGroupsDocument,
    variables: { campaignId: groups.id, first: SHOWN },
    requestPolicy: "cache-and-network",
  });
  useInterval(() => ask({ requestPolicy: "network-only" }), LOOK_AGAIN_MS, { autoInvoke: true });
  const open = data?.circles.nodes;
  if (!open) return null;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {words.group.open}
      </Title>
      {open.length === 0 ? (
        <Text size="sm" c="var(--soft-ink)">
          {words.group.none}
        </Text>
      ) : (
        <ul className={style.open} data-testid="groups">
          {open.map((group) => (
            <Row key={group.id} group={group} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ group }: { group: CirclePartsFragment }) {
  const words = useWords();
  const ahead = useAhead(group.serverTime);
  return (
    <li>
      <div className={style.about}>
        <strong>{words.group.joined(group.joined, group.seats)}</strong>
        <TimeLeft until={group.closesAt} says={words.group.closesIn} ahead={ahead} />
      </div>
      <Button component={Link} to={`/groups/${group.id}`} variant="light" radius="xl">
        {group.members.some(({ isMe }) => isMe) ? words.group.see : words.group.join}
      </Button>
    </li>
  );
}

type Bought = Pick<Groups, "id" | "state" | "limitLeft" | "limitPerCustomer">;

interface JoiningProps {
  groups: Bought;
  variant: { id: string; product: { buyerInputs: Asked[] } };
  label: string;
  /** Which group; without one a new one is opened. */
  group?: string;
}

/** Paying for a place. */
export function Joining({ groups, variant, label, group }: JoiningProps) {
  const words = useWords();
  const answers = useAnswers(variant.product.buyerInputs);
  if ((groups.limitLeft ?? groups.limitPerCustomer) < 1) {
    return (
      <Button size="lg" disabled fullWidth data-testid="closed">
        {words.campaign.limitUsed}
      </Button>
    );
  }
  const campaign = { groupBuy: { campaignId: groups.id, ...(group && { group }) } };
  return (
    <Stack gap="md">
      <BuyerForm asked={variant.product.buyerInputs} answers={answers} />
      <Checkout
        line={{ variantId: variant.id, quantity: 1, campaign }}
        answers={answers}
        soldOut={false}
        label={label}
      />
    </Stack>
  );
}
