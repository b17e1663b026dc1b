// One order as it stands and as it changes: paying it, giving it up, its benefits, giving them back.
import { Badge, Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { Radio } from "lucide-react";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { useMutation, useQuery } from "urql";
import { useIntent } from "../api/keys";
import { useLiveOrder } from "../api/live";
import {
  CancelDocument,
  GiveBackDocument,
  OrderPageDocument,
  type OrderPagePartsFragment,
  PayDocument,
  WalletDocument,
} from "../api/operations";
import { type Refusal, transportRefusals } from "../api/refusals";
import { useAhead, useShop } from "../api/shop";
import { BenefitCard } from "../parts/BenefitCard";
import { Draws } from "../parts/Draws";
import { Face } from "../parts/Face";
import { Countdown } from "../parts/Countdown";
import { Loading } from "../parts/Loading";
import { PageTitle } from "../parts/PageTitle";
import { PayWith } from "../parts/PayWith";
import { payBy } from "../parts/Purchase";
import { TimeLeft } from "../parts/TimeLeft";
import { Refusals, Trouble } from "../parts/Trouble";
import { useMoments, useWords } from "../words/language";
import { NotFound } from "./NotFound";
import style from "./OrderPage.module.css";

type Order = OrderPagePartsFragment;

export const ORDER_COLOURS: Record<string, string> = {
  PLACED: "orange",
  PAID: "pine",
  PARTLY_REFUNDED: "blue",
};

export function OrderPage() {
  const { id = "" } = useParams();
  return <Followed key={id} id={id} />;
}

/** Any id can stand in the address; of another kind of thing nothing was asked. */
function isOrder(node: Partial<Order> | null | undefined): node is Order {
  return node?.number !== undefined;
}

function Followed({ id }: { id: string }) {
  const [{ data, error, fetching }, ask] = useQuery({
    query: OrderPageDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  // While it listens, what it hears is what counts: an answer to the page's own question may have been read before the order
  // was paid and come after that was told. Nobody would tell it again.
  const [order, setOrder] = useState<Order | null>(null);
  const live = useLiveOrder(id, setOrder);
  const read: Partial<Order> | null | undefined = data?.node;
  const [taken, take] = useState<typeof read>(null);
  if (read !== taken) {
    take(read);
    if (isOrder(read) && !live) setOrder(read);
  }
  if (order) return <Shown order={order} live={live} />;
  if (error) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  return fetching || isOrder(read) ? <Loading /> : <NotFound />;
}

function Shown({ order, live }: { order: Order; live: boolean }) {
  const words = useWords();
  const unpaid = order.state === "PLACED";
  const benefits = order.lines.flatMap((line) => line.entitlements);
  return (
    <div className={style.page}>
      <PageTitle beside={<Live live={live} />}>{words.order.title}</PageTitle>
      <section className={style.card} aria-live="polite">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div>
            <Badge
              size="lg"
              variant="light"
              color={ORDER_COLOURS[order.state] ?? "gray"}
              tt="none"
              data-testid="order-state"
            >
              {words.order.states[order.state] ?? order.state}
            </Badge>
            <Text mt={8} data-testid="order-says">
              <Says order={order} />
            </Text>
          </div>
          {unpaid && order.expiresAt && <Countdown until={order.expiresAt} />}
        </Group>
        {unpaid && <Unpaid order={order} />}
      </section>
      {order.lines.map((line) => line.circle && <Joined key={line.id} group={line.circle} />)}
      {order.lines.map((line) => (
        <Draws key={line.id} orderId={order.id} line={line} />
      ))}
      {benefits.length > 0 && (
        <section>
          <Title order={2} size="h4" mb="sm">
            {words.order.benefits}
          </Title>
          <Stack gap="sm">
            {benefits.map((benefit) => (
              <BenefitCard key={benefit.id} benefit={benefit} />
            ))}
          </Stack>
          <GivingBack order={order} />
        </section>
      )}
      <Lines order={order} />
    </div>
  );
}

/** How it stands with the order. What is paid for in a group is not there before the group is full. */
function Says({ order }: { order: Order }) {
  const words = useWords();
  const moments = useMoments();
  const group = order.lines.find(({ circle }) => circle && circle.state !== "SETTLED")?.circle;
  if (order.state !== "PAID" || !group) return words.order.says[order.state];
  if (group.state === "OPEN") return words.group.filling(moments.moment(group.closesAt));
  return words.group.says[group.state];
}

/** The group that a line has a place in, and the way to it. */
function Joined({ group }: { group: NonNullable<Line["circle"]> }) {
  const words = useWords();
  const ahead = useAhead(group.serverTime);
  const open = group.state === "OPEN";
  return (
    <section className={style.card} data-testid="joined">
      <Group justify="space-between" gap="sm">
        <div>
          <Text fw={600}>
            {words.group.states[group.state]} · {words.group.joined(group.joined, group.seats)}
          </Text>
          <Text size="sm" c="var(--soft-ink)">
            {words.group.says[group.state]}
          </Text>
          {open && <TimeLeft until={group.closesAt} says={words.group.closesIn} ahead={ahead} />}
        </div>
        <Button component={Link} to={`/groups/${group.id}`} variant={open ? "filled" : "light"}>
          {open ? words.group.inviting : words.group.see}
        </Button>
      </Group>
    </section>
  );
}

function Live({ live }: { live: boolean }) {
  const words = useWords();
  if (!live) return null;
  return (
    <span className={style.live} data-testid="live">
      <Radio size={15} aria-hidden /> {words.order.live}
    </span>
  );
}

function Unpaid({ order }: { order: Order }) {
  const words = useWords();
  const { paymentMethods } = useShop();
  const [search] = useSearchParams();
  const pending = order.payments.some((payment) => payment.state === "PENDING");
  const waiting = search.has("returned") && pending;
  const [method, setMethod] = useState("wallet");
  const [{ data }] = useQuery({ query: WalletDocument, requestPolicy: "cache-and-network" });
  const wallet = data?.me?.wallet?.find((one) => one.balance.currency === order.total.currency);
  const intent = useIntent();
  const [{ fetching }, pay] = useMutation(PayDocument);
  const [leaving, setLeaving] = useState(false);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const send = async () => {
    const input = { orderId: order.id, pay: payBy(method) };
    const { data: answer, error } = await pay({ input: { ...input, idempotencyKey: intent.key(input) } });
    const refused = [...transportRefusals(error, words.failed.title), ...(answer?.orderPay.errors ?? [])];
    if (!error?.networkError) intent.renew();
    setRefusals(refused);
    const next = answer?.orderPay.paymentAction?.redirectUrl;
    if (next && refused.length === 0) {
      setLeaving(true);
      window.location.assign(next);
    }
  };
  return (
    <Stack gap="md" mt="md">
      {waiting && (
        <Text size="sm" c="var(--soft-ink)" role="status">
          {words.order.waiting}
        </Text>
      )}
      <PayWith
        methods={paymentMethods}
        method={method}
        onChange={setMethod}
        wallet={wallet}
        due={order.total.amount}
      />
      <Refusals messages={refusals.map((one) => one.message)} />
      <Group>
        <Button loading={fetching || leaving} onClick={send} flex={1}>
          {words.order.pay} {order.total.formatted}
        </Button>
        <GivingUp order={order} />
      </Group>
    </Stack>
  );
}

function GivingUp({ order }: { order: Order }) {
  const words = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [{ fetching }, cancel] = useMutation(CancelDocument);
  const [refusals, setRefusals] = useState<string[]>([]);
  const send = async () => {
    const { data, error } = await cancel({ input: { orderId: order.id } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.orderCancel.errors ?? [])];
    setRefusals(refused.map((one) => one.message));
    if (refused.length === 0) close();
  };
  return (
    <>
      <Button variant="default" onClick={open}>
        {words.order.cancel}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={words.order.cancel}
        centered
        closeButtonProps={{ "aria-label": words.close }}
      >
        <Stack>
          <Text>{words.order.cancelAsk}</Text>
          <Refusals messages={refusals} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.order.keep}
            </Button>
            <Button color="red.8" loading={fetching} onClick={send}>
              {words.order.cancel}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

function GivingBack({ order }: { order: Order }) {
  const words = useWords();
  const unseen = order.lines.flatMap((line) => line.entitlements).filter((unit) => unit.state === "ISSUED");
  const [opened, { open, close }] = useDisclosure(false);
  const intent = useIntent();
  const [{ fetching }, giveBack] = useMutation(GiveBackDocument);
  const [refusals, setRefusals] = useState<string[]>([]);
  const send = async () => {
    const input = { orderId: order.id, entitlementIds: unseen.map((unit) => unit.id) };
    const { data, error } = await giveBack({ input: { ...input, idempotencyKey: intent.key(input) } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.refundRequest.errors ?? [])];
    if (!error?.networkError) intent.renew();
    setRefusals(refused.map((one) => one.message));
    if (refused.length > 0) return;
    notifications.show({ message: words.order.refundDone, color: "pine" });
    close();
  };
  if (unseen.length === 0) return null;
  return (
    <>
      <Button mt="sm" variant="subtle" color="dark" size="compact-sm" onClick={open}>
        {words.order.refund}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={words.order.refund}
        centered
        closeButtonProps={{ "aria-label": words.close }}
      >
        <Stack>
          <Text>{words.order.refundAsk(unseen.length)}</Text>
          <Refusals messages={refusals} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.cancel}
            </Button>
            <Button loading={fetching} onClick={send}>
              {words.order.refund}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

type Line = Order["lines"][number];

function askedOf(line: Line, key: string) {
  return line.variant.product.buyerInputs.find((one) => one.key === key);
}

/** What the product asks today may be called otherwise than when it was bought. */
function labelOf(line: Line, key: string): string {
  return askedOf(line, key)?.label ?? key;
}

/** Masked by the API; of a choice its name. */
function shownOf(line: Line, said: Line["buyerInputs"][number]): string {
  return askedOf(line, said.key)?.options.find((one) => one.value === said.masked)?.label ?? said.masked;
}

/** Told where the buyer chose it; else it is part of the name. */
function faceOf({ faceValue, trace }: Line): string | undefined {
  const chosen = trace.some((step) => step.source === "FACE_VALUE");
  return chosen && faceValue ? `${Number(faceValue.amount)} ${faceValue.currency}` : undefined;
}

function Lines({ order }: { order: Order }) {
  const words = useWords();
  const moments = useMoments();
  const facts: [string, string][] = [
    [words.order.number, order.number],
    [words.order.placed, moments.moment(order.placedAt)],
  ];
  if (order.paidAt) facts.push([words.order.paid, moments.moment(order.paidAt)]);
  for (const refund of order.refunds) {
    facts.push([
      `${words.order.refunds} · ${words.order.refundStates[refund.state]}`,
      refund.amount.formatted,
    ]);
  }
  return (
    <section className={style.card}>
      <ul className={style.lines}>
        {order.lines.map((line) => (
          <li key={line.id}>
            <Face product={line.variant.product} size="row" />
            <div className={style.what}>
              <Link to={`/products/${line.variant.product.slug}`}>{line.variant.product.name}</Link>
              <Text size="sm" c="var(--soft-ink)">
                {[line.variant.name, faceOf(line)].filter(Boolean).join(" · ")} · {line.unit.formatted} ×{" "}
                {line.quantity}
              </Text>
              {line.buyerInputs.map((said) => (
                <Text key={said.key} size="sm" c="var(--soft-ink)" data-testid="said">
                  {labelOf(line, said.key)}: {shownOf(line, said)}
                </Text>
              ))}
            </div>
            <span className={style.money}>{line.total.formatted}</span>
          </li>
        ))}
      </ul>
      <dl className={style.facts}>
        <div className={style.sum}>
          <dt>{words.order.total}</dt>
          <dd>{order.total.formatted}</dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={`${name}${value}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
