// One bargain by its invitation: how far its price has come, helping in a friend's, and inviting others to one's own.
import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { Scissors } from "lucide-react";
import { useId, useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useMutation, useQuery } from "urql";
import { useLiveBargain } from "../api/live";
import {
  BargainPageDocument,
  type BargainPageQuery,
  type BargainPartsFragment,
  CutBargainDocument,
} from "../api/operations";
import { otherRefusals, type Refusal, transportRefusals } from "../api/refusals";
import { useSession } from "../api/session";
import { useAhead } from "../api/shop";
import { useAnswers } from "../parts/asked";
import { BuyerForm } from "../parts/BuyerForm";
import { CampaignPrice } from "../parts/CampaignPrice";
import { Inviting } from "../parts/Inviting";
import { Loading } from "../parts/Loading";
import { Checkout } from "../parts/Purchase";
import panel from "../parts/Panel.module.css";
import { Stage } from "../parts/Stage";
import { TimeLeft } from "../parts/TimeLeft";
import { Refusals, Trouble } from "../parts/Trouble";
import { useWords } from "../words/language";
import style from "./BargainPage.module.css";
import { NotFound } from "./NotFound";

type Campaign = NonNullable<NonNullable<BargainPageQuery["bargain"]>["campaign"]>;
type Variant = Campaign["variants"][number];

const COLOURS: Record<string, string> = { OPEN: "red", HELD: "orange", BOUGHT: "pine" };

export function BargainPage() {
  const { id = "" } = useParams();
  return <Followed key={id} id={id} />;
}

function Followed({ id }: { id: string }) {
  const [{ data, error, fetching }, ask] = useQuery({
    query: BargainPageDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  const [told, tell] = useState<BargainPartsFragment | null>(null);
  const live = useLiveBargain(id, tell);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data?.bargain) return fetching ? <Loading /> : <NotFound />;
  return (
    <Shown
      bargain={told ?? data.bargain}
      campaign={data.bargain.campaign ?? null}
      live={live}
      onHelped={tell}
    />
  );
}

interface ShownProps {
  bargain: BargainPartsFragment;
  campaign: Campaign | null;
  live: boolean;
  onHelped: (bargain: BargainPartsFragment) => void;
}

function Shown({ bargain, campaign, live, onHelped }: ShownProps) {
  const words = useWords();
  const ahead = useAhead(bargain.serverTime);
  const variant = campaign?.variants[0];
  const terms = campaign?.__typename === "Bargain" ? campaign : null;
  const name = campaign?.name ?? words.bargain.title;
  const open = bargain.state === "OPEN";
  const state = {
    says: words.bargain.states[bargain.state] ?? bargain.state,
    colour: COLOURS[bargain.state] ?? "gray",
    testId: "bargain-state",
  };
  return (
    <Stage name={name} product={variant?.product} state={state} live={live}>
      <CampaignPrice
        says={words.bargain.now}
        price={bargain.price.formatted}
        usual={bargain.startsFrom.formatted}
        beside={words.bargain.downTo(bargain.floor.formatted)}
      />
      <Falling bargain={bargain} ahead={ahead} />
      {open && bargain.isMine && bargain.helped < bargain.helpers && (
        <Inviting title={words.bargain.inviting} name={name} />
      )}
      {open && !bargain.isMine && <Helping bargain={bargain} onHelped={onHelped} />}
      {open && bargain.isMine && terms && variant && (
        <Buying
          key={bargain.price.formatted}
          campaignId={terms.id}
          variant={variant}
          tooDear={terms.onlyAtFloor && bargain.helped < bargain.helpers}
        />
      )}
      {campaign && !bargain.isMine && (
        <Button component={Link} to={`/campaigns/${campaign.id}`} variant="light" size="md">
          {words.bargain.own}
        </Button>
      )}
    </Stage>
  );
}

function Falling({ bargain, ahead }: { bargain: BargainPartsFragment; ahead: number }) {
  const words = useWords();
  const label = useId();
  const wanted = bargain.helpers - bargain.helped;
  return (
    <section className={panel.panel}>
      <div aria-live="polite" data-testid="progress">
        <Group justify="space-between" gap="xs">
          <Text fw={600} id={label}>
            {words.bargain.helped(bargain.helped, bargain.helpers)}
          </Text>
          {bargain.state === "OPEN" && wanted > 0 && (
            <Text size="sm" c="var(--gold)" fw={600}>
              {words.bargain.each(bargain.leastCut.formatted, bargain.mostCut.formatted)}
            </Text>
          )}
        </Group>
        <Text size="sm" c="var(--soft-ink)">
          {words.bargain.says[bargain.state]}
        </Text>
      </div>
      <Progress.Root size="lg" radius="xl">
        <Progress.Section
          value={(100 * bargain.helped) / bargain.helpers}
          color={bargain.state === "LAPSED" ? "gray" : "pine"}
          aria-labelledby={label}
        />
      </Progress.Root>
      {bargain.state === "OPEN" && (
        <TimeLeft until={bargain.closesAt} says={words.bargain.closesIn} ahead={ahead} large />
      )}
      <ol className={style.cuts} data-testid="cuts">
        {bargain.cuts.map((cut, place) => (
          <li key={place} data-me={cut.isMe || undefined}>
            <Scissors size={16} aria-hidden />
            <span>{cut.isMe ? words.group.me : words.group.named(cut.maskedName)}</span>
            <strong>−{cut.amount.formatted}</strong>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Helping({ bargain, onHelped }: Pick<ShownProps, "bargain" | "onHelped">) {
  const words = useWords();
  const { pathname } = useLocation();
  const signedIn = useSession().status === "signedIn";
  const [{ fetching, data }, cut] = useMutation(CutBargainDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const send = async () => {
    const { data: answer, error } = await cut({ input: { bargainId: bargain.id } });
    setRefusals([...transportRefusals(error, words.failed.title), ...(answer?.bargainCut.errors ?? [])]);
    if (answer?.bargainCut.bargain) onHelped(answer.bargainCut.bargain);
  };
  const took = data?.bargainCut.amount;
  const helped = bargain.cuts.some((one) => one.isMe);
  return (
    <Stack gap="sm">
      {took && (
        <Text role="status" fw={600} c="var(--pine)">
          {words.bargain.took(took.formatted)}
        </Text>
      )}
      {!signedIn ? (
        <Button size="lg" component={Link} to={`/sign-in?${new URLSearchParams({ next: pathname })}`}>
          {words.bargain.signInToHelp}
        </Button>
      ) : (
        <Button
          size="lg"
          onClick={send}
          loading={fetching}
          disabled={helped || bargain.helped >= bargain.helpers}
          leftSection={<Scissors size={18} aria-hidden />}
        >
          {helped ? words.bargain.hasHelped : words.bargain.help}
        </Button>
      )}
      <Refusals messages={otherRefusals(refusals, [])} />
    </Stack>
  );
}

interface BuyingProps {
  campaignId: string;
  variant: Variant;
  tooDear: boolean;
}

function Buying({ campaignId, variant, tooDear }: BuyingProps) {
  const words = useWords();
  const answers = useAnswers(variant.product.buyerInputs);
  if (tooDear) {
    return (
      <Button size="lg" disabled data-testid="closed">
        {words.bargain.atFloor}
      </Button>
    );
  }
  return (
    <Stack gap="md">
      <BuyerForm asked={variant.product.buyerInputs} answers={answers} />
      <Checkout
        line={{ variantId: variant.id, quantity: 1, campaign: { bargain: { campaignId } } }}
        answers={answers}
        soldOut={false}
        label={words.bargain.buy}
      />
    </Stack>
  );
}
