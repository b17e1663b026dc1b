"""Money that comes late for a place in a group, or for a price of a campaign that is over: honoured where what it was for can
still be claimed, else given back once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.campaigns import PartState, end_campaign
from perkhub.campaigns.circles import lapse_overdue
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.orders import Order, OrderState, expire_due_orders
from perkhub.orders.give_up import expire_order
from perkhub.payments import Payment
from tests.campaigns.circles.groups import PRICE, Group, told
from tests.campaigns.making import counted, flash_sale, parts_of
from tests.factories import Person, Shop
from tests.orders import desk
from tests.orders.gateway import apply, money_came
from tests.payments.test_late_money import given_back_once
from tests.payments.till import EXPIRED, Till

Meanwhile = Callable[[Group, UUID, Person], Awaitable[object]]


async def a_late_place(shop: Shop, till: Till, group: Group, circle: UUID | None = None) -> tuple[Person, Order, UUID, Payment]:
    """Somebody who went to the gateway for a place, and whose order is over by now; the money still comes."""
    buyer = await shop.customer(wallet="100.00")
    order, circle = await group.place(buyer, circle)
    payment = await till.begun(order)
    till.gateway.fault(late=True)
    assert await expire_order(order.id)
    return buyer, order, circle, payment


async def pays(till: Till, payment: Payment) -> None:
    await till.customer(payment)
    await till.settle()


async def test_a_place_that_is_free_yet_is_taken_again(shop: Shop, till: Till):
    """By the one who joined as by the one who opened: with the late money the group is full, and all are delivered."""
    group = await Group.of(await shop.variant(codes=5), seats=2)
    leader, opened, circle, first = await a_late_place(shop, till, group)
    joiner, joined, _, second = await a_late_place(shop, till, group, circle)
    assert await told(circle) == ("open", 0, 0)
    await pays(till, first)
    assert ((await desk.now_of(opened)).state, await told(circle)) == (OrderState.PAID, ("open", 1, 1))
    assert [unit.state for unit in await desk.units_of(opened)] == ["pending"]
    await desk.assert_clean()
    await pays(till, second)
    assert await told(circle) == ("settled", 2, 2)
    for person, order in ((leader, opened), (joiner, joined)):
        assert [unit.state for unit in await desk.units_of(order)] == ["issued"]
        assert await counted(group.campaign, "bought", person) == 1
    assert (await db.value("SELECT count(*) FROM refund"), await desk.book("revenue")) == (0, 2 * PRICE)
    await desk.assert_clean()


async def others_fill_it(group: Group, circle: UUID, buyer: Person) -> None:
    await group.buy(await Shop().customer(wallet="100.00"), circle)


async def its_time_passes(group: Group, circle: UUID, buyer: Person) -> None:
    """With every job dead."""
    await db.value("UPDATE circle SET closes_at = opened_at + interval '1 microsecond' WHERE id = $1", circle)


async def it_lapses(group: Group, circle: UUID, buyer: Person) -> None:
    await its_time_passes(group, circle, buyer)
    assert await lapse_overdue() == 1


async def another_is_opened(group: Group, circle: UUID, buyer: Person) -> None:
    await group.buy(buyer)


@pytest.mark.parametrize("meanwhile", [others_fill_it, its_time_passes, it_lapses, another_is_opened])
async def test_a_place_that_is_gone_is_paid_back_once(shop: Shop, till: Till, meanwhile: Meanwhile):
    group = await Group.of(await shop.variant(codes=5), seats=2)
    circle = await group.buy(await shop.customer(wallet="100.00"))
    buyer, order, _, payment = await a_late_place(shop, till, group, circle)
    await meanwhile(group, circle, buyer)
    await pays(till, payment)
    assert (await desk.now_of(order)).state is OrderState.EXPIRED
    assert await desk.units_of(order) == []
    await given_back_once(till, payment)
    assert await counted(group.campaign, "bought", buyer) == (1 if meanwhile is another_is_opened else 0)


@pytest.mark.parametrize("noticed", [False, True])
async def test_money_of_an_order_that_waits_when_its_group_is_over(shop: Shop, till: Till, noticed: bool):
    """Its order lives: it is cancelled by the job that settles the group, whether the money comes before that or after."""
    group = await Group.of(await shop.variant(codes=5), seats=3)
    circle = await group.buy(await shop.customer(wallet="100.00"))
    buyer = await shop.customer(wallet="100.00")
    order, _ = await group.place(buyer, circle)
    payment = await till.begun(order)
    till.gateway.fault(late=True)
    await (it_lapses if noticed else its_time_passes)(group, circle, buyer)
    await till.customer(payment)
    await till.hear()
    await desk.outcomes([apply(payment.id)])
    await lapse_overdue()
    await drain()
    assert (await desk.now_of(order)).state is OrderState.CANCELLED
    assert (await told(circle), await desk.units_of(order)) == (("lapsed", 1, 1), [])
    await given_back_once(till, payment)
    assert await db.value("SELECT count(*) FROM refund") == 2


async def test_many_late_payments_for_the_last_places(shop: Shop, till: Till):
    """Ten groups that lack one, and twenty whose money comes late, two for each place, told twice each, at once."""
    group = await Group.of(await shop.variant(codes=40), seats=2)
    opened = [await group.buy(leader) for leader in await shop.customers(10, wallet="100.00")]
    payments = []
    for circle in opened:
        for _ in range(2):
            order, _ = await group.place(await shop.customer(), circle)
            payments.append(await desk.start_payment(order))
            assert await expire_order(order.id)
    for payment in payments:
        await money_came(payment)
    await asyncio.gather(*(apply(payment.id) for payment in payments for _ in range(2)))
    await drain()
    assert {await told(circle) for circle in opened} == {("settled", 2, 2)}
    assert await db.value("SELECT count(*) FROM entitlement WHERE state = 'issued'") == 20
    assert await db.value("SELECT count(*) FROM refund") == 10
    assert await db.value("SELECT count(DISTINCT payment_id) FROM refund") == 10
    await desk.assert_clean()


@pytest.mark.parametrize("over", ["ended", "passed"])
async def test_the_price_of_a_campaign_that_is_over_holds_for_what_was_ordered_by_it(shop: Shop, till: Till, over: str):
    """While units of it are left; the order was placed in time."""
    variant = await shop.variant(codes=5)
    sale = await flash_sale(variant, quantity=1)
    order = await desk.place(await shop.customer(), variant, campaign=sale.id)
    payment = await till.begun(order)
    till.gateway.fault(late=True)
    with till.later(EXPIRED if over == "ended" else timedelta(hours=2)):
        assert await expire_due_orders() == 1
        if over == "ended":
            await transact(lambda tx: end_campaign(tx, sale.id))
        await pays(till, payment)
        assert (await desk.now_of(order)).state is OrderState.PAID
        assert [unit.state for unit in await desk.units_of(order)] == ["issued"]
        assert (await counted(sale), await parts_of(sale)) == (1, {PartState.TAKEN: 1})
        await desk.assert_clean()


async def test_the_last_unit_of_a_campaign_that_others_have_by_now(shop: Shop, till: Till):
    variant = await shop.variant(codes=5)
    sale = await flash_sale(variant, quantity=1)
    order = await desk.place(await shop.customer(), variant, campaign=sale.id)
    payment = await till.begun(order)
    till.gateway.fault(late=True)
    assert await expire_order(order.id)
    await desk.buy(await shop.customer(wallet="100.00"), variant, campaign=sale.id)
    await pays(till, payment)
    assert (await desk.now_of(order)).state is OrderState.EXPIRED
    await given_back_once(till, payment)
    assert (await counted(sale), await parts_of(sale)) == (1, {PartState.TAKEN: 1, PartState.RELEASED: 1})
