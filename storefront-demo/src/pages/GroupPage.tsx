// One group by its invitation: how it fills before one's eyes, a place in it, and what becomes of it when its time is over.
import { Alert, Button, Group, Progress, Text } from "@mantine/core";
import { UserRound, UserRoundPlus } from "lucide-react";
import { useId, useState } from "react";
import { Link, useParams } from "react-router";
import { useQuery } from "urql";
import { useLiveGroup } from "../api/live";
import { type CirclePartsFragment, GroupPageDocument, type GroupPageQuery } from "../api/operations";
import { useAhead } from "../api/shop";
import { CampaignPrice } from "../parts/CampaignPrice";
import { Joining } from "../parts/GroupBuy";
import { Inviting } from "../parts/Inviting";
import { Loading } from "../parts/Loading";
import panel from "../parts/Panel.module.css";
import { Stage } from "../parts/Stage";
import { TimeLeft } from "../parts/TimeLeft";
import { Trouble } from "../parts/Trouble";
import { useWords } from "../words/language";
import style from "./GroupPage.module.css";
import { NotFound } from "./NotFound";

type Campaign = NonNullable<NonNullable<GroupPageQuery["circle"]>["campaign"]>;

const GROUP_COLOURS: Record<string, string> = { OPEN: "red", FULL: "pine", SETTLED: "pine" };
const MOST_SHOWN = 12;

export function GroupPage() {
  const { id = "" } = useParams();
  return <Followed key={id} id={id} />;
}

function Followed({ id }: { id: string }) {
  const [{ data, error, fetching }, ask] = useQuery({
    query: GroupPageDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  const [told, tell] = useState<CirclePartsFragment | null>(null);
  const live = useLiveGroup(id, tell);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data?.circle) return fetching ? <Loading /> : <NotFound />;
  return <Shown group={told ?? data.circle} campaign={data.circle.campaign ?? null} live={live} />;
}

interface ShownProps {
  group: CirclePartsFragment;
  campaign: Campaign | null;
  live: boolean;
}

function Shown({ group, campaign, live }: ShownProps) {
  const words = useWords();
  const ahead = useAhead(group.serverTime);
  const variant = campaign?.variants[0];
  const groups = campaign?.__typename === "GroupBuy" ? campaign : null;
  const mine = group.members.some((one) => one.isMe);
  const name = campaign?.name ?? words.group.title;
  const state = {
    says: words.group.states[group.state] ?? group.state,
    colour: GROUP_COLOURS[group.state] ?? "gray",
    testId: "group-state",
  };
  return (
    <Stage name={name} product={variant?.product} state={state} live={live}>
      {groups && (
        <CampaignPrice
          says={words.group.price}
          price={groups.price.formatted}
          usual={variant?.price?.unit.formatted}
          beside={words.group.of(group.seats)}
        />
      )}
      <Filling group={group} ahead={ahead} />
      {group.state === "OPEN" && groups && (
        <Text size="sm" c="var(--soft-ink)">
          {words.group.rule(group.seats, groups.hoursOpen)}
        </Text>
      )}
      {group.state === "OPEN" && mine && <Inviting title={words.group.inviting} name={name} />}
      {group.state === "OPEN" && !mine && groups && variant && (
        <Place group={group} groups={groups} variant={variant} />
      )}
      {campaign && (group.state !== "OPEN" || group.placesLeft === 0) && (
        <Button component={Link} to={`/campaigns/${campaign.id}`} variant="light" size="md">
          {words.group.another}
        </Button>
      )}
    </Stage>
  );
}

function Filling({ group, ahead }: { group: CirclePartsFragment; ahead: number }) {
  const words = useWords();
  const label = useId();
  const open = group.state === "OPEN";
  const shown = group.members.slice(0, MOST_SHOWN);
  const free = open ? Math.max(0, Math.min(group.seats, MOST_SHOWN) - shown.length) : 0;
  return (
    <section className={panel.panel}>
      <div aria-live="polite" data-testid="progress">
        <Group justify="space-between" gap="xs">
          <Text fw={600} id={label}>
            {words.group.joined(group.joined, group.seats)}
          </Text>
          {open && group.joined < group.seats && (
            <Text size="sm" c="var(--gold)" fw={600}>
              {words.group.wanted(group.seats - group.joined)}
            </Text>
          )}
        </Group>
        <Text size="sm" c="var(--soft-ink)">
          {words.group.says[group.state]}
        </Text>
      </div>
      <Progress.Root size="lg" radius="xl">
        <Progress.Section
          value={(100 * group.joined) / group.seats}
          color={group.state === "LAPSED" ? "gray" : "pine"}
          aria-labelledby={label}
        />
      </Progress.Root>
      {open && <TimeLeft until={group.closesAt} says={words.group.closesIn} ahead={ahead} large />}
      <ul className={style.members} aria-label={words.group.members}>
        {shown.map((one, place) => (
          <li key={place}>
            <span className={style.person} data-me={one.isMe || undefined}>
              <UserRound size={20} aria-hidden />
            </span>
            <span>{one.isMe ? words.group.me : words.group.named(one.maskedName)}</span>
            {one.isOpener && <small>{words.group.opener}</small>}
          </li>
        ))}
        {Array.from({ length: free }, (_, place) => (
          <li key={`free ${place}`}>
            <span className={style.person} data-free>
              <UserRoundPlus size={20} aria-hidden />
            </span>
            <span>{words.group.empty}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface PlaceProps {
  group: CirclePartsFragment;
  groups: Extract<Campaign, { __typename: "GroupBuy" }>;
  variant: Campaign["variants"][number];
}

function Place({ group, groups, variant }: PlaceProps) {
  const words = useWords();
  if (group.placesLeft === 0) return <Alert color="gray">{words.group.held}</Alert>;
  if (groups.state !== "LIVE") return <Alert color="gray">{words.campaign.over}</Alert>;
  return <Joining groups={groups} variant={variant} group={group.id} label={words.group.joinThis} />;
}
