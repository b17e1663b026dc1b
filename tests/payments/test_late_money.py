"""Money for an order that is over or paid: honoured while stock can still be claimed, else given back once."""

import asyncio
from typing import Any

import pytest

from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.orders import Order, OrderState, expire_due_orders
from perkhub.orders import pay as pay_module
from perkhub.orders.give_up import expire_order
from perkhub.payments import Payment, PaymentState, carry_out_refund
from perkhub.vault import recall_lot
from tests.concurrency.competitor import apart, interrupt, waits_for_a_lock
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk
from tests.orders.gateway import apply, money_came
from tests.payments.till import EXPIRED, Till


async def given_back_once(till: Till, payment: Payment) -> None:
    """Whatever repeats the jobs: one refund here, one at the gateway, of the whole amount."""
    await drain()
    await desk.outcomes([apply(payment.id) for _ in range(3)])
    (refund,) = await db.rows("SELECT id, state, amount, reason FROM refund WHERE payment_id = $1", payment.id)
    await desk.outcomes([carry_out_refund(refund["id"]) for _ in range(3)])
    await drain()
    assert (refund["state"], refund["amount"]) == ("done", payment.amount.minor)
    assert till.refunds(payment) == [(payment.amount.minor, "done")]
    assert [await desk.book(name) for name in ("unapplied", "refunding")] == [0, 0]
    await desk.assert_clean()


@pytest.mark.parametrize("cancelled", [False, True])
async def test_it_is_honoured_while_there_is_stock(shop: Shop, till: Till, cancelled: bool):
    variant = await shop.variant(codes=2, quota=2, limit=2)
    buyer = await shop.customer()
    order = await desk.place(buyer, (variant, 2))
    payment = await till.begun(order)
    till.gateway.fault(late=True)
    if cancelled:
        await desk.cancel(buyer, order)
        await till.customer(payment)
        await till.settle()
    else:
        with till.later(EXPIRED):
            assert await expire_due_orders() == 1
            await till.customer(payment)
            await till.settle()
    assert (await desk.now_of(order)).state is OrderState.PAID
    assert [unit.state for unit in await desk.units_of(order)] == ["issued", "issued"]
    assert (await desk.stock_of(variant), await desk.taken_of(variant)) == ((0, 0), 2)
    await desk.assert_clean()


@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.parametrize("gone", ["stock", "promised", "quota", "limit"])
async def test_it_is_given_back_once_what_it_was_for_is_gone(shop: Shop, till: Till, gone: str, cancelled: bool):
    variant = await shop.variant(
        codes=2 if gone in ("stock", "promised") else 9,
        quota=2 if gone == "quota" else None,
        limit=2 if gone == "limit" else None,
    )
    buyer, other = await shop.customers(2, wallet="100.00")
    order = await desk.place(buyer, (variant, 2))
    payment = await till.begun(order)
    till.gateway.fault(late=True)
    # Ended first, then what it had held goes to others before the money comes.
    if cancelled:
        await desk.cancel(buyer, order)
    else:
        assert await expire_order(order.id)
    await (desk.place if gone == "promised" else desk.buy)(buyer if gone == "limit" else other, variant)
    await till.customer(payment)
    await till.settle()
    ended = await desk.now_of(order)
    assert ended.state is (OrderState.CANCELLED if cancelled else OrderState.EXPIRED)
    assert await desk.units_of(order) == []
    await given_back_once(till, payment)


async def test_a_second_payment_of_one_order_goes_back(shop: Shop, till: Till):
    order = await desk.place(await shop.customer(), await shop.variant())
    first, second = await till.begun(order), await till.begun(order)
    for payment in (second, first):
        await till.customer(payment)
    await till.settle()
    honoured = (await desk.now_of(order)).payment_id
    assert honoured in (first.id, second.id)
    assert len(await desk.units_of(order)) == 1
    assert till.refunds(first if honoured == first.id else second) == []
    await given_back_once(till, second if honoured == first.id else first)


async def test_two_payments_used_at_the_same_moment(shop: Shop, till: Till):
    variant = await shop.variant(codes=20)
    for _ in range(10):
        buyer = await shop.customer()
        order = await desk.place(buyer, variant)
        payments = [await desk.start_payment(order) for _ in range(2)]
        for payment in payments:
            await money_came(payment)
        await asyncio.gather(*(apply(payment.id) for payment in payments for _ in range(2)))
        assert (await desk.now_of(order)).payment_id in {payment.id for payment in payments}
    assert await db.value("SELECT count(*) FROM entitlement WHERE state = 'issued'") == 10
    assert await db.value("SELECT count(*) FROM refund WHERE amount = 1990") == 10
    await desk.assert_clean()


async def test_an_order_that_the_wallet_has_paid_meanwhile(shop: Shop, till: Till):
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, await shop.variant())
    payment = await till.begun(order)
    await desk.pay(buyer, order)
    await till.customer(payment)
    await till.settle()
    await given_back_once(till, payment)
    assert await desk.wallet_of(buyer) == 10000 - 1990


async def test_an_order_that_was_refunded_meanwhile(shop: Shop, till: Till):
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, await shop.variant())
    payment = await till.begun(order)
    await desk.refund(buyer, await desk.pay(buyer, order))
    await till.customer(payment)
    await till.settle()
    await given_back_once(till, payment)
    assert (await desk.now_of(order)).state is OrderState.REFUNDED


async def test_all_or_nothing_of_which_a_part_was_recalled(shop: Shop, till: Till):
    variant = await shop.variant(codes=1)
    lot = await shop.lot(variant.id, codes=1)
    order = await desk.place(await shop.customer(), (variant, 2), all_or_nothing=True)
    payment = await till.begun(order)
    await transact(lambda tx: recall_lot(tx, lot.id, reason="leaked", actor="staff:tests"))
    await till.customer(payment)
    await till.settle()
    assert await desk.units_of(order) == []
    await given_back_once(till, payment)


async def test_a_part_that_was_recalled_goes_back_the_way_it_came(shop: Shop, till: Till):
    variant = await shop.variant(codes=1)
    lot = await shop.lot(variant.id, codes=1)
    order = await desk.place(await shop.customer(), (variant, 2))
    await transact(lambda tx: recall_lot(tx, lot.id, reason="leaked", actor="staff:tests"))
    payment = await till.paid(order)
    assert (await desk.now_of(order)).state is OrderState.PARTLY_REFUNDED
    assert till.refunds(payment) == [(1990, "done")]
    await desk.assert_clean()


# --- at the same moment ---


async def received(shop: Shop, variant: StockedVariant) -> tuple[Person, Order, Payment]:
    """Placed, and its money came; it is not used yet."""
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, variant)
    payment = await desk.start_payment(order)
    await money_came(payment)
    return buyer, order, payment


@pytest.mark.parametrize("ending", ["expire", "cancel", "pay"])
async def test_it_ends_just_before_the_payment_has_it(shop: Shop, till: Till, monkeypatch: pytest.MonkeyPatch, ending: str):
    """Between the job's look at the payment and its lock on the order."""
    buyer, order, payment = await received(shop, await shop.variant())
    ends = {
        "expire": lambda: expire_order(order.id),
        "cancel": lambda: desk.cancel(buyer, order),
        "pay": lambda: desk.pay(buyer, order),
    }

    async def competitor() -> None:
        await apart(ends[ending]())  # type: ignore[no-untyped-call]

    came = interrupt(monkeypatch, pay_module, "order_by_id", competitor)
    await apply(payment.id)
    assert came
    assert (await desk.now_of(order)).state is OrderState.PAID
    assert len(await desk.units_of(order)) == 1
    refunds = await db.value("SELECT count(*) FROM refund WHERE id = $1", payment.id)
    assert refunds == (1 if ending == "pay" else 0)
    await desk.assert_clean()


@pytest.mark.parametrize("ending", ["expire", "cancel", "pay"])
async def test_it_would_end_while_the_payment_has_it(shop: Shop, till: Till, monkeypatch: pytest.MonkeyPatch, ending: str):
    """Whoever comes after the lock waits, and then finds it paid."""
    buyer, order, payment = await received(shop, await shop.variant())
    late: list[asyncio.Task[Any]] = []
    ends = {
        "expire": lambda: expire_order(order.id),
        "cancel": lambda: desk.cancel(buyer, order),
        "pay": lambda: desk.pay(buyer, order),
    }

    async def competitor() -> None:
        late.append(apart(ends[ending]()))  # type: ignore[no-untyped-call]
        await waits_for_a_lock(late[0])
        assert not late[0].done()

    interrupt(monkeypatch, pay_module, "order_by_id", competitor, after=True)
    await apply(payment.id)
    (ended,) = await desk.outcomes(late)
    told = {"expire": False, "cancel": "OrderNotCancellable", "pay": "OrderNotPayable"}[ending]
    assert (ended if ending == "expire" else type(ended).__name__) == told
    assert (await desk.now_of(order)).state is OrderState.PAID
    assert await desk.wallet_of(buyer) == 10000
    await desk.assert_clean()


async def test_payments_expiry_and_cancelling_all_at_once(shop: Shop, till: Till):
    variant = await shop.variant(codes=40, quota=40)
    deeds: list[Any] = []
    for _ in range(40):
        buyer, order, payment = await received(shop, variant)
        deeds += [apply(payment.id), expire_order(order.id), desk.cancel(buyer, order), desk.pay(buyer, order)]
    await desk.outcomes(deeds)
    states = {row["state"]: row["n"] for row in await db.rows("SELECT state, count(*) AS n FROM orders GROUP BY state")}
    # The money is here, so each is paid: by it, or by the wallet, and then it goes back.
    assert states == {OrderState.PAID: 40}
    assert await db.value("SELECT count(*) FROM entitlement WHERE state = 'issued'") == 40
    by_wallet = await db.value("SELECT count(*) FROM payment WHERE method = 'wallet'")
    assert await db.value("SELECT count(*) FROM refund") == by_wallet
    assert {PaymentState(row["state"]) for row in await db.rows("SELECT DISTINCT state FROM payment")} == {"succeeded"}
    await desk.assert_clean()
