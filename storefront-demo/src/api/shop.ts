// The shop as it stands: its currency and ways to pay, and its clock, for the device's own may be wrong.
import { createContext, useContext, useState } from "react";

export interface ShopFacts {
  currency: string;
  paymentMethods: string[];
  /** Milliseconds that the server is ahead of this device. */
  ahead: number;
}

export const ShopContext = createContext<ShopFacts>({ currency: "CNY", paymentMethods: [], ahead: 0 });

export function useShop(): ShopFacts {
  return useContext(ShopContext);
}

/** How far the server is ahead of this device at the moment. */
export function aheadNow(serverTime: string): number {
  return Date.parse(serverTime) - Date.now();
}

/** The same by an answer's own clock: compared when the answer came, not whenever React draws again. */
export function useAhead(serverTime: string): number {
  const [ahead, setAhead] = useState(() => ({ of: serverTime, ms: aheadNow(serverTime) }));
  if (ahead.of !== serverTime) setAhead({ of: serverTime, ms: aheadNow(serverTime) });
  return ahead.ms;
}
