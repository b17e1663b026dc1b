// Idempotency keys: one for each intent, the same for each repetition of it.
import { useCallback, useRef } from "react";

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `key(what)` is the same until `what` is another or `renew` is called: after success, and after a refusal. */
export function useIntent() {
  const kept = useRef({ what: "", key: "" });
  const key = useCallback((what: unknown) => {
    const told = JSON.stringify(what);
    if (kept.current.key === "" || kept.current.what !== told) kept.current = { what: told, key: newKey() };
    return kept.current.key;
  }, []);
  const renew = useCallback(() => {
    kept.current = { what: "", key: "" };
  }, []);
  return { key, renew };
}
