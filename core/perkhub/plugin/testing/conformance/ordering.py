"""Rules of ordering: what was bought is what arrives, whole, once, and told as it is."""

import asyncio
from datetime import datetime

import pytest

from perkhub.plugin.offers import supplier_faults
from perkhub.plugin.supplier import (
    Accepted,
    Capabilities,
    Cost,
    Delivered,
    Delivery,
    NotSent,
    Rejected,
    Supplies,
    Unknown,
)
from perkhub.plugin.testing.conformance.bench import Bench, Settled, query_of
from perkhub.plugin.testing.conformance.rules import Conformance, rule

MOST = 200
SAID_WRONG = ["", " ", "no:such:form", "🎁", "a&b=c", "../../etc", "x" * 300, "0"]


def sells_codes(can: Capabilities) -> bool:
    """A supplier of secrets."""
    return Supplies.CODES in can.supplies


class Ordering(Conformance):
    """What an order becomes."""

    @rule()
    async def test_the_registration_is_in_order(self, bench: Bench) -> None:
        """What the host would refuse at start is refused here."""
        assert list(supplier_faults(bench.subject.supplier)) == []

    @rule()
    async def test_an_order_becomes_what_was_bought(self, bench: Bench) -> None:
        """One unit: delivered under our reference, with the very secrets that are in the vendor's books."""
        async with bench.connected() as on:
            request = bench.order()
            settled = await bench.settle(on.supplier, request)
        ensure_delivered(bench, settled, 1)
        # Compared by hand: a failure must not print the secrets.
        same = settled.secrets == sorted(bench.booked(request).secrets) or not bench.sells_codes
        assert same, "the codes are not those that the vendor's books have"

    @rule(lambda can: can.max_quantity > 1, needs="max_quantity")
    async def test_several_are_ordered_at_once(self, bench: Bench) -> None:
        """The most that the capabilities allow: as many as were asked for, each with its own secret."""
        quantity = min(MOST, bench.capabilities.max_quantity)
        async with bench.connected() as on:
            request = bench.order(quantity)
            settled = await bench.settle(on.supplier, request)
        ensure_delivered(bench, settled, quantity)
        assert len(set(settled.secrets)) == len(settled.secrets), "the same code twice"
        assert bench.booked(request).quantity == quantity

    @rule(lambda can: not can.two_phase, needs="a single phase")
    async def test_the_delivery_is_as_declared(self, bench: Bench) -> None:
        """In the answer, by a second call, or later: the host plans by it."""
        delivery = bench.capabilities.delivery
        async with bench.connected() as on:
            placed = await bench.place(on.supplier, bench.order())
        later = delivery in (Delivery.POLL, Delivery.CALLBACK)
        assert isinstance(placed, Accepted if later else Delivered), f"{delivery} is promised, and `place` said {placed!r}"
        if isinstance(placed, Delivered) and bench.sells_codes:
            assert placed.fetch == (delivery is Delivery.SECOND_CALL), f"{delivery} is promised, and fetch={placed.fetch}"

    @rule()
    async def test_the_answer_tells_the_order_as_it_is(self, bench: Bench) -> None:
        """Reference, SKU, quantity and the cost of the whole: whatever the echo says must be true."""
        quantity = min(2, bench.capabilities.max_quantity)
        async with bench.connected() as on:
            request = bench.order(quantity)
            outcome = (await bench.settle(on.supplier, request)).outcome
        assert isinstance(outcome, Delivered), f"an honest order ended as {outcome!r}"
        booked, echo = bench.booked(request), outcome.echo
        assert echo.reference in (None, request.reference)
        assert echo.quantity in (None, quantity)
        assert echo.cost in (None, booked.cost), f"the vendor has booked {booked.cost} for the whole order, not {echo.cost}"
        if request.face_value is None:
            assert echo.sku in (None, request.sku), f"the order was for {request.sku!r}, not {echo.sku!r}"

    @rule(sells_codes, needs="CODES")
    @pytest.mark.parametrize("past", [False, True], ids=["ahead", "past"])
    async def test_a_deadline_is_told_as_the_supplier_has_it(self, bench: Bench, past: bool) -> None:
        """To the second, aware, also where it has passed: the host must know that such a code is worth nothing."""
        async with bench.connected() as on:
            ahead = bench.order()
            settled = await bench.settle(on.supplier, ahead)
            due = bench.booked(ahead).expires_at
            if past and due is not None:
                bench.fault(past_deadline=1)
                overdue = bench.order()
                settled = await bench.settle(on.supplier, overdue)
                due = bench.booked(overdue).expires_at
        for code in settled.codes:
            ensure_same_moment(code.expires_at, due)

    @rule()
    async def test_orders_at_the_same_time_stay_apart(self, bench: Bench) -> None:
        """One instance serves a process: no order may see another's answer."""
        at_once = min(10, bench.capabilities.max_concurrency)
        async with bench.connected() as on:
            requests = [bench.order() for _ in range(at_once)]
            settled = await asyncio.gather(*(bench.settle(on.supplier, request) for request in requests))
        for request, one in zip(requests, settled, strict=True):
            ensure_delivered(bench, one, 1)
            assert isinstance(one.outcome, Delivered)
            assert one.outcome.echo.reference in (None, request.reference), "an order has the answer of another"
            theirs = {value for code in bench.booked(request).secrets for value in code}
            own = all(code[0] in theirs for code in one.secrets)
            assert own, "an order has the codes of another"

    @rule()
    @pytest.mark.parametrize("sku", SAID_WRONG, ids=range(len(SAID_WRONG)))
    async def test_a_sku_that_is_none_buys_nothing(self, bench: Bench, sku: str) -> None:
        """Refused, not sent, or unknown; never taken on, and never raised."""
        async with bench.connected() as on:
            request = bench.order(sku=sku)
            outcome = await bench.place(on.supplier, request)
        assert isinstance(outcome, NotSent | Rejected | Unknown), f"{sku!r} is no SKU, and became {outcome!r}"
        bench.ensure_nothing_booked(request)

    @rule(lambda can: can.two_phase, needs="two_phase")
    async def test_nothing_is_bought_before_it_is_confirmed(self, bench: Bench) -> None:
        """`place` only reserves."""
        async with bench.connected() as on:
            request = bench.order()
            reserved = await bench.place(on.supplier, request)
            assert isinstance(reserved, Accepted), f"a reservation is Accepted, not {reserved!r}"
            bench.ensure_nothing_booked(request)
            query = query_of(request, reserved.supplier_reference)
            bought = await on.supplier.confirm(query, maximum_cost=request.maximum_cost)
            settled = await bench.follow(on.supplier, request, bought)
            ensure_delivered(bench, settled, 1)
            bench.booked(request)

    @rule(lambda can: can.price_guard, needs="price_guard")
    async def test_more_than_the_maximum_is_refused(self, bench: Bench) -> None:
        """The supplier itself refuses, because it was told the maximum."""
        async with bench.connected() as on:
            fine = bench.order()
            await bench.settle(on.supplier, fine)
            cost = bench.booked(fine).cost
            dear = bench.order(maximum_cost=Cost(cost.amount / 2, cost.currency))
            outcome = (await bench.settle(on.supplier, dear)).outcome
        assert isinstance(outcome, Rejected), f"dearer than the maximum, and became {outcome!r}"
        bench.ensure_nothing_booked(dear)


def ensure_delivered(bench: Bench, settled: Settled, quantity: int) -> None:
    """Delivered, with as many codes as were bought, each of which has something in it."""
    assert isinstance(settled.outcome, Delivered), f"an honest order ended as {settled.outcome!r}"
    if not bench.sells_codes:
        return
    assert len(settled.codes) == quantity, f"{quantity} were bought, {len(settled.codes)} codes came"
    for code in settled.codes:
        kinds = [kind for kind, _ in code.credentials]
        assert kinds, "a code without credentials"
        assert len(kinds) == len(set(kinds)), f"a code has a kind twice: {kinds}"


def ensure_same_moment(told: datetime | None, due: datetime | None) -> None:
    """Both none, or the same second."""
    if told is None or due is None:
        assert told is due, f"the supplier's deadline is {due}, the code's {told}"
        return
    assert told.tzinfo is not None, "`expires_at` must be aware: whose midnight is it?"
    assert abs((told - due).total_seconds()) < 1, f"the supplier's deadline is {due}, the code's {told}"
