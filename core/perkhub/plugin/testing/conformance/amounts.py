"""Rules of amounts: where the face value of one unit is chosen with each order, that very value is bought."""

from perkhub.plugin.supplier import Capabilities, Delivered, NotSent, Partial, Rejected, Unknown
from perkhub.plugin.testing.conformance.bench import Bench
from perkhub.plugin.testing.conformance.rules import Conformance, rule

MANY = 20


def sells_by_amount(can: Capabilities) -> bool:
    """A supplier of SKUs whose face value is chosen with each order."""
    return can.by_amount


class Amounts(Conformance):
    """What `face_value` does."""

    @rule(sells_by_amount, needs="by_amount")
    async def test_the_chosen_amount_is_what_is_bought(self, bench: Bench) -> None:
        """Two of one value and two of another: each is delivered, and booked there, as it was chosen."""
        quantity = min(2, bench.capabilities.max_quantity)
        async with bench.connected() as on:
            for face in (bench.by_amount.one, bench.by_amount.other):
                request = bench.ordering_by_amount(face, quantity)
                outcome = (await bench.settle(on.supplier, request)).outcome
                assert isinstance(outcome, Delivered), f"an honest order by amount ended as {outcome!r}"
                booked = bench.booked(request)
                assert booked.face_value == face, f"{face} was chosen, and the vendor has {booked.face_value}"
                assert outcome.echo.face_value in (None, face), f"{face} was chosen, the echo says {outcome.echo.face_value}"

    @rule(sells_by_amount, needs="by_amount")
    async def test_another_face_value_is_seen(self, bench: Bench) -> None:
        """The vendor answers with another value of one unit: no success, or an echo that shows it."""
        face = bench.by_amount.one
        async with bench.connected() as on:
            bench.fault(wrong_face_value=MANY)
            request = bench.ordering_by_amount(face)
            placed = await bench.buy(on.supplier, request)
            looked = (await bench.follow(on.supplier, request)).outcome
        for outcome in (placed, looked):
            if isinstance(outcome, Delivered | Partial):
                told = outcome.echo.face_value
                assert told is not None, "the echo must tell the face value: what is left out cannot be compared"
                assert told != face, "the vendor told another face value, and the echo hides it"

    @rule(sells_by_amount, needs="by_amount")
    async def test_without_an_amount_nothing_is_bought(self, bench: Bench) -> None:
        """Not sent, or refused; never an amount of the plugin's own."""
        async with bench.connected() as on:
            request = bench.order(sku=bench.by_amount.sku, face_value=None, inputs={})
            outcome = await bench.place(on.supplier, request)
        assert isinstance(outcome, NotSent | Rejected | Unknown), f"no amount was chosen, and it became {outcome!r}"
        bench.ensure_nothing_booked(request)
