// What a list can be narrowed to, with how many there would be of each.
import { Button, Checkbox, Radio, Stack, Switch, UnstyledButton } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { type Finding, type PriceRange, priceKey, toggled } from "../api/finding";
import type { FacetsQuery } from "../api/operations";
import { useWords } from "../words/language";
import type { Words } from "../words/zh";
import style from "./Filters.module.css";
import { rounded } from "./prices";

export type Facets = FacetsQuery["productFacets"];

export interface FilterProps {
  facets: Facets;
  finding: Finding;
  change: (changes: Partial<Finding>) => void;
}

const FIRST_VALUES = 6;

export function Filters({ facets, finding, change }: FilterProps) {
  const words = useWords();
  const { search } = words;
  return (
    <Stack gap={26}>
      <Switch
        label={search.inStock}
        checked={finding.inStock}
        onChange={(event) => change({ inStock: event.currentTarget.checked })}
      />
      <Categories facets={facets} finding={finding} change={change} />
      <Several
        title={search.kind}
        values={facets.kinds.map(({ kind, count }) => [kind, words.kind[kind] ?? kind, count])}
        chosen={finding.kinds}
        choose={(kinds) => change({ kinds })}
      />
      <Prices facets={facets} finding={finding} change={change} />
      {facets.attributes
        .filter(({ values }) => values.length > 0)
        .map(({ code, attribute, values }) => (
          <Several
            key={code}
            title={attribute.name}
            values={values.map(({ value, label, count }) => [value, label, count])}
            chosen={finding.attributes[code] ?? []}
            choose={(chosen) => change({ attributes: withValues(finding.attributes, code, chosen) })}
          />
        ))}
      <Several
        title={search.brand}
        values={facets.brands.map(({ brand, count }) => [brand.slug, brand.name, count])}
        chosen={finding.brands}
        choose={(brands) => change({ brands })}
      />
    </Stack>
  );
}

export function withValues(
  all: Finding["attributes"],
  code: string,
  values: string[],
): Finding["attributes"] {
  const others = Object.entries(all).filter(([name]) => name !== code);
  return Object.fromEntries(values.length > 0 ? [...others, [code, values]] : others);
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={style.section}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

/** The tree as far as it leads to what was chosen: its roots, the way there, and what is right below. */
function Categories({ facets, finding, change }: FilterProps) {
  const words = useWords();
  if (facets.categories.length === 0) return null;
  const known = facets.categories.map(({ category, count }) => ({ ...category, count }));
  const bySlug = new Map(known.map((one) => [one.slug, one]));
  const way = new Set<string>();
  for (let slug = finding.category; slug !== null && !way.has(slug);) {
    way.add(slug);
    slug = bySlug.get(slug)?.parent?.slug ?? null;
  }
  const rows = (parent: string | null): ReactNode[] =>
    known
      .filter((one) => (one.parent?.slug ?? null) === parent)
      .sort((one, other) => one.position - other.position)
      .flatMap((one) => [
        <UnstyledButton
          key={one.id}
          className={style.category}
          data-level={one.level}
          aria-pressed={one.slug === finding.category}
          onClick={() => change({ category: one.slug === finding.category ? parent : one.slug })}
        >
          <span>{one.name}</span>
          <span className={style.count}>{one.count}</span>
        </UnstyledButton>,
        ...(way.has(one.slug) ? rows(one.slug) : []),
      ]);
  return (
    <Section title={words.search.category}>
      <div>{rows(null)}</div>
    </Section>
  );
}

interface SeveralProps<T extends string> {
  title: string;
  /** What it is, what it is called, how many there are. */
  values: ReadonlyArray<readonly [T, string, number]>;
  chosen: ReadonlyArray<T>;
  choose: (chosen: T[]) => void;
}

function Several<T extends string>({ title, values, chosen, choose }: SeveralProps<T>) {
  const words = useWords();
  const [whole, setWhole] = useState(false);
  if (values.length === 0) return null;
  const shown = whole
    ? values
    : values.filter(([value], place) => place < FIRST_VALUES || chosen.includes(value));
  return (
    <Section title={title}>
      <Stack gap={10}>
        {shown.map(([value, label, count]) => (
          <Checkbox
            key={value}
            size="sm"
            label={<Counted label={label} count={count} />}
            classNames={LABELLED}
            checked={chosen.includes(value)}
            onChange={() => choose(toggled(chosen, value))}
          />
        ))}
        {values.length > FIRST_VALUES && (
          <Button variant="subtle" size="compact-sm" w="fit-content" px={4} onClick={() => setWhole(!whole)}>
            {whole ? words.search.fewer : words.search.all(values.length)}
          </Button>
        )}
      </Stack>
    </Section>
  );
}

const LABELLED = { body: style.choice, labelWrapper: style.label };

function Counted({ label, count }: { label: string; count: number }) {
  return (
    <span className={style.counted}>
      <span>{label}</span>
      <span className={style.count}>{count}</span>
    </span>
  );
}

function Prices({ facets, finding, change }: FilterProps) {
  const words = useWords();
  const name = useId(); // the column and the drawer are both there, one of them unseen
  if (facets.prices.length === 0) return null;
  const chosen = finding.price === null ? "" : priceKey(finding.price);
  return (
    <Section title={words.search.price}>
      <Stack gap={10}>
        <Radio
          name={name}
          size="sm"
          label={words.search.anyPrice}
          checked={chosen === ""}
          onChange={() => change({ price: null })}
        />
        {facets.prices.map((band) => {
          const range: PriceRange = { from: band.begin.amount, below: band.end?.amount ?? null };
          return (
            <Radio
              key={priceKey(range)}
              name={name}
              size="sm"
              label={<Counted label={bandName(band, words)} count={band.count} />}
              classNames={LABELLED}
              checked={priceKey(range) === chosen}
              onChange={() => change({ price: range })}
            />
          );
        })}
      </Stack>
    </Section>
  );
}

export function bandName({ begin, end }: Facets["prices"][number], words: Words): string {
  const from = Number(begin.amount) > 0 ? rounded(begin.formatted) : null;
  return words.search.range(from, end ? rounded(end.formatted) : null);
}
