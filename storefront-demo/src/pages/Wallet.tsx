// The customer's money: what is there, more of it, and what moved.
import { Alert, Button, Grid, Stack, Text, TextInput, Title } from "@mantine/core";
import { ArrowLeftRight } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { useMutation, useQuery } from "urql";
import { useIntent } from "../api/keys";
import { MovementsDocument, TopUpDocument, WalletDocument } from "../api/operations";
import { otherRefusals, type Refusal, refusalOf, transportRefusals } from "../api/refusals";
import { useShop } from "../api/shop";
import { Choice, Choices } from "../parts/Choices";
import { Empty } from "../parts/Empty";
import { Loading } from "../parts/Loading";
import { type PageEnd, Pages } from "../parts/Pages";
import { PageTitle } from "../parts/PageTitle";
import { PayWith } from "../parts/PayWith";
import { Refusals, Trouble } from "../parts/Trouble";
import { LOCALES, useMoments, useReader, useWords } from "../words/language";
import style from "./Wallet.module.css";

const AMOUNTS = ["50.00", "100.00", "200.00", "500.00"];
const OTHER = "other";

export function Wallet() {
  const words = useWords();
  return (
    <>
      <PageTitle>{words.wallet.title}</PageTitle>
      <Grid gap={{ base: "lg", md: 40 }}>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Balance />
          <Button component={Link} to="/coupons" variant="light" mt="md" fullWidth>
            {words.coupon.title}
          </Button>
          <ToppingUp />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Title order={2} size="h4" mb="sm">
            {words.wallet.moves}
          </Title>
          <Pages page={(after, tellEnd) => <Moves after={after} tellEnd={tellEnd} />} />
        </Grid.Col>
      </Grid>
    </>
  );
}

function Balance() {
  const words = useWords();
  const { currency } = useShop();
  const { language } = useReader();
  const [{ data, error }, ask] = useQuery({ query: WalletDocument, requestPolicy: "cache-and-network" });
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading rows={2} />;
  const wallets = data.me?.wallet ?? [];
  const nothing = new Intl.NumberFormat(LOCALES[language], { style: "currency", currency }).format(0);
  return (
    <div className={style.balance}>
      <span>{words.wallet.balance}</span>
      {wallets.length === 0 && <strong>{nothing}</strong>}
      {wallets.map((wallet) => (
        <div key={wallet.balance.currency}>
          <strong data-testid="balance">{wallet.balance.formatted}</strong>
          {wallet.frozen && (
            <Alert color="orange" mt="sm">
              {words.wallet.frozen}
            </Alert>
          )}
        </div>
      ))}
    </div>
  );
}

function ToppingUp() {
  const words = useWords();
  const { currency, paymentMethods } = useShop();
  const gateways = paymentMethods.filter((one) => one !== "wallet");
  const [chosen, choose] = useState("100.00");
  const [typed, setTyped] = useState("");
  const [picked, pick] = useState<string | null>(null);
  const method = picked ?? gateways[0];
  const { send, busy, refusals } = useTopUp();
  const amount = chosen === OTHER ? typed.trim() : chosen;
  const format = useFormat(currency);
  const wrong = chosen === OTHER && typed !== "" && !/^\d{1,9}(\.\d{1,2})?$/.test(amount);
  if (!method) return null;
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong && Number(amount) > 0) void send({ amount, currency, method });
      }}
    >
      <Title order={2} size="h4">
        {words.wallet.topUp}
      </Title>
      <Choices legend={words.wallet.amount} columns="narrow">
        {AMOUNTS.map((one) => (
          <Choice key={one} name="amount" value={one} checked={chosen === one} onChoose={() => choose(one)}>
            {format(one)}
          </Choice>
        ))}
        <Choice name="amount" value={OTHER} checked={chosen === OTHER} onChoose={() => choose(OTHER)}>
          {words.wallet.other}
        </Choice>
      </Choices>
      {chosen === OTHER && (
        <TextInput
          label={words.wallet.other}
          inputMode="decimal"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={wrong ? words.wallet.amountWrong : refusalOf(refusals, "amount")}
          autoFocus
          size="md"
        />
      )}
      <PayWith methods={gateways} method={method} onChange={pick} withoutWallet />
      <Refusals messages={otherRefusals(refusals, chosen === OTHER ? ["amount"] : [])} />
      <Button type="submit" size="md" loading={busy} disabled={wrong || !(Number(amount) > 0)}>
        {words.wallet.go}
      </Button>
    </form>
  );
}

function useFormat(currency: string) {
  const { language } = useReader();
  return (amount: string) =>
    new Intl.NumberFormat(LOCALES[language], {
      style: "currency",
      currency,
      maximumFractionDigits: 0,
    }).format(Number(amount));
}

function useTopUp() {
  const words = useWords();
  const intent = useIntent();
  const [{ fetching }, begin] = useMutation(TopUpDocument);
  const [leaving, setLeaving] = useState(false);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const send = async (wanted: { amount: string; currency: string; method: string }) => {
    const returnUrl = `${window.location.origin}${import.meta.env.BASE_URL}wallet/top-ups/{id}`;
    const input = {
      amount: { amount: wanted.amount, currency: wanted.currency },
      gateway: { name: wanted.method, returnUrl },
    };
    const { data, error } = await begin({ input: { ...input, idempotencyKey: intent.key(input) } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.walletTopUp.errors ?? [])];
    if (!error?.networkError) intent.renew();
    setRefusals(refused);
    const next = data?.walletTopUp.paymentAction?.redirectUrl;
    if (next && refused.length === 0) {
      setLeaving(true);
      window.location.assign(next);
    }
  };
  return { send, busy: fetching || leaving, refusals };
}

function Moves({ after, tellEnd }: { after: string | null; tellEnd: (end: PageEnd) => void }) {
  const words = useWords();
  const moments = useMoments();
  const [{ data, error, fetching }, ask] = useQuery({
    query: MovementsDocument,
    variables: { first: 20, after },
    requestPolicy: "cache-and-network",
  });
  const moves = data?.me?.walletMovements;
  const end = moves?.pageInfo;
  useEffect(() => {
    if (end) tellEnd(end);
  }, [end, tellEnd]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!moves) return fetching ? <Loading /> : null;
  if (after === null && moves.nodes.length === 0) {
    return (
      <Empty
        icon={<ArrowLeftRight size={30} strokeWidth={1.6} />}
        title={words.wallet.noMoves}
        text={words.wallet.noMovesText}
      />
    );
  }
  return (
    <ul className={style.moves}>
      {moves.nodes.map((move) => {
        const says = words.wallet.kinds[move.kind] ?? move.kind;
        const came = !move.amount.amount.startsWith("-");
        return (
          <li key={`${move.at}${move.kind}${move.amount.amount}`}>
            <Stack gap={0}>
              {move.aboutId?.startsWith("ord_") ? (
                <Link to={`/orders/${move.aboutId}`}>{says}</Link>
              ) : (
                <span>{says}</span>
              )}
              <Text size="xs" c="var(--soft-ink)">
                {moments.moment(move.at)}
              </Text>
            </Stack>
            <span className={style.amount} data-came={came || undefined}>
              {came ? "+" : ""}
              {move.amount.formatted}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
