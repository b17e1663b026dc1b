"""Refunding units: by the state of each, once, the way the money came, to the last cent."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perkhub.accounts import CustomerBlocked, block_customer
from perkhub.entitlements import EntitlementAlreadySeen, EntitlementState
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.orders import NothingToRefund, OrderState
from perkhub.vault import recall_lot
from tests.factories import Shop
from tests.orders import desk


async def test_unseen_units_are_restocked_and_paid_back(shop: Shop):
    variant = await shop.variant(codes=3, quota=3, limit=3)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 3))
    units = await desk.units_of(order)
    refunded = await desk.refund(buyer, order, [units[1].id])
    assert (refunded.state, refunded.refunded.minor) == (OrderState.PARTLY_REFUNDED, 1990)
    assert await desk.wallet_of(buyer) == 10000 - 2 * 1990
    assert (await desk.stock_of(variant), await desk.taken_of(variant)) == ((1, 0), 2)
    refunded = await desk.refund(buyer, order)
    assert (refunded.state, refunded.refunded) == (OrderState.REFUNDED, order.total)
    assert await desk.wallet_of(buyer) == 10000
    assert {unit.state for unit in await desk.units_of(order)} == {EntitlementState.REVOKED}
    books = [await desk.book(name) for name in ("revenue", "cost", "deferred", "inventory")]
    assert books == [0, 0, 0, -3000]
    await desk.buy(buyer, (variant, 3))  # the same codes again
    await desk.assert_clean()


async def test_a_seen_unit_is_not_the_customers_to_refund(shop: Shop):
    variant = await shop.variant(codes=3)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 3))
    units = await desk.units_of(order)
    await desk.show(buyer, units[0].id)
    async with desk.nothing_changes():
        with pytest.raises(EntitlementAlreadySeen):
            await desk.refund(buyer, order, [unit.id for unit in units])
        with pytest.raises(EntitlementAlreadySeen):
            await desk.refund_as_staff(order, [units[0].id])
    refunded = await desk.refund(buyer, order)  # what was not seen
    assert (refunded.state, refunded.refunded.minor) == (OrderState.PARTLY_REFUNDED, 3980)
    async with desk.nothing_changes():
        with pytest.raises(NothingToRefund):
            await desk.refund(buyer, order)
    await desk.assert_clean()


async def test_staff_refund_what_was_seen_and_the_code_is_burnt(shop: Shop):
    variant = await shop.variant(codes=2, quota=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2))
    seen = (await desk.units_of(order))[0]
    await desk.show(buyer, seen.id)
    refunded = await desk.refund_as_staff(order, even_if_seen=True)
    assert (refunded.state, await desk.wallet_of(buyer)) == (OrderState.REFUNDED, 10000)
    assert await db.value("SELECT state FROM code WHERE id = $1", seen.code_id) == "burnt"
    assert (await desk.stock_of(variant), await desk.taken_of(variant)) == ((1, 0), 0)
    assert (await desk.book("loss"), await desk.book("revenue")) == (-1990, 1990)
    await desk.assert_clean()


async def test_nothing_is_refunded_twice_or_by_others(shop: Shop):
    variant = await shop.variant(codes=3)
    buyer, stranger = await shop.customers(2, wallet="100.00")
    order, other = await desk.buy(buyer, variant), await desk.buy(buyer, variant)
    (unit,), (foreign,) = await desk.units_of(order), await desk.units_of(other)
    placed = await desk.place(buyer, variant)
    async with desk.nothing_changes():
        with pytest.raises(NotFound):
            await desk.refund(stranger, order)
        for units in ([foreign.id], [new_id()], [unit.id, foreign.id], []):
            with pytest.raises(NothingToRefund):
                await desk.refund(buyer, order, units)
        with pytest.raises(NothingToRefund):
            await desk.refund(buyer, placed)
    await desk.refund(buyer, order, [unit.id, unit.id])
    async with desk.nothing_changes():
        for units in (None, [unit.id]):
            with pytest.raises(NothingToRefund):
                await desk.refund(buyer, order, units)
    await desk.assert_clean()


async def test_a_blocked_customer_is_refunded_by_staff_only(shop: Shop):
    variant = await shop.variant()
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, variant)
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    async with desk.nothing_changes():
        with pytest.raises(CustomerBlocked):
            await desk.refund(buyer, order)
    assert (await desk.refund_as_staff(order)).state is OrderState.REFUNDED
    await desk.assert_clean()


async def test_a_code_of_a_recalled_lot_does_not_return(shop: Shop):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, variant)
    assert variant.lot is not None
    lot = variant.lot.id
    await transact(lambda tx: recall_lot(tx, lot, reason="leaked", actor="staff:tests"))
    await desk.refund(buyer, order)
    assert (await desk.stock_of(variant), await desk.wallet_of(buyer)) == ((0, 0), 10000)
    assert await db.value("SELECT count(*) FROM code WHERE state = 'frozen'") == 2
    await desk.assert_clean()


async def test_what_was_free_is_given_back_too(shop: Shop):
    variant = await shop.variant(codes=2, price="0.00", limit=2)
    buyer = await shop.customer()
    order = await desk.buy(buyer, (variant, 2))
    first, second = await desk.units_of(order)
    assert (await desk.refund(buyer, order, [first.id])).state is OrderState.PARTLY_REFUNDED
    assert (await desk.refund(buyer, order, [second.id])).state is OrderState.REFUNDED
    await desk.buy(buyer, (variant, 2))
    await desk.assert_clean()


async def test_a_total_of_less_than_a_cent_a_unit(shop: Shop):
    """One of three units carries the only cent: the order is refunded wholly when the last unit is, not the last cent."""
    variant = await shop.variant(codes=3, price="0.003333")
    buyer = await shop.customer(wallet="1.00")
    order = await desk.buy(buyer, (variant, 3))
    units = await desk.units_of(order)
    assert sorted(unit.price.minor for unit in units) == [0, 0, 1]
    states = [(await desk.refund(buyer, order, [unit.id])).state for unit in units]
    assert states == [OrderState.PARTLY_REFUNDED, OrderState.PARTLY_REFUNDED, OrderState.REFUNDED]
    assert await desk.wallet_of(buyer) == 100
    await desk.assert_clean()


@pytest.mark.parametrize("seed", range(4))
async def test_refunds_in_any_order_sum_to_the_total(shop: Shop, seed: int):
    """19.999999 × 3 is 60.00, of which no unit's share is 19.999999."""
    chance = random.Random(seed)
    odd, even = await shop.variant(codes=3, price="19.999999"), await shop.variant(codes=7, price="0.333333", cost="0.005")
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (odd, 3), (even, 7))
    assert order.total.minor == 6000 + 233
    units = [unit.id for unit in await desk.units_of(order)]
    chance.shuffle(units)
    back = []
    while units:
        some, units = units[: (size := chance.randint(1, 4))], units[size:]
        before = await desk.wallet_of(buyer)
        state = (await desk.refund(buyer, order, some)).state
        back.append(await desk.wallet_of(buyer) - before)
    assert (sum(back), state, await desk.wallet_of(buyer)) == (6233, OrderState.REFUNDED, 10000)
    await desk.assert_clean()


@given(
    unit=st.decimals(min_value=0, max_value=10_000, places=6),
    quantity=st.integers(1, 1000),
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
    chance=st.randoms(use_true_random=False),
)
def test_a_lines_units_sum_to_its_total_rounded_once(unit: Decimal, quantity: int, currency: str, chance: random.Random):
    total = Money.line(unit, quantity, currency)
    assert abs(total.amount - unit * quantity) * 2 <= Decimal(1).scaleb(-{"CNY": 2, "JPY": 0, "KWD": 3}[currency])
    shares = total.allocate(quantity)
    assert max(share.minor for share in shares) - min(share.minor for share in shares) <= 1
    chance.shuffle(shares)
    assert sum(share.minor for share in shares) == total.minor
