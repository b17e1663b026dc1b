// What every page stands in: the reader's language, the client for this reader, the shop's facts.
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { setNonce } from "get-nonce";
import { useEffect, useMemo, useState } from "react";
import { RouterProvider } from "react-router";
import { Provider, useQuery } from "urql";
import { newClient } from "../api/client";
import { ShopDocument } from "../api/operations";
import { useReaderCount } from "../api/session";
import { aheadNow, ShopContext } from "../api/shop";
import { firstLanguage, keepLanguage, type Language, LOCALES, ReaderContext } from "../words/language";
import { router } from "./router";
import { readable, theme } from "./theme";

// Nothing but the language is kept in the browser, and the shop has one colour scheme.
const NO_COLOURS_KEPT = {
  get: () => "light" as const,
  set: () => {},
  subscribe: () => {},
  unsubscribe: () => {},
  clear: () => {},
};

// The page's policy allows styles by its nonce alone; what locks the page under a drawer asks for it elsewhere.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
setNonce(nonce);

export function App() {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const reader = useMemo(
    () => ({
      language,
      choose: (chosen: Language) => {
        keepLanguage(chosen);
        setLanguage(chosen);
      },
    }),
    [language],
  );
  const readers = useReaderCount();
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
  }, [language]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readable}
      forceColorScheme="light"
      colorSchemeManager={NO_COLOURS_KEPT}
      getStyleNonce={() => nonce}
    >
      <ReaderContext value={reader}>
        <Notifications position="top-center" autoClose={3500} />
        <Connected key={`${language} ${readers}`} language={language} />
      </ReaderContext>
    </MantineProvider>
  );
}

/** Made anew for each reader: nobody meets another one's answers in a cache. */
function Connected({ language }: { language: Language }) {
  const [client] = useState(() => newClient(LOCALES[language]));
  return (
    <Provider value={client}>
      <Facts />
    </Provider>
  );
}

function Facts() {
  const [{ data }] = useQuery({ query: ShopDocument });
  const shop = data?.shop;
  // The clock is compared in the moment of the answer, not whenever React draws again.
  const [ahead, setAhead] = useState({ of: shop, ms: 0 });
  if (shop && ahead.of !== shop) setAhead({ of: shop, ms: aheadNow(shop.serverTime) });
  const facts = useMemo(
    () => ({
      currency: shop?.currency ?? "CNY",
      paymentMethods: shop?.paymentMethods ?? [],
      ahead: ahead.ms,
    }),
    [shop, ahead.ms],
  );
  return (
    <ShopContext value={facts}>
      <RouterProvider router={router} />
    </ShopContext>
  );
}
