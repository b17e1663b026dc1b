import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The web process replaces it by a fresh nonce in each page (perkhub_schema/http/storefront.py).
const NONCE_PLACE = "NONCE_OF_THIS_PAGE";
// Where the API is while developing with `npm run dev`.
const API = process.env.PERKHUB_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/shop/",
  plugins: [react()],
  html: { cspNonce: NONCE_PLACE },
  // An inlined asset would be a data: address, which the page's policy allows for images alone.
  build: { assetsInlineLimit: 0, target: "es2022" },
  // Without the header's change the API would see a page of another origin.
  server: { proxy: { "/graphql": { target: API, changeOrigin: true } } },
});
