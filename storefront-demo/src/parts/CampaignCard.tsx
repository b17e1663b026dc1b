// One campaign in a list: what it is about, what it costs there, how much is left, and for how long.
import { Badge, Title } from "@mantine/core";
import { Gift, Scissors, Tag, Users, Zap } from "lucide-react";
import { Link } from "react-router";
import type { CampaignPartsFragment } from "../api/operations";
import { useAhead } from "../api/shop";
import { useWords } from "../words/language";
import style from "./CampaignCard.module.css";
import card from "./Card.module.css";
import { Face } from "./Face";
import { TimeLeft } from "./TimeLeft";

export const CAMPAIGN_COLOURS: Record<string, string> = { LIVE: "red", SCHEDULED: "blue" };

const ICONS: Record<string, typeof Zap> = {
  FlashSale: Zap,
  GroupBuy: Users,
  BlindBox: Gift,
  Bargain: Scissors,
};

export function CampaignCard({ campaign, level = 3 }: { campaign: CampaignPartsFragment; level?: 2 | 3 }) {
  const words = useWords();
  const ahead = useAhead(campaign.serverTime);
  const [variant] = campaign.variants;
  const live = campaign.state === "LIVE";
  const Icon = ICONS[campaign.__typename] ?? Tag;
  const price = "price" in campaign ? campaign.price : "floor" in campaign ? campaign.floor : null;
  const left = "left" in campaign ? campaign.left : null;
  const seats = campaign.__typename === "GroupBuy" ? campaign.size : null;
  return (
    <Link
      to={`/campaigns/${campaign.id}`}
      className={card.card}
      data-gone={left?.level === "NONE" || undefined}
    >
      {variant && <Face product={variant.product} size="card" />}
      <div className={`${card.words} ${style.words}`}>
        <p className={style.kind}>
          <Badge variant="light" color={CAMPAIGN_COLOURS[campaign.state] ?? "gray"} tt="none">
            {words.campaign.states[campaign.state] ?? campaign.state}
          </Badge>
          <span>
            <Icon size={14} aria-hidden /> {campaign.mechanicTitle}
          </span>
        </p>
        <Title order={level} className={card.name}>
          {campaign.name}
        </Title>
        {price && (
          <p className={`${card.price} ${style.price}`}>
            <strong>{price.formatted}</strong>
            {variant?.price && <span>{words.campaign.usual(variant.price.unit.formatted)}</span>}
            {live && left && (
              <span className={style.left}>{words.campaign.left(left.level, left.count ?? null)}</span>
            )}
            {seats !== null && <span className={style.left}>{words.group.of(seats)}</span>}
          </p>
        )}
        <TimeLeft
          until={live ? campaign.endsAt : campaign.startsAt}
          says={live ? words.campaign.endsIn : words.campaign.startsIn}
          ahead={ahead}
        />
      </div>
    </Link>
  );
}
