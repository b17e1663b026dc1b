// The shop as it stands: its currency and ways to pay, and its clock, for the device's own may be wrong.
import { createContext, useContext } from "react";

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
