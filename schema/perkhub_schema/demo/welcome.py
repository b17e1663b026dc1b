"""What the demo says when everything runs: where to go, who to be, what to do next."""

from pathlib import Path

from perkhub.kit.settings import Settings
from perkhub_schema.demo.shop import ADMIN, SHOPPER
from perkhub_schema.http.storefront import HOME, is_built

WIDTH = 92


def welcome(using: Settings, folder: Path, *, gateway: str, seconds: float) -> str:
    """The text, as wide as a terminal; no right-hand edge, for Chinese characters are two columns wide."""
    url = using.public_url.rstrip("/")
    lines = [
        f"Perkhub demo is ready, after {seconds:.0f} seconds",
        "",
        f"  Shop          {_shop(using, url)}",
        f"  Shop API      {url}/graphql",
        f"  GraphiQL      {url}/graphql   in a browser, with tabs that are ready to run",
        f"  Pay page      {gateway}   where top-ups and orders are paid, with money that is not real",
        f"  Health        {url}/readyz   {url}/metrics",
        "",
        f"  Customer      {SHOPPER.email} / {SHOPPER.password}   with ¥1,000.00 in the wallet at first",
        f"  Administrator {ADMIN.email} / {ADMIN.password}",
        "",
        "  What next     buy something in the shop, or take the tour in README.md: codes, payments, refunds",
        f"  Data and logs {folder}   remove the folder to begin anew",
        "  To stop       Ctrl-C; started again, the shop goes on where it was",
    ]
    edge = "━" * WIDTH
    return "\n".join(["", edge, *(f" {line}" for line in lines), edge, "", ""])


def _shop(using: Settings, url: str) -> str:
    if is_built(using.storefront_folder):
        return f"{url}{HOME}   in Chinese and English, on a phone and on a desktop"
    return "not built: `make demo` builds it where Node 20.19 or later is there"


def farewell(folder: Path) -> str:
    """The last words."""
    return f"\nStopped. The shop waits in {folder}\n"
