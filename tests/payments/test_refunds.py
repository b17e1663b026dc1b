"""Money that goes back through a gateway: asked for until it is certain, sent once, booked once."""

from datetime import timedelta

import pytest

from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.ledger import freeze_wallet
from perkhub.orders import Order, OrderState
from perkhub.payments import Payment, RefundState, RefundUnsettled, carry_out_refund, refunds_of
from perkhub.payments.methods import gateway
from perkhub.plugin.payment import RefundDone, RefundRequest
from tests.factories import Person, Shop
from tests.orders import desk
from tests.payments.till import Till


@pytest.fixture
async def buyer(shop: Shop) -> Person:
    return await shop.customer()


@pytest.fixture
async def order(shop: Shop, buyer: Person) -> Order:
    return await desk.place(buyer, (await shop.variant(), 3))


@pytest.fixture
async def payment(till: Till, order: Order) -> Payment:
    return await till.paid(order)


async def states(payment: Payment) -> list[str]:
    return [str(refund.state) for _, refund in await refunds_of([payment.payable.id])]


async def test_units_one_by_one(till: Till, buyer: Person, order: Order, payment: Payment):
    for unit in await desk.units_of(order):
        await desk.refund(buyer, order, [unit.id])
    assert await states(payment) == ["pending"] * 3
    assert (await desk.now_of(order)).state is OrderState.REFUNDED
    assert (await desk.book("refunding"), await desk.book("clearing")) == (5970, -5970)
    await desk.assert_clean()
    await drain()
    assert await states(payment) == ["done"] * 3
    assert till.refunds(payment) == [(1990, "done")] * 3
    assert [await desk.book(name) for name in ("refunding", "clearing", "party")] == [0, 0, 0]
    await desk.assert_clean()


async def test_the_job_runs_ten_times_at_once(till: Till, buyer: Person, order: Order, payment: Payment):
    await desk.refund(buyer, order)
    (_, refund), *_ = await refunds_of([order.id])
    await desk.outcomes([carry_out_refund(refund.id) for _ in range(10)])
    await drain()
    await carry_out_refund(refund.id)
    assert till.refunds(payment) == [(5970, "done")]
    assert await db.value("SELECT count(*) FROM ledger_transfer WHERE kind = 'refund.settled'") == 1
    await desk.assert_clean()


@pytest.mark.parametrize("fault", ["slow_seconds", "error_500_then_accepted", "accept_then_drop", "drop_before_accept"])
async def test_an_answer_that_does_not_come(till: Till, buyer: Person, order: Order, payment: Payment, fault: str):
    await desk.refund(buyer, order)
    till.gateway.fault(**{fault: 1.5 if fault == "slow_seconds" else 1})
    await drain()
    assert await states(payment) == ["pending"]
    await desk.assert_clean()
    till.gateway.no_faults()
    with travel(timedelta(seconds=16)):
        await drain()
    assert await states(payment) == ["done"]
    assert till.refunds(payment) == [(5970, "done")]
    await desk.assert_clean()


async def test_a_gateway_that_takes_its_time(till: Till, buyer: Person, order: Order, payment: Payment):
    await desk.refund(buyer, order)
    till.gateway.fault(refund_pending=True)
    await drain()
    for again in (16, 32):
        with travel(timedelta(seconds=again)):
            await drain()
    assert (await states(payment), till.refunds(payment)) == (["pending"], [(5970, "pending")])
    with travel(timedelta(minutes=16)):
        assert await desk.warnings() >= {"refunds.pending"}
    till.gateway.no_faults()
    with travel(timedelta(seconds=48)):
        await drain()
    assert (await states(payment), till.refunds(payment)) == (["done"], [(5970, "done")])
    await desk.assert_clean()


async def test_a_final_no_goes_into_the_wallet(till: Till, buyer: Person, order: Order, payment: Payment):
    """Somebody refunded it at the gateway by hand: it will not pay twice, and the customer has not been paid by us."""
    method = gateway(payment.method, currency="CNY")
    by_hand = RefundRequest("H" * 24, payment.our_reference, None, payment.amount.minor, "CNY")
    assert isinstance(await method.refund(by_hand), RefundDone)
    await desk.refund(buyer, order)
    (_, refund), *_ = await refunds_of([order.id])
    await desk.outcomes([carry_out_refund(refund.id) for _ in range(5)])
    await drain()
    assert await states(payment) == [RefundState.REJECTED]
    assert await desk.wallet_of(buyer) == 5970
    assert await db.value("SELECT count(*) FROM ledger_transfer WHERE kind = 'refund.settled'") == 1
    await desk.assert_clean()


async def test_a_refund_reaches_a_frozen_wallet(shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, await shop.variant())
    await transact(lambda tx: freeze_wallet(tx, buyer.party_id, frozen=True))
    await desk.refund_as_staff(order)
    assert await desk.wallet_of(buyer) == 10000
    await desk.assert_clean()


async def test_a_wrong_answer_settles_nothing(
    till: Till, buyer: Person, order: Order, payment: Payment, monkeypatch: pytest.MonkeyPatch
):
    """A gateway that says it sent another amount: somebody must look at it."""
    await desk.refund(buyer, order)
    (_, refund), *_ = await refunds_of([order.id])
    method = gateway(payment.method, currency="CNY")

    async def less(request: RefundRequest) -> RefundDone:
        return RefundDone(request.amount_minor - 1, request.currency, "rf_1", payment.created_at)

    with monkeypatch.context() as patched:
        patched.setattr(method, "lookup_refund", less)
        with pytest.raises(RefundUnsettled):
            await carry_out_refund(refund.id)
    assert await states(payment) == ["pending"]
    await desk.assert_clean()
