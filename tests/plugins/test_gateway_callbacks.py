"""A callback is a hint, taken only from the gateway, now, and whole; and the gateway keeps trying to tell."""

import hashlib
import hmac
import json
from datetime import timedelta
from itertools import permutations

import pytest

from perkhub.kit.clock import now, travel
from perkhub.plugin import CallbackForged, LookupRequest, Pending
from perkhub.plugin.configure import configure
from perkhub_plugins.payments.sandbox_gateway.client import SandboxGateway
from tests.plugins.gateway import Received, RunningGateway, Shop, payment

SECRET = "webhook-secret-of-the-tests"
REFERENCE = "0123456789ABCDEFGHIJKLMN"
NONCE = "0123456789abcdef"


@pytest.fixture
async def reader():
    """A client that only reads callbacks."""
    made = configure(
        SandboxGateway,
        {"base_url": "http://gateway.test", "merchant_id": "m", "secret": "s" * 32, "webhook_secret": SECRET},
    )
    yield made
    await made.close()


def signed(body: bytes, *, secret: str = SECRET, nonce: str = NONCE, timestamp: str | None = None) -> Received:
    """A callback, signed here by the protocol page alone."""
    timestamp = timestamp or str(int(now().timestamp()))
    text = f"{timestamp}\n{nonce}\n".encode() + body
    signature = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return Received({"gateway-timestamp": timestamp, "gateway-nonce": nonce, "gateway-signature": signature}, body)


def genuine(**changes: object) -> Received:
    return signed(json.dumps({"merchant_reference": REFERENCE, "event": "payment.paid"} | changes).encode())


def refused(reader: SandboxGateway, received: Received) -> str:
    with pytest.raises(CallbackForged) as forged:
        reader.read_callback(received.headers, received.body)
    return forged.value.reason


async def test_a_genuine_callback_names_a_payment_and_no_more(reader: SandboxGateway):
    hint = reader.read_callback(genuine(amount=10**9).headers, genuine(amount=10**9).body)
    assert (hint.our_reference, hint.nonce) == (REFERENCE, NONCE)
    assert abs(hint.at - now()) < timedelta(seconds=3)


async def test_a_fixed_example_of_the_signature(reader: SandboxGateway):
    """Worked out once with `openssl dgst -sha256 -hmac`; both sides drifting together would miss it."""
    body = b'{"merchant_reference":"0123456789ABCDEFGHIJKLMN"}'
    received = signed(body, timestamp="1900000000")
    assert received.headers["gateway-signature"] == "9bd9a80822e2cc9eb32d0ef04bc98ef58abc8202d7447ead39afac2890dac81b"
    with travel(timedelta(seconds=1_900_000_000 - now().timestamp())):
        assert reader.read_callback(received.headers, body).our_reference == REFERENCE


@pytest.mark.parametrize("missing", ["gateway-timestamp", "gateway-nonce", "gateway-signature"])
async def test_a_header_is_missing(reader: SandboxGateway, missing: str):
    received = genuine()
    del received.headers[missing]
    assert refused(reader, received) in ("headers", "nonce")


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("gateway-signature", "0" * 64, "signature"),
        ("gateway-signature", "é" * 64, "headers"),
        ("gateway-signature", "", "headers"),
        ("gateway-signature", "0" * 63, "headers"),
        ("gateway-timestamp", "1e9", "headers"),
        ("gateway-timestamp", "١٢٣٤٥٦٧٨٩٠", "headers"),
        ("gateway-timestamp", "-190000000", "headers"),
        ("gateway-timestamp", "1900000000\n", "headers"),
        ("gateway-nonce", "short", "nonce"),
        ("gateway-nonce", "x" * 65, "nonce"),
        ("gateway-nonce", "0123456789abcde\n", "nonce"),
        ("gateway-nonce", "0123456789abcdee", "signature"),
    ],
)
async def test_a_header_was_changed(reader: SandboxGateway, header: str, value: str, reason: str):
    received = genuine()
    received.headers[header] = value
    assert refused(reader, received) == reason


async def test_an_upper_case_signature_is_another_signature(reader: SandboxGateway):
    received = genuine()
    received.headers["gateway-signature"] = received.headers["gateway-signature"].upper()
    assert refused(reader, received) == "headers"


@pytest.mark.parametrize(
    "change", [lambda body: body + b" ", lambda body: body[:-1], lambda body: b"", lambda body: body.swapcase()]
)
async def test_the_body_was_changed(reader: SandboxGateway, change):
    received = genuine()
    assert refused(reader, Received(received.headers, change(received.body))) == "signature"


async def test_line_feeds_cannot_be_moved_between_the_signed_parts(reader: SandboxGateway):
    received = genuine()
    moved = Received({**received.headers, "gateway-nonce": NONCE + "00000000"}, received.body)
    assert refused(reader, moved) == "signature"


async def test_a_strangers_signature(reader: SandboxGateway):
    for secret in ("another-secret-of-the-tests", "", SECRET + " ", "s" * 32):
        assert refused(reader, signed(genuine().body, secret=secret)) == "signature"


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
async def test_too_old_or_from_the_future(reader: SandboxGateway, seconds: int):
    received = genuine()
    with travel(timedelta(seconds=seconds)):
        assert refused(reader, received) == "window"


@pytest.mark.parametrize("seconds", [-290, 290])
async def test_within_the_window(reader: SandboxGateway, seconds: int):
    received = genuine()
    with travel(timedelta(seconds=seconds)):
        assert reader.read_callback(received.headers, received.body).our_reference == REFERENCE


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"\xff", b'{"merchant_reference": 7}', b'{"merchant_reference": "' + b"a" * 24 + b'"}',
     b'{"merchant_reference": "0123456789ABCDEFGHIJKLM\\u0000"}', b"[" * 100_000],
)  # fmt: skip
async def test_a_well_signed_body_without_a_payment(reader: SandboxGateway, body: bytes):
    assert refused(reader, signed(body)) == "body"


async def test_headers_of_one_callback_do_not_fit_another(reader: SandboxGateway):
    bodies = [json.dumps({"merchant_reference": f"{index:024}"}).encode() for index in range(3)]
    callbacks = [signed(body, nonce=f"{index:016}") for index, body in enumerate(bodies)]
    for order in permutations(range(3)):
        for index, other in enumerate(order):
            mixed = Received(callbacks[index].headers, callbacks[other].body)
            if index == other:
                assert reader.read_callback(mixed.headers, mixed.body).our_reference == f"{index:024}"
            else:
                assert refused(reader, mixed) == "signature"


async def test_the_gateways_own_callback_is_genuine(gateway: RunningGateway, client: SandboxGateway, shop: Shop):
    wanted = payment(shop.notify_url)
    await client.start(wanted)
    gateway.customer("pay", reference=wanted.our_reference)
    gateway.callbacks_are_done()
    (received,) = shop.received
    assert client.read_callback(received.headers, received.body).our_reference == wanted.our_reference


async def test_duplicates_carry_the_same_nonce_so_that_the_host_can_tell(
    gateway: RunningGateway, client: SandboxGateway, shop: Shop
):
    gateway.fault(duplicate_callbacks=4)
    wanted = payment(shop.notify_url)
    await client.start(wanted)
    gateway.customer("pay", reference=wanted.our_reference)
    gateway.callbacks_are_done()
    hints = {client.read_callback(received.headers, received.body) for received in shop.received}
    assert len(shop.received) == 5
    assert len(hints) == 1


async def test_a_callback_is_tried_until_it_is_taken(gateway: RunningGateway, client: SandboxGateway, shop: Shop):
    shop.refuse = 2
    wanted = payment(shop.notify_url)
    await client.start(wanted)
    gateway.customer("fail", reference=wanted.our_reference)
    books = gateway.callbacks_are_done()
    tries = [one for one in books["callbacks"] if one["merchant_reference"] == wanted.our_reference]
    assert [(one["attempt"], one["answer"]) for one in tries] == [(1, "503"), (2, "503"), (3, "200")]
    assert len({client.read_callback(received.headers, received.body) for received in shop.received}) == 1


async def test_no_callback_at_all(gateway: RunningGateway, client: SandboxGateway, shop: Shop):
    gateway.fault(no_callback=True)
    wanted = payment(shop.notify_url)
    await client.start(wanted)
    gateway.customer("pay", reference=wanted.our_reference)
    gateway.callbacks_are_done()
    assert shop.received == []


async def test_a_forged_callback_is_refused(gateway: RunningGateway, client: SandboxGateway, shop: Shop):
    gateway.fault(forged_callback=True)
    wanted = payment(shop.notify_url)
    await client.start(wanted)
    gateway.callbacks_are_done()
    (received,) = shop.received
    assert json.loads(received.body)["event"] == "payment.paid"
    assert refused(client, received) == "signature"


async def test_a_lying_callback_is_no_more_than_a_hint(gateway: RunningGateway, client: SandboxGateway, shop: Shop):
    gateway.fault(lying_callback=True)
    wanted = payment(shop.notify_url)
    await client.start(wanted)
    gateway.callbacks_are_done()
    (received,) = shop.received
    assert json.loads(received.body)["event"] == "payment.paid"
    hint = client.read_callback(received.headers, received.body)
    assert await client.lookup(LookupRequest(hint.our_reference)) == Pending()


async def test_the_acknowledgement_ends_repetitions(client: SandboxGateway):
    assert tuple(client.acknowledge()) == (200, "text/plain", b"ok")
