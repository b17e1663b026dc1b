"""Callbacks that are forged, replayed, late, early, about others, or lies: they change nothing."""

from datetime import timedelta

import pytest

from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.errors import NotFound
from perkhub.kit.jobs import drain
from perkhub.orders import Order, OrderState
from perkhub.payments import PaymentState, receive_callback
from perkhub.plugin.payment import CallbackForged
from tests.factories import Shop
from tests.orders import desk
from tests.payments.till import Till, looked_up_next

# A genuine callback leaves its row and a job that looks the payment up; nothing else may move.
TRACES = ("gateway_callback", "outbox", "idempotency_key")


async def an_order(shop: Shop) -> Order:
    return await desk.place(await shop.customer(), await shop.variant())


async def test_signed_by_a_stranger(shop: Shop, till: Till):
    order = await an_order(shop)
    payment = await desk.start_payment(order)
    till.gateway.fault(forged_callback=True)
    await till.begin(payment)
    till.gateway.callbacks_are_done()
    forged = [*till.door.received, till.signed(payment.our_reference, secret="x" * 48)]
    assert len(forged) == 2
    async with desk.nothing_changes():
        for callback in forged:
            with pytest.raises(CallbackForged):
                await till.told(callback)
        await drain()
    assert (await desk.now_of(order)).state is OrderState.PLACED


async def test_altered_in_whatever_part(shop: Shop, till: Till):
    payment = await till.begun(await an_order(shop))
    other = await till.begun(await an_order(shop))
    genuine = till.signed(payment.our_reference)
    altered = [
        {"body": genuine.body.replace(payment.our_reference.encode(), other.our_reference.encode())},
        {"body": genuine.body + b" "},
        *(
            {"headers": {**genuine.headers, name: value[:-1] + "0"}}
            for name, value in genuine.headers.items()
            if not value.endswith("0")
        ),
        *({"headers": {k: v for k, v in genuine.headers.items() if k != name}} for name in genuine.headers),
    ]
    async with desk.nothing_changes():
        for change in altered:
            with pytest.raises(CallbackForged):
                await till.told(type(genuine)(**{"headers": genuine.headers, "body": genuine.body, **change}))
        for body in (b"", b"[]", b"{", b"\xff\xfe", b'{"merchant_reference": 7}', b'{"merchant_reference": "short"}'):
            with pytest.raises(CallbackForged):
                await till.told(till.sealed(body, secret=till.gateway.settings["webhook_secret"]))


async def test_too_old_or_from_the_future(shop: Shop, till: Till):
    payment = await till.begun(await an_order(shop))
    body, secret = till.signed(payment.our_reference).body, till.gateway.settings["webhook_secret"]
    async with desk.nothing_changes():
        for ago in (302, -302):
            with pytest.raises(CallbackForged):
                await till.told(till.sealed(body, secret=secret, ago=ago))


async def test_who_called_and_does_not_answer_is_asked_again_soon(shop: Shop, till: Till):
    """The customer has paid and looks at the screen: the next turn of an unpaid payment would be half a minute away."""
    order = await an_order(shop)
    payment = await till.begun(order)
    await till.customer(payment)
    # By its clock no question of ours is fresh: every lookup is refused, and says nothing of the payment.
    till.gateway.fault(clock_ahead_seconds=10_000)
    await till.settle()
    turn = await looked_up_next(payment)
    assert ((await desk.now_of(order)).state, (await till.now_of(payment)).state) == (OrderState.PLACED, PaymentState.PENDING)
    with travel(timedelta(seconds=1)):
        await drain()
    assert await looked_up_next(payment) == pytest.approx(turn, abs=5), "what is hinted at moves no turn"
    till.gateway.fault(clock_ahead_seconds=0)
    with travel(timedelta(seconds=4)):
        await drain()
    assert ((await desk.now_of(order)).state, (await till.now_of(payment)).state) == (OrderState.PAID, PaymentState.SUCCEEDED)
    assert await db.value("SELECT count(*) FROM gateway_callback WHERE sealed IS NOT NULL") == 0


async def test_a_lie_is_looked_up(shop: Shop, till: Till):
    """Well signed, and untrue: the gateway itself says at the look-up that nothing was paid."""
    order = await an_order(shop)
    payment = await desk.start_payment(order)
    till.gateway.fault(lying_callback=True)
    await till.begin(payment)
    till.gateway.callbacks_are_done()
    before = await desk.everything(besides=(*TRACES, "payment"))
    assert await till.hear() == 1
    await drain()
    assert await desk.everything(besides=(*TRACES, "payment")) == before
    present = await till.now_of(payment)
    assert (present.state, present.lookups, present.received) == (PaymentState.PENDING, 1, None)
    assert (await desk.now_of(order)).state is OrderState.PLACED
    await desk.assert_clean()


async def test_replayed_after_use(shop: Shop, till: Till):
    payment = await till.begun(await an_order(shop))
    await till.customer(payment)
    (callback,) = till.door.received
    await till.settle()
    async with desk.nothing_changes():
        await till.told(callback)
        await drain()
        with travel(timedelta(minutes=6)), pytest.raises(CallbackForged):
            await till.told(callback)


async def test_about_what_is_over(shop: Shop, till: Till):
    """New messages about a settled payment, whatever they claim and in whatever order they come."""
    payment = await till.begun(await an_order(shop))
    await till.customer(payment)
    await till.settle()
    before = await desk.everything(besides=TRACES)
    for event in ("payment.failed", "payment.pending", "payment.paid", "payment.refunded"):
        await till.told(till.signed(payment.our_reference, event=event, amount=1))
    await drain()
    assert await desk.everything(besides=TRACES) == before
    assert await db.value("SELECT count(*) FROM gateway_callback WHERE sealed IS NOT NULL") == 0


async def test_about_another_order(shop: Shop, till: Till):
    """One customer pays; a genuine message about another customer's payment does not make that one paid."""
    mine, theirs = await an_order(shop), await an_order(shop)
    paid, unpaid = await till.begun(mine), await till.begun(theirs)
    await till.customer(paid)
    till.door.received.clear()
    await till.told(till.signed(unpaid.our_reference, amount=paid.amount.minor))
    await drain()
    assert [(await desk.now_of(order)).state for order in (mine, theirs)] == [OrderState.PLACED] * 2
    await till.told(till.signed(paid.our_reference))
    await drain()
    assert [(await desk.now_of(order)).state for order in (mine, theirs)] == [OrderState.PAID, OrderState.PLACED]
    await desk.assert_clean()


async def test_about_nothing_we_know(shop: Shop, till: Till):
    await till.begun(await an_order(shop))
    callback = till.signed("Z" * 24)
    async with desk.nothing_changes():
        await till.told(callback)  # acknowledged, or the gateway would repeat it for ever
        with pytest.raises(NotFound):
            await receive_callback("gone", callback.headers, callback.body)


async def test_before_we_know_that_it_began(shop: Shop, till: Till):
    """The gateway's answer to the start was lost, its callback comes first."""
    order = await an_order(shop)
    payment = await desk.start_payment(order)
    till.gateway.fault(accept_then_drop=1)
    with pytest.raises(Exception, match="did not accept"):
        await till.begin(payment)
    await till.customer(payment)
    await till.settle()
    assert (await desk.now_of(order)).state is OrderState.PAID
    await desk.assert_clean()


async def test_money_after_a_final_no(shop: Shop, till: Till):
    """A gateway that said no and took the money all the same: it is here, and is used."""
    order = await an_order(shop)
    payment = await till.begun(order)
    await db.value("UPDATE payment SET state = 'failed', next_lookup_at = NULL WHERE id = $1", payment.id)
    await till.customer(payment)
    await till.settle()
    assert (await till.now_of(payment)).state is PaymentState.SUCCEEDED
    assert (await desk.now_of(order)).state is OrderState.PAID
    await desk.assert_clean()
