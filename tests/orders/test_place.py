"""Placing an order to be paid later: what it holds, for how long, and how many one may have."""

from datetime import timedelta

import pytest

from perkhub.accounts import CustomerBlocked, block_customer
from perkhub.catalog import LimitReached, QuotaReached
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError, NotFound
from perkhub.kit.money import Money
from perkhub.orders import (
    HoldLimitReached,
    OrderNotCancellable,
    OrderNotPayable,
    OrderState,
    cancel_order,
    expire_due_orders,
    give_up,
)
from perkhub.pricing import PriceMoved
from perkhub.vault import OutOfStock
from tests.factories import Person, Shop
from tests.orders import desk
from tests.orders.desk import Line

LATER = timedelta(minutes=15, seconds=1)


async def refused(error: type[DomainError], person: Person, *lines: Line, device: str | None = None) -> DomainError:
    async with desk.nothing_changes():
        with pytest.raises(error) as refusal:
            await desk.place(person, *lines, device=device)
    return refusal.value


async def test_an_order_holds_what_it_wants_and_moves_no_money(shop: Shop):
    variant = await shop.variant(codes=5, quota=4, limit=3)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (variant, 3))
    assert (order.state, order.total.minor, order.paid_at) == (OrderState.PLACED, 5970, None)
    assert order.expires_at is not None
    assert order.expires_at - order.placed_at == pytest.approx(timedelta(minutes=15), abs=timedelta(seconds=1))
    assert (await desk.stock_of(variant), await desk.taken_of(variant)) == ((5, 3), 3)
    assert await desk.wallet_of(buyer) == 10000
    assert await desk.units_of(order) == []
    await desk.assert_clean()


async def test_what_cannot_be_held_is_refused(shop: Shop):
    buyer, other = await shop.customers(2)
    scarce = await shop.variant(codes=2)
    rationed = await shop.variant(codes=9, quota=2)
    limited = await shop.variant(codes=9, limit=2)
    for variant in (scarce, rationed, limited):
        await desk.place(other, variant)
    await refused(OutOfStock, buyer, (scarce, 2))
    await refused(QuotaReached, buyer, (rationed, 2))
    await refused(LimitReached, buyer, (limited, 3))
    # One refused line of several: nothing of the others stays held.
    await refused(OutOfStock, buyer, limited, rationed, (scarce, 2))
    await desk.assert_clean()


async def test_the_cap_on_unpaid_orders_of_a_buyer(shop: Shop):
    variant = await shop.variant(codes=20)
    buyer, other = await shop.customers(2, wallet="1000.00")
    orders = [await desk.place(buyer, variant) for _ in range(5)]
    assert (await refused(HoldLimitReached, buyer, variant)).data == {"limit": 5}
    await desk.place(other, variant)
    await desk.buy(buyer, variant)  # what is paid at once holds nothing
    await desk.cancel(buyer, orders[0])
    await desk.pay(buyer, orders[1])
    await desk.place(buyer, variant)
    await desk.place(buyer, variant)
    await refused(HoldLimitReached, buyer, variant)
    await desk.assert_clean()


async def test_the_cap_on_unpaid_orders_of_a_device_whoever_uses_it(shop: Shop):
    variant = await shop.variant(codes=20)
    customers = await shop.customers(11)
    for buyer in customers[:10]:
        await desk.place(buyer, variant, device="d" * 64)
    assert (await refused(HoldLimitReached, customers[10], variant, device="d" * 64)).data == {"limit": 10}
    await desk.place(customers[10], variant, device="e" * 64)
    with travel(LATER):
        assert await expire_due_orders() == 11
        await desk.place(customers[10], variant, device="d" * 64)
    await desk.assert_clean()


async def test_a_blocked_customer_holds_nothing(shop: Shop):
    variant = await shop.variant()
    buyer = await shop.customer()
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    await refused(CustomerBlocked, buyer, variant)
    await desk.assert_clean()


async def test_the_expected_total(shop: Shop):
    variant = await shop.variant(price="19.90")
    buyer = await shop.customer()
    async with desk.nothing_changes():
        for other in (Money(1989, "CNY"), Money(1990, "USD")):
            with pytest.raises(PriceMoved):
                await desk.place(buyer, variant, expected=other)
    assert (await desk.place(buyer, variant, expected=Money(1990, "CNY"))).total.minor == 1990


async def test_a_placed_order_keeps_its_price(shop: Shop):
    variant = await shop.variant(price="19.90")
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (variant, 2))
    await db.value("UPDATE listing SET unit_price = 1 WHERE id = $1", variant.listing_id)
    paid = await desk.pay(buyer, order)
    assert (paid.total.minor, await desk.wallet_of(buyer)) == (3980, 6020)
    await desk.assert_clean()


async def test_cancelling_frees_everything_once(shop: Shop):
    variant = await shop.variant(codes=5, quota=5, limit=5)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (variant, 4), device="d" * 64)
    cancelled = await desk.cancel(buyer, order)
    assert cancelled.state is OrderState.CANCELLED
    assert (await desk.stock_of(variant), await desk.taken_of(variant)) == ((5, 0), 0)
    async with desk.nothing_changes():
        assert (await desk.cancel(buyer, order)).state is OrderState.CANCELLED
    async with desk.nothing_changes():
        with pytest.raises(OrderNotPayable):
            await desk.pay(buyer, order)
    await desk.buy(buyer, (variant, 5))
    await desk.assert_clean()


async def test_only_its_buyer_or_staff_cancels_and_only_what_is_unpaid(shop: Shop):
    variant = await shop.variant()
    buyer, stranger = await shop.customers(2, wallet="100.00")
    order, paid = await desk.place(buyer, variant), await desk.buy(buyer, variant)
    async with desk.nothing_changes():
        with pytest.raises(NotFound):
            await desk.cancel(stranger, order)
        with pytest.raises(OrderNotCancellable):
            await desk.cancel(buyer, paid)
    assert (await transact(lambda tx: cancel_order(tx, order.id, party=None))).state is OrderState.CANCELLED
    await desk.assert_clean()


async def test_expiry_frees_everything_once(shop: Shop):
    variant = await shop.variant(codes=5, quota=5, limit=5)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (variant, 5), device="d" * 64)
    assert await expire_due_orders() == 0
    with travel(LATER):
        async with desk.nothing_changes():
            with pytest.raises(OrderNotPayable) as refusal:  # its time has passed, though nobody has noticed yet
                await desk.pay(buyer, order)
        assert refusal.value.data == {"state": "EXPIRED"}
        assert await expire_due_orders() == 1
        assert await expire_due_orders() == 0
        assert (await desk.now_of(order)).state is OrderState.EXPIRED
        async with desk.nothing_changes():
            with pytest.raises(OrderNotCancellable):
                await desk.cancel(buyer, order)
        await desk.buy(buyer, (variant, 5))
    await desk.assert_clean()


async def test_one_order_that_cannot_expire_stops_no_other(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    variant = await shop.variant(codes=5)
    buyer = await shop.customer()
    orders = [await desk.place(buyer, variant) for _ in range(3)]
    release = give_up.release_holds

    async def broken(tx: object, order: object) -> None:
        if getattr(order, "id", None) == orders[0].id:
            raise RuntimeError("out of order")
        await release(tx, order)  # type: ignore[arg-type]

    with travel(LATER):
        monkeypatch.setattr(give_up, "release_holds", broken)
        with pytest.raises(ExceptionGroup) as faults:
            await expire_due_orders()
        assert [str(fault) for fault in faults.value.exceptions] == ["out of order"]
        assert [(await desk.now_of(order)).state for order in orders] == ["placed", "expired", "expired"]
        monkeypatch.setattr(give_up, "release_holds", release)
        assert await expire_due_orders() == 1
    await desk.assert_clean()
