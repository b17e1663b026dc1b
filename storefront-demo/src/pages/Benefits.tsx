// Everything the customer holds, newest first.
import { Button, SegmentedControl, Stack } from "@mantine/core";
import { Gift } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { BenefitsDocument, type EntitlementState } from "../api/operations";
import { BenefitCard } from "../parts/BenefitCard";
import { Empty } from "../parts/Empty";
import { Loading } from "../parts/Loading";
import { type PageEnd, Pages } from "../parts/Pages";
import { PageTitle } from "../parts/PageTitle";
import { Trouble } from "../parts/Trouble";
import { useWords } from "../words/language";
import style from "./Orders.module.css";

const PAGE = 20;
const USABLE: EntitlementState[] = ["ISSUED", "REVEALED", "DELIVERED", "PENDING", "DELAYED"];

export function Benefits() {
  const words = useWords();
  const [chosen, choose] = useState("usable");
  return (
    <div className={style.page}>
      <PageTitle>{words.nav.benefits}</PageTitle>
      <SegmentedControl
        mb="lg"
        value={chosen}
        onChange={choose}
        aria-label={words.nav.benefits}
        data={[
          { value: "usable", label: words.benefit.usable },
          { value: "all", label: words.benefit.all },
        ]}
      />
      <Pages
        key={chosen}
        page={(after, tellEnd) => (
          <Some after={after} tellEnd={tellEnd} states={chosen === "usable" ? USABLE : null} />
        )}
      />
    </div>
  );
}

interface SomeProps {
  after: string | null;
  tellEnd: (end: PageEnd) => void;
  states: EntitlementState[] | null;
}

function Some({ after, tellEnd, states }: SomeProps) {
  const words = useWords();
  const [{ data, error, fetching }, ask] = useQuery({
    query: BenefitsDocument,
    variables: { first: PAGE, after, states },
    requestPolicy: "cache-and-network",
  });
  const benefits = data?.me?.entitlements;
  const end = benefits?.pageInfo;
  useEffect(() => {
    if (end) tellEnd(end);
  }, [end, tellEnd]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!benefits) return fetching ? <Loading /> : null;
  if (after === null && benefits.nodes.length === 0) {
    return (
      <Empty
        icon={<Gift size={32} strokeWidth={1.6} />}
        title={words.benefit.empty}
        text={words.benefit.emptyText}
        action={
          <Button component={Link} to="/" variant="light">
            {words.notFound.back}
          </Button>
        }
      />
    );
  }
  return (
    <Stack gap="sm" mb="sm">
      {benefits.nodes.map((benefit) => (
        <BenefitCard key={benefit.id} benefit={benefit} />
      ))}
    </Stack>
  );
}
