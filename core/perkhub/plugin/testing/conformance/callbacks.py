"""Rules of callbacks: a genuine one is a hint and no more; whatever else comes there is forged, and nothing breaks."""

import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretBytes, SecretStr

from perkhub.kit.clock import travel
from perkhub.plugin.configure import checked_settings
from perkhub.plugin.http import outbound_client
from perkhub.plugin.supplier import (
    Accepted,
    CallbackForged,
    CallbackHint,
    Capabilities,
    Delivery,
    PlaceRequest,
    Supplier,
)
from perkhub.plugin.testing.conformance.bench import Bench, Connected
from perkhub.plugin.testing.conformance.rules import Conformance, rule
from perkhub.plugin.testing.conformance.vendor import BEFORE_REPETITION, Received

ORDINARY = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "content-type"}
KINDS = ["application/json", "application/x-www-form-urlencoded", "text/plain", ""]
JUNK = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xff\xfe\x00",
    b"sign=",
    b"a=1&a=2&sign=x",
    b"sign=%F0%28",
    b"[" * 10_000,
    b'{"sign": {"a": []}, "data": "x"}',
    b'{"data": {"reference": 1}}',
    b"<xml/>",
]


def calls_back(can: Capabilities) -> bool:
    """The supplier tells when it is worth looking."""
    return can.callbacks


def calls_back_later(can: Capabilities) -> bool:
    """And an order may be under way meanwhile."""
    return can.callbacks and can.delivery is not Delivery.INLINE


class Callbacks(Conformance):
    """What `verify_callback` believes."""

    @rule(calls_back, needs="callbacks")
    async def test_a_genuine_callback_is_a_hint(self, bench: Bench) -> None:
        """It names the order; and checking it asks nobody."""
        async with bench.connected() as on:
            request, came = await called_back(bench, on)
            asked = len(on.outbound.seen)
            hint = on.supplier.verify_callback(came.headers, came.query, came.body)
            assert len(on.outbound.seen) == asked, "`verify_callback` asks nobody: the host looks up by itself"
        ensure_hint(hint)
        said = hint.reference or hint.supplier_reference
        assert said, f"the hint does not say which order: {hint!r}"
        assert hint.reference in (None, request.reference), f"the hint names another order: {hint!r}"

    @rule(calls_back, needs="callbacks")
    async def test_a_copy_has_the_nonce_of_the_first(self, bench: Bench) -> None:
        """So that the host drops it; and another message has another nonce, or it would be dropped as well."""
        async with bench.connected() as on:
            _, first = await called_back(bench, on)
            _, second = await called_back(bench, on)
            nonces = [on.supplier.verify_callback(one.headers, one.query, one.body).nonce for one in (first, first, second)]
        assert nonces[0] == nonces[1], "a copy of a callback has another nonce"
        assert nonces[0] != nonces[2], "two different callbacks have the same nonce"

    @rule(calls_back, needs="callbacks")
    async def test_an_old_callback_is_known_again(self, bench: Bench) -> None:
        """Replayed a day later: outside the window, or by its nonce the same as then."""
        async with bench.connected() as on:
            _, came = await called_back(bench, on)
            first = on.supplier.verify_callback(came.headers, came.query, came.body)
            with travel(timedelta(days=1)):
                try:
                    replayed = on.supplier.verify_callback(came.headers, came.query, came.body)
                except CallbackForged:
                    return
        assert replayed.nonce == first.nonce, "an old callback passes as a new one"

    @rule(calls_back, needs="callbacks")
    async def test_a_callback_under_another_secret_is_forged(self, bench: Bench) -> None:
        """A true message, and a merchant whose secrets are others."""
        async with bench.connected() as on:
            _, came = await called_back(bench, on)
            on.supplier.verify_callback(came.headers, came.query, came.body)
        stranger = checked_settings(bench.subject.supplier, with_other_secrets(bench))
        async with outbound_client("") as client:
            supplier = bench.subject.supplier(stranger, client)
            with pytest.raises(CallbackForged):
                supplier.verify_callback(came.headers, came.query, came.body)

    @rule(calls_back, needs="callbacks")
    async def test_a_changed_callback_is_forged(self, bench: Bench) -> None:
        """Any byte of the body, any field of the query, any header of its own, changed or gone.

        Where the protocol leaves something unsigned, the change must not change the hint.
        """
        async with bench.connected() as on:
            _, came = await called_back(bench, on)
            genuine = on.supplier.verify_callback(came.headers, came.query, came.body)
            for what, changed in changes_of(came):
                hint = verified(on.supplier, changed, what)
                if hint is None:
                    continue
                same = (hint.reference, hint.supplier_reference, hint.catalog_sku)
                due = (genuine.reference, genuine.supplier_reference, genuine.catalog_sku)
                assert same == due, f"changed ({what}), and believed: {hint!r}"
            unsigned = replace(came, headers=only_ordinary(came.headers), query={}, body=b"")
            assert verified(on.supplier, unsigned, "nothing") is None, "an empty callback is believed"

    @rule(calls_back, needs="callbacks")
    async def test_nothing_malformed_breaks_it(self, bench: Bench) -> None:
        """Whatever the form, CallbackForged and no other exception; permuted letters too."""
        async with bench.connected() as on:
            _, came = await called_back(bench, on)
            odd = {name: "é²\u2603" for name in came.headers if name not in ORDINARY}
            for kind in KINDS:
                for body in JUNK:
                    for headers in (odd, dict.fromkeys(odd, ""), {}):
                        junk = Received({**headers, "content-type": kind}, {}, body)
                        assert verified(on.supplier, junk, "junk") is None, f"believed: {body[:40]!r} as {kind!r}"
            for changed in permuted(came):
                hint = verified(on.supplier, changed, "permuted")
                if hint is not None:  # some signatures cover the letters, not their order
                    ensure_hint(hint)

    @rule(calls_back_later, needs="callbacks and a delivery other than INLINE")
    async def test_a_callback_alone_delivers_nothing(self, bench: Bench) -> None:
        """It says success before the order is done; the look-up still says what is true."""
        async with bench.connected() as on:
            bench.fault(stuck=1, early_callback=1)
            async with bench.calling(on.supplier) as box:
                request = bench.order(notify_url=box.address)
                await bench.buy(on.supplier, request)
                came = box.wait_for(1)
                assert came, "the sandbox sent no early callback"
                for one in came:
                    on.supplier.verify_callback(one.headers, one.query, one.body)
                looked = await bench.look_up(on.supplier, request)
        assert isinstance(looked, Accepted), f"the order is under way, whatever a callback says: {looked!r}"

    @rule(calls_back, needs="callbacks")
    async def test_the_acknowledgement_ends_it(self, bench: Bench) -> None:
        """Answered in the supplier's own words, it is not sent again."""
        async with bench.connected() as on, bench.calling(on.supplier) as box:
            request = bench.order(notify_url=box.address)
            await bench.settle(on.supplier, request)
            assert box.wait_for(1), "the sandbox sent no callback"
            came = box.wait_for(2, seconds=BEFORE_REPETITION)
        assert len(came) == 1, "acknowledged, and sent again: `acknowledge` is not what the supplier waits for"


async def called_back(bench: Bench, on: Connected) -> tuple[PlaceRequest, Received]:
    """A new order, and the genuine callback about it."""
    async with bench.calling(on.supplier) as box:
        request = bench.order(notify_url=box.address)
        await bench.settle(on.supplier, request)
        came = box.wait_for(1)
    assert came, "the sandbox sent no callback about an order that is done"
    return request, came[0]


def ensure_hint(hint: object) -> None:
    """A hint of the contract, with a nonce, that says what to look up."""
    assert isinstance(hint, CallbackHint), f"`verify_callback` returned {type(hint).__name__}"
    assert hint.nonce, "a hint without a nonce could be replayed for ever"
    assert hint.reference or hint.supplier_reference or hint.catalog_sku, "a hint must say what to look up"


def verified(supplier: Supplier, came: Received, what: str) -> CallbackHint | None:
    """The hint, or None where it is forged; any other exception fails."""
    try:
        return supplier.verify_callback(came.headers, came.query, came.body)
    except CallbackForged:
        return None
    except Exception as raised:
        raise AssertionError(f"{type(raised).__name__} instead of CallbackForged ({what})") from raised


def with_other_secrets(bench: Bench) -> dict[str, str]:
    """The settings with every secret replaced by another of the same length and the same kind of characters."""
    fields = bench.subject.supplier.Settings.model_fields
    secret = {name for name, one in fields.items() if one.annotation in (SecretStr, SecretBytes)}
    return {name: turned(value) if name in secret else value for name, value in bench.settings.items()}


def turned(value: str) -> str:
    """Each hexadecimal digit by the next: the form stays."""
    return value.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))


def changes_of(came: Received) -> Iterator[tuple[str, Received]]:
    """Everything of a callback, changed one at a time."""
    yield from flipped(came)
    for name in came.query:
        yield f"query {name}", replace(came, query={**came.query, name: came.query[name] + "1"})
        yield f"no query {name}", replace(came, query={key: one for key, one in came.query.items() if key != name})
    for name in came.headers.keys() - ORDINARY:
        yield f"header {name}", replace(came, headers={**came.headers, name: altered(came.headers[name])})
        without = replace(came, headers={key: one for key, one in came.headers.items() if key != name})
        yield f"no header {name}", without
        # Whoever believes what is not signed at all believes anything.
        yield from ((f"no header {name}, {what}", changed) for what, changed in flipped(without))
    yield "longer", replace(came, body=came.body + b" 1")


def flipped(came: Received) -> Iterator[tuple[str, Received]]:
    """One byte after another, each into its neighbour."""
    for at in range(0, len(came.body), max(1, len(came.body) // 60)):
        yield f"byte {at}", replace(came, body=came.body[:at] + bytes([came.body[at] ^ 1]) + came.body[at + 1 :])


def altered(value: str) -> str:
    """Another value of the same form."""
    return "".join("0" if letter == "1" else "1" if letter in string.digits else letter for letter in value) + "0"


def permuted(came: Received) -> Iterator[Received]:
    """The same bytes in other orders: neighbours change places, unless they are alike, which would change nothing."""
    body = came.body
    for at in range(0, len(body) - 1, max(1, len(body) // 40)):
        if body[at] != body[at + 1]:
            yield replace(came, body=body[:at] + body[at + 1 : at + 2] + body[at : at + 1] + body[at + 2 :])
    yield replace(came, body=bytes(sorted(body)))


def only_ordinary(headers: Mapping[str, str]) -> dict[str, str]:
    """What any request has."""
    return {name: value for name, value in headers.items() if name in ORDINARY}
