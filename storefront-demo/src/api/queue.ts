// One's turn in a rush: the same order again and again, each time with the latest ticket, until it is no longer told to wait.

/** A place in the queue; the ticket keeps it while one asks again in time. */
export interface Place {
  position: number;
  ticket: string;
  retryAfterMs: number;
}

/** The place that these errors tell of, where they do. */
export function placeOf(errors: ReadonlyArray<{ code: string } & Partial<Place>>): Place | undefined {
  const queued = errors.find((one) => one.code === "CAMPAIGN_QUEUED");
  const { position, ticket, retryAfterMs } = queued ?? {};
  if (position === undefined || ticket === undefined || retryAfterMs === undefined) return undefined;
  return { position, ticket, retryAfterMs };
}

interface Waiting<Answer> {
  /** Sends the order: without a ticket at first, and all else unchanged from then on. */
  send: (ticket?: string) => Promise<Answer>;
  placeIn: (answer: Answer) => Place | undefined;
  /** Hears each place that is told. */
  tell: (place: Place) => void;
  /** Aborted when the customer leaves. Nothing is said to the API: whoever is silent gives the place up. */
  left: AbortSignal;
}

/** The answer that was no place in the queue; null where the customer left before there was one. */
export async function inTurn<Answer>({ send, placeIn, tell, left }: Waiting<Answer>): Promise<Answer | null> {
  let ticket: string | undefined;
  for (;;) {
    const answer = await send(ticket);
    const place = placeIn(answer);
    // What came of the order counts, even for somebody who just left.
    if (!place) return answer;
    if (!left.aborted) {
      tell(place);
      ticket = place.ticket;
      await untilThen(place.retryAfterMs, left);
    }
    if (left.aborted) return null;
  }
}

function untilThen(ms: number, left: AbortSignal): Promise<void> {
  return new Promise((go) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      left.removeEventListener("abort", done);
      go();
    }
    left.addEventListener("abort", done);
  });
}
