// A list of products with what it can be narrowed to beside it: in a column on a desktop, in a drawer on a phone.
import { Button, Drawer, Group, NativeSelect, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { SearchX, SlidersHorizontal, Store } from "lucide-react";
import { useEffect } from "react";
import { useQuery } from "urql";
import { type Finding, isNarrowed, NOTHING, type Sorting, toWhere, writeFinding } from "../api/finding";
import { FacetsDocument, ProductsDocument } from "../api/operations";
import { useWords } from "../words/language";
import { Chosen } from "./Chosen";
import { Empty } from "./Empty";
import { type Facets, Filters } from "./Filters";
import { type PageEnd, Pages } from "./Pages";
import { ProductGrid, WaitingGrid } from "./ProductGrid";
import style from "./Shelves.module.css";
import { Trouble } from "./Trouble";

const PAGE = 24;
const SORTINGS: Sorting[] = ["RELEVANCE", "NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME_ASC"];

interface Props {
  finding: Finding;
  change: (changes: Partial<Finding>) => void;
}

export function Shelves({ finding, change }: Props) {
  const words = useWords();
  const [{ data, error, fetching }] = useQuery({
    query: FacetsDocument,
    variables: { search: finding.search || null, where: toWhere(finding) },
  });
  const facets = data?.productFacets;
  const title = useTitle(finding, facets);
  return (
    <section aria-labelledby="shelves">
      {isNarrowed(finding) && <title>{`${title} · ${words.shop}`}</title>}
      <Group justify="space-between" align="flex-end" mb="md" gap="sm">
        <div>
          <Title order={isNarrowed(finding) ? 1 : 2} id="shelves" fz={{ base: 20, sm: 24 }}>
            {title}
          </Title>
          <Text
            size="sm"
            c="var(--soft-ink)"
            role="status"
            mih={22}
            data-testid="found"
            data-stale={fetching || undefined}
          >
            {facets && words.search.found(facets.totalCount)}
          </Text>
        </div>
        <Group gap="xs" className={style.tools}>
          <Drawn facets={facets} finding={finding} change={change} />
          <Sorted finding={finding} change={change} />
        </Group>
      </Group>
      {(facets ?? error) && <Chosen facets={facets} finding={finding} change={change} />}
      <div className={style.shelves}>
        <aside className={style.beside} aria-label={words.search.filters}>
          {facets && <Filters facets={facets} finding={finding} change={change} />}
          {!facets && !error && <WaitingFilters />}
        </aside>
        <div>
          <Pages
            key={writeFinding(finding).toString()}
            page={(after, tellEnd) => (
              <Shelf finding={finding} change={change} after={after} tellEnd={tellEnd} />
            )}
          />
        </div>
      </div>
    </section>
  );
}

function useTitle(finding: Finding, facets: Facets | undefined): string {
  const words = useWords();
  if (finding.search) return words.search.resultsFor(finding.search);
  const category = facets?.categories.find((one) => one.category.slug === finding.category)?.category;
  if (finding.category && !facets) return words.loading;
  return category?.name ?? words.list.title;
}

function Sorted({ finding, change }: Props) {
  const words = useWords();
  const offered = SORTINGS.filter((sort) => sort !== "RELEVANCE" || finding.search !== "");
  const usual = finding.search ? "RELEVANCE" : "NEWEST";
  return (
    <NativeSelect
      aria-label={words.search.sort}
      value={finding.sort ?? usual}
      onChange={(event) => {
        const sort = offered.find((one) => one === event.currentTarget.value) ?? usual;
        change({ sort: sort === usual ? null : sort });
      }}
      data={offered.map((sort) => ({ value: sort, label: words.search.sorts[sort] }))}
    />
  );
}

/** On a phone. */
function Drawn({ facets, finding, change }: Props & { facets: Facets | undefined }) {
  const words = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        className={style.narrowOnly}
        variant="default"
        fw={500}
        leftSection={<SlidersHorizontal size={16} aria-hidden />}
        onClick={open}
      >
        {words.search.filters}
      </Button>
      <Drawer
        opened={opened}
        onClose={close}
        position="bottom"
        size="82%"
        radius="lg"
        title={words.search.filters}
        closeButtonProps={{ "aria-label": words.close }}
        classNames={{ title: style.drawerTitle, body: style.drawerBody }}
      >
        {facets ? <Filters facets={facets} finding={finding} change={change} /> : <WaitingFilters />}
        <div className={style.apply}>
          <Button
            variant="default"
            onClick={() => change({ ...NOTHING, search: finding.search, sort: finding.sort })}
          >
            {words.search.clear}
          </Button>
          <Button flex={1} onClick={close}>
            {words.search.apply(facets?.totalCount ?? 0)}
          </Button>
        </div>
      </Drawer>
    </>
  );
}

interface ShelfProps extends Props {
  after: string | null;
  tellEnd: (end: PageEnd) => void;
}

function Shelf({ finding, change, after, tellEnd }: ShelfProps) {
  const [{ data, error, fetching }, ask] = useQuery({
    query: ProductsDocument,
    variables: {
      first: PAGE,
      after,
      search: finding.search || null,
      where: toWhere(finding),
      sortBy: finding.sort,
    },
  });
  const end = data?.products.pageInfo;
  useEffect(() => {
    if (end) tellEnd(end);
  }, [end, tellEnd]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data) return fetching ? <WaitingGrid /> : null;
  if (after === null && data.products.nodes.length === 0)
    return <Nothing finding={finding} change={change} />;
  return (
    <ProductGrid
      products={data.products.nodes}
      eager={after === null}
      within={finding.price}
      level={isNarrowed(finding) ? 2 : 3}
    />
  );
}

function Nothing({ finding, change }: Props) {
  const { search, list } = useWords();
  if (!isNarrowed(finding)) {
    return <Empty icon={<Store size={32} strokeWidth={1.6} />} title={list.empty} text={list.emptyText} />;
  }
  return (
    <Empty
      icon={<SearchX size={32} strokeWidth={1.6} />}
      title={search.none}
      text={search.noneText}
      action={
        <Button variant="light" onClick={() => change(NOTHING)}>
          {search.whole}
        </Button>
      }
    />
  );
}

const LINES = ["70%", "85%", "60%", "80%", "75%", "65%", "85%", "55%"];

function WaitingFilters() {
  const words = useWords();
  return (
    <div role="status">
      <span className="unseen">{words.loading}</span>
      <Stack gap="md" aria-hidden>
        {LINES.map((width, place) => (
          <Skeleton key={`${place} ${width}`} height={16} width={width} radius="md" />
        ))}
      </Stack>
    </div>
  );
}
