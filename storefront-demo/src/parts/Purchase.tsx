// Choosing a form, how many, and how to pay; then the purchase itself, once for each intent.
import { Button, Group, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { useMutation, useQuery } from "urql";
import { useIntent } from "../api/keys";
import {
  type LineInput,
  type OrderPlaceInput,
  PlaceDocument,
  QuoteOfDocument,
  WalletDocument,
} from "../api/operations";
import { inTurn, type Place, placeOf } from "../api/queue";
import { otherRefusals, type Refusal, transportRefusals } from "../api/refusals";
import { useSession } from "../api/session";
import { useShop } from "../api/shop";
import type { Product } from "../pages/ProductPage";
import { useWords } from "../words/language";
import { type Answers, useAnswers } from "./asked";
import { BuyerForm } from "./BuyerForm";
import { Choice, Choices } from "./Choices";
import { CouponChoice } from "./CouponChoice";
import { FaceChoice } from "./FaceChoice";
import { InQueue } from "./InQueue";
import { PayWith } from "./PayWith";
import style from "./Purchase.module.css";
import { Quantity } from "./Quantity";
import { Trace } from "./Trace";
import { Refusals } from "./Trouble";

export function Purchase({ product }: { product: Product }) {
  const words = useWords();
  const buyable = product.variants.filter((one) => one.price);
  const first = buyable.find((one) => one.availability !== "SOLD_OUT") ?? buyable[0];
  const [chosenId, choose] = useState(first?.id ?? "");
  const [quantity, setQuantity] = useState(1);
  const [faces, setFaces] = useState<Record<string, string>>({});
  const answers = useAnswers(product.buyerInputs);
  const chosen = buyable.find((one) => one.id === chosenId);
  if (!chosen) return <Text c="var(--soft-ink)">{words.product.soldOut}</Text>;
  const soldOut = chosen.availability === "SOLD_OUT";
  const range = chosen.faceRange;
  const face = range ? (faces[chosen.id] ?? range.least) : undefined;
  const priceOf = ({ price, faceRange }: typeof chosen) =>
    price && (faceRange ? words.product.fromLeast(price.unit.formatted) : price.unit.formatted);
  const most = Math.min(chosen.limit?.perCustomer ?? 1000, 1000);
  return (
    <Stack gap="lg">
      <Choices legend={words.product.choose} columns="wide">
        {buyable.map((variant) => (
          <Choice
            key={variant.id}
            name="variant"
            value={variant.id}
            checked={variant.id === chosenId}
            onChoose={() => {
              choose(variant.id);
              setQuantity((now) => Math.min(now, variant.limit?.perCustomer ?? 1000));
            }}
            disabled={variant.availability === "SOLD_OUT"}
          >
            <span className={style.form}>
              <span>{variant.name}</span>
              <strong>{priceOf(variant)}</strong>
            </span>
            {variant.availability !== "IN_STOCK" && (
              <span className={style.note}>{words.availability[variant.availability]}</span>
            )}
          </Choice>
        ))}
      </Choices>
      <Group justify="space-between">
        <div>
          <Text fw={600} size="sm" id="quantity-label">
            {words.product.quantity}
          </Text>
          {chosen.limit && (
            <Text size="xs" c="var(--soft-ink)">
              {words.product.limit(chosen.limit.perCustomer)}
            </Text>
          )}
        </div>
        <Quantity
          value={quantity}
          most={most}
          onChange={setQuantity}
          labelledBy="quantity-label"
          disabled={soldOut}
        />
      </Group>
      {range && face && (
        <FaceChoice
          key={chosen.id}
          range={range}
          value={face}
          onChange={(value) => setFaces((before) => ({ ...before, [chosen.id]: value }))}
        />
      )}
      {!soldOut && <BuyerForm asked={product.buyerInputs} answers={answers} />}
      <Checkout
        key={chosen.id}
        line={{ variantId: chosen.id, quantity, ...(face && { unitFaceValue: face }) }}
        answers={answers}
        soldOut={soldOut}
      />
    </Stack>
  );
}

interface CheckoutProps {
  line: Line;
  /** What the price is asked for, where the line has more that does not move it. */
  priced?: Line;
  answers: Answers;
  soldOut: boolean;
  /** What the button says. */
  label?: string;
  /** Asked before anything is bought: whether all is there that this campaign needs; it shows by itself what is not. */
  ready?: () => boolean;
  /** Hears whether the customer waits in a queue; as long as they do, this must stay on the page. */
  onWaiting?: (waiting: boolean) => void;
}

/** The price, how to pay, and the button; the line may take part in a campaign. */
export function Checkout({ line: wanted, priced, answers, soldOut, label, ready, onWaiting }: CheckoutProps) {
  const words = useWords();
  const signedIn = useSession().status === "signedIn";
  const { paymentMethods } = useShop();
  const { pathname } = useLocation();
  const [method, setMethod] = useState("wallet");
  const [coupon, setCoupon] = useState<string | null>(null);
  const [{ data: quoted, stale, fetching, error: unquoted }, askAgain] = useQuery({
    query: QuoteOfDocument,
    variables: { line: priced ?? wanted, codes: coupon === null ? null : [coupon] },
    requestPolicy: "cache-and-network",
    pause: soldOut,
  });
  const [{ data: mine }] = useQuery({
    query: WalletDocument,
    pause: !signedIn,
    requestPolicy: "cache-and-network",
  });
  const { buy, busy, place, leave, refusals } = useBuying(answers, () =>
    askAgain({ requestPolicy: "network-only" }),
  );
  const waiting = place !== null;
  useEffect(() => onWaiting?.(waiting), [onWaiting, waiting]);
  const quote = quoted?.quote.quote;
  const line = quote?.lines[0];
  const wallet = mine?.me?.wallet?.find((one) => one.balance.currency === quote?.total.currency);
  const told = [
    ...(quoted?.quote.errors ?? []),
    ...transportRefusals(unquoted, words.failed.title),
    ...refusals,
  ];
  if (soldOut) {
    return (
      <Button size="lg" disabled>
        {words.product.soldOut}
      </Button>
    );
  }
  return (
    <Stack gap="md">
      <div className={style.total} aria-live="polite" data-stale={stale || fetching || undefined}>
        <span>{words.product.total}</span>
        <strong data-testid="total">{quote?.total.formatted ?? "…"}</strong>
      </div>
      {signedIn && !waiting && <CouponChoice value={coupon} onChange={setCoupon} />}
      {line && <Trace steps={line.trace} unit={line.unit.formatted} />}
      {signedIn && !waiting && (
        <PayWith
          methods={paymentMethods}
          method={method}
          onChange={setMethod}
          wallet={wallet}
          due={quote?.total.amount}
        />
      )}
      <Refusals messages={otherRefusals(told, [])} />
      <InQueue place={place} leave={leave} />
      {waiting ? null : signedIn ? (
        <Button
          size="lg"
          loading={busy}
          // Nobody buys at the price of what was chosen before.
          disabled={!quote || stale || fetching}
          onClick={() => {
            if (quote && (ready?.() ?? true)) void buy({ line: wanted, method, coupon, total: quote.total });
          }}
        >
          {label ?? words.product.buy}
        </Button>
      ) : (
        <Button size="lg" component={Link} to={`/sign-in?${new URLSearchParams({ next: pathname })}`}>
          {words.product.signInToBuy}
        </Button>
      )}
    </Stack>
  );
}

type Line = Pick<LineInput, "variantId" | "quantity" | "unitFaceValue" | "campaign">;

interface Wanted {
  line: Line;
  method: string;
  coupon: string | null;
  total: { amount: string; currency: string };
}

function useBuying(answers: Answers, priceMoved: () => void) {
  const words = useWords();
  const navigate = useNavigate();
  const intent = useIntent();
  const [{ fetching }, place] = useMutation(PlaceDocument);
  const [leaving, setLeaving] = useState(false);
  const [queued, setQueued] = useState<Place | null>(null);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const left = useRef<AbortController | null>(null);
  useEffect(() => () => left.current?.abort(), []);
  const buy = async (wanted: Wanted) => {
    const buyerInputs = answers.complete();
    if (!buyerInputs) return;
    const input = {
      lines: [{ ...wanted.line, buyerInputs }],
      expectedTotal: { amount: wanted.total.amount, currency: wanted.total.currency },
      pay: payBy(wanted.method),
      ...(wanted.coupon && { couponCodes: [wanted.coupon] }),
    };
    setRefusals([]);
    const sent = { ...input, idempotencyKey: intent.key(input) };
    left.current = new AbortController();
    const answer = await inTurn({
      send: (ticket) => place({ input: ticket === undefined ? sent : { ...sent, ticket } }),
      placeIn: ({ data }) => placeOf(data?.orderPlace.errors ?? []),
      tell: setQueued,
      left: left.current.signal,
    });
    setQueued(null);
    // Who left and comes back sends the same order: the intent stays open.
    if (answer === null) return;
    const placed = answer.data?.orderPlace;
    const refused = [...transportRefusals(answer.error, words.failed.title), ...(placed?.errors ?? [])];
    // A network that failed leaves the intent open: the same key again is the same order.
    if (!answer.error?.networkError) intent.renew();
    if (placed?.order && refused.length === 0) {
      if (placed.paymentAction?.redirectUrl) {
        setLeaving(true);
        window.location.assign(placed.paymentAction.redirectUrl);
      } else {
        await navigate(`/orders/${placed.order.id}`);
      }
      return;
    }
    setRefusals(answers.refuse(refused));
    if (refused.some((one) => one.code === "PRICE_MOVED")) priceMoved();
  };
  const leave = () => {
    left.current?.abort();
    setQueued(null);
  };
  return { buy, busy: fetching || leaving, place: queued, leave, refusals };
}

/** The order's own page is where the gateway sends the browser back to; the API puts its id in. */
export function payBy(method: string): NonNullable<OrderPlaceInput["pay"]> {
  if (method === "wallet") return { wallet: { confirm: true } };
  const returnUrl = `${window.location.origin}${import.meta.env.BASE_URL}orders/{id}?returned=1`;
  return { gateway: { name: method, returnUrl } };
}
