"""Rules of doubt: what each answer to an order, and each lack of one, must become. The UNKNOWN rule's part in the plugin."""

import time

import pytest

from perkhub.plugin.supplier import (
    Accepted,
    Delivered,
    LookupOutcome,
    NotSent,
    Partial,
    PlaceOutcome,
    PlaceRequest,
    Rejected,
    Supplier,
    SupplierProblem,
    Unknown,
)
from perkhub.plugin.testing.conformance.bench import Bench
from perkhub.plugin.testing.conformance.outbound import Detour, nowhere
from perkhub.plugin.testing.conformance.rules import Conformance, rule

UNREADABLE = ["html_error_page", "malformed_json", "empty_body", "wrong_charset", "huge_body"]
DEADLINE, SILENCE = 0.4, 3.0
AN_HOUR = 3600.0


class Answers(Conformance):
    """What befalls the answer to `place`."""

    @rule()
    @pytest.mark.parametrize("fault", ["drop_before_accept", "accept_then_drop"])
    async def test_a_lost_answer_is_unknown(self, bench: Bench, fault: str) -> None:
        """Nobody can tell the two apart from here; looking up can."""
        await ensure_unknown(bench, fault, taken_on=fault == "accept_then_drop")

    @rule()
    async def test_a_server_error_is_unknown(self, bench: Bench) -> None:
        """A 5xx may come after the order was taken on."""
        await ensure_unknown(bench, "error_500_then_accepted", taken_on=True)

    @rule()
    @pytest.mark.parametrize("fault", UNREADABLE)
    async def test_an_unreadable_answer_is_unknown(self, bench: Bench, fault: str) -> None:
        """A page for people, half a document, nothing, another charset, five megabytes."""
        await ensure_unknown(bench, fault, taken_on=True)

    @rule()
    async def test_a_redirect_is_no_answer(self, bench: Bench) -> None:
        """It is not followed: an answer from elsewhere is none."""
        await ensure_unknown(bench, "redirect", taken_on=False)

    @rule()
    async def test_too_many_requests_is_no_success(self, bench: Bench) -> None:
        """Unknown; Rejected where the vendor documents that nothing was done."""
        async with bench.connected() as on:
            bench.fault(refuse_429=1)
            request = bench.order()
            outcome = await bench.place(on.supplier, request)
        assert isinstance(outcome, Unknown | Rejected), f"429 became {outcome!r}"

    @rule()
    async def test_a_slow_answer_is_unknown_in_time(self, bench: Bench) -> None:
        """The way out has a deadline, and the plugin does not outstay it."""
        async with bench.connected() as on:
            on.supplier.client.deadline = DEADLINE
            bench.fault(slow_seconds=SILENCE)
            request = bench.order()
            begun = time.monotonic()
            outcome = await bench.place(on.supplier, request)
            took = time.monotonic() - begun
        assert isinstance(outcome, Unknown), f"silence became {outcome!r}"
        assert took < SILENCE, f"the deadline was {DEADLINE} seconds, the plugin took {took:.1f}"

    @rule()
    @pytest.mark.parametrize("detour", list(Detour))
    async def test_no_connection_is_not_sent(self, bench: Bench, detour: Detour) -> None:
        """Before the first byte nothing can have been ordered: no address, no connection, a certificate nobody trusts."""
        with nowhere(detour) as address:
            async with bench.connected() as on:
                on.outbound.lead(address)
                request = bench.order()
                outcome = await bench.place(on.supplier, request)
        assert isinstance(outcome, NotSent), f"nothing was sent, and it became {outcome!r}"
        bench.ensure_nothing_booked(request)

    @rule()
    async def test_a_documented_refusal_is_final(self, bench: Bench) -> None:
        """Rejected, and nothing is in the books."""
        async with bench.connected() as on:
            request = bench.order(sku=bench.subject.refused_sku)
            outcome = await bench.place(on.supplier, request)
        assert isinstance(outcome, Rejected), f"a documented refusal became {outcome!r}"
        assert not outcome.halt, "one SKU is refused, not our account"
        bench.ensure_nothing_booked(request)

    @rule()
    async def test_an_unknown_code_is_unknown(self, bench: Bench) -> None:
        """A refusal in the vendor's form whose code no documentation names, though the order was taken on."""
        await ensure_unknown(bench, "unknown_code", taken_on=True)

    @rule()
    async def test_without_money_the_account_halts(self, bench: Bench) -> None:
        """In the middle of a batch: the order before and the order after are not touched by it."""
        async with bench.connected() as on:
            assert isinstance((await bench.settle(on.supplier, bench.order())).outcome, Delivered)
            bench.fault(no_money=1)
            request = bench.order()
            refused = await bench.place(on.supplier, request)
            assert isinstance(refused, Rejected), f"no money became {refused!r}"
            assert refused.halt, "say halt=True: every further order would be refused as well"
            bench.ensure_nothing_booked(request)
            assert isinstance((await bench.settle(on.supplier, bench.order())).outcome, Delivered)

    @rule()
    async def test_a_rotated_secret_settles_nothing(self, bench: Bench) -> None:
        """The vendor has changed our secret: orders stop, and what exists is neither lost nor denied."""
        async with bench.connected() as on:
            known = bench.order()
            await bench.settle(on.supplier, known)
            bench.fault(secret_rotated=1)
            request = bench.order()
            outcome = await bench.place(on.supplier, request)
            looked = await bench.look_up(on.supplier, known)
            with pytest.raises(SupplierProblem):
                await on.supplier.test_connection()
        bench.ensure_nothing_booked(request)
        assert isinstance(outcome, Unknown) or (isinstance(outcome, Rejected) and outcome.halt), (
            f"a rotated secret became {outcome!r}; Unknown, or Rejected with halt"
        )
        assert isinstance(looked, Unknown), f"whoever is not let in knows nothing of an order: {looked!r}"

    @rule()
    async def test_a_clock_that_is_off_settles_nothing(self, bench: Bench) -> None:
        """The vendor's clock is an hour ahead: it may refuse us, or not; what exists stays known."""
        async with bench.connected() as on:
            known = bench.order()
            await bench.settle(on.supplier, known)
            bench.fault(clock_ahead_seconds=AN_HOUR)
            request = bench.order()
            outcome = await bench.place(on.supplier, request)
            looked = await bench.look_up(on.supplier, known)
            taken_on = len(bench.vendor.sold(request.reference)) == 1
        fits = (Delivered, Accepted, Partial, Unknown) if taken_on else (Unknown, Rejected)
        assert isinstance(outcome, fits), f"the vendor {'has' if taken_on else 'refused'} the order: {outcome!r}"
        assert isinstance(looked, Delivered | Unknown), f"an order that exists became {looked!r}"


async def ensure_unknown(bench: Bench, fault: str, *, taken_on: bool) -> None:
    """Unknown; and once the fault is over, looking up tells what the books say."""
    async with bench.connected() as on:
        bench.fault(**{fault: 1})
        request = bench.order()
        outcome: PlaceOutcome = await bench.place(on.supplier, request)
        assert isinstance(outcome, Unknown), f"{fault} must be Unknown, and became {outcome!r}"
        bench.fault()
        await ensure_lookup_tells(bench, on.supplier, request, exists=taken_on)


async def ensure_lookup_tells(bench: Bench, supplier: Supplier, request: PlaceRequest, *, exists: bool) -> None:
    """Of an order that exists its end; of one that does not, no success."""
    if exists and bench.capabilities.two_phase:
        reserved = await bench.look_up(supplier, request)
        assert isinstance(reserved, Accepted | Delivered), f"the vendor has reserved it, and the look-up says {reserved!r}"
        return
    looked: LookupOutcome | PlaceOutcome = (await bench.follow(supplier, request)).outcome
    if exists:
        assert isinstance(looked, Delivered), f"the vendor has the order, and the look-up says {looked!r}"
        bench.booked(request)
    else:
        assert not isinstance(looked, Delivered | Partial), f"the vendor has no such order, and the look-up says {looked!r}"
        bench.ensure_nothing_booked(request)
