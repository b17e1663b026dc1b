// The customer's own account: how they are reached, their password, their language, and the way out.
import { Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { LogOut, Mail, Smartphone } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { useMutation, useQuery } from "urql";
import {
  AccountDocument,
  type AccountQuery,
  AddContactDocument,
  ChangePasswordDocument,
  SignOutDocument,
} from "../api/operations";
import { otherRefusals, type Refusal, refusalOf, transportRefusals } from "../api/refusals";
import { begin, end } from "../api/session";
import { CodeField } from "../parts/CodeField";
import { asContact } from "../parts/contacts";
import { Loading } from "../parts/Loading";
import { PageTitle } from "../parts/PageTitle";
import { Refusals, Trouble } from "../parts/Trouble";
import { useMoments, useWords } from "../words/language";
import style from "./Account.module.css";

type Me = NonNullable<AccountQuery["me"]>;

export function Account() {
  const words = useWords();
  const [{ data, error }, ask] = useQuery({ query: AccountDocument, requestPolicy: "cache-and-network" });
  if (error && !data) return <Trouble error={error} again={() => ask({ requestPolicy: "network-only" })} />;
  if (!data?.me) return <Loading />;
  return (
    <div className={style.page}>
      <PageTitle>{words.account.title}</PageTitle>
      <Contacts me={data.me} />
      <Password me={data.me} />
      <Leaving />
    </div>
  );
}

function Contacts({ me }: { me: Me }) {
  const words = useWords();
  const moments = useMoments();
  const [adding, setAdding] = useState(false);
  return (
    <section className={style.card}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {words.account.contacts}
        </Title>
        <Text size="sm" c="var(--soft-ink)">
          {words.account.since(moments.day(me.createdAt))}
        </Text>
      </Group>
      <ul className={style.contacts}>
        {me.contacts.map((contact) => (
          <li key={contact.id}>
            {contact.kind === "EMAIL" ? <Mail size={18} aria-hidden /> : <Smartphone size={18} aria-hidden />}
            {contact.masked}
          </li>
        ))}
      </ul>
      {adding ? (
        <Adding done={() => setAdding(false)} />
      ) : (
        <Button variant="light" mt="md" onClick={() => setAdding(true)}>
          {words.account.add}
        </Button>
      )}
    </section>
  );
}

function Adding({ done }: { done: () => void }) {
  const words = useWords();
  const [contact, setContact] = useState("");
  const [code, setCode] = useState("");
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [{ fetching }, add] = useMutation(AddContactDocument);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const { data, error } = await add({ input: { contact: asContact(contact), code: code.trim() } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.contactAdd.errors ?? [])];
    setRefusals(refused);
    if (refused.length > 0) return;
    notifications.show({ message: words.account.added, color: "pine" });
    done();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="md" mt="md">
        <TextInput
          size="md"
          label={words.sign.contact}
          description={words.sign.contactHint}
          value={contact}
          onChange={(event) => setContact(event.currentTarget.value)}
          error={refusalOf(refusals, "contact")}
          required
          withAsterisk={false}
        />
        <CodeField
          purpose="VERIFY"
          contact={contact}
          value={code}
          onChange={setCode}
          error={refusalOf(refusals, "code")}
          onRefused={setRefusals}
        />
        <Refusals messages={otherRefusals(refusals, ["contact", "code"])} />
        <Group>
          <Button type="submit" loading={fetching}>
            {words.account.add}
          </Button>
          <Button variant="subtle" onClick={done}>
            {words.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Password({ me }: { me: Me }) {
  const words = useWords();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [{ fetching }, change] = useMutation(ChangePasswordDocument);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const { data, error } = await change({ input: { old, new: fresh } });
    const refused = [...transportRefusals(error, words.failed.title), ...(data?.passwordChange.errors ?? [])];
    setRefusals(refused);
    if (!begin(data?.passwordChange)) return;
    setOld("");
    setFresh("");
    notifications.show({ message: words.account.changed, color: "pine" });
  };
  return (
    <section className={style.card}>
      <Title order={2} size="h4" mb="sm">
        {words.account.change}
      </Title>
      {me.hasPassword ? (
        <form onSubmit={send}>
          <Stack gap="md">
            <PasswordInput
              size="md"
              label={words.sign.oldPassword}
              autoComplete="current-password"
              value={old}
              onChange={(event) => setOld(event.currentTarget.value)}
              error={refusalOf(refusals, "old")}
              required
              withAsterisk={false}
            />
            <PasswordInput
              size="md"
              label={words.sign.newPassword}
              autoComplete="new-password"
              value={fresh}
              onChange={(event) => setFresh(event.currentTarget.value)}
              error={refusalOf(refusals, "new")}
              required
              withAsterisk={false}
            />
            <Refusals messages={otherRefusals(refusals, ["old", "new"])} />
            <Group>
              <Button type="submit" variant="light" loading={fetching}>
                {words.account.change}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Text c="var(--soft-ink)">{words.account.setByReset}</Text>
      )}
    </section>
  );
}

function Leaving() {
  const words = useWords();
  const navigate = useNavigate();
  const [{ fetching }, signOut] = useMutation(SignOutDocument);
  const leave = async () => {
    const { error } = await signOut({});
    // Whoever wants to leave leaves; without the network the cookie stays, so it is said.
    if (error?.networkError) {
      notifications.show({ message: words.failed.title, color: "red" });
      return;
    }
    await navigate("/");
    end();
  };
  return (
    <Button
      variant="default"
      loading={fetching}
      onClick={leave}
      leftSection={<LogOut size={17} aria-hidden />}
    >
      {words.sign.out}
    </Button>
  );
}
