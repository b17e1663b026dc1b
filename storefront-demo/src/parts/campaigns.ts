// The order of campaigns in lists.
/** What is on now first, what ends soonest before others; then what begins next. */
export function inOrder<C extends { state: string; startsAt: string; endsAt: string }>(
  campaigns: ReadonlyArray<C>,
): C[] {
  const place = (one: C) => (one.state === "LIVE" ? `0 ${one.endsAt}` : `1 ${one.startsAt}`);
  return [...campaigns].sort((one, other) => place(one).localeCompare(place(other)));
}
