"""Rules of the echo: an answer about something else than we ordered must be seen, by the plugin or through its echo."""

from perkhub.plugin.supplier import Accepted, Delivered, Echo, LookupOutcome, NotFound, Partial, PlaceOutcome
from perkhub.plugin.testing.conformance.bench import Bench
from perkhub.plugin.testing.conformance.rules import Conformance, rule

MANY = 20


class Echoes(Conformance):
    """What an answer says that we ordered. The host compares the echo; what is left out cannot be compared."""

    @rule()
    async def test_another_item_is_seen(self, bench: Bench) -> None:
        """The vendor answers with another product."""
        await ensure_seen(bench, "wrong_item", "sku")

    @rule()
    async def test_another_quantity_is_seen(self, bench: Bench) -> None:
        """The vendor answers with another number of them."""
        await ensure_seen(bench, "wrong_quantity", "quantity")

    @rule()
    async def test_another_amount_is_seen(self, bench: Bench) -> None:
        """The vendor charges otherwise than it did a moment ago."""
        await ensure_seen(bench, "wrong_amount", "cost")

    @rule()
    async def test_another_reference_is_seen(self, bench: Bench) -> None:
        """The vendor answers about another order. That is no proof that ours does not exist."""
        async with bench.connected() as on:
            request = bench.order()
            await bench.settle(on.supplier, request)
            bench.fault(wrong_reference=MANY)
            looked = await bench.look_up(on.supplier, request)
        assert not isinstance(looked, NotFound), "an answer about another order does not say that ours is not there"
        echo = echo_of(looked)
        assert echo is None or echo.reference not in (None, request.reference), f"another order's answer became {looked!r}"


async def ensure_seen(bench: Bench, fault: str, name: str) -> None:
    """Once an honest order, to know what is told; then the same with the fault, at ordering and at looking up."""
    quantity = min(2, bench.capabilities.max_quantity)
    async with bench.connected() as on:
        honest = echo_of((await bench.settle(on.supplier, bench.order(quantity))).outcome)
        assert honest is not None, "an honest order was not delivered"
        bench.fault(**{fault: MANY})
        request = bench.order(quantity)
        placed = await bench.buy(on.supplier, request)
        if isinstance(placed, Accepted):
            # An order under way is looked up anyway: only what claims to be final must tell.
            told = getattr(placed.echo, name)
            assert told is None or told != getattr(honest, name), f"`place` takes its {name} from the question: {placed!r}"
            ensure_differs((await bench.follow(on.supplier, request)).outcome, honest, name)
        else:
            ensure_differs(placed, honest, name)
            ensure_differs(await bench.look_up(on.supplier, request), honest, name)


def ensure_differs(outcome: LookupOutcome | PlaceOutcome, honest: Echo, name: str) -> None:
    """No success, or one whose echo shows the difference."""
    echo = echo_of(outcome)
    if echo is None:
        return
    told, ours = getattr(echo, name), getattr(honest, name)
    assert told is not None, f"the echo must tell the {name}: what is left out cannot be compared"
    assert told != ours, f"the vendor told another {name}, and the echo says {told!r} as if nothing were wrong"


def echo_of(outcome: LookupOutcome | PlaceOutcome) -> Echo | None:
    """The echo of whatever claims to have delivered."""
    return outcome.echo if isinstance(outcome, Delivered | Partial) else None
