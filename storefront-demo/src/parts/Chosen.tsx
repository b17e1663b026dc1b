// What a list was narrowed to: always in sight, each with a way to take it back.
import { Button, Group } from "@mantine/core";
import { X } from "lucide-react";
import { type Finding, isNarrowed, NOTHING, priceKey, toggled } from "../api/finding";
import { useWords } from "../words/language";
import type { Words } from "../words/zh";
import style from "./Chosen.module.css";
import { bandName, type Facets, type FilterProps, withValues } from "./Filters";

export function Chosen({
  facets,
  finding,
  change,
}: { facets: Facets | undefined } & Omit<FilterProps, "facets">) {
  const words = useWords();
  if (!isNarrowed({ ...finding, search: "" })) return null;
  return (
    <Group gap={8} mb="md" component="ul" className={style.chosen}>
      {chips(finding, facets, words).map(({ key, says, without }) => (
        <li key={key}>
          <Button
            variant="light"
            size="compact-sm"
            h={30}
            px={12}
            radius="xl"
            fw={500}
            rightSection={<X size={14} aria-hidden />}
            aria-label={words.search.remove(says)}
            onClick={() => change(without)}
          >
            {says}
          </Button>
        </li>
      ))}
      <li>
        <Button
          variant="subtle"
          color="dark"
          size="compact-sm"
          h={30}
          fw={500}
          onClick={() => change({ ...NOTHING, search: finding.search, sort: finding.sort })}
        >
          {words.search.clear}
        </Button>
      </li>
    </Group>
  );
}

interface Chip {
  key: string;
  says: string;
  without: Partial<Finding>;
}

function chips(finding: Finding, facets: Facets | undefined, words: Words): Chip[] {
  const { category, brands, kinds, price, attributes, inStock } = finding;
  const found: Chip[] = [];
  if (category) {
    const known = facets?.categories.find((one) => one.category.slug === category)?.category;
    found.push({ key: "category", says: known?.name ?? category, without: { category: null } });
  }
  for (const brand of brands) {
    const known = facets?.brands.find((one) => one.brand.slug === brand)?.brand;
    found.push({
      key: `brand ${brand}`,
      says: known?.name ?? brand,
      without: { brands: toggled(brands, brand) },
    });
  }
  for (const kind of kinds) {
    found.push({ key: kind, says: words.kind[kind] ?? kind, without: { kinds: toggled(kinds, kind) } });
  }
  if (price) {
    const key = priceKey(price);
    const band = facets?.prices.find(
      (one) => priceKey({ from: one.begin.amount, below: one.end?.amount ?? null }) === key,
    );
    found.push({ key: "price", says: band ? bandName(band, words) : key, without: { price: null } });
  }
  for (const [code, values] of Object.entries(attributes)) {
    const known = facets?.attributes.find((one) => one.code === code);
    for (const value of values) {
      found.push({
        key: `${code} ${value}`,
        says: known?.values.find((one) => one.value === value)?.label ?? value,
        without: { attributes: withValues(attributes, code, toggled(values, value)) },
      });
    }
  }
  if (inStock) found.push({ key: "stock", says: words.search.inStock, without: { inStock: false } });
  return found;
}
