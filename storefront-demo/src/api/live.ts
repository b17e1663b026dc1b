// What changes before one's eyes, by server-sent events; begun again whenever the connection ends.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { useEffect, useState } from "react";
import { useClient } from "urql";
import { onEnd, pipe, subscribe } from "wonka";
import {
  BargainLiveDocument,
  type BargainPartsFragment,
  CampaignLiveDocument,
  type CampaignLiveSubscription,
  type CirclePartsFragment,
  GroupLiveDocument,
  NewestDrawsDocument,
  type NewestDrawsSubscription,
  OrderLiveDocument,
  type OrderPagePartsFragment,
} from "./operations";

const AGAIN_MS = 2000;

/** Tells each state of the order as it comes; whether it is listening. */
export function useLiveOrder(id: string, tell: (order: OrderPagePartsFragment) => void): boolean {
  return useLive(OrderLiveDocument, id, orderOf, tell);
}

export type LiveCampaign = CampaignLiveSubscription["campaignChanged"];

/** Tells each state of the campaign as it comes; whether it is listening. */
export function useLiveCampaign(id: string, tell: (campaign: LiveCampaign) => void): boolean {
  return useLive(CampaignLiveDocument, id, campaignOf, tell);
}

/** Tells each state of the group as it comes; whether it is listening. */
export function useLiveGroup(id: string, tell: (group: CirclePartsFragment) => void): boolean {
  return useLive(GroupLiveDocument, id, groupOf, tell);
}

/** Tells each state of the bargain as it comes; whether it is listening. */
export function useLiveBargain(id: string, tell: (bargain: BargainPartsFragment) => void): boolean {
  return useLive(BargainLiveDocument, id, bargainOf, tell);
}

export type NewDraws = NewestDrawsSubscription["drawsChanged"];

/** Tells what was drawn last in a campaign, again whenever somebody draws. */
export function useNewestDraws(id: string, tell: (draws: NewDraws) => void): boolean {
  return useLive(NewestDrawsDocument, id, drawsOf, tell);
}

const orderOf = (data: { orderChanged: OrderPagePartsFragment }) => data.orderChanged;
const campaignOf = (data: CampaignLiveSubscription) => data.campaignChanged;

const groupOf = (data: { circleChanged: CirclePartsFragment }) => data.circleChanged;
const bargainOf = (data: { bargainChanged: BargainPartsFragment }) => data.bargainChanged;
const drawsOf = (data: NewestDrawsSubscription) => data.drawsChanged;

function useLive<Data, Thing>(
  document: TypedDocumentNode<Data, { id: string }>,
  id: string,
  thingOf: (data: Data) => Thing,
  tell: (thing: Thing) => void,
): boolean {
  const client = useClient();
  const [live, setLive] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let leave = () => {};
    const again = () => {
      setLive(false);
      clearTimeout(timer);
      timer = setTimeout(listen, AGAIN_MS);
    };
    const listen = () => {
      leave();
      const heard = pipe(
        client.subscription(document, { id }),
        onEnd(again),
        subscribe((answer) => {
          if (answer.data) {
            tell(thingOf(answer.data));
            setLive(true);
          }
          if (answer.error) again();
        }),
      );
      leave = () => heard.unsubscribe();
    };
    listen();
    return () => {
      clearTimeout(timer);
      leave();
      clearTimeout(timer); // leaving ends the stream, which would begin it again
    };
  }, [client, document, id, thingOf, tell]);
  return live;
}
