// One field for both kinds of contact: what has an @ is an e-mail address.
import type { ContactInput } from "../api/operations";

export function asContact(typed: string): ContactInput {
  const told = typed.trim();
  return told.includes("@") ? { email: told } : { phone: told };
}
