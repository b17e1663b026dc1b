// The customer's coupons: one more by its code, and what each of them is worth now.
import { Badge, Button, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { TicketPercent } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { Link } from "react-router";
import { useMutation, useQuery } from "urql";
import {
  CouponsDocument,
  type CouponStanding,
  type HeldPartsFragment,
  KeepCouponDocument,
} from "../api/operations";
import { type Refusal, transportRefusals } from "../api/refusals";
import { fromWhen, takesOff } from "../parts/coupons";
import { Empty } from "../parts/Empty";
import { Loading } from "../parts/Loading";
import { type PageEnd, Pages } from "../parts/Pages";
import { PageTitle } from "../parts/PageTitle";
import { Trouble } from "../parts/Trouble";
import { useMoments, useWords } from "../words/language";
import style from "./Coupons.module.css";
import orders from "./Orders.module.css";

const PAGE = 20;
const SHOWN: Record<string, CouponStanding[]> = {
  usable: ["USABLE"],
  used: ["USED"],
  over: ["EXPIRED", "VOID"],
};

export function Coupons() {
  const words = useWords();
  const [chosen, choose] = useState("usable");
  const [kept, setKept] = useState(0);
  return (
    <div className={orders.page}>
      <PageTitle>{words.coupon.title}</PageTitle>
      <Keeping done={() => setKept((count) => count + 1)} />
      <SegmentedControl
        mb="lg"
        value={chosen}
        onChange={choose}
        aria-label={words.coupon.title}
        data={[
          { value: "usable", label: words.coupon.standings.USABLE },
          { value: "used", label: words.coupon.standings.USED },
          { value: "over", label: words.coupon.over },
        ]}
      />
      <Pages
        key={`${chosen} ${kept}`}
        page={(after, tellEnd) => (
          <Some after={after} tellEnd={tellEnd} standings={SHOWN[chosen] ?? ["USABLE"]} />
        )}
      />
    </div>
  );
}

function Keeping({ done }: { done: () => void }) {
  const words = useWords();
  const [code, setCode] = useState("");
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [{ fetching }, keep] = useMutation(KeepCouponDocument);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const { data, error } = await keep({ input: { code } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.couponBind.errors ?? [])];
    setRefusals(refused);
    if (refused.length > 0) return;
    setCode("");
    notifications.show({ message: words.coupon.kept, color: "pine" });
    done();
  };
  return (
    <form className={style.keep} onSubmit={send}>
      <TextInput
        size="md"
        aria-label={words.coupon.code}
        placeholder={words.coupon.code}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={refusals[0]?.message}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
      />
      <Button type="submit" size="md" loading={fetching} disabled={code.trim() === ""}>
        {words.coupon.keep}
      </Button>
    </form>
  );
}

interface SomeProps {
  after: string | null;
  tellEnd: (end: PageEnd) => void;
  standings: CouponStanding[];
}

function Some({ after, tellEnd, standings }: SomeProps) {
  const words = useWords();
  const [{ data, error, fetching }, ask] = useQuery({
    query: CouponsDocument,
    variables: { first: PAGE, after, standings },
    requestPolicy: "cache-and-network",
  });
  const coupons = data?.me?.coupons;
  const end = coupons?.pageInfo;
  useEffect(() => {
    if (end) tellEnd(end);
  }, [end, tellEnd]);
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!coupons) return fetching ? <Loading /> : null;
  if (after === null && coupons.nodes.length === 0) {
    return (
      <Empty
        icon={<TicketPercent size={32} strokeWidth={1.6} />}
        title={words.coupon.empty}
        text={words.coupon.emptyText}
        action={
          <Button component={Link} to="/campaigns" variant="light">
            {words.campaign.all}
          </Button>
        }
      />
    );
  }
  return (
    <Stack gap="sm" mb="sm">
      {coupons.nodes.map((one) => (
        <CouponCard key={one.id} held={one} />
      ))}
    </Stack>
  );
}

function CouponCard({ held }: { held: HeldPartsFragment }) {
  const words = useWords();
  const moments = useMoments();
  const terms = held.campaign?.__typename === "Coupon" ? held.campaign : null;
  return (
    <div className={style.card} data-over={held.standing !== "USABLE" || undefined} data-testid="coupon">
      <div className={style.what}>
        <Text fw={600}>{terms ? takesOff(terms, words.coupon) : held.campaign?.name}</Text>
        <Text size="sm" c="var(--soft-ink)">
          {terms && `${fromWhen(terms, words.coupon)} · ${held.campaign?.name}`}
        </Text>
        <Text size="sm" className={style.code}>
          {held.code}
        </Text>
        <Text size="xs" c="var(--soft-ink)">
          {words.coupon.until(moments.moment(held.endsAt))}
        </Text>
      </div>
      {held.orderId ? (
        <Button component={Link} to={`/orders/${held.orderId}`} variant="subtle" size="compact-sm">
          {words.coupon.order}
        </Button>
      ) : (
        <Badge variant="light" color={held.standing === "USABLE" ? "pine" : "gray"} tt="none">
          {words.coupon.standings[held.standing]}
        </Badge>
      )}
    </div>
  );
}
