"""Rules of top-ups: what is done to an account is done to the right one, once, and to none that nobody named."""

from perkhub.plugin.supplier import Capabilities, Delivered, NotSent, Partial, Rejected, Supplies, Unknown
from perkhub.plugin.testing.conformance.bench import Bench
from perkhub.plugin.testing.conformance.rules import Conformance, rule

MANY = 20


def sells_top_ups(can: Capabilities) -> bool:
    """A supplier of what is done to an account."""
    return Supplies.TOP_UPS in can.supplies


class TopUps(Conformance):
    """What nobody can take back must not go wrong: there is no code that could be kept from the wrong person."""

    @rule(sells_top_ups, needs="TOP_UPS")
    async def test_a_top_up_reaches_its_target(self, bench: Bench) -> None:
        """Delivered without codes; the account that the supplier names is the one that the buyer said."""
        async with bench.connected() as on:
            request = bench.topping_up()
            settled = await bench.settle(on.supplier, request)
        assert isinstance(settled.outcome, Delivered), f"an honest top-up ended as {settled.outcome!r}"
        assert settled.codes == (), "a top-up has no codes"
        told = settled.outcome.echo.target == bench.top_up.target
        assert told, "the echo must name the account that was topped up"
        reached = bench.booked(request).target == bench.top_up.target
        assert reached, "the vendor's books have another account (a sandbox tells it as `target`)"

    @rule(sells_top_ups, needs="TOP_UPS")
    async def test_another_target_is_seen(self, bench: Bench) -> None:
        """The vendor answers about another account, at ordering and at looking up: no success, or an echo that shows it."""
        async with bench.connected() as on:
            bench.fault(wrong_target=MANY)
            request = bench.topping_up()
            placed = await bench.buy(on.supplier, request)
            looked = (await bench.follow(on.supplier, request)).outcome
        for outcome in (placed, looked):
            if isinstance(outcome, Delivered | Partial):
                seen = outcome.echo.target != bench.top_up.target
                assert seen, "the vendor named another account, and the echo hides it"

    @rule(sells_top_ups, needs="TOP_UPS")
    async def test_a_top_up_of_nobody_is_not_done(self, bench: Bench) -> None:
        """Without what its form needs: not sent, or refused; never filled with something else."""
        async with bench.connected() as on:
            request = bench.topping_up(inputs={})
            outcome = await bench.place(on.supplier, request)
        assert isinstance(outcome, NotSent | Rejected | Unknown), f"nobody was named, and it became {outcome!r}"
        bench.ensure_nothing_booked(request)

    @rule(sells_top_ups, needs="TOP_UPS")
    async def test_a_lost_top_up_is_found_again(self, bench: Bench) -> None:
        """It was done, and the answer was lost: looking up by our reference tells, and names the account; done once."""
        async with bench.connected() as on:
            bench.fault(accept_then_drop=1)
            request = bench.topping_up()
            await bench.place(on.supplier, request)
            if bench.capabilities.two_phase:
                return
            looked = (await bench.follow(on.supplier, request)).outcome
        assert isinstance(looked, Delivered), f"it was done, and the look-up says {looked!r}"
        bench.booked(request)
