"""Paying a placed order from the wallet: what was held is delivered, what is gone is refunded in the same step."""

from uuid import UUID

import pytest

from perkhub.accounts import CustomerBlocked, block_customer
from perkhub.entitlements import EntitlementState
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError, InvalidInput, NotFound
from perkhub.kit.idempotency import once
from perkhub.ledger import InsufficientFunds
from perkhub.orders import Order, OrderNotPayable, OrderState
from perkhub.payments import payments_of
from perkhub.vault import OutOfStock, recall_lot
from tests.factories import Person, Shop
from tests.orders import desk


async def refused(error: type[DomainError], person: Person, order: Order) -> None:
    async with desk.nothing_changes():
        with pytest.raises(error):
            await desk.pay(person, order)


async def recall(lot: UUID) -> None:
    await transact(lambda tx: recall_lot(tx, lot, reason="leaked", actor="staff:tests"))


async def test_paying_delivers_what_was_held(shop: Shop):
    one, other = await shop.variant(codes=3, quota=3, limit=3), await shop.variant(codes=3, price="5.00")
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (one, 3), (other, 2))
    paid = await desk.pay(buyer, order)
    assert (paid.state, paid.refunded.minor, await desk.wallet_of(buyer)) == (OrderState.PAID, 0, 10000 - 3 * 1990 - 1000)
    assert [unit.state for unit in await desk.units_of(order)] == [EntitlementState.ISSUED] * 5
    assert (await desk.stock_of(one), await desk.stock_of(other)) == ((0, 0), (1, 0))
    assert await desk.taken_of(one) == 3
    assert [payment.received for payment in await payments_of([order.id])] == [order.total]
    await refused(OrderNotPayable, buyer, order)
    await desk.assert_clean()


async def test_only_its_buyer_pays_and_only_with_enough(shop: Shop):
    variant = await shop.variant()
    poor, stranger = await shop.customer(wallet="19.89"), await shop.customer(wallet="100.00")
    order = await desk.place(poor, variant)
    await refused(InsufficientFunds, poor, order)
    await refused(NotFound, stranger, order)
    await shop.wallet(poor, "0.01")
    assert (await desk.pay(poor, order)).state is OrderState.PAID
    await desk.assert_clean()


async def test_a_blocked_customer_pays_nothing(shop: Shop):
    variant = await shop.variant()
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, variant)
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    await refused(CustomerBlocked, buyer, order)
    async with desk.nothing_changes():
        with pytest.raises(CustomerBlocked):
            await desk.start_payment(order)
    await desk.cancel(buyer, order)  # giving up is still theirs
    await desk.assert_clean()


async def test_what_was_recalled_is_refunded_and_the_rest_delivered(shop: Shop):
    variant = await shop.variant(codes=2, quota=9, limit=9)
    lot = await shop.lot(variant.id, codes=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (variant, 3))
    await recall(lot.id)
    assert await desk.stock_of(variant) == (2, 3)  # more is promised than there is
    paid = await desk.pay(buyer, order)
    assert (paid.state, paid.refunded.minor) == (OrderState.PARTLY_REFUNDED, 1990)
    assert sorted(unit.state for unit in await desk.units_of(order)) == ["failed", "issued", "issued"]
    assert await desk.wallet_of(buyer) == 10000 - 2 * 1990
    assert (await desk.stock_of(variant), await desk.taken_of(variant)) == ((0, 0), 2)
    await desk.assert_clean()


async def test_all_that_was_held_is_gone(shop: Shop):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (variant, 2))
    assert variant.lot is not None
    await recall(variant.lot.id)
    paid = await desk.pay(buyer, order)
    assert (paid.state, paid.refunded, await desk.wallet_of(buyer)) == (OrderState.REFUNDED, paid.total, 10000)
    assert await desk.taken_of(variant) == 0
    await desk.assert_clean()


async def test_all_or_nothing_takes_no_money_for_a_part(shop: Shop):
    variant = await shop.variant(codes=2)
    lot = await shop.lot(variant.id, codes=1)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, (variant, 3), all_or_nothing=True)
    await recall(lot.id)
    async with desk.nothing_changes():
        with pytest.raises(OutOfStock) as refusal:
            await desk.pay(buyer, order)
    assert refusal.value.data == {"available": 2}
    await shop.lot(variant.id, codes=1)
    assert (await desk.pay(buyer, order)).state is OrderState.PAID
    await desk.assert_clean()


async def test_a_free_order(shop: Shop):
    variant = await shop.variant(codes=2, price="0.00")
    buyer = await shop.customer()
    order = await desk.place(buyer, (variant, 2))
    async with desk.nothing_changes():
        with pytest.raises(InvalidInput):  # no gateway takes a payment of nothing
            await desk.start_payment(order)
    paid = await desk.pay(buyer, order)
    assert (paid.state, paid.payment_id) == (OrderState.PAID, None)
    await desk.assert_clean()


async def test_a_free_order_whose_codes_were_recalled(shop: Shop):
    variant = await shop.variant(codes=1, price="0.00")
    buyer = await shop.customer()
    order = await desk.place(buyer, variant)
    assert variant.lot is not None
    await recall(variant.lot.id)
    assert (await desk.pay(buyer, order)).state is OrderState.REFUNDED
    assert await db.value("SELECT count(*) FROM refund") == 0
    await desk.assert_clean()


async def test_paying_again_under_the_same_key_pays_once(shop: Shop):
    variant = await shop.variant()
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, variant)

    async def pay() -> Order:
        return await once(
            desk.actor_of(buyer),
            "orderPay",
            key="k",
            request={"order": str(order.id)},
            work=lambda tx, _: desk.pay_in(tx, buyer, order),
            replay=lambda _: desk.now_of(order),
        )

    assert [one.state for one in await desk.outcomes([pay() for _ in range(20)])] == [OrderState.PAID] * 20
    assert await desk.wallet_of(buyer) == 10000 - 1990
    await desk.assert_clean()
