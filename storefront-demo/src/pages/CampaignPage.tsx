// One campaign as it stands and as it changes; buying in it where this shop knows its mechanic.
import { Alert, Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { useQuery } from "urql";
import { type LiveCampaign, useLiveCampaign } from "../api/live";
import { CampaignPageDocument, type CampaignPageQuery } from "../api/operations";
import { useAhead } from "../api/shop";
import { Bargaining } from "../parts/Bargaining";
import { BlindBox } from "../parts/BlindBox";
import { CAMPAIGN_COLOURS } from "../parts/CampaignCard";
import { CouponClaim } from "../parts/CouponClaim";
import { FlashSale } from "../parts/FlashSale";
import { GroupBuy } from "../parts/GroupBuy";
import { Loading } from "../parts/Loading";
import { Stage } from "../parts/Stage";
import { TimeLeft } from "../parts/TimeLeft";
import { Trouble } from "../parts/Trouble";
import { useMoments, useWords } from "../words/language";
import { NotFound } from "./NotFound";

export type Campaign = NonNullable<CampaignPageQuery["campaign"]>;

export function CampaignPage() {
  const { id = "" } = useParams();
  return <Followed key={id} id={id} />;
}

function Followed({ id }: { id: string }) {
  const [{ data, error, fetching }, ask] = useQuery({
    query: CampaignPageDocument,
    variables: { id },
    requestPolicy: "network-only",
  });
  const [told, tell] = useState<LiveCampaign | null>(null);
  const live = useLiveCampaign(id, tell);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data?.campaign) return fetching ? <Loading /> : <NotFound />;
  // The same type under another name: what was told last is laid over what was read first.
  const now = { ...data.campaign, ...told } as Campaign;
  return <Shown campaign={now} live={live} />;
}

function Shown({ campaign, live }: { campaign: Campaign; live: boolean }) {
  const words = useWords();
  const ahead = useAhead(campaign.serverTime);
  const [variant] = campaign.variants;
  const state = {
    says: words.campaign.states[campaign.state] ?? campaign.state,
    colour: CAMPAIGN_COLOURS[campaign.state] ?? "gray",
    testId: "campaign-state",
  };
  return (
    <Stage
      name={campaign.name}
      product={variant?.product}
      state={state}
      kind={campaign.mechanicTitle}
      live={live}
      when={<When campaign={campaign} ahead={ahead} />}
    >
      {campaign.__typename === "FlashSale" && <FlashSale sale={campaign} />}
      {campaign.__typename === "Coupon" && <CouponClaim campaign={campaign} />}
      {campaign.__typename === "GroupBuy" && <GroupBuy groups={campaign} />}
      {campaign.__typename === "BlindBox" && <BlindBox box={campaign} />}
      {campaign.__typename === "Bargain" && <Bargaining campaign={campaign} />}
      {variant && campaign.__typename !== "BlindBox" && (
        <Button
          component={Link}
          to={`/products/${variant.product.slug}`}
          variant="subtle"
          px={0}
          w="fit-content"
        >
          {words.campaign.product}
        </Button>
      )}
    </Stage>
  );
}

function When({ campaign, ahead }: { campaign: Campaign; ahead: number }) {
  const words = useWords();
  const moments = useMoments();
  if (campaign.state === "LIVE") {
    return <TimeLeft until={campaign.endsAt} says={words.campaign.endsIn} ahead={ahead} large />;
  }
  if (campaign.state === "SCHEDULED") {
    return (
      <Stack gap={4}>
        <TimeLeft until={campaign.startsAt} says={words.campaign.startsIn} ahead={ahead} large />
        <Text size="sm" c="var(--soft-ink)">
          {words.campaign.begins(moments.moment(campaign.startsAt))}
        </Text>
      </Stack>
    );
  }
  const says = campaign.state === "PAUSED" ? words.campaign.paused : words.campaign.over;
  return (
    <Alert color="gray" variant="light" mt="sm">
      {says}
    </Alert>
  );
}
