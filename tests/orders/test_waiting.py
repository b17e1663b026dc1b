"""Lines that are paid for and wait: nothing is given, what was promised stays promised; then all is delivered, or refunded."""

from datetime import timedelta
from typing import Any

import pytest

from perkhub.catalog import RefundKind, RefundPolicy
from perkhub.entitlements import EntitlementState
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.orders import (
    NothingToRefund,
    Order,
    OrderState,
    RefundNotOffered,
    WaitingNotTogether,
    deliver_waiting_lines,
    expire_due_orders,
    lines_of,
    refund_waiting_lines,
)
from perkhub.vault import OutOfStock, recall_lot
from tests.factories import Person, Shop
from tests.orders import desk
from tests.orders.gateway import apply, configured_gateway, money_came

E = EntitlementState
# Nobody here opens a circle: what waits, waits for the test.
FOR_THE_TEST = {"waits.circle"}


async def lines(order: Order) -> list[int]:
    return [line.position for line in await lines_of([order]) if line.waits]


async def deliver(order: Order) -> None:
    waiting = await lines(order)
    await transact(lambda tx: deliver_waiting_lines(tx, order.id, waiting))


async def give_back(order: Order) -> bool:
    waiting = await lines(order)
    return await transact(lambda tx: refund_waiting_lines(tx, order.id, waiting, reason="not enough joined"))


async def states(order: Order) -> list[str]:
    return [unit.state for unit in await desk.units_of(order)]


async def clean() -> None:
    await desk.assert_clean(waiting=FOR_THE_TEST)


async def waits() -> int:
    count: int = await db.value("SELECT coalesce(sum(quantity), 0)::int FROM wait")
    return count


@pytest.fixture(params=["at-once", "placed-first"])
def order_it(request: pytest.FixtureRequest) -> Any:
    """Both ways to a paid order must end alike."""

    async def ordered(buyer: Person, *lines: Any, waits: Any) -> Order:
        if request.param == "at-once":
            return await desk.buy(buyer, *lines, waits=waits)
        return await desk.pay(buyer, await desk.place(buyer, *lines, waits=waits))

    return ordered


async def test_what_waits_is_paid_for_and_stays_promised(shop: Shop, order_it: Any):
    variant, other = await shop.variant(codes=3), await shop.variant(codes=3)
    buyer = await shop.customer(wallet="100.00")
    order = await order_it(buyer, (variant, 2), other, waits={0})
    assert order.state is OrderState.PAID
    assert sorted(await states(order)) == [E.ISSUED, E.PENDING, E.PENDING]
    assert (await desk.stock_of(variant), await desk.stock_of(other)) == ((3, 2), (2, 0))
    assert (await desk.book("deferred"), await desk.book("revenue")) == (3980, 1990)
    with pytest.raises(OutOfStock):
        await desk.buy(await shop.customer(wallet="100.00"), (variant, 2))
    await clean()


async def test_it_is_delivered_once_when_its_time_has_come(shop: Shop, order_it: Any):
    variant = await shop.variant(codes=3)
    order = await order_it(await shop.customer(wallet="100.00"), (variant, 2), waits={0})
    await deliver(order)
    await deliver(order)
    assert await states(order) == [E.ISSUED, E.ISSUED]
    assert (await desk.stock_of(variant), await desk.book("deferred"), await desk.book("revenue")) == ((1, 0), 0, 3980)
    assert not await give_back(order)
    assert await waits() == 0
    await desk.assert_clean()


async def test_it_is_refunded_once_when_it_never_comes(shop: Shop, order_it: Any):
    variant, other = await shop.variant(codes=3, quota=3, limit=2), await shop.variant(codes=3)
    buyer = await shop.customer(wallet="100.00")
    order = await order_it(buyer, (variant, 2), other, waits={0})
    assert [await give_back(order), await give_back(order)] == [True, False]
    assert sorted(await states(order)) == [E.FAILED, E.FAILED, E.ISSUED]
    assert (await desk.wallet_of(buyer), (await desk.now_of(order)).state) == (10000 - 1990, OrderState.PARTLY_REFUNDED)
    assert (await desk.stock_of(variant), await desk.taken_of(variant)) == ((3, 0), 0)
    await deliver(order)
    assert await db.value("SELECT count(*) FROM refund") == 1
    await desk.assert_clean()


async def test_its_buyer_may_take_back_what_waits(shop: Shop):
    variant = await shop.variant(codes=3)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2), waits={0})
    one = (await desk.units_of(order))[0].id
    assert (await desk.refund(buyer, order, [one])).state is OrderState.PARTLY_REFUNDED
    assert (await desk.stock_of(variant), await waits(), await desk.wallet_of(buyer)) == ((3, 1), 1, 10000 - 1990)
    await clean()
    assert (await desk.refund(buyer, order)).state is OrderState.REFUNDED
    assert (await desk.stock_of(variant), await waits(), await desk.wallet_of(buyer)) == ((3, 0), 0, 10000)
    with pytest.raises(NothingToRefund):
        await desk.refund(buyer, order)
    await deliver(order)
    assert not await give_back(order)
    await desk.assert_clean()


async def test_what_is_left_of_it_is_delivered(shop: Shop):
    variant = await shop.variant(codes=3)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 3), waits={0})
    await desk.refund(buyer, order, [(await desk.units_of(order))[1].id])
    await deliver(order)
    assert await states(order) == [E.ISSUED, E.FAILED, E.ISSUED]
    assert (await desk.stock_of(variant), await desk.wallet_of(buyer)) == ((1, 0), 10000 - 2 * 1990)
    await desk.assert_clean()


async def test_the_policy_holds_while_it_waits(shop: Shop):
    variant = await shop.variant(codes=1, refund_policy=RefundPolicy(RefundKind.NEVER))
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, variant, waits={0})
    async with desk.nothing_changes():
        with pytest.raises(RefundNotOffered):
            await desk.refund(buyer, order)
    await desk.refund_as_staff(order, against_policy=True, reason="kindness")
    assert await desk.wallet_of(buyer) == 10000
    await desk.assert_clean()


async def test_what_the_pool_lost_meanwhile_is_refunded(shop: Shop):
    variant = await shop.variant(codes=2)
    assert variant.lot is not None
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2), waits={0})
    lot = variant.lot.id
    await transact(lambda tx: recall_lot(tx, lot, reason="broken", actor="tests"))
    await shop.lot(variant.id, codes=1)
    await deliver(order)
    assert sorted(await states(order)) == [E.FAILED, E.ISSUED]
    assert await desk.wallet_of(buyer) == 10000 - 1990
    await desk.assert_clean(waiting={"recalls.open"})


async def test_money_that_comes_late_promises_again(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    configured_gateway(monkeypatch)
    variant = await shop.variant(codes=1)
    buyer = await shop.customer()
    order = await desk.place(buyer, variant, waits={0})
    payment = await desk.start_payment(order)
    with travel(timedelta(minutes=20)):
        await expire_due_orders()
        assert await desk.stock_of(variant) == (1, 0)
        await money_came(payment)
        await apply(payment.id)
    assert (await desk.now_of(order)).state is OrderState.PAID
    assert (await states(order), await desk.stock_of(variant), await waits()) == ([E.PENDING], (1, 1), 1)
    await clean()
    await deliver(order)
    await desk.assert_clean()


async def test_delivery_and_refund_at_the_same_moment(shop: Shop):
    variant = await shop.variant(codes=20)
    buyers = await shop.customers(20, wallet="20.00")
    orders = [await desk.buy(buyer, variant, waits={0}) for buyer in buyers]
    took = [desk.refund(buyer, order) for buyer, order in zip(buyers, orders, strict=True)]
    ended = await desk.outcomes([*(deliver(order) for order in orders), *took, *(give_back(order) for order in orders)])
    assert len(ended) == 60
    for buyer, order in zip(buyers, orders, strict=True):
        [state] = await states(order)
        assert (state in (E.ISSUED, E.REVOKED, E.FAILED), await desk.wallet_of(buyer)) == (
            True,
            10 if state == E.ISSUED else 2000,
        )
    assert await waits() == 0
    await desk.assert_clean()


async def test_all_or_nothing_cannot_wait(shop: Shop):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    async with desk.nothing_changes():
        for ordered in (desk.buy, desk.place):
            with pytest.raises(WaitingNotTogether):
                await ordered(buyer, variant, all_or_nothing=True, waits={0})
