// Coming in: by code or password, as somebody new, or with a forgotten password.
import {
  Anchor,
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";
import { useMutation } from "urql";
import {
  RegisterDocument,
  ResetPasswordDocument,
  type SessionPartsFragment,
  SignInDocument,
} from "../api/operations";
import { otherRefusals, type Refusal, refusalOf, transportRefusals } from "../api/refusals";
import { begin, useSession } from "../api/session";
import { CodeField } from "../parts/CodeField";
import { asContact } from "../parts/contacts";
import { Refusals } from "../parts/Trouble";
import { useWords } from "../words/language";
import style from "./SignIn.module.css";

type Mode = "in" | "register" | "reset";

export function SignIn() {
  const words = useWords();
  const session = useSession();
  const [search] = useSearchParams();
  const next = safe(search.get("next"));
  const mode = (search.get("mode") ?? "in") as Mode;
  if (session.status === "signedIn") return <Navigate to={next} replace />;
  const titles = { in: words.sign.welcome, register: words.sign.registerTitle, reset: words.sign.reset };
  const to = (wanted: Mode) => `/sign-in?${new URLSearchParams({ mode: wanted, next })}`;
  return (
    <div className={style.page}>
      <title>{`${titles[mode] ?? titles.in} · ${words.shop}`}</title>
      <Title order={1} fz={26} ta="center">
        {titles[mode] ?? titles.in}
      </Title>
      {session.status === "guest" && session.ended && (
        <Text ta="center" c="var(--soft-ink)" mt={6} role="status">
          {words.sign.ended}
        </Text>
      )}
      <div className={style.card}>
        {mode === "register" ? (
          <Registering />
        ) : mode === "reset" ? (
          <Resetting />
        ) : (
          <Entering resetAt={to("reset")} />
        )}
      </div>
      <Text ta="center" mt="md">
        {mode === "in" ? words.sign.newHere : words.sign.haveOne}{" "}
        <Anchor component={Link} to={to(mode === "in" ? "register" : "in")} fw={600}>
          {mode === "in" ? words.sign.register : words.sign.in}
        </Anchor>
      </Text>
      {mode === "in" && (
        <Text ta="center" size="xs" c="var(--soft-ink)" mt="lg">
          {words.sign.demo}
        </Text>
      )}
    </div>
  );
}

/** Only addresses of this shop: whoever made the link must not send the reader elsewhere. */
function safe(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/";
}

function useProof() {
  const words = useWords();
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const take = (answer: SessionPartsFragment | undefined, error: Parameters<typeof transportRefusals>[0]) => {
    setRefusals([...transportRefusals(error, words.failed.title), ...(answer?.errors ?? [])]);
    begin(answer);
  };
  return { refusals, setRefusals, take };
}

function Form({ onSubmit, children }: { onSubmit: () => Promise<void>; children: ReactNode }) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void onSubmit();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">{children}</Stack>
    </form>
  );
}

function ContactField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}) {
  const words = useWords();
  return (
    <TextInput
      size="md"
      label={words.sign.contact}
      description={words.sign.contactHint}
      name="username"
      autoComplete="username"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      required
      withAsterisk={false}
    />
  );
}

function Entering({ resetAt }: { resetAt: string }) {
  const words = useWords();
  const [by, choose] = useState("code");
  const [contact, setContact] = useState("");
  const [secret, setSecret] = useState("");
  const { refusals, setRefusals, take } = useProof();
  const [{ fetching }, signIn] = useMutation(SignInDocument);
  const field = by === "code" ? "code" : "password";
  const send = async () => {
    const proof = by === "code" ? { code: secret.trim() } : { password: secret };
    const { data, error } = await signIn({ input: { contact: asContact(contact), ...proof } });
    take(data?.signIn, error);
  };
  return (
    <Form onSubmit={send}>
      <SegmentedControl
        fullWidth
        value={by}
        onChange={(chosen) => {
          choose(chosen);
          setSecret("");
          setRefusals([]);
        }}
        aria-label={words.sign.in}
        data={[
          { value: "code", label: words.sign.byCode },
          { value: "password", label: words.sign.byPassword },
        ]}
      />
      <ContactField value={contact} onChange={setContact} error={refusalOf(refusals, "contact")} />
      {by === "code" ? (
        <CodeField
          purpose="SIGN_IN"
          contact={contact}
          value={secret}
          onChange={setSecret}
          error={refusalOf(refusals, "code")}
          onRefused={setRefusals}
        />
      ) : (
        <div>
          <PasswordInput
            size="md"
            label={words.sign.password}
            name="password"
            autoComplete="current-password"
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
            error={refusalOf(refusals, "password")}
            required
            withAsterisk={false}
          />
          <Group justify="flex-end" mt={6}>
            <Anchor component={Link} to={resetAt} size="sm">
              {words.sign.forgot}
            </Anchor>
          </Group>
        </div>
      )}
      <Refusals messages={otherRefusals(refusals, ["contact", field])} />
      <Button type="submit" size="md" loading={fetching}>
        {words.sign.in}
      </Button>
    </Form>
  );
}

function Registering() {
  const words = useWords();
  const [contact, setContact] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const { refusals, setRefusals, take } = useProof();
  const [{ fetching }, register] = useMutation(RegisterDocument);
  const send = async () => {
    const input = { contact: asContact(contact), code: code.trim(), password: password || null };
    const { data, error } = await register({ input });
    take(data?.customerRegister, error);
  };
  return (
    <Form onSubmit={send}>
      <ContactField value={contact} onChange={setContact} error={refusalOf(refusals, "contact")} />
      <CodeField
        purpose="VERIFY"
        contact={contact}
        value={code}
        onChange={setCode}
        error={refusalOf(refusals, "code")}
        onRefused={setRefusals}
      />
      <PasswordInput
        size="md"
        label={words.sign.passwordOptional}
        description={words.sign.passwordHint}
        name="new-password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={refusalOf(refusals, "password")}
      />
      <Refusals messages={otherRefusals(refusals, ["contact", "code", "password"])} />
      <Button type="submit" size="md" loading={fetching}>
        {words.sign.register}
      </Button>
    </Form>
  );
}

function Resetting() {
  const words = useWords();
  const [contact, setContact] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const { refusals, setRefusals, take } = useProof();
  const [{ fetching }, reset] = useMutation(ResetPasswordDocument);
  const send = async () => {
    const { data, error } = await reset({
      input: { contact: asContact(contact), code: code.trim(), password },
    });
    take(data?.passwordReset, error);
  };
  return (
    <Form onSubmit={send}>
      <Text size="sm" c="var(--soft-ink)">
        {words.sign.resetText}
      </Text>
      <ContactField value={contact} onChange={setContact} error={refusalOf(refusals, "contact")} />
      <CodeField
        purpose="RESET"
        contact={contact}
        value={code}
        onChange={setCode}
        error={refusalOf(refusals, "code")}
        onRefused={setRefusals}
      />
      <PasswordInput
        size="md"
        label={words.sign.newPassword}
        name="new-password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={refusalOf(refusals, "password")}
        required
        withAsterisk={false}
      />
      <Refusals messages={otherRefusals(refusals, ["contact", "code", "password"])} />
      <Button type="submit" size="md" loading={fetching}>
        {words.sign.reset}
      </Button>
    </Form>
  );
}
