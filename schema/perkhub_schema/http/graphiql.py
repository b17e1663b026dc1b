"""GraphiQL for development: the library's own page, opened with tabs that a newcomer can run at once."""

import json

from perkhub_schema.graphql.context import DEFAULT_CHANNEL

# What stands in the library's page; a test looks whether it still does. Elsewhere the page would come without our tabs.
EXAMPLE = "parameters.q || EXAMPLE_QUERY"
KEPT_HEADERS = "React.useState(parameters.headers)"
PROPERTIES = "inputValueDeprecation: true,"
PLACES = (EXAMPLE, KEPT_HEADERS, PROPERTIES)

ANYBODY = {"Perkhub-Channel": DEFAULT_CHANNEL}
SHOPPER = {**ANYBODY, "Authorization": "Bearer PASTE THE accessToken OF SignIn HERE"}
STAFF = {**ANYBODY, "Authorization": "Bearer PASTE THE accessToken OF StaffSignIn HERE"}

# Narrow lines: the page's buttons stand over what is longer.
SIGN_IN = """# The demo's customer. Copy the accessToken of the answer
# into the Headers (below) of BuyAndReveal and MyBenefits.
mutation SignIn {
  signIn(input: {
    contact: { email: "shopper@example.com" }
    password: "perkhub-demo-2026"
  }) {
    accessToken
    errors { code message }
  }
}
"""
PRODUCTS = """# Copy the id of a variant into the Variables of BuyAndReveal.
query Products {
  products(first: 10) {
    nodes {
      slug
      name
      variants { id name price { unit { formatted } } availability }
    }
  }
}
"""
BUY = """# Places the order, pays it from the wallet, shows the code.
# The same key again is the same order, not a second one.
mutation BuyAndReveal($key: String!, $variant: ID!) {
  orderPlace(input: {
    idempotencyKey: $key
    lines: [{ variantId: $variant }]
    pay: { wallet: {} }
    reveal: true
  }) {
    order { number state total { formatted } }
    revealed {
      credentials { kind value }
      entitlement { howToUse expiresAt }
    }
    errors { code message path }
  }
}
"""
BENEFITS = """# What the customer has. A code comes only by entitlementReveal.
query MyBenefits {
  me {
    wallet { balance { formatted } }
    entitlements(first: 10) {
      nodes { id state masked variant { name product { name } } }
    }
  }
}
"""
STAFF_SIGN_IN = """# The demo's administrator. Copy the accessToken of the answer
# into the Headers of ImportCodes.
mutation StaffSignIn {
  staffSignIn(input: {
    email: "admin@example.com"
    password: "perkhub-admin-2026"
  }) {
    accessToken
    errors { code message }
  }
}
"""
IMPORT = """# Send a spreadsheet to /uploads first, as README.md shows.
# As it stands this only checks it; set dryRun to false to import.
mutation ImportCodes(
  $key: String!, $upload: ID!, $variant: ID!, $dryRun: Boolean!
) {
  codesImport(input: {
    idempotencyKey: $key
    uploadId: $upload
    variantId: $variant
    issuer: "Acme"
    unitCost: { amount: "9.50", currency: "CNY" }
    dryRun: $dryRun
  }) {
    codeImport { id state }
    errors { code message path }
  }
}

query Imports {
  codeImports(first: 5) {
    nodes { filename state rowsRead rowsStocked rowsRefused }
  }
}
"""


def graphiql_page(stock: str) -> str:
    """The page with our tabs, where the reader has none of their own yet."""
    tabs = json.dumps(default_tabs(), ensure_ascii=False).replace("</", "<\\/")
    # The page takes the query from its address but not the headers, and would open one more tab at each reload.
    kept = 'React.useState(parameters.headers ?? localStorage.getItem("graphiql:headers") ?? undefined)'
    page = stock.replace(EXAMPLE, "parameters.q").replace(KEPT_HEADERS, kept)
    return page.replace(PROPERTIES, f"{PROPERTIES} defaultTabs: {tabs},")


def default_tabs() -> list[dict[str, str]]:
    """In the order of a newcomer's steps; a tab is named by its operation."""
    imported = {"key": "import-1", "upload": "PASTE AN ID", "variant": "PASTE AN ID", "dryRun": True}
    return [
        _tab(SIGN_IN, ANYBODY),
        _tab(PRODUCTS, ANYBODY),
        _tab(BUY, SHOPPER, {"key": "order-1", "variant": "PASTE AN ID"}),
        _tab(BENEFITS, SHOPPER),
        _tab(STAFF_SIGN_IN, ANYBODY),
        _tab(IMPORT, STAFF, imported),
    ]


def _tab(query: str, headers: dict[str, str], variables: dict[str, object] | None = None) -> dict[str, str]:
    return {"query": query, "headers": _pretty(headers), "variables": _pretty(variables or {})}


def _pretty(values: object) -> str:
    return json.dumps(values, indent=2)
