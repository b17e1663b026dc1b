"""Codes that are kept for others of their order are taken back: by an operator or their supplier, before the last one comes or
while it does. Each order gets all its codes, or all its money."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest

from perkhub.entitlements import EntitlementState
from perkhub.fulfilment import recall, recall_everywhere, together
from perkhub.fulfilment.arrive import arrive
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.kit.money import Money
from perkhub.orders import Bought
from perkhub.plugin.supplier import Accepted, Delivered, Echo
from perkhub.suppliers import Came, SupplierOrder, TakenBack, Verdict, a_line, accounts_by_ids
from perkhub.vault import Recall
from tests.concurrency.competitor import apart, interrupt, waits_for_a_lock
from tests.factories import Shop, StockedVariant
from tests.fulfilment.scripted import Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, breaches, work_off
from tests.orders import desk

E = EntitlementState
KEEPERS = 8


@pytest.fixture(autouse=True)
def stage(shop: Shop) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        stack.enter_context(offered(scripted(max_concurrency=KEEPERS)))
        yield stack


async def sold_by(sourcing: Sourcing, script: str) -> StockedVariant:
    variant = await sourcing.shop.variant(codes=0, price="30.00")
    await sourcing.offer(await sourcing.account("scripted", {"script": script}), variant.id, script, cost="20.00")
    return variant


async def kept_for_the_last(sourcing: Sourcing, pooled: StockedVariant, *, orders: int = 1) -> list[Bought]:
    """All-or-nothing orders for which a code of the pool is kept; the supplier has taken on the other one."""
    other = await sold_by(sourcing, "other")
    buyers = await sourcing.shop.customers(orders, wallet="500.00")
    Scripted.scripts["other"].places.extend(lambda _, at=at: Accepted(Echo(), f"R{at}") for at in range(orders))
    bought = [await sourcing.buy(buyer, (other, 1), (pooled, 1), all_or_nothing=True) for buyer in buyers]
    await work_off("fulfilment.obtain")
    assert await breaches() == {}
    return bought


async def hear(order: SupplierOrder, verdict: Verdict) -> None:
    """The supplier says so of its order."""
    async with a_line((await accounts_by_ids([order.account_id]))[order.account_id]) as line:
        await arrive(line, order, verdict, looked_at=now())


async def under_way() -> list[SupplierOrder]:
    return [attempt for attempt in await attempts() if attempt.state == "accepted"]


def the_last() -> Came:
    return Came(codes(1), Money(2000, "CNY"), None)


async def recalled(lot: UUID) -> Recall:
    return await transact(lambda tx: recall_everywhere(tx, lot, reason="Void", actor="tests"))


def lot_of(variant: StockedVariant) -> UUID:
    assert variant.lot is not None
    return variant.lot.id


async def states(bought: Bought) -> list[str]:
    return sorted(unit.state for unit in await desk.units_of(bought.order))


async def test_the_source_hears_it_from_the_recall_itself(sourcing: Sourcing, shop: Shop):
    """Not from the last code, which may never come: when it does, it goes into stock."""
    pooled = await shop.variant(codes=3)
    [bought] = await kept_for_the_last(sourcing, pooled)
    assert await recalled(lot_of(pooled)) == Recall(frozen=2, holders=1)
    Scripted.scripts["other"].looks.extend([Accepted(Echo(), "R0")] * 9)
    await drain()
    assert await states(bought) == [E.FAILED] * 2
    assert await desk.stock_of(pooled) == (0, 0)
    assert await breaches() == {}
    [order] = await under_way()
    await hear(order, the_last())
    await drain()
    assert await states(bought) == [E.FAILED] * 2
    assert await breaches() == {}


async def test_a_recall_between_the_look_and_the_commit_comes_after_it(
    sourcing: Sourcing, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """All was given before the recall, which counts who holds its code."""
    pooled = await shop.variant(codes=3)
    [bought] = await kept_for_the_last(sourcing, pooled)
    running: list[asyncio.Task[Recall]] = []

    async def recall_it() -> None:
        running.append(apart(recalled(lot_of(pooled))))
        await waits_for_a_lock(running[0])
        assert not running[0].done()

    assert interrupt(monkeypatch, together, "issue_reserved", recall_it) == []
    [order] = await under_way()
    await hear(order, the_last())
    assert await states(bought) == [E.ISSUED] * 2
    assert await running[0] == Recall(frozen=2, holders=1)
    await drain()
    assert await states(bought) == [E.ISSUED] * 2
    assert await breaches() == {}


async def test_the_last_code_that_comes_during_a_recall_gives_nothing(
    sourcing: Sourcing, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    pooled = await shop.variant(codes=3)
    [bought] = await kept_for_the_last(sourcing, pooled)
    [order] = await under_way()
    running: list[asyncio.Task[None]] = []

    async def deliver() -> None:
        running.append(apart(hear(order, the_last())))
        await waits_for_a_lock(running[0])
        assert not running[0].done()

    assert interrupt(monkeypatch, recall, "end_keepers", deliver) == []
    await recalled(lot_of(pooled))
    await running[0]
    assert await states(bought) == [E.PENDING] * 2
    await drain()
    assert await states(bought) == [E.FAILED] * 2
    assert await breaches() == {}


async def had_and_kept_by_another(sourcing: Sourcing, shop: Shop) -> tuple[Bought, SupplierOrder]:
    """A supplier's code was refunded unseen, and the pool keeps it for somebody else's order."""
    one = await sold_by(sourcing, "one")
    Scripted.scripts["one"].places.append(Delivered(Echo(), "R0", codes=codes(1)))
    first = await shop.customer(wallet="500.00")
    had = await sourcing.buy(first, (one, 1))
    [unit] = await sourcing.settle(had)
    await desk.refund(first, had.order, [unit.id])
    [bought] = await kept_for_the_last(sourcing, one)
    [delivered] = [attempt for attempt in await attempts() if attempt.state == "delivered"]
    return bought, delivered


TAKEN_BACK = TakenBack("refunded", Money(2000, "CNY"))


async def test_a_reversal_tells_whoever_keeps_the_code_now(sourcing: Sourcing, shop: Shop):
    bought, delivered = await had_and_kept_by_another(sourcing, shop)
    await hear(delivered, TAKEN_BACK)
    Scripted.scripts["other"].looks.extend([Accepted(Echo(), "R0")] * 9)
    await drain()
    assert await states(bought) == [E.FAILED] * 2
    assert await breaches() == {}


async def reversed_meanwhile(sourcing: Sourcing, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Bought:
    """The last code comes to whoever keeps the other one now, which is taken back between the look and the commit."""
    bought, delivered = await had_and_kept_by_another(sourcing, shop)
    running: list[asyncio.Task[None]] = []

    async def take_back() -> None:
        running.append(apart(hear(delivered, TAKEN_BACK)))
        await waits_for_a_lock(running[0])

    assert interrupt(monkeypatch, together, "issue_reserved", take_back) == []
    [order] = await under_way()
    await hear(order, the_last())
    await running[0]
    return bought


async def test_a_reversal_between_the_look_and_the_commit_finds_who_was_given_it(
    sourcing: Sourcing, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    bought = await reversed_meanwhile(sourcing, shop, monkeypatch)
    assert await states(bought) == [E.FROZEN, E.ISSUED]
    assert await breaches() == {}


async def test_the_race_is_real(sourcing: Sourcing, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Without the lock the void code is given to somebody, and nobody freezes it."""

    async def nothing(*_: Any) -> None:
        return None

    monkeypatch.setattr(together, "lock_together", nothing)
    bought = await reversed_meanwhile(sourcing, shop, monkeypatch)
    assert await states(bought) == [E.ISSUED] * 2
    assert "supplier.codes" in await breaches()


async def test_many_keep_codes_of_one_lot_that_is_recalled_while_their_last_ones_come(sourcing: Sourcing, shop: Shop):
    pooled = await shop.variant(codes=KEEPERS + 2)
    bought = await kept_for_the_last(sourcing, pooled, orders=KEEPERS)
    coming = [hear(order, the_last()) for order in await under_way()]
    half = KEEPERS // 2
    await asyncio.gather(*coming[:half], recalled(lot_of(pooled)), *coming[half:])
    await drain()
    for one in bought:
        assert await states(one) in ([E.ISSUED] * 2, [E.FAILED] * 2)
    assert await desk.stock_of(pooled) == (0, 0)
    assert await breaches() == {}
