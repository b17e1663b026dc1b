"""Rules of repetition: what a supplier does with a reference that it has seen, and that a plugin sends an order once."""

import pytest

from perkhub.plugin.supplier import Accepted, Capabilities, Delivered, Idempotency, Unknown
from perkhub.plugin.testing.conformance.bench import Bench
from perkhub.plugin.testing.conformance.rules import Conformance, rule


def replays(can: Capabilities) -> bool:
    """The same reference is answered with the first order."""
    return can.idempotency is Idempotency.REPLAY


def refuses_duplicates(can: Capabilities) -> bool:
    """The same reference is refused."""
    return can.idempotency is Idempotency.REJECT_DUPLICATE


class Repeating(Conformance):
    """What a repetition does."""

    @rule()
    @pytest.mark.parametrize("fault", ["none", "drop_before_accept", "refuse_429", "error_500_then_accepted"])
    async def test_an_order_is_sent_once(self, bench: Bench, fault: str) -> None:
        """Whether to send again is the host's decision, by the capabilities: `place` sends one request with our reference."""
        async with bench.connected() as on:
            if fault != "none":
                bench.fault(**{fault: 1})
            request = bench.order()
            await bench.place(on.supplier, request)
        sent = on.outbound.sent_with(request.reference)
        assert sent == 1, f"`place` sent {sent} requests with our reference; it must send one"

    @rule(replays, needs="idempotency REPLAY")
    async def test_a_replay_is_the_first_order_again(self, bench: Bench) -> None:
        """The same codes, and one order in the books."""
        async with bench.connected() as on:
            request = bench.order()
            first = await bench.settle(on.supplier, request)
            again = await bench.settle(on.supplier, bench.order(reference=request.reference, attempt=2))
            bench.booked(request)
        for settled in (first, again):
            assert isinstance(settled.outcome, Delivered), f"a replay ended as {settled.outcome!r}"
        same = again.secrets == first.secrets
        assert same, "the replay has other codes than the first order"

    @rule(replays, needs="idempotency REPLAY")
    async def test_a_replay_of_another_order_is_seen(self, bench: Bench) -> None:
        """Some suppliers answer with the first order even where the second is for another item."""
        other = bench.subject.other_sku
        assert other is not None, "say in Subject(other_sku=...) what else can be bought"
        async with bench.connected() as on:
            first = bench.order()
            await bench.settle(on.supplier, first)
            second = await bench.place(on.supplier, bench.order(reference=first.reference, sku=other))
        assert not isinstance(second, Delivered | Accepted) or second.echo.sku not in (None, other), (
            f"the supplier answered with another order, and the plugin takes it for ours: {second!r}"
        )

    @rule(refuses_duplicates, needs="idempotency REJECT_DUPLICATE")
    async def test_a_refused_repetition_settles_nothing(self, bench: Bench) -> None:
        """Refused because the first exists: Unknown, and looking up tells."""
        async with bench.connected() as on:
            request = bench.order()
            await bench.settle(on.supplier, request)
            second = await bench.place(on.supplier, bench.order(reference=request.reference, attempt=2))
            assert isinstance(second, Unknown), f"a duplicate reference is Unknown, not {second!r}"
            assert isinstance((await bench.follow(on.supplier, request)).outcome, Delivered)
        bench.booked(request)
