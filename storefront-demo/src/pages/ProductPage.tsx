// One product: what it is, its forms, and buying it.
import { Grid, Group, Stack, Text, Title } from "@mantine/core";
import { BadgeCheck, CalendarClock, ChevronRight, RotateCcw, Tag } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { useQuery } from "urql";
import { ProductPageDocument, type ProductPageQuery } from "../api/operations";
import { Face } from "../parts/Face";
import { Loading } from "../parts/Loading";
import { Purchase } from "../parts/Purchase";
import { Trouble } from "../parts/Trouble";
import { useMoments, useWords } from "../words/language";
import { NotFound } from "./NotFound";
import style from "./ProductPage.module.css";

export type Product = NonNullable<ProductPageQuery["product"]>;

export function ProductPage() {
  const { slug = "" } = useParams();
  const [{ data, error, fetching }, ask] = useQuery({ query: ProductPageDocument, variables: { slug } });
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (data?.product) return <Shown key={data.product.id} product={data.product} />;
  return fetching ? <Loading /> : <NotFound />;
}

function Shown({ product }: { product: Product }) {
  const words = useWords();
  return (
    <article>
      <Trail product={product} />
      <title>{`${product.name} · ${words.shop}`}</title>
      <Grid gap={{ base: "lg", md: 48 }}>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <div className={style.face}>
            <Face product={product} size="page" eager />
          </div>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Text size="sm" c="var(--soft-ink)" fw={500}>
            {[product.brand?.name, words.kind[product.kind]].filter(Boolean).join(" · ")}
          </Text>
          <Title order={1} fz={{ base: 24, sm: 30 }} mt={4} mb="md">
            {product.name}
          </Title>
          <Promises product={product} />
          <InCampaigns product={product} />
          <Purchase product={product} />
        </Grid.Col>
      </Grid>
      <Stack gap="xl" mt={{ base: 32, md: 56 }} maw={720}>
        {product.description && <Section title={words.product.about}>{product.description}</Section>}
        {product.howToUse && <Section title={words.product.howToUse}>{product.howToUse}</Section>}
      </Stack>
    </article>
  );
}

/** The way from the shop's door to this product. */
function Trail({ product }: { product: Product }) {
  const words = useWords();
  const [category] = product.categories;
  if (!category) return null;
  const steps = [...category.ancestors, category];
  return (
    <nav aria-label={words.product.trail} className={style.trail}>
      <Link to="/">{words.nav.shop}</Link>
      {steps.map((step) => (
        <span key={step.id}>
          <ChevronRight size={14} aria-hidden />
          <Link to={`/?category=${step.slug}`}>{step.name}</Link>
        </span>
      ))}
    </nav>
  );
}

/** What it is part of now: there it may cost less, or be had at all. */
function InCampaigns({ product }: { product: Product }) {
  const live = product.campaigns.filter(({ state }) => state === "LIVE");
  if (live.length === 0) return null;
  return (
    <ul className={style.campaigns}>
      {live.map((one) => (
        <li key={one.id}>
          <Link to={`/campaigns/${one.id}`}>
            <Tag size={16} aria-hidden />
            <span>
              {one.mechanicTitle} · {one.name}
            </span>
            <ChevronRight size={16} aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Promises({ product }: { product: Product }) {
  const words = useWords();
  const moments = useMoments();
  const promises: [string, ReactNode][] = [
    [words.product.delivered, <BadgeCheck key="d" size={17} aria-hidden />],
    [words.product.refunds(product.refundPolicy), <RotateCcw key="r" size={17} aria-hidden />],
  ];
  const until = product.validity.until ? moments.day(product.validity.until) : null;
  const valid = words.product.valid({ ...product.validity, until }, product.minimumValidityDays);
  if (valid) promises.push([valid, <CalendarClock key="v" size={17} aria-hidden />]);
  return (
    <ul className={style.promises}>
      {promises.map(([says, icon]) => (
        <li key={says}>
          {icon}
          {says}
        </li>
      ))}
    </ul>
  );
}

function Section({ title, children }: { title: string; children: string }) {
  return (
    <section>
      <Group mb={6}>
        <Title order={2} size="h4">
          {title}
        </Title>
      </Group>
      <Text className={style.prose}>{children}</Text>
    </section>
  );
}
