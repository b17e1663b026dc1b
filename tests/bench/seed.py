"""Filling a shop for a benchmark: `python -m tests.bench.seed`, a line of JSON in, a line of JSON out, until there are no
more. By the factories; wallets by COPY.

Parties have the ids that their numbers make, so that a pgbench script can name one of ten thousand by a number.
"""

import asyncio
import json
import sys
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from perkhub.accounts import IdentityKind, Permission
from perkhub.accounts.tokens import issue_access_token
from perkhub.catalog import rebuild_search
from perkhub.fulfilment import Decision, approve_settlement, propose_settlement
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.ledger import Book, Entry, post
from perkhub.suppliers import OfferTerms, Provenance, add_offer, connect_account, map_offer
from perkhub_schema.runtime import running
from tests.campaigns.boxes import a_box
from tests.campaigns.making import a_draft, a_group_buy, flash_sale, published
from tests.factories import ACTOR, Shop

QUOTA = 1_000_000_000
LIMIT = 1_000_000
BALANCE = 1_000_000_000
WALLETS_AT_ONCE = 5_000
PARTY = "00000000-0000-7000-8000-"


def party_id(number: int) -> UUID:
    """The party of this number."""
    return UUID(f"{PARTY}{number:012x}")


async def put_wallets_in(many: int) -> list[str]:
    """Customers with ten million yuan each, and a token for each."""
    parties = [party_id(number) for number in range(many)]
    for begin in range(0, many, WALLETS_AT_ONCE):
        await _put_in(parties[begin : begin + WALLETS_AT_ONCE])
    return [issue_access_token(IdentityKind.CUSTOMER, party, session_id=new_id())[0] for party in parties]


async def _put_in(parties: list[UUID]) -> None:
    await transact(lambda tx: _open(tx, parties))


async def _open(tx: Transaction, parties: list[UUID]) -> None:
    at = now()
    accounts = {party: new_id() for party in parties}
    await tx.copy("party", columns=["id", "kind", "created_at"], records=[(party, "customer", at) for party in parties])
    customers = [(party, "zh-CN", 1) for party in parties]
    await tx.copy("customer", columns=["party_id", "locale", "version"], records=customers)
    columns = ["id", "party_id", "currency", "balance", "floor", "frozen", "created_at"]
    opened = [(account, party, "CNY", BALANCE, 0, False, at) for party, account in accounts.items()]
    await tx.copy("party_account", columns=columns, records=opened)
    each = Money(BALANCE, "CNY")
    given = [Entry(Book.PARTY, each, account) for account in accounts.values()]
    await post(tx, "wallet.adjust", new_id(), [*given, Entry(Book.ADJUSTMENT, -(each * len(parties)))], actor=ACTOR)


async def source(shop: Shop, vendor: dict[str, Any]) -> list[dict[str, str]]:
    """An account at a supplier, and variants without stock that it sells us under one SKU."""
    given = {"name": vendor["name"], "plugin": vendor["plugin"], "settings": vendor["settings"]}
    account = await transact(lambda tx: connect_account(tx, provenance=Provenance.AUTHORIZED, **given))
    priced = {"sku": vendor["sku"], "name": vendor["name"], "cost": Decimal(vendor["cost"]), "currency": vendor["currency"]}

    async def map_to(tx: Transaction, variant: UUID) -> None:
        offer = await add_offer(tx, account, issuer=vendor["name"], **priced)
        await map_offer(tx, offer, variant, expected_version=1, terms=OfferTerms())

    made = []
    for _ in range(vendor["variants"]):
        variant = await shop.variant(codes=0, quota=QUOTA, limit=LIMIT)
        await transact(partial(map_to, variant=variant.id))
        made.append({"id": str(variant.id), "listing_id": str(variant.listing_id)})
    return made


async def settle_unknowns() -> None:
    """Two people say of every order of which nobody knows that it has failed."""
    for row in await db.rows("SELECT id FROM supplier_order WHERE state = 'unknown'"):
        settlement = new_id()
        given = {"order": row["id"], "decision": Decision.FAILED, "reason": "bench", "by": "staff:one"}
        await transact(partial(propose_settlement, settlement=settlement, **given))
        await transact(partial(approve_settlement, settlement=settlement, by="staff:two"))


async def seed(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make what is wanted: `variants` (codes of each new one), `more` (codes for known ones), `sourced` (variants of a
    supplier), `wallets`, `staff`, `sales` (codes, quantity and limit of each variant with a flash sale), `groups` (codes, and
    the size of its groups), `coupons` (codes of each variant with a coupon campaign that has no coupons yet), `boxes` (how
    many, and how many for each customer); `index` makes the search of products anew, `settle` settles UNKNOWN orders."""
    shop = Shop()
    made: dict[str, Any] = {"variants": [], "sales": [], "tokens": [], "staff": None}
    if wanted.get("sourced"):
        made["variants"] += await source(shop, wanted["sourced"])
    for codes in wanted.get("variants", []):
        variant = await shop.variant(codes=codes, quota=QUOTA, limit=LIMIT)
        made["variants"].append({"id": str(variant.id), "listing_id": str(variant.listing_id)})
    for codes, quantity, limit in wanted.get("sales", []):
        variant = await shop.variant(codes=codes, quota=QUOTA, limit=LIMIT)
        sale = await flash_sale(variant, quantity=quantity, limit=limit)
        named = {"id": str(variant.id), "listing_id": str(variant.listing_id), "campaign_id": str(sale.id)}
        made["sales"].append(named)
    for codes, size in wanted.get("groups", []):
        variant = await shop.variant(codes=codes, quota=QUOTA, limit=LIMIT)
        bought = await published(a_group_buy(variant, size=size))
        named = {"id": str(variant.id), "listing_id": str(variant.listing_id), "campaign_id": str(bought.id)}
        made["sales"].append(named)
    for codes in wanted.get("coupons", []):
        variant = await shop.variant(codes=codes, quota=QUOTA, limit=LIMIT)
        terms = {"off": "1", "claimable": True, "claims_per_customer": 1000, "uses_per_customer": 1000}
        sale = await published(a_draft(variant, "coupon", terms, ends_at=now() + timedelta(days=10)))
        named = {"id": str(variant.id), "listing_id": str(variant.listing_id), "campaign_id": str(sale.id)}
        made["sales"].append(named)
    for boxes, each in wanted.get("boxes", []):
        seasons = max(3, boxes // 50)
        box, *_, drawn = await a_box(shop, months=boxes, seasons=seasons, quantity=boxes, draws_per_customer=each)
        named = {"id": str(box.id), "listing_id": str(box.listing_id), "campaign_id": str(drawn.id)}
        made["sales"].append(named)
    for variant_id, codes in wanted.get("more", {}).items():
        await shop.lot(UUID(variant_id), codes=codes)
    if wanted.get("wallets"):
        made["tokens"] = await put_wallets_in(wanted["wallets"])
    if wanted.get("settle"):
        await settle_unknowns()
    if wanted.get("index"):
        made["indexed"] = sum([many async for many in rebuild_search()])
    if wanted.get("staff"):
        made["staff"] = (await shop.staff(*(Permission(name) for name in wanted["staff"]))).token
    return made


async def main() -> None:
    """One process for all of a benchmark's wishes: the factories count in it, and starting it takes two seconds."""
    async with running(application="perkhub bench", queue=False):
        for line in sys.stdin:
            sys.stdout.write(f"{json.dumps(await seed(json.loads(line)))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
