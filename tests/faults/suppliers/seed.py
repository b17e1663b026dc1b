"""Fills the shop of a run: `python -m tests.faults.suppliers.seed`, JSON in, JSON out. By the factories."""

import asyncio
import json
import sys
from typing import Any
from unittest.mock import patch

from perkhub.accounts import Permission
from perkhub.kit.settings import settings
from perkhub_schema.runtime import running
from tests.factories import Shop

QUOTA = 100_000_000
# The whole run, on whatever machine: how a client renews its token is tried elsewhere.
TOKENS_LAST = 86_400


async def seed(wanted: dict[str, Any]) -> dict[str, Any]:
    """Variants by name with so many codes in the pool each, customers with money, two members of staff."""
    shop = Shop()
    lasting = settings().model_copy(update={"access_token_seconds": TOKENS_LAST})
    async with running(application="perkhub faults", queue=False):
        made = {
            name: await shop.variant(codes=codes, price=f"{20 + number}.99", quota=QUOTA)
            for number, (name, codes) in enumerate(wanted["variants"].items())
        }
        with patch("perkhub.accounts.tokens.settings", return_value=lasting):
            customers = await shop.customers(wanted["customers"], wallet=wanted["wallet"])
            staff = [await shop.staff(*Permission) for _ in range(2)]
    cents = round(float(wanted["wallet"]) * 100)
    return {
        "variants": {name: f"var_{variant.id.hex}" for name, variant in made.items()},
        "customers": [{"party": str(one.party_id), "token": one.token, "wallet": cents} for one in customers],
        "staff": [one.token for one in staff],
    }


if __name__ == "__main__":
    json.dump(asyncio.run(seed(json.load(sys.stdin))), sys.stdout)
