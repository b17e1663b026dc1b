// An order as it changes, by server-sent events; begun again whenever the connection ends.
import { useEffect, useState } from "react";
import { useClient } from "urql";
import { onEnd, pipe, subscribe } from "wonka";
import { OrderLiveDocument, type OrderPagePartsFragment } from "./operations";

const AGAIN_MS = 2000;

/** Tells each state of the order as it comes; whether it is listening. */
export function useLiveOrder(id: string, tell: (order: OrderPagePartsFragment) => void): boolean {
  const client = useClient();
  const [live, setLive] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let leave = () => {};
    const again = () => {
      setLive(false);
      clearTimeout(timer);
      timer = setTimeout(listen, AGAIN_MS);
    };
    const listen = () => {
      leave();
      const heard = pipe(
        client.subscription(OrderLiveDocument, { id }),
        onEnd(again),
        subscribe((answer) => {
          if (answer.data?.orderChanged) {
            tell(answer.data.orderChanged);
            setLive(true);
          }
          if (answer.error) again();
        }),
      );
      leave = () => heard.unsubscribe();
    };
    listen();
    return () => {
      clearTimeout(timer);
      leave();
      clearTimeout(timer); // leaving ends the stream, which would begin it again
    };
  }, [client, id, tell]);
  return live;
}
