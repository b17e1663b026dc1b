"""Rules of looking up: how an order stands, and that a question without an answer says nothing about it."""

import pytest

from perkhub.plugin.supplier import (
    Accepted,
    Capabilities,
    Delivered,
    Delivery,
    NotFound,
    Partial,
    Rejected,
    Reversed,
    SupplierProblem,
    Unknown,
)
from perkhub.plugin.testing.conformance.bench import Bench, query_of
from perkhub.plugin.testing.conformance.ordering import sells_codes
from perkhub.plugin.testing.conformance.outbound import CLOSED
from perkhub.plugin.testing.conformance.rules import Conformance, rule
from perkhub.plugin.testing.faults import TRANSPORT_FAULTS

MANY = 20  # a look-up may take several requests: all of them suffer


def may_take_long(can: Capabilities) -> bool:
    """The answer to an order need not be its end."""
    return can.delivery is not Delivery.INLINE


class Lookups(Conformance):
    """What `lookup` and `fetch_codes` say."""

    @rule()
    async def test_what_was_never_ordered_is_not_found(self, bench: Bench) -> None:
        """A reference that the vendor has never seen."""
        async with bench.connected() as on:
            looked = await bench.look_up(on.supplier, bench.order())
        assert isinstance(looked, NotFound), f"nothing was ordered, and the look-up says {looked!r}"

    @rule()
    @pytest.mark.parametrize("fault", [*TRANSPORT_FAULTS, "no_connection"])
    async def test_a_failed_look_up_is_unknown(self, bench: Bench, fault: str) -> None:
        """An order that exists is never denied because the question failed: it would be bought again."""
        async with bench.connected() as on:
            request = bench.order()
            await bench.settle(on.supplier, request)
            if fault == "no_connection":
                on.outbound.lead(CLOSED)
            else:
                bench.fault(any_request=1, **{fault: MANY})
            looked = await bench.look_up(on.supplier, request)
        assert isinstance(looked, Unknown), f"the look-up was not answered, and says {looked!r}"

    @rule(may_take_long, needs="a delivery other than INLINE")
    async def test_an_order_under_way_is_accepted(self, bench: Bench) -> None:
        """Taken on, and no success yet; it becomes one when the vendor has done it."""
        async with bench.connected() as on:
            bench.fault(stuck=1)
            request = bench.order()
            placed = await bench.buy(on.supplier, request)
            assert isinstance(placed, Accepted), f"under way, and became {placed!r}"
            looked = await bench.look_up(on.supplier, request, placed.supplier_reference)
            assert isinstance(looked, Accepted), f"under way, and the look-up says {looked!r}"
            bench.act(finish=request.reference)
            done = (await bench.follow(on.supplier, request)).outcome
            assert isinstance(done, Delivered), f"done, and the look-up says {done!r}"

    @rule()
    async def test_a_failed_order_may_go_elsewhere(self, bench: Bench) -> None:
        """The vendor has given it up and the money is back: Rejected, and another supplier may be asked; Reversed where the
        protocol has one word for that and for taking back."""
        async with bench.connected() as on:
            bench.fault(fail_order=1)
            outcome = (await bench.settle(on.supplier, bench.order())).outcome
        assert isinstance(outcome, Rejected | Reversed), f"the vendor gave it up, and it became {outcome!r}"
        assert isinstance(outcome, Reversed) or outcome.elsewhere, "the order has failed there: say elsewhere=True"

    @rule(lambda can: can.partial, needs="partial")
    async def test_fewer_than_ordered_are_told_as_such(self, bench: Bench) -> None:
        """Partial, with exactly what came, at the cost of just that."""
        async with bench.connected() as on:
            bench.fault(partial=1)
            request = bench.order(3)
            settled = await bench.settle(on.supplier, request)
            booked = bench.booked(request)
        outcome = settled.outcome
        assert isinstance(outcome, Partial), f"fewer came than were ordered, and it became {outcome!r}"
        assert outcome.quantity == len(booked.secrets) < 3, f"the vendor delivered {len(booked.secrets)}"
        assert len(settled.codes) == outcome.quantity, f"{outcome.quantity} came, with {len(settled.codes)} codes"
        cost = outcome.echo.cost
        assert cost in (None, booked.cost), f"the vendor charged {booked.cost} for what came, and the echo says {cost}"

    @rule(lambda can: can.reversal, needs="reversal")
    async def test_a_reversal_is_told(self, bench: Bench) -> None:
        """Reversed; Rejected where the protocol has one word for failing and for taking back."""
        async with bench.connected() as on:
            request = bench.order()
            await bench.settle(on.supplier, request)
            bench.act(reverse=request.reference)
            looked = await bench.look_up(on.supplier, request)
        assert isinstance(looked, Reversed | Rejected), f"it was taken back, and the look-up says {looked!r}"

    @rule(lambda can: can.delivery is Delivery.SECOND_CALL, needs="delivery SECOND_CALL")
    async def test_codes_are_fetched_again_the_same(self, bench: Bench) -> None:
        """The host may die between fetching and sealing."""
        async with bench.connected() as on:
            request = bench.order(min(2, bench.capabilities.max_quantity))
            settled = await bench.settle(on.supplier, request)
            assert isinstance(settled.outcome, Delivered), f"an honest order ended as {settled.outcome!r}"
            query = query_of(request, settled.outcome.supplier_reference)
            again = tuple(await on.supplier.fetch_codes(query))
        assert len(again) == len(settled.codes), "the second fetch has another number of codes"
        same = again == settled.codes
        assert same, "the second fetch has other codes"

    @rule(sells_codes, needs="CODES")
    async def test_a_broken_code_is_no_delivery(self, bench: Bench) -> None:
        """A secret that is missing or cannot be read is not handed on."""
        async with bench.connected() as on:
            request = bench.order()
            bench.fault(malformed_code=MANY)
            try:
                settled = await bench.settle(on.supplier, request)
            except SupplierProblem:
                return
        assert isinstance(settled.outcome, Unknown), f"the code was broken, and it became {settled.outcome!r}"

    @rule(service="cancel")
    async def test_a_cancellation_tells_the_truth(self, bench: Bench) -> None:
        """What is delivered is not cancelled; what is cancelled is not delivered later."""
        async with bench.connected() as on:
            done = bench.order()
            await bench.settle(on.supplier, done)
            refused = await on.supplier.cancel(query_of(done))
            assert not (isinstance(refused, Rejected) and refused.elsewhere), "delivered, and yet said to be cancelled"
            bench.fault(stuck=1)
            waiting = bench.order()
            await bench.buy(on.supplier, waiting)
            cancelled = await on.supplier.cancel(query_of(waiting))
            looked = await bench.look_up(on.supplier, waiting)
        assert isinstance(cancelled, Rejected | Accepted | Unknown), f"{cancelled!r} is no outcome of a cancellation"
        if isinstance(cancelled, Rejected) and cancelled.elsewhere:
            assert isinstance(looked, Rejected | NotFound), f"cancelled, and the look-up says {looked!r}"
