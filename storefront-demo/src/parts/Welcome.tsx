// What greets a guest: the parts of the shop, and what was put together, each with a way to all of it.
import { Anchor, Group, Skeleton, Text, Title } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { NOTHING, writeFinding } from "../api/finding";
import { CampaignsDocument, WelcomeDocument, type WelcomeQuery } from "../api/operations";
import { useWords } from "../words/language";
import { CampaignCard } from "./CampaignCard";
import { inOrder } from "./campaigns";
import { ProductCard } from "./ProductCard";
import style from "./Welcome.module.css";

const COLLECTIONS = 4;
const PRODUCTS = 8;
const CAMPAIGNS = 8;

export function Welcome() {
  const words = useWords();
  const [{ data, fetching }] = useQuery({
    query: WelcomeDocument,
    variables: { collections: COLLECTIONS, products: PRODUCTS },
  });
  const collections = data?.collections.nodes.filter(({ products }) => products.nodes.length > 0) ?? [];
  return (
    <>
      <title>{words.shop}</title>
      <div className={style.door}>
        <Title order={1} className={style.tagline}>
          {words.tagline}
        </Title>
        <Text className={style.promise}>{words.promise}</Text>
        <nav aria-label={words.search.category} className={style.parts}>
          {data?.categories.map((category) => (
            <Link key={category.id} to={`/?${writeFinding({ ...NOTHING, category: category.slug })}`}>
              {category.name}
            </Link>
          ))}
        </nav>
      </div>
      <OnNow />
      {fetching && !data && <Skeleton height={300} radius={22} mb={40} aria-hidden />}
      {collections.map((collection) => (
        <Together key={collection.id} collection={collection} />
      ))}
    </>
  );
}

/** What is on now and soon; nothing where nothing is. */
function OnNow() {
  const words = useWords();
  const [{ data }] = useQuery({
    query: CampaignsDocument,
    variables: { first: CAMPAIGNS, after: null },
    requestPolicy: "cache-and-network",
  });
  const campaigns = inOrder(data?.campaigns.nodes ?? []);
  if (campaigns.length === 0) return null;
  return (
    <section aria-labelledby="on-now" className={style.together}>
      <Group justify="space-between" align="flex-end" wrap="nowrap" mb={14}>
        <div>
          <Title order={2} id="on-now" fz={{ base: 20, sm: 24 }}>
            {words.campaign.title}
          </Title>
          <Text size="sm" c="var(--soft-ink)">
            {words.campaign.text}
          </Text>
        </div>
        <Anchor
          component={Link}
          to="/campaigns"
          className={style.all}
          aria-label={`${words.list.all} · ${words.campaign.title}`}
        >
          {words.list.all} <ChevronRight size={16} aria-hidden />
        </Anchor>
      </Group>
      <ul className={style.row} data-wide>
        {campaigns.map((campaign) => (
          <li key={campaign.id}>
            <CampaignCard campaign={campaign} />
          </li>
        ))}
      </ul>
    </section>
  );
}

type Collection = WelcomeQuery["collections"]["nodes"][number];

function Together({ collection }: { collection: Collection }) {
  const words = useWords();
  const heading = `collection-${collection.slug}`;
  return (
    <section aria-labelledby={heading} className={style.together}>
      <Group justify="space-between" align="flex-end" wrap="nowrap" mb={14}>
        <div>
          <Title order={2} id={heading} fz={{ base: 20, sm: 24 }}>
            {collection.name}
          </Title>
          <Text size="sm" c="var(--soft-ink)">
            {collection.description}
          </Text>
        </div>
        <Anchor
          component={Link}
          to={`/collections/${collection.slug}`}
          className={style.all}
          aria-label={`${words.list.all} · ${collection.name}`}
        >
          {words.list.all} <ChevronRight size={16} aria-hidden />
        </Anchor>
      </Group>
      <ul className={style.row}>
        {collection.products.nodes.map((product) => (
          <li key={product.id}>
            <ProductCard product={product} />
          </li>
        ))}
      </ul>
    </section>
  );
}
