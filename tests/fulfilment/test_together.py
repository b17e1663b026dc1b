"""All or nothing: codes wait for the last of them, from whichever supplier and the pool; one that fails gives all back."""

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal

import pytest

from perkhub.entitlements import EntitlementState
from perkhub.kit import db
from perkhub.plugin.supplier import Accepted, Cost, Delivered, Echo, Rejected, Reversed
from tests.factories import Shop, StockedVariant
from tests.fulfilment.scripted import Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches, work_off
from tests.orders import desk

E = EntitlementState


@pytest.fixture
def stage() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        stack.enter_context(offered(scripted()))
        yield stack


async def sold_by(sourcing: Sourcing, script: str) -> StockedVariant:
    variant = await sourcing.shop.variant(codes=0, price="30.00")
    await sourcing.offer(await sourcing.account("scripted", {"script": script}), variant.id, script, cost="20.00")
    return variant


async def test_all_are_given_with_the_last_one(sourcing: Sourcing, shop: Shop, stage: ExitStack):
    one, other, pooled = await sold_by(sourcing, "one"), await sold_by(sourcing, "other"), await shop.variant(codes=3)
    buyer = await shop.customer(wallet="500.00")
    bought = await sourcing.buy(buyer, (one, 2), (other, 1), (pooled, 1), all_or_nothing=True, seen=True)
    assert [unit.state for unit in bought.units] == [E.PENDING] * 4
    assert bought.sealed == {}
    Scripted.scripts["one"].places.append(Delivered(Echo(), codes=codes(2)))
    Scripted.scripts["other"].places.append(Accepted(Echo(), "R1"))
    Scripted.scripts["other"].looks.extend([Accepted(Echo(), "R1")] * 2)
    units = await sourcing.settle(bought, seconds=2)
    assert {unit.state for unit in units} == {E.PENDING}
    assert await breaches() == {}
    Scripted.scripts["other"].looks.clear()
    Scripted.scripts["other"].looks.append(Delivered(Echo(), "R1", codes=codes(1)))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [E.ISSUED] * 4
    assert len({unit.code_id for unit in units}) == 4
    assert ("deferred", "CNY") not in await books()
    assert await breaches() == {}


async def test_one_that_fails_gives_all_back(sourcing: Sourcing, shop: Shop, stage: ExitStack):
    one, other, pooled = await sold_by(sourcing, "one"), await sold_by(sourcing, "other"), await shop.variant(codes=3)
    buyer = await shop.customer(wallet="500.00")
    bought = await sourcing.buy(buyer, (one, 2), (other, 1), (pooled, 1), all_or_nothing=True)
    Scripted.scripts["one"].places.append(Delivered(Echo(), codes=codes(2)))
    Scripted.scripts["other"].places.append(Rejected("off_sale", elsewhere=True))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [E.FAILED] * 4
    told = await books()
    assert (told["party", "CNY"], told["prepaid", "CNY"], told["inventory", "CNY"]) == (50000, 4000, -7000)
    assert (await sourcing.free(one.id), await sourcing.free(pooled.id)) == (2, 3)
    assert await db.value("SELECT count(*) FROM refund") == 1
    assert await db.value("SELECT state FROM orders") == "refunded"
    assert await breaches() == {}


async def test_without_it_what_comes_is_given_and_the_rest_refunded(sourcing: Sourcing, shop: Shop, stage: ExitStack):
    one, other = await sold_by(sourcing, "one"), await sold_by(sourcing, "other")
    bought = await sourcing.buy(await shop.customer(wallet="500.00"), (one, 2), (other, 1))
    Scripted.scripts["one"].places.append(Delivered(Echo(), codes=codes(2)))
    Scripted.scripts["other"].places.append(Rejected("off_sale", elsewhere=True))
    units = await sourcing.settle(bought)
    assert sorted(unit.state for unit in units) == [E.FAILED, E.ISSUED, E.ISSUED]
    assert (await books())["party", "CNY"] == 50000 - 6000
    assert await breaches() == {}


async def test_what_was_kept_and_is_taken_back_is_not_given(sourcing: Sourcing, shop: Shop, stage: ExitStack):
    """The last code comes before anybody has refunded: nothing is given, and all the money goes back."""
    one, other = await sold_by(sourcing, "one"), await sold_by(sourcing, "other")
    bought = await sourcing.buy(await shop.customer(wallet="500.00"), (one, 2), (other, 1), all_or_nothing=True)
    Scripted.scripts["one"].places.append(Delivered(Echo(), "R0", codes=codes(2)))
    Scripted.scripts["other"].places.append(Accepted(Echo(), "R1"))
    Scripted.scripts["other"].looks.append(Accepted(Echo(), "R1"))
    await work_off("fulfilment.obtain")
    [kept] = [attempt for attempt in await attempts() if attempt.state == "delivered"]
    Scripted.scripts["one"].looks.append(Reversed("refunded", returned=Cost(Decimal(40), "CNY")))
    await sourcing.hint(kept.id)
    await work_off("fulfilment.look")
    [under_way] = [attempt for attempt in await attempts() if attempt.state == "accepted"]
    Scripted.scripts["other"].looks.clear()
    Scripted.scripts["other"].looks.append(Delivered(Echo(), "R1", codes=codes(1)))
    await sourcing.hint(under_way.id)
    await work_off("fulfilment.look")
    assert {attempt.state for attempt in await attempts()} == {"reversed", "delivered"}
    assert {unit.state for unit in await desk.units_of(bought.order)} == {E.PENDING}
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [E.FAILED] * 3
    assert (await books())["party", "CNY"] == 50000
    assert await breaches() == {}


async def test_what_is_taken_back_from_another_is_not_refunded_to_who_had_it_first(
    sourcing: Sourcing, shop: Shop, stage: ExitStack
):
    """A code that was refunded unseen is kept for somebody else when its supplier takes it back: the money is theirs."""
    one, other = await sold_by(sourcing, "one"), await sold_by(sourcing, "other")
    first, second = await shop.customer(wallet="500.00"), await shop.customer(wallet="500.00")
    Scripted.scripts["one"].places.append(Delivered(Echo(), "R0", codes=codes(1)))
    had = await sourcing.buy(first, (one, 1))
    [unit] = await sourcing.settle(had)
    await desk.refund(first, had.order, [unit.id])
    Scripted.scripts["other"].places.append(Accepted(Echo(), "R1"))
    Scripted.scripts["other"].looks.append(Accepted(Echo(), "R1"))
    bought = await sourcing.buy(second, (one, 1), (other, 1), all_or_nothing=True)
    await work_off("fulfilment.obtain")
    [delivered] = [attempt for attempt in await attempts() if attempt.state == "delivered"]
    Scripted.scripts["one"].looks.append(Reversed("refunded", returned=Cost(Decimal(20), "CNY")))
    await sourcing.hint(delivered.id)
    await work_off("fulfilment.look")
    Scripted.scripts["other"].looks.clear()
    Scripted.scripts["other"].looks.append(Delivered(Echo(), "R1", codes=codes(1)))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [E.FAILED] * 2
    assert (await desk.wallet_of(first), await desk.wallet_of(second)) == (50000, 50000)
    assert await breaches() == {}


async def kept_and_under_way(sourcing: Sourcing, shop: Shop) -> list[str]:
    """The pool's code is kept for the supplier's, which is under way; the ids of both units."""
    other, pooled = await sold_by(sourcing, "other"), await shop.variant(codes=1)
    Scripted.scripts["other"].places.append(Accepted(Echo(), "R1"))
    bought = await sourcing.buy(await shop.customer(wallet="500.00"), (other, 1), (pooled, 1), all_or_nothing=True)
    await work_off("fulfilment.obtain")
    return sorted(str(unit.id) for unit in bought.units)


async def nobody_needs() -> list[str]:
    """The units that wait though nobody obtains what they wait for."""
    told = (await breaches()).get("needs.units", [])
    return sorted(one.split()[0].removeprefix("entitlement_id=") for one in told)


async def test_what_is_kept_is_needed_as_long_as_others_are_obtained(sourcing: Sourcing, shop: Shop, stage: ExitStack):
    both = await kept_and_under_way(sourcing, shop)
    assert await nobody_needs() == []
    await db.value("UPDATE need SET state = 'done'")
    assert await nobody_needs() == both


async def test_who_is_refunded_soon_is_needed_until_the_refund_gives_up(sourcing: Sourcing, shop: Shop, stage: ExitStack):
    both = await kept_and_under_way(sourcing, shop)
    Scripted.scripts["other"].looks.append(Rejected("off_sale", elsewhere=False))
    [order] = await attempts()
    await sourcing.hint(order.id)
    await work_off("fulfilment.look")
    assert await db.value("SELECT state FROM need") == "failed"
    assert await nobody_needs() == []
    await work_off("entitlements.unobtainable")
    assert await nobody_needs() == []
    await db.value("UPDATE outbox SET state = 'dead' WHERE name = 'event:orders.refund_unobtainable'")
    assert await nobody_needs() == both
    await db.value("UPDATE outbox SET state = 'ready' WHERE name = 'event:orders.refund_unobtainable'")
    await work_off("event:orders.refund_unobtainable")
    assert await breaches() == {}
