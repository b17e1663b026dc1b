// One product in a list: its face, its name, and what it costs this viewer at least.
import { Badge, Title } from "@mantine/core";
import { Link } from "react-router";
import { isWithin, type PriceRange } from "../api/finding";
import type { CardPartsFragment } from "../api/operations";
import { useWords } from "../words/language";
import card from "./Card.module.css";
import { Face } from "./Face";
import { lowestPrice } from "./prices";
import style from "./ProductCard.module.css";

interface Props {
  product: CardPartsFragment;
  eager?: boolean;
  /** Who looks for prices in a range sees the form that made it appear. */
  within?: PriceRange | null;
  /** Right below the heading that it stands under. */
  level?: 2 | 3;
}

export function ProductCard({ product, eager = false, within = null, level = 3 }: Props) {
  const words = useWords();
  const priced = product.variants.filter((variant) => variant.price);
  const wanted = priced.filter(({ price }) => price && isWithin(price.unit.amount, within));
  const shown = wanted.length > 0 ? wanted : priced;
  const price = lowestPrice(shown);
  const soldOut = priced.length > 0 && priced.every((one) => one.availability === "SOLD_OUT");
  const low =
    priced.every((one) => one.availability !== "IN_STOCK" && one.availability !== "ON_REQUEST") && !soldOut;
  return (
    <Link to={`/products/${product.slug}`} className={card.card} data-gone={soldOut || undefined}>
      <Face product={product} size="card" eager={eager} />
      <div className={card.words}>
        <Title order={level} className={card.name}>
          {product.name}
        </Title>
        <p className={style.forms}>{shown.map(({ name }) => name).join(" · ")}</p>
        <p className={`${card.price} ${style.price}`}>
          {price && (
            <span className={style.money}>
              {shown.length > 1 && words.list.from.before && (
                <span className={style.from}>{words.list.from.before}</span>
              )}
              <strong>{price.unit.formatted}</strong>
              {shown.length > 1 && words.list.from.after && (
                <span className={style.from}>{words.list.from.after}</span>
              )}
              {price.strikethrough && (
                <s className={style.was}>
                  <span className="unseen">{words.list.was} </span>
                  {price.strikethrough.formatted}
                </s>
              )}
            </span>
          )}
          {(soldOut || low) && (
            <Badge variant="light" color={soldOut ? "gray" : "orange"} className={style.badge} tt="none">
              {words.availability[soldOut ? "SOLD_OUT" : "LOW"]}
            </Badge>
          )}
        </p>
      </div>
    </Link>
  );
}
