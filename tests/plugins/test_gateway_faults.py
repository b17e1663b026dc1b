"""Whatever the gateway does to an answer, the client says what is known and no more, and repeating is safe."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest

from perkhub.plugin import (
    LookupRequest,
    NotFound,
    OutboundClient,
    Paid,
    PaymentOutcome,
    Pending,
    RefundDone,
    RefundNotFound,
    RefundUnknown,
    StartUnanswered,
    Unknown,
)
from perkhub.plugin.configure import configure
from perkhub_plugins.payments.sandbox_gateway.client import SandboxGateway
from tests.plugins.gateway import RunningGateway, payment, refund_of

AFTER_ACCEPTING = [{"accept_then_drop": 1}, {"error_500_then_accepted": 1}, {"slow_seconds": 3}]


async def test_a_start_that_never_arrived(gateway: RunningGateway, client: SandboxGateway):
    wanted = payment()
    gateway.fault(drop_before_accept=1)
    with pytest.raises(StartUnanswered):
        await client.start(wanted)
    assert gateway.payments(wanted.our_reference) == []
    assert await client.lookup(LookupRequest(wanted.our_reference)) == NotFound()
    await client.start(wanted)
    assert len(gateway.payments(wanted.our_reference)) == 1


@pytest.mark.parametrize("fault", AFTER_ACCEPTING, ids=lambda fault: next(iter(fault)))
async def test_a_start_whose_answer_was_lost(gateway: RunningGateway, client: SandboxGateway, fault: dict[str, float]):
    wanted = payment()
    gateway.fault(**fault)
    with pytest.raises(StartUnanswered):
        await client.start(wanted)
    gateway.no_faults()
    assert await client.lookup(LookupRequest(wanted.our_reference)) == Pending()
    started = await client.start(wanted)
    (recorded,) = gateway.payments(wanted.our_reference)
    assert started.gateway_reference == recorded["payment_id"]


async def test_a_refund_that_never_arrived(gateway: RunningGateway, client: SandboxGateway):
    paid = await paid_payment(gateway, client)
    wanted = refund_of(paid)
    gateway.fault(drop_before_accept=1)
    assert isinstance(await client.refund(wanted), RefundUnknown)
    assert gateway.refunds(paid.our_reference) == []
    assert await client.lookup_refund(wanted) == RefundNotFound()
    assert isinstance(await client.refund(wanted), RefundDone)


@pytest.mark.parametrize("fault", AFTER_ACCEPTING, ids=lambda fault: next(iter(fault)))
async def test_a_refund_whose_answer_was_lost(gateway: RunningGateway, client: SandboxGateway, fault: dict[str, float]):
    paid = await paid_payment(gateway, client)
    wanted = refund_of(paid)
    gateway.fault(**fault)
    assert isinstance(await client.refund(wanted), RefundUnknown)
    gateway.no_faults()
    looked_up = await client.lookup_refund(wanted)
    assert isinstance(looked_up, RefundDone)
    assert await client.refund(wanted) == looked_up
    assert [one["amount"] for one in gateway.refunds(paid.our_reference)] == [1234]


async def test_a_gateway_that_takes_less_than_asked(gateway: RunningGateway, client: SandboxGateway):
    gateway.fault(wrong_amount=True)
    paid = await paid_payment(gateway, client)
    outcome = await client.lookup(LookupRequest(paid.our_reference))
    assert isinstance(outcome, Paid)
    assert outcome.amount_minor == 1233


async def test_nobody_is_there(client: SandboxGateway):
    lonely = configure(SandboxGateway, {**settings_of(client), "base_url": "http://127.0.0.1:9"})
    wanted = payment()
    with pytest.raises(StartUnanswered, match="ConnectError"):
        await lonely.start(wanted)
    assert await lonely.lookup(LookupRequest(wanted.our_reference)) == Unknown("ConnectError")
    assert await lonely.refund(refund_of(wanted)) == RefundUnknown("ConnectError")
    assert await lonely.lookup_refund(refund_of(wanted)) == RefundUnknown("ConnectError")
    await lonely.close()


PAID = {
    "payment_id": "pay_1", "merchant_reference": "OURS", "status": "paid", "amount": 5, "currency": "CNY",
    "pay_url": "http://gateway.test/pay/1", "paid_amount": 5, "paid_at": "2030-01-01T00:00:00Z",
}  # fmt: skip

NONSENSE = [
    httpx2.Response(200, content=b""),
    httpx2.Response(200, content=b"<html>OK</html>"),
    httpx2.Response(200, content=b"\xff\xfe\x00"),
    httpx2.Response(200, json=[]),
    httpx2.Response(200, json=None),
    httpx2.Response(200, json={"status": "paid"}),
    httpx2.Response(200, json=PAID | {"status": "PAID"}),
    httpx2.Response(200, json=PAID | {"merchant_reference": "THEIRS"}),
    httpx2.Response(200, json=PAID | {"paid_amount": "5"}),
    httpx2.Response(200, json=PAID | {"paid_amount": 5.0}),
    httpx2.Response(200, json=PAID | {"paid_amount": True}),
    httpx2.Response(200, json=PAID | {"paid_amount": None}),
    httpx2.Response(200, json=PAID | {"paid_amount": -5}),
    httpx2.Response(200, json=PAID | {"paid_amount": 10**40}),
    httpx2.Response(200, json=PAID | {"paid_at": None}),
    httpx2.Response(200, json=PAID | {"paid_at": "2030-01-01T00:00:00"}),
    httpx2.Response(200, json=PAID | {"payment_id": "pay\0"}),
    httpx2.Response(201, json=PAID),
    httpx2.Response(204),
    httpx2.Response(302, headers={"Location": "http://elsewhere.test/"}),
    httpx2.Response(404, json={"error": "no_such_route"}),
    httpx2.Response(404, content=b"nginx"),
    httpx2.Response(429, json={"error": "too_fast"}),
    httpx2.Response(500, json=PAID),
    httpx2.Response(502, content=b"Bad Gateway"),
]


@pytest.mark.parametrize("answer", NONSENSE, ids=lambda answer: f"{answer.status_code}-{answer.content[:160]!r}")
async def test_an_answer_that_says_nothing_we_understand_is_unknown(client: SandboxGateway, answer: httpx2.Response):
    assert isinstance(await answered(client, answer)(LookupRequest("OURS")), Unknown)


async def test_the_answer_they_are_made_from_is_understood(client: SandboxGateway):
    """Else the test above would prove nothing."""
    assert isinstance(await answered(client, httpx2.Response(200, json=PAID))(LookupRequest("OURS")), Paid)


@pytest.mark.parametrize(
    "change", [{"amount": 4}, {"currency": "USD"}, {"merchant_reference": "THEIRS"}, {"pay_url": "javascript:x"}]
)
async def test_a_start_answered_for_something_else_is_unanswered(client: SandboxGateway, change: dict[str, object]):
    wanted = payment(amount=5)
    mine = PAID | {"merchant_reference": wanted.our_reference, "status": "pending"}
    answered(client, httpx2.Response(201, json=mine | change))
    with pytest.raises(StartUnanswered, match="answer_"):
        await client.start(wanted)


def answered(client: SandboxGateway, answer: httpx2.Response) -> Callable[[LookupRequest], Awaitable[PaymentOutcome]]:
    """The client's lookup, with this answer to whatever it asks."""

    async def give(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(answer.status_code, content=answer.content, headers=answer.headers)

    client._http = OutboundClient(base_url="http://gateway.test", transport=httpx2.MockTransport(give))
    return client.lookup


async def paid_payment(gateway: RunningGateway, client: SandboxGateway):
    wanted = payment()
    await client.start(wanted)
    gateway.customer("pay", reference=wanted.our_reference)
    return wanted


def settings_of(client: SandboxGateway) -> dict[str, object]:
    shown = client._settings.model_dump()
    return {**shown, "secret": "s" * 32, "webhook_secret": "w" * 32}
