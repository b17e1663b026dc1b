"""What the shop sells in a run, and by whom it is bought: accounts, catalogs and mappings, all by mutation."""

import asyncio
from random import Random
from typing import Any
from uuid import uuid4

from tests.faults.door import Door, Troubles
from tests.faults.suppliers import queries
from tests.faults.suppliers.vendors import Vendor

# By variant: vendor, SKU, face value where it is sold by amount. The first is asked first.
OFFERS: dict[str, list[tuple[str, str, str | None]]] = {
    "fulu_only": [("fulu", "card:10000587", None)],
    "fulu_and_pool": [("fulu", "card:10000601", None)],
    "fulu_then_reloadly": [("fulu", "card:10000602", None), ("reloadly", "121:100", None)],
    "half_cents": [("reloadly", "120:25", None)],
    "reloadly_and_pool": [("reloadly", "121:50", None)],
    "by_amount": [("reloadly", "122", "88.5")],
}
POOLED = ("fulu_and_pool", "reloadly_and_pool")
CATALOG_SECONDS = 60.0


async def sign_contracts(url: str, token: str, vendors: dict[str, Vendor], variants: dict[str, str]) -> None:
    """Connect both vendors, read their catalogs, map what is sold, and tell them where to call."""
    door = Door(url, token, Troubles(), Random(0))
    try:
        offers: dict[tuple[str, str], dict[str, Any]] = {}
        for vendor in vendors.values():
            offers |= await _connected(door, vendor)
        for variant, bought_by in OFFERS.items():
            for priority, (vendor_name, sku, face) in enumerate(bought_by):
                offer = offers[vendor_name, sku]
                given = {"offerId": offer["id"], "expectedVersion": offer["version"], "variantId": variants[variant]}
                payload = await door.mutation(queries.MAP, {**given, "faceValue": face, "priority": priority})
                assert payload["offer"]["active"]
    finally:
        await door.close()


async def _connected(door: Door, vendor: Vendor) -> dict[tuple[str, str], dict[str, Any]]:
    """The account, and what is to be mapped of it, by vendor and SKU."""
    given = {"name": vendor.name, "provenance": "AUTHORIZED", "settings": {vendor.name: _settings(vendor)}}
    account = (await door.mutation(queries.CONNECT, given))["account"]
    await vendor.call_at(account["callbackUrl"])
    await door.mutation(queries.SYNC, {"accountId": account["id"]})
    for _ in range(int(CATALOG_SECONDS / 0.2)):
        told = await door.ask(queries.OFFERS, {"account": account["id"]})
        if told["supplierAccount"]["catalogSyncs"][0]["state"] == "DONE":
            return {(vendor.name, offer["sku"]): offer for offer in told["supplierOffers"]["nodes"]}
        await asyncio.sleep(0.2)
    raise AssertionError(f"the catalog of {vendor.name} was not read within {CATALOG_SECONDS:.0f} s")


def _settings(vendor: Vendor) -> dict[str, Any]:
    """As the API names them; lists of codes come as text with commas."""
    given: dict[str, Any] = {}
    for name, value in vendor.sandbox.settings.items():
        first, *rest = name.split("_")
        shown = [int(code) for code in value.split(",")] if name.endswith("_codes") else value
        given[first + "".join(word.capitalize() for word in rest)] = shown
    return given


def a_key() -> str:
    """For one request and its repetitions."""
    return uuid4().hex
