// The GraphQL client: one for each language and customer, so that no cache ever shows another reader's answers.
import { authExchange } from "@urql/exchange-auth";
import { retryExchange } from "@urql/exchange-retry";
import { type AnyVariables, Client, cacheExchange, fetchExchange, type Operation } from "urql";
import { RefreshDocument } from "./operations";
import { bearer, begin, end, isKnown, isSignedIn, isStale } from "./session";

const CHANNEL = "retail";
const WITHOUT_TOKEN = new Set(["Refresh", "SignIn", "Register", "ResetPassword", "SendCode"]);

export function newClient(locale: string): Client {
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetchSubscriptions: true,
    fetchOptions: {
      headers: { "Perkhub-Channel": CHANNEL, "Perkhub-Cookies": "1", "Accept-Language": locale },
    },
    exchanges: [cacheExchange, repeated, authenticated, fetchExchange],
  });
}

/** What the network lost is asked again: a query always, a mutation where its key makes it one and the same. */
const repeated = retryExchange({
  initialDelayMs: 600,
  maxDelayMs: 8000,
  maxNumberAttempts: 4,
  retryIf: (error, operation) => error.networkError !== undefined && mayRepeat(operation),
});

function mayRepeat(operation: Operation<unknown, AnyVariables>): boolean {
  const input = (operation.variables as { input?: { idempotencyKey?: string } } | undefined)?.input;
  return operation.kind === "query" || (operation.kind === "mutation" && input?.idempotencyKey !== undefined);
}

const authenticated = authExchange(async (utils) => {
  // Tabs share the cookie: one refreshes at a time, and the next one finds the cookie that the first one got.
  const refresh = () =>
    alone(async () => {
      const answer = await utils.mutate(RefreshDocument, {});
      if (answer.error?.networkError) return;
      if (!begin(answer.data?.tokenRefresh)) end(isSignedIn());
    });
  if (!isKnown()) {
    await refresh();
    if (!isKnown()) end(); // nobody answered: show the shop as a guest sees it
  }
  return {
    addAuthToOperation: (operation) => {
      const token = bearer();
      return token === null || WITHOUT_TOKEN.has(nameOf(operation))
        ? operation
        : utils.appendHeaders(operation, { Authorization: `Bearer ${token}` });
    },
    willAuthError: (operation) => isStale() && !WITHOUT_TOKEN.has(nameOf(operation)),
    didAuthError: (error) =>
      isSignedIn() && error.graphQLErrors.some((one) => one.extensions.code === "NOT_SIGNED_IN"),
    refreshAuth: refresh,
  };
});

function nameOf(operation: Operation<unknown, AnyVariables>): string {
  const [definition] = operation.query.definitions;
  return definition && "operation" in definition ? (definition.name?.value ?? "") : "";
}

async function alone(work: () => Promise<void>): Promise<void> {
  if (navigator.locks === undefined) return work();
  await navigator.locks.request("perkhub-refresh", work);
}
