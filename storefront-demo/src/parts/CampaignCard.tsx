// One campaign in a list: what it is about, what it costs there, how much is left, and for how long.
import { Badge, Title } from "@mantine/core";
import { Zap } from "lucide-react";
import { Link } from "react-router";
import type { CampaignPartsFragment } from "../api/operations";
import { useAhead } from "../api/shop";
import { useWords } from "../words/language";
import style from "./CampaignCard.module.css";
import { Face } from "./Face";
import { TimeLeft } from "./TimeLeft";

export const CAMPAIGN_COLOURS: Record<string, string> = { LIVE: "red", SCHEDULED: "blue" };

export function CampaignCard({ campaign, level = 3 }: { campaign: CampaignPartsFragment; level?: 2 | 3 }) {
  const words = useWords();
  const ahead = useAhead(campaign.serverTime);
  const [variant] = campaign.variants;
  const live = campaign.state === "LIVE";
  const sale = campaign.__typename === "FlashSale" ? campaign : null;
  return (
    <Link
      to={`/campaigns/${campaign.id}`}
      className={style.card}
      data-gone={sale?.left?.level === "NONE" || undefined}
    >
      {variant && <Face product={variant.product} size="card" />}
      <div className={style.words}>
        <p className={style.kind}>
          <Badge variant="light" color={CAMPAIGN_COLOURS[campaign.state] ?? "gray"} tt="none">
            {words.campaign.states[campaign.state] ?? campaign.state}
          </Badge>
          <span>
            <Zap size={14} aria-hidden /> {campaign.mechanicTitle}
          </span>
        </p>
        <Title order={level} className={style.name}>
          {campaign.name}
        </Title>
        {sale && (
          <p className={style.price}>
            <strong>{sale.price.formatted}</strong>
            {variant?.price && <span>{words.campaign.usual(variant.price.unit.formatted)}</span>}
            {live && sale.left && (
              <span className={style.left}>
                {words.campaign.left(sale.left.level, sale.left.count ?? null)}
              </span>
            )}
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
