"""A shop's till as the edge works it: the same calls, keys and retries as the mutations, for tests of what lies below.

Besides, what tests ask afterwards: who holds what, what the database looks like, whether the audit is content.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from perkhub.audit import audit
from perkhub.campaigns import offer_basket
from perkhub.catalog import GivenInput
from perkhub.channels import Viewer
from perkhub.entitlements import Entitlement, entitlements_of_sources, reveal
from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import DomainError
from perkhub.kit.idempotency import once
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.ledger import balances
from perkhub.orders import (
    Order,
    Purchase,
    buy_now,
    cancel_order,
    lines_of,
    order_by_id,
    pay_from_wallet,
    place_order,
    refund_units,
    start_order_payment,
)
from perkhub.payments import Payment
from perkhub.pricing import BasketLine, Chosen, PriceMoved
from perkhub.vault import Credential
from tests.factories import Person, StockedVariant

Line: TypeAlias = StockedVariant | tuple[StockedVariant, int]
METHOD = "sandbox_gateway"
BACK = "https://shop.example.com/back"


@dataclass(frozen=True, slots=True)
class WaitingPurchase(Purchase):
    """One with further lines that wait, with no campaign that says so."""

    also_wait: frozenset[int] = frozenset()

    @property
    def waits(self) -> frozenset[int]:
        """Those of its parts, and those."""
        return self.also_wait | frozenset(line for part in self.parts for line in part.waits)


def actor_of(person: Person) -> str:
    return f"customer:{person.party_id}"


def basket_of(
    lines: Sequence[Line],
    said: Mapping[str, str] | None = None,
    face_value: str | None = None,
    campaign: UUID | Chosen | None = None,
) -> list[BasketLine]:
    counted = [line if isinstance(line, tuple) else (line, 1) for line in lines]
    inputs = tuple(GivenInput(key, value) for key, value in (said or {}).items())
    chosen = None if face_value is None else Decimal(face_value)
    part = Chosen(campaign) if isinstance(campaign, UUID) else campaign
    return [BasketLine(variant.id, quantity, inputs, chosen, part) for variant, quantity in counted]


def channel_of(lines: Sequence[Line]) -> Any:
    first = lines[0]
    return (first[0] if isinstance(first, tuple) else first).channel


async def purchase_of(
    person: Person,
    lines: Sequence[Line],
    order: UUID,
    *,
    expected: Money | None = None,
    all_or_nothing: bool = False,
    device: str | None = None,
    said: Mapping[str, str] | None = None,
    face_value: str | None = None,
    campaign: UUID | Chosen | None = None,
    codes: Sequence[str] = (),
    waits: Collection[int] = (),
) -> Purchase:
    channel = channel_of(lines)
    basket = basket_of(lines, said, face_value, campaign)
    offer = await offer_basket(channel, basket, Viewer(person.party_id), codes=codes, complete=True)
    if expected is not None and expected != offer.quote.total:
        raise PriceMoved(now=offer.quote.total)
    way = (offer.quote, actor_of(person), all_or_nothing, device, offer.parts)
    return WaitingPurchase(order, person.party_id, channel.id, *way, also_wait=frozenset(waits))


async def _ordered(
    person: Person, key: str | None, request: Any, work: Callable[[Transaction, UUID], Awaitable[Order]]
) -> Order:
    async def replay(order: UUID) -> Order:
        return await order_by_id(order, party=person.party_id)

    fresh = key or str(new_id())
    return await once(actor_of(person), "orderPlace", key=fresh, request=request, work=work, replay=replay, late=True)


async def buy(
    person: Person,
    *lines: Line,
    key: str | None = None,
    expected: Money | None = None,
    shown: bool = False,
    all_or_nothing: bool = False,
    said: Mapping[str, str] | None = None,
    face_value: str | None = None,
    campaign: UUID | Chosen | None = None,
    codes: Sequence[str] = (),
    waits: Collection[int] = (),
) -> Order:
    """orderPlace with `pay: wallet`."""

    async def work(tx: Transaction, order: UUID) -> Order:
        way = {
            "expected": expected,
            "all_or_nothing": all_or_nothing,
            "said": said,
            "face_value": face_value,
            "campaign": campaign,
            "codes": codes,
        }
        purchase = await purchase_of(person, lines, order, **way, waits=waits)
        return (await buy_now(tx, purchase, seen_at_once=shown)).order

    request = {"lines": [(str(line.variant_id), line.quantity) for line in basket_of(lines)], "shown": shown}
    return await _ordered(person, key, request, work)


async def place(
    person: Person,
    *lines: Line,
    key: str | None = None,
    expected: Money | None = None,
    all_or_nothing: bool = False,
    device: str | None = None,
    said: Mapping[str, str] | None = None,
    face_value: str | None = None,
    campaign: UUID | Chosen | None = None,
    codes: Sequence[str] = (),
    waits: Collection[int] = (),
) -> Order:
    """orderPlace without `pay`."""

    async def work(tx: Transaction, order: UUID) -> Order:
        way = {"expected": expected, "all_or_nothing": all_or_nothing, "device": device, "campaign": campaign, "codes": codes}
        purchase = await purchase_of(person, lines, order, **way, said=said, face_value=face_value, waits=waits)
        return (await place_order(tx, purchase))[0]

    request = {"lines": [(str(line.variant_id), line.quantity) for line in basket_of(lines)]}
    return await _ordered(person, key, request, work)


async def pay(person: Person, order: Order) -> Order:
    """orderPay from the wallet."""
    return await transact(lambda tx: pay_in(tx, person, order))


async def pay_in(tx: Transaction, person: Person, order: Order) -> Order:
    return await pay_from_wallet(tx, order.id, person.party_id, actor=actor_of(person))


async def start_payment(order: Order, *, method: str = METHOD) -> Payment:
    """orderPay by a gateway, up to where the gateway is asked."""

    async def work(tx: Transaction) -> Payment:
        return await start_order_payment(tx, order, method=method, return_url=BACK)

    return await transact(work)


async def cancel(person: Person, order: Order) -> Order:
    """orderCancel."""
    return await transact(lambda tx: cancel_order(tx, order.id, party=person.party_id))


async def refund(person: Person, order: Order, units: Sequence[UUID] | None = None) -> Order:
    """refundRequest."""
    return await _refund(order, units, party=person.party_id, actor=actor_of(person))


async def refund_as_staff(order: Order, units: Sequence[UUID] | None = None, **more: Any) -> Order:
    """orderRefund."""
    return await _refund(order, units, party=None, actor="staff:tests", **more)


async def _refund(
    order: Order, units: Sequence[UUID] | None, *, party: UUID | None, actor: str, reason: str = "test", **more: Any
) -> Order:
    return await transact(lambda tx: refund_units(tx, order.id, party=party, units=units, reason=reason, actor=actor, **more))


async def show(person: Person, unit: UUID) -> list[Credential]:
    """entitlementReveal."""
    return (await reveal(person.party_id, unit, actor=actor_of(person)))[1]


async def units_of(order: Order) -> list[Entitlement]:
    return await entitlements_of_sources([line.id for line in await lines_of([order])])


async def now_of(order: Order) -> Order:
    """The order as it stands now."""
    return await order_by_id(order.id)


async def wallet_of(person: Person, currency: str = "CNY") -> int:
    """Minor units in the wallet."""
    return next((one.balance.minor for one in await balances(person.party_id) if one.balance.currency == currency), 0)


async def stock_of(variant: StockedVariant) -> tuple[int, int]:
    """(available, held)"""
    row = await db.row("SELECT available, held FROM stock WHERE variant_id = $1", variant.id)
    return (0, 0) if row is None else (row["available"], row["held"])


async def taken_of(variant: StockedVariant) -> int:
    taken: int = await db.value("SELECT taken FROM listing WHERE id = $1", variant.listing_id)
    return taken


async def book(name: str, currency: str = "CNY") -> int:
    """The balance of a book of the house."""
    total: int = await db.value(
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entry WHERE book = $1 AND currency = $2", name, currency
    )
    return total


async def at_once(attempts: Sequence[Awaitable[Any]]) -> Counter[str]:
    """All of them in parallel: how many came to what, by the name of what they returned or were refused with."""
    return Counter(type(outcome).__name__ for outcome in await outcomes(attempts))


async def outcomes(attempts: Sequence[Awaitable[Any]]) -> list[Any]:
    """What each came to, refusals included; whatever is no refusal is a fault and is raised."""
    ended = await asyncio.gather(*attempts, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException) and not isinstance(one, DomainError):
            raise one
    return ended


async def assert_clean(*, waiting: Collection[str] = ()) -> None:
    """The audit finds nothing but the named warnings."""
    found = {one.rule: (one.broken, one.examples) for one in await audit() if one.broken and one.rule not in waiting}
    assert found == {}


async def everything(*, besides: Collection[str] = ("idempotency_key",)) -> dict[str, tuple[int, str]]:
    """Every table's row count and a digest of its rows."""
    tables = await db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    state = {}
    for table in [row["tablename"] for row in tables if row["tablename"] not in besides]:
        digest = await db.row(f"SELECT count(*), md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t")
        assert digest is not None
        state[table] = (digest[0], digest[1])
    return state


@asynccontextmanager
async def nothing_changes() -> AsyncIterator[None]:
    """What happens inside leaves every table as it was; a refusal's idempotency key is all that may stay."""
    before = await everything()
    yield
    assert await everything() == before


def days(number: int) -> timedelta:
    return timedelta(days=number)


async def breaches() -> set[str]:
    """The rules that are broken; warnings left out."""
    return {one.rule for one in await audit() if one.broken and not one.warning}


async def warnings() -> set[str]:
    """What waits for somebody."""
    return {one.rule for one in await audit() if one.broken and one.warning}
