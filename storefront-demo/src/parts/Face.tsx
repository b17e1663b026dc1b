// What a product looks like: its picture in the size that the screen needs, or its brand's name where it has none.
import { useState } from "react";
import type { FacePartsFragment } from "../api/operations";
import { BrandTile } from "./BrandTile";
import style from "./Face.module.css";

export type FaceSize = "card" | "page" | "row";

/** How wide the picture is on the screen, for the browser to choose by. */
const WIDE: Record<FaceSize, string> = {
  card: "(max-width: 767px) 46vw, 280px",
  page: "(max-width: 991px) 92vw, 560px",
  row: "76px",
};

interface Props {
  product: FacePartsFragment;
  size: FaceSize;
  eager?: boolean;
}

export function Face({ product, size, eager = false }: Props) {
  const [failed, setFailed] = useState(false);
  const picture = product.media[0];
  if (!picture || failed) return <BrandTile brand={product.brand?.name ?? product.name} size={size} />;
  return (
    <img
      className={style.face}
      data-size={size}
      src={picture.medium}
      srcSet={sources(picture)}
      sizes={WIDE[size]}
      width={1280}
      height={800}
      // In a row the name stands right beside it: there the picture has nothing to add.
      alt={size === "row" ? "" : picture.alt}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      onError={() => setFailed(true)}
    />
  );
}

/** A picture that is elsewhere, or smaller than asked for, has fewer forms than there are widths. */
function sources({ small, medium, large }: FacePartsFragment["media"][number]): string | undefined {
  const widths = new Map([
    [large, 1280],
    [medium, 640],
    [small, 320],
  ]);
  if (widths.size < 2) return undefined;
  return [...widths].map(([url, width]) => `${url} ${width}w`).join(", ");
}
