"""Paying an order at a gateway: what a look-up says counts, however it was hinted at, and whatever else went wrong."""

from datetime import timedelta

import pytest

from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.orders import OrderState
from perkhub.payments import PaymentMethodUnknown, PaymentNotStarted, PaymentState, settle_payment
from perkhub.payments.gateway import settle_due_payments
from perkhub.plugin.payment import Redirect
from tests.factories import Shop, StockedVariant
from tests.orders import desk
from tests.payments.till import EXPIRED, Till, looked_up_next


@pytest.fixture
async def variant(shop: Shop) -> StockedVariant:
    return await shop.variant(codes=5, price="19.90", quota=5, limit=5)


async def test_paid_at_the_page_and_told_by_a_callback(shop: Shop, till: Till, variant: StockedVariant):
    buyer = await shop.customer()
    order = await desk.place(buyer, (variant, 2))
    payment = await desk.start_payment(order)
    action = await till.begin(payment)
    assert isinstance(action, Redirect)
    assert await till.begin(payment) == action  # begun again: the same page
    assert len(till.gateway.payments(payment.our_reference)) == 1
    await till.customer(payment)
    await till.settle()
    settled = await till.now_of(payment)
    assert (settled.state, settled.received) == (PaymentState.SUCCEEDED, order.total)
    assert settled.gateway_reference == till.gateway.payments(payment.our_reference)[0]["payment_id"]
    paid = await desk.now_of(order)
    assert (paid.state, paid.payment_id) == (OrderState.PAID, payment.id)
    assert [unit.state for unit in await desk.units_of(order)] == ["issued", "issued"]
    books = {name: await desk.book(name) for name in ("clearing", "unapplied", "deferred", "revenue", "party")}
    assert books == {"clearing": -3980, "unapplied": 0, "deferred": 0, "revenue": 3980, "party": 0}
    await desk.assert_clean()


async def test_the_body_of_a_callback_is_sealed_and_erased_after_use(shop: Shop, till: Till, variant: StockedVariant):
    payment = await till.begun(await desk.place(await shop.customer(), variant))
    await till.customer(payment)
    await till.hear()
    kept = await db.value("SELECT sealed FROM gateway_callback")
    assert payment.our_reference.encode() not in kept
    await till.settle()
    assert await db.value("SELECT sealed FROM gateway_callback") is None
    assert payment.our_reference not in await db.value("SELECT coalesce(string_agg(payload::text, ''), '') FROM outbox")


async def test_five_copies_of_a_callback(shop: Shop, till: Till, variant: StockedVariant):
    order = await desk.place(await shop.customer(), variant)
    payment = await till.begun(order)
    till.gateway.fault(duplicate_callbacks=4)
    await till.customer(payment)
    copies = list(till.door.received)
    assert len(copies) == 5
    await till.settle()
    assert (await desk.now_of(order)).state is OrderState.PAID
    assert await db.value("SELECT count(*) FROM gateway_callback") == 1
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'payments.settle'") == 1
    async with desk.nothing_changes():
        for copy in copies:
            await till.told(copy)
    assert await db.value("SELECT count(*) FROM ledger_transfer WHERE kind = 'payment.received'") == 1
    await desk.assert_clean()


async def test_copies_that_come_at_once(shop: Shop, till: Till, variant: StockedVariant):
    order = await desk.place(await shop.customer(), variant)
    payment = await till.begun(order)
    await till.customer(payment)
    (callback,) = till.door.received
    await desk.outcomes([till.told(callback) for _ in range(20)])
    assert await db.value("SELECT count(*) FROM gateway_callback") == 1
    # Besides, everybody looks the payment up at the same moment.
    await desk.outcomes([settle_payment(payment.id) for _ in range(10)])
    await till.settle()
    assert (await desk.now_of(order)).state is OrderState.PAID
    assert await db.value("SELECT count(*) FROM ledger_transfer WHERE kind = 'payment.received'") == 1
    await desk.assert_clean()


async def test_without_callbacks_look_ups_find_the_money(shop: Shop, till: Till, variant: StockedVariant):
    till.gateway.fault(no_callback=True)
    order = await desk.place(await shop.customer(), variant)
    payment = await till.begun(order)
    await till.customer(payment)
    await settle_due_payments()
    assert (await till.now_of(payment)).state is PaymentState.PENDING  # its turn has not come
    with travel(timedelta(seconds=16)):
        await settle_due_payments()
        await till.settle()
    assert (await desk.now_of(order)).state is OrderState.PAID
    await desk.assert_clean()


async def test_look_ups_of_who_does_not_pay_become_rarer(shop: Shop, till: Till, variant: StockedVariant):
    payment = await till.begun(await desk.place(await shop.customer(), variant))
    assert 14 < await looked_up_next(payment) <= 15
    ahead, pauses = 16.0, []
    while ahead < EXPIRED.total_seconds():
        with till.later(timedelta(seconds=ahead)):
            await settle_due_payments()
            pauses.append(round(await looked_up_next(payment)))
            ahead += pauses[-1] + 1
            async with desk.nothing_changes():
                await settle_due_payments()
    assert pauses == [15, 30, 60, 120, 240, 480]
    with till.later(timedelta(seconds=ahead)):
        await settle_due_payments()
    assert (await till.now_of(payment)).state is PaymentState.FAILED  # the gateway takes no money after the deadline


async def test_a_customer_who_never_reached_the_gateway_is_forgotten_after_a_day(
    shop: Shop, till: Till, variant: StockedVariant
):
    payment = await desk.start_payment(await desk.place(await shop.customer(), variant))
    till.gateway.fault(drop_before_accept=1)
    with pytest.raises(PaymentNotStarted):
        await till.begin(payment)
    with till.later(timedelta(hours=23)):
        await settle_due_payments()
        assert (await till.now_of(payment)).state is PaymentState.PENDING
    with till.later(timedelta(hours=25)):
        await settle_due_payments()
        assert (await till.now_of(payment)).state is PaymentState.FAILED


@pytest.mark.parametrize("fault", ["error_500_then_accepted", "accept_then_drop"])
async def test_a_start_whose_answer_was_lost_is_found_by_look_up(shop: Shop, till: Till, variant: StockedVariant, fault: str):
    order = await desk.place(await shop.customer(), variant)
    payment = await desk.start_payment(order)
    till.gateway.fault(**{fault: 1})
    with pytest.raises(PaymentNotStarted):
        await till.begin(payment)
    present = await till.now_of(payment)
    assert (present.state, present.gateway_reference) == (PaymentState.PENDING, None)
    await till.customer(payment)  # the customer found the page, say by another window
    await till.settle()
    assert (await desk.now_of(order)).state is OrderState.PAID
    await desk.assert_clean()


async def test_a_final_no_at_the_start(shop: Shop, till: Till):
    dear = await shop.variant(codes=11, price="1000000000", cost="0")
    order = await desk.place(await shop.customer(), (dear, 11))
    payment = await desk.start_payment(order)
    with pytest.raises(PaymentNotStarted) as refusal:
        await till.begin(payment)
    assert refusal.value.data == {"reason": "amount_invalid"}
    assert (await till.now_of(payment)).state is PaymentState.FAILED
    assert (await desk.now_of(order)).state is OrderState.PLACED
    await desk.assert_clean()


async def test_a_payment_that_failed_at_the_page(shop: Shop, till: Till, variant: StockedVariant):
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, variant)
    payment = await till.begun(order)
    await till.customer(payment, "fail")
    await till.settle()
    assert (await till.now_of(payment)).state is PaymentState.FAILED
    assert (await desk.now_of(order)).state is OrderState.PLACED
    await desk.pay(buyer, order)
    await desk.assert_clean()


async def test_no_such_method(shop: Shop, till: Till, variant: StockedVariant):
    order = await desk.place(await shop.customer(), variant)
    async with desk.nothing_changes():
        with pytest.raises(PaymentMethodUnknown) as refusal:
            await desk.start_payment(order, method="wallet")
    assert refusal.value.data == {"currency": "CNY", "available": "sandbox_gateway"}
    sold_in_dinars = await shop.variant(channel=await shop.channel("kuwait", currency="KWD"))
    order = await desk.place(await shop.customer(), sold_in_dinars)
    async with desk.nothing_changes():
        with pytest.raises(PaymentMethodUnknown):
            await desk.start_payment(order)


async def test_a_gateway_that_is_gone_holds_up_no_other(shop: Shop, till: Till, variant: StockedVariant):
    till.gateway.fault(no_callback=True)
    gone, order = [await desk.place(await shop.customer(), variant) for _ in range(2)]
    lost, payment = await till.begun(gone), await till.begun(order)
    await db.value("UPDATE payment SET method = 'gone' WHERE id = $1", lost.id)
    await till.customer(payment)
    with travel(timedelta(seconds=16)):
        with pytest.raises(ExceptionGroup) as faults:
            await settle_due_payments()
        assert [type(fault) for fault in faults.value.exceptions] == [PaymentMethodUnknown]
        await settle_due_payments()  # it does not stand first in the queue for ever
        await till.settle()
    assert (await desk.now_of(order)).state is OrderState.PAID
    assert (await till.now_of(lost)).state is PaymentState.PENDING


async def test_a_payment_that_nobody_looks_up_is_seen_by_the_audit(shop: Shop, till: Till, variant: StockedVariant):
    payment = await till.begun(await desk.place(await shop.customer(), variant))
    await desk.assert_clean()
    with travel(EXPIRED + timedelta(minutes=1)):
        await desk.assert_clean(waiting={"payments.looked_up", "orders.expired_in_time"})
        assert await desk.warnings() == {"payments.looked_up"}
    assert payment.state is PaymentState.PENDING
