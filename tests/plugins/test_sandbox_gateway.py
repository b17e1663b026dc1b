"""The client against the gateway over real HTTP, when nothing goes wrong and when the gateway says no."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from perkhub.kit.clock import now
from perkhub.plugin import (
    Failed,
    LookupRequest,
    NotFound,
    Paid,
    Pending,
    Redirect,
    RefundDone,
    RefundNotFound,
    RefundPending,
    RefundRejected,
    RefundUnknown,
    StartRefused,
    StartUnanswered,
    Unknown,
)
from perkhub.plugin.configure import configure
from perkhub_plugins.payments.sandbox_gateway.client import SandboxGateway
from tests.plugins.gateway import RunningGateway, payment, refund_of


async def test_from_start_to_paid(gateway: RunningGateway, client: SandboxGateway):
    wanted = payment()
    assert await client.lookup(LookupRequest(wanted.our_reference)) == NotFound()
    started = await client.start(wanted)
    assert isinstance(started.action, Redirect)
    assert started.action.url.startswith(f"{gateway.line['base_url']}/pay/")
    assert await client.lookup(LookupRequest(wanted.our_reference, started.gateway_reference)) == Pending()
    answer = gateway.customer("pay", reference=wanted.our_reference)
    assert (answer.status_code, answer.headers["location"]) == (303, wanted.return_url)
    outcome = await client.lookup(LookupRequest(wanted.our_reference))
    assert isinstance(outcome, Paid)
    assert (outcome.amount_minor, outcome.currency, outcome.gateway_reference) == (1234, "CNY", started.gateway_reference)
    assert abs(outcome.paid_at - now()) < timedelta(seconds=10)


async def test_a_repeated_start_is_the_same_payment(gateway: RunningGateway, client: SandboxGateway):
    wanted = payment()
    answers = await asyncio.gather(*(client.start(wanted) for _ in range(10)))
    assert len(set(answers)) == 1
    assert len(gateway.payments(wanted.our_reference)) == 1


async def test_a_reference_with_another_amount_is_never_taken_for_the_first(gateway: RunningGateway, client: SandboxGateway):
    wanted = payment()
    await client.start(wanted)
    with pytest.raises(StartUnanswered, match="http_409_reference_reused"):
        await client.start(replace(wanted, amount_minor=1))
    assert [one["amount"] for one in gateway.payments(wanted.our_reference)] == [1234]


async def test_a_wrong_amount_is_told_as_it_came(gateway: RunningGateway, client: SandboxGateway):
    wanted = payment()
    await client.start(wanted)
    gateway.customer("pay_wrong_amount", reference=wanted.our_reference)
    outcome = await client.lookup(LookupRequest(wanted.our_reference))
    assert isinstance(outcome, Paid)
    assert outcome.amount_minor == 1233


async def test_a_declined_payment_fails_and_cannot_be_started_again(gateway: RunningGateway, client: SandboxGateway):
    wanted = payment()
    await client.start(wanted)
    gateway.customer("fail", reference=wanted.our_reference)
    assert await client.lookup(LookupRequest(wanted.our_reference)) == Failed("declined")
    with pytest.raises(StartRefused, match="declined"):
        await client.start(wanted)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount_minor": 0}, "amount_invalid"),
        ({"amount_minor": -5}, "amount_invalid"),
        ({"amount_minor": 10**14}, "amount_invalid"),
        ({"currency": "XTS"}, "currency_unsupported"),
        ({"expires_at": now() - timedelta(seconds=1)}, "already_expired"),
        ({"our_reference": "short"}, "request_invalid"),
        ({"notify_url": "file:///etc/passwd"}, "request_invalid"),
    ],
)
async def test_what_the_gateway_finally_refuses(
    gateway: RunningGateway, client: SandboxGateway, change: dict[str, object], reason: str
):
    wanted = replace(payment(), **change)  # type: ignore[arg-type]
    with pytest.raises(StartRefused) as refused:
        await client.start(wanted)
    assert refused.value.reason == reason
    assert gateway.payments(wanted.our_reference) == []


async def test_money_after_the_deadline_is_refused_unless_the_gateway_is_late(gateway: RunningGateway, client: SandboxGateway):
    on_time, late = payment(), payment()
    await client.start(on_time)
    await client.start(late)
    gateway.fault(late=True, clock_ahead_seconds=901)
    assert gateway.customer("pay", reference=late.our_reference).status_code == 303
    gateway.fault(late=False)
    assert gateway.customer("pay", reference=on_time.our_reference).status_code == 409
    gateway.no_faults()
    assert await client.lookup(LookupRequest(on_time.our_reference)) == Failed("expired")
    assert isinstance(await client.lookup(LookupRequest(late.our_reference)), Paid)


async def test_refunds_in_parts_never_exceed_what_was_paid(gateway: RunningGateway, client: SandboxGateway):
    paid = payment()
    await client.start(paid)
    gateway.customer("pay", reference=paid.our_reference)
    outcomes = await asyncio.gather(*(client.refund(refund_of(paid, 300)) for _ in range(10)))
    done = [outcome for outcome in outcomes if isinstance(outcome, RefundDone)]
    assert [(one.amount_minor, one.currency) for one in done] == [(300, "CNY")] * 4
    assert [outcome for outcome in outcomes if outcome not in done] == [RefundRejected("exceeds_paid")] * 6
    assert sum(one["amount"] for one in gateway.refunds(paid.our_reference) if one["status"] == "done") == 1200


async def test_a_repeated_refund_is_the_same_refund(gateway: RunningGateway, client: SandboxGateway):
    paid = payment()
    await client.start(paid)
    gateway.customer("pay", reference=paid.our_reference)
    wanted = refund_of(paid, 500)
    outcomes = await asyncio.gather(*(client.refund(wanted) for _ in range(10)))
    assert len(set(outcomes)) == 1
    assert await client.lookup_refund(wanted) == outcomes[0]
    assert len(gateway.refunds(paid.our_reference)) == 1
    assert await client.refund(replace(wanted, amount_minor=501)) == RefundUnknown("http_409_reference_reused")
    assert await client.lookup_refund(replace(wanted, amount_minor=501)) == RefundUnknown("answer_mismatch")


async def test_a_refund_that_takes_its_time(gateway: RunningGateway, client: SandboxGateway):
    paid = payment()
    await client.start(paid)
    gateway.customer("pay", reference=paid.our_reference)
    gateway.fault(refund_pending=True)
    wanted = refund_of(paid)
    assert await client.refund(wanted) == RefundPending()
    assert await client.lookup_refund(wanted) == RefundPending()
    gateway.fault(refund_pending=False)
    assert isinstance(await client.lookup_refund(wanted), RefundDone)


async def test_refunds_without_a_paid_payment(gateway: RunningGateway, client: SandboxGateway):
    unpaid, unknown = payment(), payment()
    await client.start(unpaid)
    assert await client.refund(refund_of(unpaid)) == RefundRejected("payment_not_paid")
    assert await client.refund(refund_of(unknown)) == RefundRejected("payment_unknown")
    assert await client.lookup_refund(refund_of(unpaid)) == RefundNotFound()


@pytest.mark.parametrize("wrong", [{"secret": "x" * 32}, {"merchant_id": "somebody"}])
async def test_wrong_credentials_settle_nothing(gateway: RunningGateway, wrong: dict[str, str]):
    """A key that was rotated too early tells nothing about a payment begun with the old one."""
    stranger = configure(SandboxGateway, {**gateway.settings, **wrong})
    wanted = payment()
    with pytest.raises(StartUnanswered, match="http_401"):
        await stranger.start(wanted)
    assert isinstance(await stranger.lookup(LookupRequest(wanted.our_reference)), Unknown)
    assert isinstance(await stranger.refund(refund_of(wanted)), RefundUnknown)
    assert gateway.payments(wanted.our_reference) == gateway.refunds(wanted.our_reference) == []
    await stranger.close()


async def test_the_gateway_takes_a_signed_request_once(gateway: RunningGateway, client: SandboxGateway):
    sent: list[httpx2.Request] = []

    async def keep(request: httpx2.Request) -> None:
        sent.append(request)

    client._http.event_hooks["request"].append(keep)
    wanted = payment()
    await client.start(wanted)
    (request,) = sent
    async with httpx2.AsyncClient() as thief:
        again = await thief.post(request.url, content=request.content, headers=request.headers)
        other = await thief.post(request.url, content=request.content.replace(b"1234", b"9999"), headers=request.headers)
    assert (again.status_code, again.json()) == (401, {"error": "nonce_reused"})
    assert (other.status_code, other.json()) == (401, {"error": "signature_invalid"})


async def test_the_pay_page_is_for_people(gateway: RunningGateway, client: SandboxGateway):
    wanted = replace(payment(amount=1234567), subject='<script>alert("x")</script>')
    started = await client.start(wanted)
    assert isinstance(started.action, Redirect)
    page = httpx2.get(started.action.url).text
    assert "12,345.67 CNY" in page
    assert "<script>" not in page
    assert [button in page for button in ('value="pay"', 'value="pay_wrong_amount"', 'value="fail"')] == [True] * 3
    assert httpx2.post(started.action.url, data={"action": "dance"}).status_code == 400
    gateway.customer("pay", reference=wanted.our_reference)
    assert gateway.customer("fail", reference=wanted.our_reference).status_code == 409
    assert "<button" not in httpx2.get(started.action.url).text
    assert httpx2.get(f"{gateway.line['base_url']}/pay/pay_none").status_code == 404
