"""Filling a wallet through a gateway: each payment once, however often its job runs."""

import pytest

from perkhub.accounts import CustomerBlocked, block_customer
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.kit.money import Money
from perkhub.payments import Payment, PaymentState, TopUpState, apply_top_up, start_top_up, top_up_by_id
from tests.factories import Person, Shop
from tests.orders import desk
from tests.orders.gateway import money_came
from tests.payments.till import Till


async def started(person: Person, minor: int = 5000, currency: str = "CNY") -> Payment:
    return await transact(
        lambda tx: start_top_up(
            tx,
            new_id(),
            person.party_id,
            Money(minor, currency),
            payment=new_id(),
            method=desk.METHOD,
            return_url=desk.BACK,
        )
    )


async def state_of(payment: Payment) -> TopUpState:
    top_up = await top_up_by_id(payment.payable.id)
    assert top_up is not None
    return top_up.state


async def test_money_comes_into_the_wallet_once(shop: Shop, till: Till):
    buyer = await shop.customer()
    payment = await started(buyer)
    await till.begin(payment)
    await till.customer(payment)
    await till.settle()
    assert (await desk.wallet_of(buyer), await state_of(payment)) == (5000, TopUpState.DONE)
    # A worker that died after the commit: the job comes again, finds all done, and does not end among the dead.
    async with desk.nothing_changes():
        for _ in range(3):
            await transact(lambda tx: apply_top_up(tx, payment.id))
    assert await db.value("SELECT count(*) FROM ledger_transfer WHERE kind = 'top_up'") == 1
    await desk.buy(buyer, await shop.variant())
    await desk.assert_clean()


async def test_the_job_runs_many_times_at_once(shop: Shop, till: Till):
    buyer = await shop.customer()
    payment = await started(buyer)
    await money_came(payment)
    await desk.outcomes([transact(lambda tx: apply_top_up(tx, payment.id)) for _ in range(10)])
    assert await desk.wallet_of(buyer) == 5000
    await drain()
    assert await db.value("SELECT count(*) FROM outbox WHERE state IN ('ready', 'running', 'dead')") == 0
    assert await desk.wallet_of(buyer) == 5000
    await desk.assert_clean()


async def test_a_wrong_amount_waits_for_a_person(shop: Shop, till: Till):
    buyer = await shop.customer()
    payment = await started(buyer)
    await till.begin(payment)
    await till.customer(payment, "pay_wrong_amount")
    await till.settle()
    assert (await till.now_of(payment)).state is PaymentState.REVIEW
    assert (await desk.wallet_of(buyer), await state_of(payment)) == (0, TopUpState.PENDING)
    await desk.assert_clean(waiting={"payments.review"})


@pytest.mark.parametrize("minor", [0, -1, 50_000_01])
async def test_an_odd_amount(shop: Shop, till: Till, minor: int):
    buyer = await shop.customer()
    async with desk.nothing_changes():
        with pytest.raises(InvalidInput):
            await started(buyer, minor)


async def test_a_blocked_customer(shop: Shop, till: Till):
    buyer = await shop.customer()
    payment = await started(buyer)
    await till.begin(payment)
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    async with desk.nothing_changes():
        with pytest.raises(CustomerBlocked):
            await started(buyer)
    # What was under way is theirs; it comes into a wallet that cannot be spent from.
    await till.customer(payment)
    await till.settle()
    assert await desk.wallet_of(buyer) == 5000
    assert await db.value("SELECT frozen FROM party_account WHERE party_id = $1", buyer.party_id)
    await desk.assert_clean()
