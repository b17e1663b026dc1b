"""What the fields of suppliers are given. `FULU` are the settings of the sandbox that runs for the tests of a module."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from perkhub.fulfilment import Decision, Source, propose_settlement, purchase_stock
from perkhub.fulfilment.needs import need_stock
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.suppliers import Draft, Unclear, account_by_id, choices_for, note_unclear, write_orders
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.fulfilment.sourcing import CARD, Sourcing
from tests.schema.making import Given, Making, a_name, also, as_id, nothing

FULU: dict[str, str] = {}
_sourcing = Sourcing(Shop())


def fulu_settings() -> Given:
    """As the input has them."""
    secret = {"baseUrl": FULU["base_url"], "appKey": FULU["app_key"], "appSecret": FULU["app_secret"]}
    return {"fulu": {**secret, "finalCodes": [int(code) for code in FULU["final_codes"].split(",")]}}


async def account() -> UUID:
    return await _sourcing.account("fulu", FULU)


async def reloadly_account_id(_: Person) -> Given:
    """Of a supplier that has statements; nobody is asked for one."""
    secrets = {"client_secret": "tell-nobody", "webhook_secret": "tell-nobody"}
    made = await _sourcing.account("reloadly", {"base_url": FULU["base_url"], "client_id": "us", **secrets})
    return {"accountId": global_id(Kind.SUPPLIER_ACCOUNT, made)}


async def difference_id(_: Person) -> Given:
    """One that waits for a person."""
    made = new_id()
    values = (made, await account(), now())
    await db.value(
        """INSERT INTO supplier_difference (id, account_id, subject, kind, ours, theirs, currency, created_at)
           VALUES ($1, $2, 'R9', 'unknown_here', 0, 700, 'CNY', $3)""",
        *values,
    )
    return {"differenceId": global_id(Kind.SUPPLIER_DIFFERENCE, made)}


async def account_id(_: Person) -> Given:
    return {"accountId": global_id(Kind.SUPPLIER_ACCOUNT, await account())}


async def offer() -> tuple[UUID, UUID]:
    """An offer, mapped, and its variant."""
    variant = (await _sourcing.shop.variant(codes=0)).id
    return await _sourcing.offer(await account(), variant, CARD, cost="19.80"), variant


async def offer_to_map(_: Person) -> Given:
    made, _ = await offer()
    return {
        "offerId": global_id(Kind.SUPPLIER_OFFER, made),
        "variantId": global_id(Kind.VARIANT, (await _sourcing.shop.variant(codes=0)).id),
    }


async def offer_id(_: Person) -> Given:
    return {"offerId": global_id(Kind.SUPPLIER_OFFER, (await offer())[0])}


async def sourced_variant(_: Person) -> Given:
    return {"variantId": global_id(Kind.VARIANT, (await offer())[1]), "quantity": 3}


async def unknown_order() -> UUID:
    """An order of which nobody knows."""
    _, variant = await offer()
    [choice] = (await choices_for([variant]))[variant]
    await account_by_id(choice.account.id)

    async def work(tx: Any) -> UUID:
        wait = timedelta(days=1)
        need = need_stock(tx, Source("purchase", new_id()), variant, 2, minimum_validity=timedelta(), wait=wait)
        draft = Draft(choice, purpose=("need", need), quantity=2, parent=None, look_at=now() + wait)
        [order] = await write_orders(tx, [draft])
        assert order is not None
        await note_unclear(tx, order, Unclear("timeout", mismatch=True), look_at=now() + wait, late_at=now() + wait)
        return order.id

    return await transact(work)


async def supplier_order_id(_: Person) -> Given:
    return {"supplierOrderId": global_id(Kind.SUPPLIER_ORDER, await unknown_order())}


async def settlement_id(_: Person) -> Given:
    """A colleague's proposal."""
    order, made = await unknown_order(), new_id()
    by, decision = f"staff:{new_id()}", Decision.FAILED
    await transact(lambda tx: propose_settlement(tx, made, order, decision, reason="they said so", by=by))
    return {"settlementId": global_id(Kind.SETTLEMENT, made)}


async def stock_purchase_id(_: Person) -> Given:
    _, variant = await offer()
    made = new_id()
    await transact(lambda tx: purchase_stock(tx, made, variant, 3, actor="tests"))
    return {"id": global_id(Kind.STOCK_PURCHASE, made)}


SUPPLIERS: dict[str, Making] = {
    "Mutation.offerCreate": also(account_id, sku=lambda: a_name("card"), cost="1.50"),
    "Mutation.offerMap": also(offer_to_map, expectedVersion=2),
    "Mutation.stockPurchase": sourced_variant,
    "Mutation.supplierCatalogSync": account_id,
    "Mutation.supplierConnect": also(nothing, name=lambda: a_name("Fulu"), settings=fulu_settings),
    "Mutation.supplierOrderSettle": also(supplier_order_id, decision="FAILED", reason="they said so"),
    "Mutation.supplierBalanceAlert": also(account_id, expectedVersion=1, threshold="100.00"),
    "Mutation.supplierPause": also(account_id, expectedVersion=1),
    "Mutation.supplierSettlementApprove": settlement_id,
    "Mutation.supplierSettlementWithdraw": settlement_id,
    "Mutation.supplierDifferenceClose": also(difference_id, reason="it was a fee"),
    "Mutation.supplierStatementRead": also(reloadly_account_id, day="2026-01-31"),
    "Mutation.supplierTest": account_id,
    "Mutation.supplierUpdate": also(account_id, expectedVersion=1, name=lambda: a_name("Fulu"), settings=fulu_settings),
    "Query.stockPurchase": stock_purchase_id,
    "Query.supplierAccount": as_id(account_id),
    "Query.supplierOffer": as_id(offer_id),
    "Query.supplierOrder": as_id(supplier_order_id),
}
