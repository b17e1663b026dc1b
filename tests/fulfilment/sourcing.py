"""Accounts, offers and purchases of tests, and what the vendor's own books and ours say of them."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from perkhub.audit import audit
from perkhub.catalog import GivenInput
from perkhub.channels import Viewer
from perkhub.entitlements import Entitlement, entitlements_by_ids
from perkhub.fulfilment import Decision, approve_settlement, propose_settlement
from perkhub.fulfilment.look import look_soon
from perkhub.kit import db
from perkhub.kit.clock import now, shift
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.kit.jobs.run import claim, run
from perkhub.orders import Bought, Purchase, buy_now, refund_units
from perkhub.plugin.configure import configure_supplier
from perkhub.plugin.supplier import CallbackForged, SuppliedCode, Supplies
from perkhub.pricing import BasketLine, price_basket
from perkhub.suppliers import (
    Offer,
    OfferTerms,
    Provenance,
    SentInput,
    SupplierOrder,
    add_offer,
    connect_account,
    list_offers,
    map_offer,
    supplier_orders_by_ids,
    sync_soon,
)
from perkhub.vault import read_sealed, stock_of, unseal_credentials
from perkhub_plugins.suppliers.fulu.client import Fulu
from tests.factories import Person, Shop, StockedVariant, a_name
from tests.plugins.suppliers.vendors import Received, Vendor, callback_address

CARD = "card:10000587"  # 19.80 CNY in Fulu's sandbox
AMAZON = "120:25"  # 24.375 USD in Reloadly's


@dataclass
class Sourcing:
    """A shop that sells what it does not have."""

    shop: Shop

    async def account(self, plugin: str, settings: dict[str, Any]) -> UUID:
        return await transact(
            lambda tx: connect_account(
                tx, name=a_name(plugin), plugin=plugin, settings=settings, provenance=Provenance.AUTHORIZED
            )
        )

    async def offer(
        self,
        account: UUID,
        variant: UUID,
        sku: str,
        *,
        cost: str,
        currency: str = "CNY",
        maximum: str | None = None,
        priority: int = 100,
        supplies: Supplies = Supplies.CODES,
        inputs: tuple[SentInput, ...] | None = None,
    ) -> UUID:
        """An offer, mapped and live."""
        most = None if maximum is None else Decimal(maximum)
        terms = OfferTerms(maximum_cost=most, priority=priority, inputs=inputs)
        more = {"sku": sku, "name": sku, "currency": currency, "issuer": "Acme"}

        async def work(tx: Any) -> UUID:
            made = await add_offer(tx, account, cost=Decimal(cost), supplies=supplies, **more)
            return await map_offer(tx, made, variant, expected_version=1, terms=terms)

        return await transact(work)

    async def fulu_variant(self, vendor: Vendor, *, sku: str = CARD, cost: str = "19.80", **more: Any) -> StockedVariant:
        """A variant without stock that Fulu sells us."""
        variant = await self.shop.variant(codes=0, price="30.00", **more)
        account = await self.account("fulu", vendor.settings)
        await self.offer(account, variant.id, sku, cost=cost)
        return variant

    async def reloadly_variant(self, vendor: Vendor, *, sku: str = AMAZON, cost: str = "24.375", **more: Any) -> StockedVariant:
        """A variant without stock that Reloadly sells us."""
        variant = await self.shop.variant(codes=0, price="200.00", **more)
        account = await self.account("reloadly", vendor.settings)
        await self.offer(account, variant.id, sku, cost=cost, currency="USD")
        return variant

    async def unmapped(self, account: UUID, sku: str, *, cost: str, currency: str = "CNY") -> UUID:
        """An offer that is none of ours yet."""
        told = {"sku": sku, "name": sku, "currency": currency, "issuer": "Acme"}
        return await transact(lambda tx: add_offer(tx, account, cost=Decimal(cost), **told))

    async def synced(self, account: UUID) -> dict[str, Offer]:
        """What the supplier's catalog has, by SKU, read anew."""

        async def work(tx: Any) -> None:
            await sync_soon(tx, account, after=timedelta())

        await transact(work)
        await work_off("suppliers.sync")
        return {one.sku: one for one in await list_offers(account=account, limit=100) if one.variant_id is None}

    async def mapped(self, offer: Offer, variant: UUID, **terms: Any) -> UUID:
        """An offer that was read, mapped."""
        say = OfferTerms(**terms)
        return await transact(lambda tx: map_offer(tx, offer.id, variant, expected_version=offer.version, terms=say))

    async def buy(
        self,
        buyer: Person,
        *wanted: tuple[StockedVariant, int],
        all_or_nothing: bool = False,
        seen: bool = False,
        said: Mapping[str, str] | None = None,
        face: str | None = None,
    ) -> Bought:
        """Place, pay from the wallet."""
        channel = wanted[0][0].channel
        inputs = tuple(GivenInput(key, value) for key, value in (said or {}).items())
        chosen = None if face is None else Decimal(face)
        basket = [BasketLine(variant.id, quantity, inputs, chosen) for variant, quantity in wanted]

        async def work(tx: Any) -> Bought:
            quote = await price_basket(channel, basket, Viewer(buyer.party_id), complete=True)
            purchase = Purchase(
                order_id=new_id(),
                party_id=buyer.party_id,
                channel_id=channel.id,
                quote=quote,
                actor=f"customer:{buyer.party_id}",
                all_or_nothing=all_or_nothing,
            )
            return await buy_now(tx, purchase, seen_at_once=seen)

        return await transact(work)

    async def settle(self, bought: Bought, *, seconds: float = 20, strict: bool = True) -> list[Entitlement]:
        """Work, and move the clock from look to look, until none of the units waits any more."""
        for _ in range(int(seconds / 0.5)):
            await drain(strict=strict)
            units = await entitlements_by_ids([unit.id for unit in bought.units])
            if not any(unit.state in ("pending", "delayed") for unit in units):
                return units
            await asyncio.sleep(0.05)
            shift(timedelta(seconds=0.5))
        return await entitlements_by_ids([unit.id for unit in bought.units])

    async def hint(self, order: UUID) -> None:
        """Somebody says that the order is worth a look."""

        async def work(tx: Any) -> None:
            look_soon(tx, order)

        await transact(work)

    async def settled(
        self,
        order: UUID,
        decision: Decision,
        *,
        codes: Sequence[SuppliedCode] = (),
        cost: str | None = None,
        returned: str | None = None,
        proposed_by: str = "staff:one",
        approved_by: str = "staff:two",
    ) -> None:
        """One proposes, another one approves."""
        settlement = new_id()
        amounts = {"cost": cost and Decimal(cost), "returned": returned and Decimal(returned)}
        propose = partial(propose_settlement, settlement=settlement, order=order, decision=decision, reason="called them")
        await transact(partial(propose, by=proposed_by, codes=codes, **amounts))
        await transact(partial(approve_settlement, settlement=settlement, by=approved_by))

    def later(self, seconds: float) -> None:
        """Move the clock."""
        shift(timedelta(seconds=seconds))

    async def now_of(self, bought: Bought) -> list[Entitlement]:
        """The units as they are now."""
        return await entitlements_by_ids([unit.id for unit in bought.units])

    async def callbacks_of(self, vendor: Vendor, shop: Shop) -> "Called":
        """An order is accepted and done there, and its callbacks are caught on their way: genuine ones, one twice, one with
        its digits permuted, one forged. Nothing has come to us yet."""
        variant = await shop.variant(codes=0, price="30.00")
        account = await self.account("fulu", vendor.settings)
        await self.offer(account, variant.id, CARD, cost="19.80")
        with callback_address(lambda _: b"success") as (address, came):
            vendor.act(notify_url=address)
            vendor.fault(duplicate_callbacks=1, permuted_callback=1, forged_callback=1)
            await self.buy(await shop.customer(wallet="100.00"), (variant, 1))
            await drain()
            received = [await asyncio.to_thread(came.get, timeout=20) for _ in range(4)]
        vendor.act(notify_url="")
        plugin = configure_supplier(Fulu, vendor.settings)
        genuine = []
        for one in received:
            with suppress(CallbackForged):
                plugin.verify_callback(one.headers, {}, one.body)
                genuine.append(one)
        return Called(account, sorted(received, key=lambda one: one not in genuine), genuine)

    async def refund(self, bought: Bought) -> None:
        """Staff refunds whatever is left of an order."""
        order = bought.order.id
        work = partial(refund_units, order=order, party=None, units=None, reason="", actor="tests", even_if_seen=True)
        await transact(work)

    async def free(self, variant: UUID) -> int:
        """Codes of the pool that can be sold."""
        return (await stock_of([variant]))[variant].free

    def yesterday(self) -> datetime:
        """A moment that has passed."""
        return now() - timedelta(days=1)


@dataclass(frozen=True)
class Called:
    """What a vendor called out, the genuine ones first."""

    account: UUID
    received: list[Received]
    genuine: list[Received]


async def work_off(*names: str) -> None:
    """Run what is due of these names alone: a test of other things leaves its own jobs waiting."""
    sql = "SELECT id, attempts FROM outbox WHERE state = 'ready' AND name = ANY($1) AND run_at <= $2 ORDER BY run_at, id"
    for _ in range(20):
        due = await db.rows(sql, list(names), now())
        if not due:
            return
        for row in due:
            context = await claim(row["id"], row["attempts"])
            assert context is not None
            _, failure = await asyncio.create_task(run(context))
            if failure is not None:
                raise failure


async def attempts() -> list[SupplierOrder]:
    """Every supplier order of this house, oldest first."""
    return await supplier_orders_by_ids([row["id"] for row in await db.rows("SELECT id FROM supplier_order")])


async def plain_codes(units: list[Entitlement]) -> list[tuple[str, ...]]:
    """What the units' codes are in clear."""
    codes = [unit.code_id for unit in units if unit.code_id is not None]
    sealed = {one.code_id: one for one in await transact(lambda tx: read_sealed(tx, codes))}
    return [tuple(one.value for one in await unseal_credentials(sealed[code])) for code in codes]


async def books() -> dict[tuple[str, str], int]:
    """Every book's balance, by book and currency; empty ones are left out."""
    found = await db.rows("SELECT book, currency, sum(amount)::bigint AS sum FROM ledger_entry GROUP BY book, currency")
    return {(row["book"], row["currency"]): row["sum"] for row in found if row["sum"]}


async def breaches() -> dict[str, list[str]]:
    """What the audit finds, warnings left out."""
    return {one.rule: one.examples for one in await audit() if one.broken and not one.warning}
