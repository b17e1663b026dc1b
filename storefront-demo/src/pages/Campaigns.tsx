// What is on in the shop, and what is to come.
import { Text } from "@mantine/core";
import { CalendarClock } from "lucide-react";
import { useEffect } from "react";
import { useQuery } from "urql";
import { CampaignsDocument } from "../api/operations";
import { inOrder } from "../parts/campaigns";
import { CampaignCard } from "../parts/CampaignCard";
import { Empty } from "../parts/Empty";
import { type PageEnd, Pages } from "../parts/Pages";
import { PageTitle } from "../parts/PageTitle";
import { WaitingGrid } from "../parts/ProductGrid";
import { Trouble } from "../parts/Trouble";
import { useWords } from "../words/language";
import style from "./Campaigns.module.css";

const PAGE = 24;

export function Campaigns() {
  const words = useWords();
  return (
    <>
      <PageTitle>{words.campaign.title}</PageTitle>
      <Text c="var(--soft-ink)" mt={-12} mb="xl">
        {words.campaign.text}
      </Text>
      <Pages page={(after, tellEnd) => <Part after={after} tellEnd={tellEnd} />} />
    </>
  );
}

function Part({ after, tellEnd }: { after: string | null; tellEnd: (end: PageEnd) => void }) {
  const words = useWords();
  const [{ data, error, fetching }, ask] = useQuery({
    query: CampaignsDocument,
    variables: { first: PAGE, after },
    requestPolicy: "cache-and-network",
  });
  const end = data?.campaigns.pageInfo;
  useEffect(() => {
    if (end) tellEnd(end);
  }, [end, tellEnd]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data) return fetching ? <WaitingGrid /> : null;
  if (after === null && data.campaigns.nodes.length === 0) {
    return (
      <Empty
        icon={<CalendarClock size={32} strokeWidth={1.6} />}
        title={words.campaign.empty}
        text={words.campaign.emptyText}
      />
    );
  }
  return (
    <ul className={style.grid} data-testid="campaigns">
      {inOrder(data.campaigns.nodes).map((campaign) => (
        <li key={campaign.id}>
          <CampaignCard campaign={campaign} level={2} />
        </li>
      ))}
    </ul>
  );
}
