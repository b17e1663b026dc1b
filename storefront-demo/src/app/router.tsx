// The shop's addresses, below /shop. Pages of the account come as files of their own when somebody goes there.
import { createBrowserRouter } from "react-router";
import { Catalog } from "../pages/Catalog";
import { CollectionPage } from "../pages/CollectionPage";
import { NotFound } from "../pages/NotFound";
import { ProductPage } from "../pages/ProductPage";
import { Broken } from "./Broken";
import { Shell } from "./Shell";

/** Before a page's own file has come: nothing, for it is there in a moment. */
function Blank() {
  return null;
}

export const router = createBrowserRouter(
  [
    {
      Component: Shell,
      ErrorBoundary: Broken,
      HydrateFallback: Blank,
      children: [
        { index: true, Component: Catalog },
        { path: "products/:slug", Component: ProductPage },
        { path: "collections/:slug", Component: CollectionPage },
        {
          path: "campaigns",
          lazy: async () => ({ Component: (await import("../pages/Campaigns")).Campaigns }),
        },
        {
          path: "campaigns/:id",
          lazy: async () => ({ Component: (await import("../pages/CampaignPage")).CampaignPage }),
        },
        {
          path: "groups/:id",
          lazy: async () => ({ Component: (await import("../pages/GroupPage")).GroupPage }),
        },
        {
          path: "bargains/:id",
          lazy: async () => ({ Component: (await import("../pages/BargainPage")).BargainPage }),
        },
        { path: "sign-in", lazy: async () => ({ Component: (await import("../pages/SignIn")).SignIn }) },
        {
          lazy: async () => ({ Component: (await import("./SignedInOnly")).SignedInOnly }),
          children: [
            { path: "orders", lazy: async () => ({ Component: (await import("../pages/Orders")).Orders }) },
            {
              path: "orders/:id",
              lazy: async () => ({ Component: (await import("../pages/OrderPage")).OrderPage }),
            },
            {
              path: "benefits",
              lazy: async () => ({ Component: (await import("../pages/Benefits")).Benefits }),
            },
            {
              path: "coupons",
              lazy: async () => ({ Component: (await import("../pages/Coupons")).Coupons }),
            },
            { path: "wallet", lazy: async () => ({ Component: (await import("../pages/Wallet")).Wallet }) },
            {
              path: "wallet/top-ups/:id",
              lazy: async () => ({ Component: (await import("../pages/TopUpPage")).TopUpPage }),
            },
            {
              path: "account",
              lazy: async () => ({ Component: (await import("../pages/Account")).Account }),
            },
          ],
        },
        { path: "*", Component: NotFound },
      ],
    },
  ],
  { basename: "/shop/" },
);
