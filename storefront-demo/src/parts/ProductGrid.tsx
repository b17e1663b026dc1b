// Products side by side, as many as there is room for; and the room that they will take.
import { Skeleton } from "@mantine/core";
import type { PriceRange } from "../api/finding";
import type { CardPartsFragment } from "../api/operations";
import { useWords } from "../words/language";
import { ProductCard } from "./ProductCard";
import style from "./ProductGrid.module.css";

const PLACES = Array.from("abcdefgh");
/** So many are in sight when the page opens. */
const IN_SIGHT = 4;

interface Props {
  products: ReadonlyArray<CardPartsFragment>;
  eager?: boolean;
  within?: PriceRange | null;
  level?: 2 | 3;
}

export function ProductGrid({ products, eager = false, within = null, level = 3 }: Props) {
  return (
    <ul className={style.grid} data-testid="shelf">
      {products.map((product, place) => (
        <li key={product.id}>
          <ProductCard product={product} eager={eager && place < IN_SIGHT} within={within} level={level} />
        </li>
      ))}
    </ul>
  );
}

export function WaitingGrid() {
  const words = useWords();
  return (
    <div role="status">
      <span className="unseen">{words.loading}</span>
      <div className={style.grid} aria-hidden>
        {PLACES.map((place) => (
          <Skeleton key={place} height={236} radius={22} />
        ))}
      </div>
    </div>
  );
}
