"""Fills the shop of a run: `python -m tests.faults.seed`, JSON in, JSON out. By the factories."""

import asyncio
import json
import sys
from typing import Any

from perkhub.accounts import Permission
from perkhub_schema.runtime import running
from tests.factories import Shop

QUOTA = 100_000_000


async def seed(wanted: dict[str, Any]) -> dict[str, Any]:
    """So many variants with so many codes each, one of them with a small limit, customers with money, one of staff."""
    shop = Shop()
    async with running(application="perkhub faults", queue=False):
        codes = wanted["codes"]
        made = [await shop.variant(codes=codes, price=f"{3 + number}.99", quota=QUOTA) for number in range(wanted["variants"])]
        made.append(await shop.variant(codes=codes, price="1.01", quota=QUOTA, limit=wanted.get("limit", 20)))
        customers = await shop.customers(wanted["customers"], wallet=wanted["wallet"])
        staff = await shop.staff(*Permission)
    cents = round(float(wanted["wallet"]) * 100)
    return {
        "variants": [f"var_{variant.id.hex}" for variant in made],
        "customers": [{"party": str(one.party_id), "token": one.token, "wallet": cents} for one in customers],
        "staff": staff.token,
    }


if __name__ == "__main__":
    json.dump(asyncio.run(seed(json.load(sys.stdin))), sys.stdout)
