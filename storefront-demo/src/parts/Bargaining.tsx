// A bargain on its campaign's page: how it goes, and opening one's own or going on with it.
import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { useMutation, useQuery } from "urql";
import { OwnBargainDocument, StartBargainDocument } from "../api/operations";
import { otherRefusals, type Refusal, transportRefusals } from "../api/refusals";
import { useSession } from "../api/session";
import type { Campaign } from "../pages/CampaignPage";
import { useWords } from "../words/language";
import { CampaignPrice } from "./CampaignPrice";
import { Refusals } from "./Trouble";

type Offered = Extract<Campaign, { __typename: "Bargain" }>;

export function Bargaining({ campaign }: { campaign: Offered }) {
  const words = useWords();
  const { pathname } = useLocation();
  const signedIn = useSession().status === "signedIn";
  const [variant] = campaign.variants;
  return (
    <Stack gap="lg">
      <CampaignPrice
        says={words.bargain.floor}
        price={campaign.floor.formatted}
        usual={variant?.price?.unit.formatted}
        left={campaign.left}
      />
      <Text size="sm" c="var(--soft-ink)" data-testid="bargain-rule">
        {words.bargain.rule(campaign.helpers, campaign.hoursOpen)}{" "}
        {campaign.onlyAtFloor ? words.bargain.onlyAtFloor : words.bargain.anyTime}
      </Text>
      {signedIn && <Own campaign={campaign} />}
      {!signedIn && campaign.state === "LIVE" && (
        <Button size="lg" component={Link} to={`/sign-in?${new URLSearchParams({ next: pathname })}`}>
          {words.bargain.signIn}
        </Button>
      )}
    </Stack>
  );
}

/** The one that runs, if there is one; else a new one. */
function Own({ campaign }: { campaign: Offered }) {
  const words = useWords();
  const [{ data }] = useQuery({
    query: OwnBargainDocument,
    variables: { campaignId: campaign.id },
    requestPolicy: "network-only",
  });
  if (!data) return null;
  const own = data.ownBargain;
  if (own && (own.state === "OPEN" || own.state === "HELD")) {
    return (
      <Button size="lg" component={Link} to={`/bargains/${own.id}`}>
        {words.bargain.goOn(own.price.formatted)}
      </Button>
    );
  }
  if (campaign.state !== "LIVE") return null;
  const told =
    campaign.left?.level === "NONE"
      ? words.campaign.left("NONE", 0)
      : (campaign.limitLeft ?? campaign.limitPerCustomer) < 1
        ? words.campaign.limitUsed
        : null;
  if (told !== null) {
    return (
      <Button size="lg" disabled data-testid="closed">
        {told}
      </Button>
    );
  }
  return <Starting campaignId={campaign.id} />;
}

function Starting({ campaignId }: { campaignId: string }) {
  const words = useWords();
  const navigate = useNavigate();
  const [{ fetching }, start] = useMutation(StartBargainDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const send = async () => {
    const { data, error } = await start({ input: { campaignId } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.bargainStart.errors ?? [])];
    setRefusals(refused);
    const opened = data?.bargainStart.bargain;
    if (opened) await navigate(`/bargains/${opened.id}`);
  };
  return (
    <>
      <Button size="lg" onClick={send} loading={fetching}>
        {words.bargain.start}
      </Button>
      <Refusals messages={otherRefusals(refusals, [])} />
    </>
  );
}
