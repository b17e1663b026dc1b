"""A shop with one of everything for fuzzers to stumble over: `python -m tests.fuzz.furnish`, null in, JSON out."""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from strawberry.utils.str_converters import to_camel_case

from perkhub.accounts import CustomerGroupDraft, Permission, create_customer_group
from perkhub.channels import Scope, ScopeKind
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.pricing import PriceListDraft, create_price_list
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.runtime import running
from tests.factories import Shop
from tests.orders import desk

# Where there are things of a kind. Nobody is to be shut out by chance: of staff there is one more than those who ask.
TABLES = {
    Kind.BRAND: "brand",
    Kind.CATEGORY: "category",
    Kind.CHANNEL: "channel",
    Kind.COLLECTION: "collection",
    Kind.CONTACT: "contact",
    Kind.CUSTOMER_GROUP: "customer_group",
    Kind.ENTITLEMENT: "entitlement",
    Kind.LISTING: "listing",
    Kind.LOT: "lot",
    Kind.MACHINE_CLIENT: "machine_client",
    Kind.ORDER: "orders",
    Kind.ORGANISATION: "organisation",
    Kind.ORGANISATION_MEMBER: "organisation_member",
    Kind.PAYMENT: "payment",
    Kind.PRICE_LIST: "price_list",
    Kind.PRODUCT: "product",
    Kind.VARIANT: "variant",
}
EACH = 3


@dataclass
class Furnished:
    """Who asks, and what there is."""

    tokens: dict[str, str]
    other: UUID  # a customer whose things are nobody's business
    ids: dict[str, list[str]] = field(default_factory=dict)  # by kind, as fields name it: "priceList"


async def furnish() -> Furnished:
    """By the factories; both customers have bought, and the other one's benefits are theirs."""
    shop = Shop()
    async with running(application="perkhub fuzz", queue=False):
        made = [await shop.variant(codes=50, categories=[await shop.category()]) for _ in range(2)]
        await shop.collection(made[0].product_id)
        customer, other = await shop.customers(2, wallet="500.00")
        for person in (other, customer):
            await desk.buy(person, *made)
            await desk.place(person, made[0])
        await shop.organisation(owner=other, viewer=customer, wallet="50.00")
        await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft("Gold")))
        scope, draft = Scope(ScopeKind.CHANNEL, made[0].channel.id), PriceListDraft({"en": "Gold"})
        await transact(lambda tx: create_price_list(tx, scope, draft, currency=made[0].channel.currency))
        await shop.machine(Permission.READ_ORDERS)
        staff, colleague = await shop.staff(*Permission), await shop.staff()
        furnished = Furnished({"customer": customer.token, "staff": staff.token}, other.party_id)
        for kind, table in TABLES.items():
            rows = await db.rows(f"SELECT id FROM {table} ORDER BY id LIMIT {EACH}")
            furnished.ids[to_camel_case(kind.name.lower())] = [global_id(kind, row["id"]) for row in rows]
        [group] = await db.rows("SELECT group_id AS id FROM staff_group WHERE staff_id = $1", colleague.id)
        furnished.ids["customer"] = [global_id(Kind.CUSTOMER, one.party_id) for one in (customer, other)]
        furnished.ids["staff"] = [global_id(Kind.STAFF, colleague.id)]
        furnished.ids["group"] = [*furnished.ids["customerGroup"], global_id(Kind.PERMISSION_GROUP, group["id"])]
    return furnished


if __name__ == "__main__":
    json.load(sys.stdin)
    told: dict[str, Any] = {**vars(asyncio.run(furnish()))}
    json.dump({**told, "other": str(told["other"])}, sys.stdout)
