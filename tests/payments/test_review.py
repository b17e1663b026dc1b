"""Money that does not fit waits for a person, who gives it back or puts it into the wallet, once."""

import pytest

from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.kit.money import Money
from perkhub.orders import Order, OrderState
from perkhub.payments import (
    Payment,
    PaymentNotInReview,
    PaymentState,
    ReviewDecision,
    settle_payment,
    settle_review,
)
from perkhub.payments.record import payments_in_review
from tests.factories import Person, Shop
from tests.orders import desk
from tests.orders.gateway import money_came
from tests.payments.till import Till


@pytest.fixture
async def buyer(shop: Shop) -> Person:
    return await shop.customer()


@pytest.fixture
async def order(shop: Shop, buyer: Person) -> Order:
    return await desk.place(buyer, await shop.variant())


@pytest.fixture
async def payment(till: Till, order: Order) -> Payment:
    """One cent less came than was due."""
    payment = await till.begun(order)
    await till.customer(payment, "pay_wrong_amount")
    await till.settle()
    return await till.now_of(payment)


async def decide(payment: Payment, decision: ReviewDecision) -> None:
    await transact(lambda tx: settle_review(tx, payment.id, decision, actor="staff:tests"))


async def test_a_wrong_amount_pays_for_nothing_and_waits(buyer: Person, order: Order, payment: Payment):
    assert (payment.state, payment.received) == (PaymentState.REVIEW, Money(1989, "CNY"))
    assert (await desk.now_of(order)).state is OrderState.PLACED
    assert (await desk.book("unapplied"), await desk.book("clearing")) == (1989, -1989)
    assert [one.id for one in await payments_in_review()] == [payment.id]
    async with desk.nothing_changes():
        await settle_payment(payment.id)
    await desk.assert_clean(waiting={"payments.review"})


async def test_given_back(till: Till, order: Order, payment: Payment):
    await decide(payment, ReviewDecision.GIVE_BACK)
    await drain()
    assert till.refunds(payment) == [(1989, "done")]
    assert [await desk.book(name) for name in ("unapplied", "refunding", "clearing")] == [0, 0, 0]
    assert (await till.now_of(payment)).state is PaymentState.RETURNED
    assert (await desk.now_of(order)).state is OrderState.PLACED
    await desk.assert_clean()


async def test_put_into_the_wallet(buyer: Person, payment: Payment):
    await decide(payment, ReviewDecision.INTO_WALLET)
    assert (await desk.wallet_of(buyer), await desk.book("unapplied")) == (1989, 0)
    await desk.assert_clean()


async def test_decided_once_by_whoever_is_first(till: Till, buyer: Person, payment: Payment):
    attempts = [decide(payment, ReviewDecision.INTO_WALLET) for _ in range(5)]
    attempts += [decide(payment, ReviewDecision.GIVE_BACK) for _ in range(5)]
    assert await desk.at_once(attempts) == {"NoneType": 1, "PaymentNotInReview": 9}
    await drain()
    back = sum(amount for amount, _ in till.refunds(payment))
    assert back + await desk.wallet_of(buyer) == 1989
    await desk.assert_clean()


async def test_only_what_waits_is_decided(till: Till, order: Order):
    paid = await till.paid(order)
    async with desk.nothing_changes():
        for decision in ReviewDecision:
            with pytest.raises(PaymentNotInReview):
                await decide(paid, decision)
        with pytest.raises(NotFound):
            await transact(lambda tx: settle_review(tx, new_id(), ReviewDecision.GIVE_BACK, actor="staff:tests"))
    await desk.assert_clean()


async def test_another_currency_goes_into_a_wallet_of_that_currency(buyer: Person, order: Order):
    payment = await desk.start_payment(order)
    await money_came(payment, Money(1990, "USD"))
    await desk.assert_clean(waiting={"payments.review"})
    await decide(payment, ReviewDecision.INTO_WALLET)
    assert (await desk.wallet_of(buyer, "USD"), await desk.wallet_of(buyer)) == (1990, 0)
    await desk.assert_clean()


@pytest.mark.parametrize("decision", list(ReviewDecision))
async def test_nothing_came(till: Till, buyer: Person, order: Order, decision: ReviewDecision):
    payment = await desk.start_payment(order)
    await money_came(payment, Money(0, "CNY"))
    assert (await till.now_of(payment)).state is PaymentState.REVIEW
    await desk.assert_clean(waiting={"payments.review"})
    await decide(payment, decision)
    assert await desk.wallet_of(buyer) == 0
    await desk.assert_clean()
