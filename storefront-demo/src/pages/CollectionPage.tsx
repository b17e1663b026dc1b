// One collection: what was put together under a name, as this channel sells it now.
import { Text } from "@mantine/core";
import { Store } from "lucide-react";
import { useEffect } from "react";
import { useParams } from "react-router";
import { useQuery } from "urql";
import { CollectionPageDocument } from "../api/operations";
import { Empty } from "../parts/Empty";
import { type PageEnd, Pages } from "../parts/Pages";
import { PageTitle } from "../parts/PageTitle";
import { ProductGrid, WaitingGrid } from "../parts/ProductGrid";
import { Trouble } from "../parts/Trouble";
import { useWords } from "../words/language";
import { NotFound } from "./NotFound";

const PAGE = 24;

export function CollectionPage() {
  const { slug = "" } = useParams();
  return <Pages key={slug} page={(after, tellEnd) => <Part slug={slug} after={after} tellEnd={tellEnd} />} />;
}

interface PartProps {
  slug: string;
  after: string | null;
  tellEnd: (end: PageEnd) => void;
}

function Part({ slug, after, tellEnd }: PartProps) {
  const words = useWords();
  const [{ data, error, fetching }, ask] = useQuery({
    query: CollectionPageDocument,
    variables: { slug, first: PAGE, after },
  });
  const collection = data?.collection;
  const end = collection?.products.pageInfo;
  useEffect(() => {
    if (end) tellEnd(end);
  }, [end, tellEnd]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data) return fetching ? <WaitingGrid /> : null;
  if (!collection) return <NotFound />;
  const { nodes } = collection.products;
  if (after !== null) return <ProductGrid products={nodes} level={2} />;
  return (
    <>
      <PageTitle>{collection.name}</PageTitle>
      {collection.description && (
        <Text c="var(--soft-ink)" mt={-12} mb="xl">
          {collection.description}
        </Text>
      )}
      {nodes.length > 0 ? (
        <ProductGrid products={nodes} level={2} eager />
      ) : (
        <Empty
          icon={<Store size={32} strokeWidth={1.6} />}
          title={words.list.empty}
          text={words.list.emptyText}
        />
      )}
    </>
  );
}
