// Back from the gateway: waits until the money is in the wallet, and says so.
import { Button, Loader, Stack, Text, Title } from "@mantine/core";
import { CircleCheckBig } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";
import { useQuery } from "urql";
import { TopUpPageDocument } from "../api/operations";
import { Trouble } from "../parts/Trouble";
import { useWords } from "../words/language";
import { NotFound } from "./NotFound";

const LOOK_EVERY_MS = 1500;
const PATIENCE = 40;

export function TopUpPage() {
  const words = useWords();
  const { id = "" } = useParams();
  const [looks, setLooks] = useState(0);
  const [{ data, error, fetching }, ask] = useQuery({
    query: TopUpPageDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const done = data?.topUp?.state === "DONE";
  const goOn = !done && looks < PATIENCE;
  useEffect(() => {
    if (!goOn) return;
    const timer = setInterval(() => {
      setLooks((count) => count + 1);
      ask({ requestPolicy: "network-only" });
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [goOn, ask]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data?.topUp && !fetching && looks === 0 && data) return <NotFound />;
  return (
    <Stack align="center" gap="md" py={72} aria-live="polite">
      <title>{`${words.wallet.topUp} · ${words.shop}`}</title>
      {done ? (
        <CircleCheckBig size={52} strokeWidth={1.5} color="var(--pine)" aria-hidden />
      ) : (
        goOn && <Loader size="lg" />
      )}
      <Title order={1} size="h3" ta="center">
        {done ? words.wallet.arrived(data?.topUp?.amount.formatted ?? "") : words.wallet.waiting}
      </Title>
      {!done && (
        <Text c="var(--soft-ink)" ta="center">
          {goOn ? words.wallet.waitingText : words.wallet.still}
        </Text>
      )}
      <Button component={Link} to="/wallet" variant={done ? "filled" : "light"}>
        {words.wallet.back}
      </Button>
    </Stack>
  );
}
