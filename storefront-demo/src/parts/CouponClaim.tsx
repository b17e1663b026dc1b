// Getting a coupon by a click: what it takes off, how many one may still get, and the button.
import { Button, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { useMutation } from "urql";
import { useIntent } from "../api/keys";
import { ClaimCouponDocument } from "../api/operations";
import { otherRefusals, type Refusal, transportRefusals } from "../api/refusals";
import { useSession } from "../api/session";
import type { Campaign } from "../pages/CampaignPage";
import { useWords } from "../words/language";
import { fromWhen, takesOff } from "./coupons";
import { Refusals } from "./Trouble";

type Offered = Extract<Campaign, { __typename: "Coupon" }>;

export function CouponClaim({ campaign }: { campaign: Offered }) {
  const words = useWords();
  const { pathname } = useLocation();
  const signedIn = useSession().status === "signedIn";
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        {takesOff(campaign, words.coupon)}
      </Title>
      <Text c="var(--soft-ink)">{fromWhen(campaign, words.coupon)}</Text>
      {!campaign.claimable && <Text>{words.coupon.byCode}</Text>}
      {campaign.claimable && !signedIn && (
        <Button size="lg" component={Link} to={`/sign-in?${new URLSearchParams({ next: pathname })}`}>
          {words.coupon.signIn}
        </Button>
      )}
      {campaign.claimable && signedIn && <Claiming campaign={campaign} />}
      {signedIn && (
        <Button component={Link} to="/coupons" variant="subtle" w="fit-content" px={0}>
          {words.coupon.title}
        </Button>
      )}
    </Stack>
  );
}

function Claiming({ campaign }: { campaign: Offered }) {
  const words = useWords();
  const intent = useIntent();
  const [{ fetching }, claim] = useMutation(ClaimCouponDocument);
  const [got, setGot] = useState(0);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const left = Math.max(0, (campaign.claimsLeft ?? campaign.claimsPerCustomer) - got);
  const send = async () => {
    const input = { campaignId: campaign.id };
    const { data, error } = await claim({ input: { ...input, idempotencyKey: intent.key(input) } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.couponClaim.errors ?? [])];
    if (!error?.networkError) intent.renew();
    setRefusals(refused);
    if (refused.length === 0) setGot((count) => count + 1);
  };
  return (
    <>
      <Button size="lg" onClick={send} loading={fetching} disabled={campaign.state !== "LIVE" || left === 0}>
        {left === 0 ? words.coupon.had : words.coupon.claim}
      </Button>
      {got > 0 && (
        <Text size="sm" role="status">
          {words.coupon.kept}
        </Text>
      )}
      <Refusals messages={otherRefusals(refusals, [])} />
    </>
  );
}
