"""Many at once: one open attempt for each need, each answer applied once, every unit refunded once."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from perkhub.entitlements import EntitlementState
from perkhub.fulfilment.arrive import arrive
from perkhub.fulfilment.obtain import obtain
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.jobs import Postpone, drain
from perkhub.kit.money import Money
from perkhub.orders import refund_unobtainable
from perkhub.plugin.supplier import Delivered, Echo, Rejected, Unknown
from perkhub.suppliers import Came, a_line, accounts_by_ids, orders, supplier_orders_by_ids
from tests.factories import Shop
from tests.fulfilment.scripted import Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches
from tests.orders import desk

MANY = 20


@pytest.fixture
def stage() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        stack.enter_context(offered(scripted(max_concurrency=MANY, timeout=timedelta(seconds=20))))
        yield stack


class Run:
    """What a handler sees of its own run."""

    forgiven = 0


async def need_of(sourcing: Sourcing, quantity: int = 1) -> tuple[UUID, Any]:
    variant = await sourcing.shop.variant(codes=0, price="30.00")
    await sourcing.offer(await sourcing.account("scripted", {"script": "race"}), variant.id, "sku", cost="20.00")
    bought = await sourcing.buy(await sourcing.shop.customer(wallet="1000.00"), (variant, quantity))
    need: UUID = await db.value("SELECT id FROM need")
    return need, bought


async def slowly(request: Any) -> Any:
    """An answer that leaves competitors time."""
    await asyncio.sleep(0.3)
    return Unknown("timeout")


async def race(need: UUID) -> None:
    async def one() -> None:
        with suppress(Postpone):
            await obtain(Run(), need)  # type: ignore[arg-type]

    await asyncio.gather(*(one() for _ in range(MANY)))


async def test_of_many_workers_one_orders(sourcing: Sourcing, stage: ExitStack):
    need, _ = await need_of(sourcing)
    Scripted.scripts["race"].places.extend([slowly] * MANY)
    await race(need)
    assert len(Scripted.scripts["race"].placed) == 1
    assert [one.state for one in await attempts()] == ["unknown"]
    assert await breaches() == {}


async def test_the_race_is_real(sourcing: Sourcing, stage: ExitStack, monkeypatch: pytest.MonkeyPatch):
    """Without the index, and without a look at what is open, the same run orders many times."""

    async def nothing(*_: Any, **__: Any) -> list[Any]:
        return []

    need, _ = await need_of(sourcing)
    await db.value("DROP INDEX supplier_order_one_open")
    unguarded = re.sub(r"ON CONFLICT .* DO NOTHING", "", orders.ADD)
    monkeypatch.setattr(orders, "ADD", unguarded)
    monkeypatch.setattr("perkhub.fulfilment.attempts.supplier_orders_for", nothing)
    Scripted.scripts["race"].places.extend([slowly] * MANY)
    await race(need)
    assert len(Scripted.scripts["race"].placed) > 1
    assert "supplier.one_open" in await breaches()


async def test_one_answer_heard_many_times_is_applied_once(sourcing: Sourcing, stage: ExitStack):
    need, bought = await need_of(sourcing, 3)
    Scripted.scripts["race"].places.append(Unknown("timeout"))
    await race(need)
    [order] = await attempts()
    account = (await accounts_by_ids([order.account_id]))[order.account_id]
    came = Came(codes(3), (await _cost(order.id)), "R1")

    async with a_line(account) as line:
        await asyncio.gather(*(arrive(line, order, came, looked_at=now()) for _ in range(MANY)))
    assert [unit.state for unit in await sourcing.now_of(bought)] == [EntitlementState.ISSUED] * 3
    assert await db.value("SELECT count(*) FROM code") == 3
    assert (await books())["prepaid", "CNY"] == 6000
    assert await breaches() == {}


async def _cost(order: UUID) -> Any:
    [known] = await supplier_orders_by_ids([order])
    return Money.line(known.maximum_cost, 1, known.currency)


async def test_what_nobody_delivers_is_refunded_once(sourcing: Sourcing, stage: ExitStack):
    need, bought = await need_of(sourcing, 3)
    Scripted.scripts["race"].places.append(Rejected("off_sale", elsewhere=False))
    with suppress(Postpone):
        await obtain(Run(), need)  # type: ignore[arg-type]
    units = [unit.id for unit in bought.units]
    work = partial(refund_unobtainable, order=bought.order.id, units=units)
    await asyncio.gather(*(transact(work) for _ in range(MANY)))
    await drain()
    assert await db.value("SELECT count(*) FROM refund") == 1
    assert (await books()).get(("party", "CNY")) == 100000
    assert await breaches() == {}


async def test_an_unpaid_order_promises_nothing_of_a_supplier(shop: Shop, sourcing: Sourcing, stage: ExitStack):
    variant = await shop.variant(codes=0, price="30.00", quota=5)
    await sourcing.offer(await sourcing.account("scripted", {"script": "later"}), variant.id, "sku", cost="20.00")
    buyer = await shop.customer(wallet="500.00")
    order, other = await desk.place(buyer, (variant, 2)), await desk.place(buyer, (variant, 1))
    assert await breaches() == {}
    await desk.cancel(buyer, other)
    assert (await attempts(), await breaches()) == ([], {})
    await desk.pay(buyer, order)
    Scripted.scripts["later"].places.append(Delivered(Echo(), codes=codes(2)))
    await drain()
    assert [unit.state for unit in await desk.units_of(order)] == ["issued", "issued"]
    assert await db.value("SELECT taken FROM listing") == 2
    assert await breaches() == {}


async def test_the_pool_that_is_emptied_meanwhile_is_no_refusal(shop: Shop, sourcing: Sourcing, stage: ExitStack):
    """Many want the last codes of the pool: whoever comes too late is served by the supplier."""
    variant = await shop.variant(codes=5, price="30.00")
    await sourcing.offer(await sourcing.account("scripted", {"script": "rush"}), variant.id, "sku", cost="20.00")
    Scripted.scripts["rush"].places.extend([lambda request: Delivered(Echo(), codes=codes(request.quantity))] * MANY)
    buyers = await shop.customers(MANY, wallet="100.00")
    bought = await asyncio.gather(*(sourcing.buy(buyer, (variant, 1)) for buyer in buyers))
    assert sorted(one.units[0].state for one in bought) == ["issued"] * 5 + ["pending"] * (MANY - 5)
    for one in bought:
        assert [unit.state for unit in await sourcing.settle(one)] == ["issued"]
    assert await breaches() == {}
