// A product's face where it has no picture: its brand on a colour of its own, notched like a voucher.
import style from "./BrandTile.module.css";

function hueOf(text: string): number {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return sum;
}

export function BrandTile({ brand, size }: { brand: string; size: "card" | "page" | "row" }) {
  const hue = hueOf(brand);
  const colours = { "--tile-hue": String(hue) } as React.CSSProperties;
  return (
    <div className={style.tile} data-size={size} style={colours} aria-hidden>
      <span>{size === "row" ? firstOf(brand) : brand}</span>
    </div>
  );
}

function firstOf(brand: string): string {
  return Array.from(brand.trim())
    .slice(0, /^[\x20-\x7e]/.test(brand) ? 2 : 1)
    .join("");
}
