// The customer's orders, newest first.
import { Badge, Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { ReceiptText } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { type OrderState, OrdersDocument } from "../api/operations";
import { Face } from "../parts/Face";
import { Empty } from "../parts/Empty";
import { Loading } from "../parts/Loading";
import { type PageEnd, Pages } from "../parts/Pages";
import { PageTitle } from "../parts/PageTitle";
import { Trouble } from "../parts/Trouble";
import { useMoments, useWords } from "../words/language";
import { ORDER_COLOURS } from "./OrderPage";
import style from "./Orders.module.css";

const PAGE = 20;
const STATES: Record<string, OrderState[] | null> = {
  all: null,
  unpaid: ["PLACED"],
  done: ["PAID", "PARTLY_REFUNDED"],
};

export function Orders() {
  const words = useWords();
  const [chosen, choose] = useState("all");
  return (
    <div className={style.page}>
      <PageTitle>{words.nav.orders}</PageTitle>
      <SegmentedControl
        mb="lg"
        value={chosen}
        onChange={choose}
        aria-label={words.nav.orders}
        data={[
          { value: "all", label: words.order.all },
          { value: "unpaid", label: words.order.unpaid },
          { value: "done", label: words.order.done },
        ]}
      />
      <Pages
        key={chosen}
        page={(after, tellEnd) => <Some after={after} tellEnd={tellEnd} states={STATES[chosen] ?? null} />}
      />
    </div>
  );
}

interface SomeProps {
  after: string | null;
  tellEnd: (end: PageEnd) => void;
  states: OrderState[] | null;
}

function Some({ after, tellEnd, states }: SomeProps) {
  const words = useWords();
  const moments = useMoments();
  const [{ data, error, fetching }, ask] = useQuery({
    query: OrdersDocument,
    variables: { first: PAGE, after, states },
    requestPolicy: "cache-and-network",
  });
  const orders = data?.me?.orders;
  const end = orders?.pageInfo;
  useEffect(() => {
    if (end) tellEnd(end);
  }, [end, tellEnd]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!orders) return fetching ? <Loading /> : null;
  if (after === null && orders.nodes.length === 0) {
    return (
      <Empty
        icon={<ReceiptText size={32} strokeWidth={1.6} />}
        title={words.order.empty}
        text={words.order.emptyText}
        action={
          <Button component={Link} to="/" variant="light">
            {words.notFound.back}
          </Button>
        }
      />
    );
  }
  return (
    <Stack gap="sm" component="ul" className={style.list}>
      {orders.nodes.map((order) => {
        const first = order.lines[0]?.variant;
        const count = order.lines.reduce((sum, line) => sum + line.quantity, 0);
        return (
          <li key={order.id}>
            <Link to={`/orders/${order.id}`} className={style.order}>
              {first && <Face product={first.product} size="row" />}
              <span className={style.what}>
                <strong>
                  {first?.product.name} {first?.name}
                </strong>
                <Text component="span" size="sm" c="var(--soft-ink)">
                  {moments.moment(order.placedAt)} · {words.order.items(count)}
                </Text>
              </span>
              <span className={style.end}>
                <span>{order.total.formatted}</span>
                <Badge variant="light" color={ORDER_COLOURS[order.state] ?? "gray"} tt="none">
                  {words.order.states[order.state] ?? order.state}
                </Badge>
              </span>
            </Link>
          </li>
        );
      })}
    </Stack>
  );
}
