"""One line from two origins: what the pool can promise comes from there, its first units; only the rest is bought."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from perkhub.campaigns import offer
from perkhub.catalog import BenefitKind, BuyerInput, BuyerInputInvalid, BuyerInputKind
from perkhub.entitlements import EntitlementState
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.orders import Order, OrderState, deliver_waiting_lines, expire_due_orders, lines_of
from perkhub.plugin.supplier import Delivered, Echo, Rejected, Supplies
from perkhub.pricing import BasketLine, price_basket
from perkhub.suppliers import SentInput
from perkhub.vault import OutOfStock, recall_lot, stock_of
from tests.concurrency.competitor import apart, interrupt
from tests.factories import Person, Shop, StockedVariant
from tests.fulfilment import sourcing as sourcing_module
from tests.fulfilment.scripted import Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, breaches
from tests.orders import desk

E = EntitlementState
# Nobody here opens a circle: what waits, waits for the test.
FOR_THE_TEST = {"waits.circle"}


@pytest.fixture(autouse=True)
def stage(shop: Shop) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        stack.enter_context(offered(scripted(supplies=frozenset(Supplies))))
        yield stack


async def sold(sourcing: Sourcing, *, pool: int = 6, supplies: Supplies = Supplies.CODES, **more: Any) -> StockedVariant:
    """A variant that lies in the pool so often, and that a supplier sells whenever it is asked."""
    variant = await sourcing.shop.variant(codes=pool, price="30.00", cost="10.00", **more)
    account = await sourcing.account("scripted", {"script": "mixed"})
    await sourcing.offer(account, variant.id, "mixed", cost="20.00", supplies=supplies)
    Scripted.scripts["mixed"].places.extend([lambda request: Delivered(Echo(), codes=codes(request.quantity))] * 9)
    return variant


async def states(order: Order) -> list[str]:
    return [unit.state for unit in sorted(await desk.units_of(order), key=lambda unit: unit.position)]


def ordered_of_suppliers() -> list[int]:
    return [request.quantity for request in Scripted.scripts["mixed"].placed]


async def test_the_pool_gives_its_own_and_the_rest_is_bought(sourcing: Sourcing, shop: Shop):
    variant = await sold(sourcing)
    buyer = await shop.customer(wallet="500.00")
    bought = await sourcing.buy(buyer, (variant, 10), seen=True)
    # Those of the pool are seen at once, the others when they come.
    assert await states(bought.order) == [E.REVEALED] * 6 + [E.PENDING] * 4
    assert len(bought.sealed) == 6
    assert (await desk.stock_of(variant), await breaches()) == ((0, 0), {})
    units = await sourcing.settle(bought)
    assert Counter(unit.state for unit in units) == {E.REVEALED: 6, E.ISSUED: 4}
    assert Counter(unit.cost for unit in units) == {10: 6, 20: 4}
    assert ordered_of_suppliers() == [4]
    # The guard is for what is bought, not for the line.
    assert [one.maximum_cost for one in await attempts()] == [80]
    assert (await desk.book("deferred"), await desk.wallet_of(buyer)) == (0, 50000 - 30000)
    await desk.assert_clean()


async def test_an_unpaid_order_holds_what_the_pool_promises(sourcing: Sourcing, shop: Shop):
    variant = await sold(sourcing)
    buyer = await shop.customer(wallet="500.00")
    order = await desk.place(buyer, (variant, 10))
    assert ((await lines_of([order]))[0].sourced, await desk.stock_of(variant)) == (4, (6, 6))
    await desk.assert_clean()
    await desk.pay(buyer, order)
    assert await states(order) == [E.ISSUED] * 6 + [E.PENDING] * 4
    assert (await desk.stock_of(variant), await breaches()) == ((0, 0), {})
    await drain()
    assert await states(order) == [E.ISSUED] * 10
    assert ordered_of_suppliers() == [4]
    await desk.assert_clean()


@pytest.mark.parametrize("way", ["cancelled", "expired"])
async def test_an_order_that_ends_unpaid_gives_back_what_was_promised(sourcing: Sourcing, shop: Shop, way: str):
    variant = await sold(sourcing)
    buyer = await shop.customer()
    order, other = await desk.place(buyer, (variant, 4)), await desk.place(buyer, (variant, 5))
    assert await desk.stock_of(variant) == (6, 6)
    if way == "cancelled":
        await desk.cancel(buyer, other)
        assert (await desk.stock_of(variant), await breaches()) == ((6, 4), {})
        await desk.cancel(buyer, order)
    else:
        with travel(timedelta(hours=1)):
            assert await expire_due_orders() == 2
    assert await desk.stock_of(variant) == (6, 0)
    assert ordered_of_suppliers() == []
    await desk.assert_clean()


async def test_one_of_each_origin_goes_back(sourcing: Sourcing, shop: Shop):
    variant = await sold(sourcing)
    buyer = await shop.customer(wallet="500.00")
    bought = await sourcing.buy(buyer, (variant, 10))
    await sourcing.settle(bought)
    units = sorted(await desk.units_of(bought.order), key=lambda unit: unit.position)
    for unit in (units[0], units[9]):
        assert (await desk.refund(buyer, bought.order, [unit.id])).state is OrderState.PARTLY_REFUNDED
        await desk.assert_clean()
    assert (await desk.stock_of(variant), await desk.wallet_of(buyer)) == ((2, 0), 50000 - 8 * 3000)
    assert await desk.book("inventory") == -(1000 + 2000)


async def test_what_no_supplier_delivers_is_refunded_and_the_pools_is_kept(sourcing: Sourcing, shop: Shop):
    variant = await sold(sourcing)
    buyer = await shop.customer(wallet="500.00")
    bought = await sourcing.buy(buyer, (variant, 10))
    Scripted.scripts["mixed"].places.clear()
    Scripted.scripts["mixed"].places.append(Rejected("off_sale", elsewhere=True))
    await sourcing.settle(bought)
    assert await states(bought.order) == [E.ISSUED] * 6 + [E.FAILED] * 4
    assert await desk.wallet_of(buyer) == 50000 - 18000
    await desk.assert_clean()


async def test_all_or_nothing_keeps_the_pools_until_the_last_comes(sourcing: Sourcing, shop: Shop):
    variant = await sold(sourcing)
    bought = await sourcing.buy(await shop.customer(wallet="500.00"), (variant, 10), all_or_nothing=True, seen=True)
    assert (await states(bought.order), bought.sealed) == ([E.PENDING] * 10, {})
    assert await breaches() == {}
    await sourcing.settle(bought)
    assert await states(bought.order) == [E.ISSUED] * 10
    assert ordered_of_suppliers() == [4]
    await desk.assert_clean()


@pytest.mark.parametrize("way", ["at-once", "placed-first"])
async def test_two_want_the_last_of_the_pool(sourcing: Sourcing, shop: Shop, way: str):
    """Each was quoted the six of the pool: between them they get the six, and suppliers are asked for the other six alone."""
    variant = await sold(sourcing)
    buyers = await shop.customers(2, wallet="500.00")
    both = asyncio.Barrier(2)

    async def order_it(buyer: Person) -> Order:
        await both.wait()
        if way == "at-once":
            return await desk.buy(buyer, (variant, 6))
        placed = await desk.place(buyer, (variant, 6))
        await both.wait()
        return await desk.pay(buyer, placed)

    orders = await asyncio.gather(*(order_it(buyer) for buyer in buyers))
    found = Counter([*await states(orders[0]), *await states(orders[1])])
    assert found == {E.ISSUED: 6, E.PENDING: 6}
    assert (await desk.stock_of(variant), await breaches()) == ((0, 0), {})
    await drain()
    assert [await states(order) for order in orders] == [[E.ISSUED] * 6] * 2
    assert sum(ordered_of_suppliers()) == 6
    await desk.assert_clean()


async def test_who_places_after_others_took_some_is_priced_again(
    sourcing: Sourcing, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """The pool had six at the quote and has four at the placing: the missing two are bought as well."""
    variant = await sold(sourcing)
    first, second = await shop.customers(2, wallet="500.00")

    async def faster() -> None:
        await apart(desk.place(second, (variant, 2)))

    assert interrupt(monkeypatch, offer, "price_basket", faster, after=True) == []
    order = await desk.place(first, (variant, 10))
    assert ((await lines_of([order]))[0].sourced, await desk.stock_of(variant)) == (6, (6, 6))
    await desk.assert_clean()


async def test_the_last_of_the_pool_goes_to_another_and_no_supplier_takes_what_was_said(
    sourcing: Sourcing, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """It lay in the pool at the quote, so that nobody asked suppliers: whoever would only be refused there pays nothing."""
    asked = (BuyerInput("phone", BuyerInputKind.PHONE, {"en": "Phone", "zh": "手机"}, {}),)
    variant = await shop.variant(codes=1, price="30.00", buyer_inputs=asked)
    account = await sourcing.account("scripted", {"script": "mixed"})
    sent = (SentInput("charge_phone", "phone", target=False, national=True),)
    await sourcing.offer(account, variant.id, "mixed", cost="20.00", inputs=sent)
    form = {"key": "charge_phone", "label": "", "required": True, "pattern": r"19\d{9}", "options": []}
    await db.value("UPDATE supplier_offer SET form = $1", json.dumps([{**form, "target": False, "national": True}]))
    first, second = await shop.customers(2, wallet="500.00")
    said = {"phone": "13800138000"}

    async def faster() -> None:
        await apart(desk.buy(second, variant, said=said))

    interrupt(monkeypatch, sourcing_module, "price_basket", faster, after=True)
    with pytest.raises((OutOfStock, BuyerInputInvalid)):
        await sourcing.buy(first, (variant, 1), said=said)
    assert await desk.wallet_of(first) == 50000
    await desk.assert_clean()


async def test_what_the_pool_promised_and_lost_is_bought(sourcing: Sourcing, shop: Shop):
    """Before, it was refunded, though a supplier sells it."""
    variant = await sold(sourcing)
    buyer = await shop.customer(wallet="500.00")
    order = await desk.place(buyer, (variant, 10))
    assert variant.lot is not None
    lot = variant.lot.id
    await transact(lambda tx: recall_lot(tx, lot, reason="broken", actor="tests"))
    await desk.pay(buyer, order)
    assert await states(order) == [E.PENDING] * 10
    await drain()
    assert await states(order) == [E.ISSUED] * 10
    # One line, one order.
    assert ordered_of_suppliers() == [10]
    assert (await desk.stock_of(variant), await desk.wallet_of(buyer)) == ((0, 0), 50000 - 30000)
    await desk.assert_clean()


async def test_codes_that_are_good_for_too_short_are_no_refusal(sourcing: Sourcing, shop: Shop):
    """The counter knows nothing of validity: what the pool cannot give is bought in the same step."""
    variant = await sold(sourcing, minimum_validity_days=30, expires_at=now() + timedelta(days=10))
    bought = await sourcing.buy(await shop.customer(wallet="500.00"), (variant, 3))
    assert await states(bought.order) == [E.PENDING] * 3
    assert (await stock_of([variant.id]))[variant.id].free == 6


async def test_what_waits_keeps_its_promise_and_buys_the_rest(sourcing: Sourcing, shop: Shop):
    variant = await sold(sourcing)
    buyer = await shop.customer(wallet="500.00")
    order = await desk.buy(buyer, (variant, 10), waits={0})
    assert await desk.stock_of(variant) == (6, 6)
    await desk.assert_clean(waiting=FOR_THE_TEST)
    units = sorted(await desk.units_of(order), key=lambda unit: unit.position)
    # What would have to be bought is given up before what the pool has promised, whichever goes back.
    await desk.refund(buyer, order, [unit.id for unit in units[:5]])
    assert (await desk.stock_of(variant), await db.value("SELECT sourced FROM wait")) == ((6, 5), 0)
    await desk.assert_clean(waiting=FOR_THE_TEST)
    await transact(lambda tx: deliver_waiting_lines(tx, order.id, [0]))
    assert await states(order) == [E.FAILED] * 5 + [E.ISSUED] * 5
    assert (await desk.stock_of(variant), ordered_of_suppliers()) == ((1, 0), [])
    await desk.assert_clean()


async def test_what_waits_is_delivered_from_both(sourcing: Sourcing, shop: Shop):
    variant = await sold(sourcing)
    buyer = await shop.customer(wallet="500.00")
    order = await desk.pay(buyer, await desk.place(buyer, (variant, 10), waits={0}))
    await desk.refund(buyer, order, [(await desk.units_of(order))[0].id])
    await transact(lambda tx: deliver_waiting_lines(tx, order.id, [0]))
    assert await states(order) == [E.FAILED] + [E.ISSUED] * 6 + [E.PENDING] * 3
    assert (await desk.stock_of(variant), await breaches()) == ((0, 0), {})
    await drain()
    assert await states(order) == [E.FAILED] + [E.ISSUED] * 9
    await desk.assert_clean()


async def test_what_is_made_for_its_buyer_takes_nothing_of_the_pool(sourcing: Sourcing, shop: Shop):
    """Though somebody has put codes there."""
    variant = await sold(sourcing, kind=BenefitKind.TOP_UP, supplies=Supplies.TOP_UPS)
    quote = await price_basket(variant.channel, [BasketLine(variant.id, 2)])
    assert [(line.sourced, line.pooled, line.top_up) for line in quote.lines] == [(2, 0, True)]
