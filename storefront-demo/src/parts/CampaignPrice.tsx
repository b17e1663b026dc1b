// What one pays in a campaign, what that costs else, and how much is left.
import type { ReactNode } from "react";
import { useWords } from "../words/language";
import style from "./CampaignPrice.module.css";

interface Props {
  says: string;
  price: string;
  usual?: string | undefined;
  left?: { level: string; count?: number | null } | null | undefined;
  beside?: ReactNode;
}

export function CampaignPrice({ says, price, usual, left, beside }: Props) {
  const words = useWords();
  return (
    <div className={style.price}>
      <span className={style.says}>{says}</span>
      <strong data-testid="sale-price">{price}</strong>
      {usual && <span>{words.campaign.usual(usual)}</span>}
      {left && (
        <span className={style.left} data-testid="left" aria-live="polite" data-level={left.level}>
          {words.campaign.left(left.level, left.count ?? null)}
        </span>
      )}
      {beside && <span className={style.left}>{beside}</span>}
    </div>
  );
}
