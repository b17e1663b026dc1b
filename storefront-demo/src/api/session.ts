// Who is signed in. The access token lives in this module's memory alone; the refresh token in a cookie that no script sees.
import { useSyncExternalStore } from "react";
import type { SessionPartsFragment } from "./operations";

export type Session =
  { status: "unknown" } | { status: "guest"; ended: boolean } | { status: "signedIn"; customerId: string };

// Refreshed this long before the token ends: a request on its way must not outlive it.
const MARGIN_MS = 20_000;

let token: string | null = null;
let goodUntil = 0;
let session: Session = { status: "unknown" };
let readers = 0;
const listeners = new Set<() => void>();

function become(next: Session): void {
  if (session.status !== "unknown" && !(session.status === "guest" && next.status === "guest")) readers += 1;
  session = next;
  for (const tell of listeners) tell();
}

/** Take what a sign-in, a registration or a refresh answered; whether it began a session. */
export function begin(answer: SessionPartsFragment | null | undefined): boolean {
  if (!answer?.accessToken || !answer.customer) return false;
  token = answer.accessToken;
  goodUntil = Date.parse(answer.accessExpiresAt ?? "") - MARGIN_MS;
  if (session.status !== "signedIn" || session.customerId !== answer.customer.id) {
    become({ status: "signedIn", customerId: answer.customer.id });
  }
  return true;
}

/** Forget the token; `ended` where the shop ended the session, not the customer. */
export function end(ended = false): void {
  token = null;
  goodUntil = 0;
  become({ status: "guest", ended });
}

export const bearer = (): string | null => token;
export const isStale = (): boolean => token !== null && Date.now() > goodUntil;
export const isKnown = (): boolean => session.status !== "unknown";
export const isSignedIn = (): boolean => session.status === "signedIn";

function listen(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function useSession(): Session {
  return useSyncExternalStore(listen, () => session);
}

/** How often the reader became another one: what was read for the last one is no good any more. */
export function useReaderCount(): number {
  return useSyncExternalStore(listen, () => readers);
}
