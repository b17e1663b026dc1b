"""Rules of limits: the declared rate is the vendor's, and nothing leaves but through the client that the host gives."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from perkhub.plugin.supplier import Supplier
from perkhub.plugin.testing.conformance.bench import Bench
from perkhub.plugin.testing.conformance.outbound import CLOSED
from perkhub.plugin.testing.conformance.rules import Conformance, rule

TOO_MANY = 429
_watchers: list[list[str]] = []


class Limits(Conformance):
    """What the host needs to rely on when it counts calls for a whole house."""

    @rule(lambda can: can.max_rate is not None, needs="max_rate")
    async def test_the_declared_rate_is_the_vendors(self, bench: Bench) -> None:
        """So many calls at once are served; the sandbox, which keeps the vendor's limit, refuses the next."""
        rate = bench.capabilities.max_rate
        assert rate is not None
        async with bench.connected() as on:
            bench.fault(rate_limit=1)
            await asyncio.sleep(rate.seconds)
            on.outbound.seen.clear()
            await self._look_up_often(bench, on.supplier, rate.calls)
            refused = sum(seen.status == TOO_MANY for seen in on.outbound.seen)
            assert refused == 0, f"{rate.calls} calls in {rate.seconds:g} seconds are promised, and {refused} were refused"
            await self._look_up_often(bench, on.supplier, rate.calls)
            refused = sum(seen.status == TOO_MANY for seen in on.outbound.seen)
        assert refused > 0, "the vendor allows more than is promised, or the sandbox keeps no limit"

    async def _look_up_often(self, bench: Bench, supplier: Supplier, times: int) -> None:
        # Side by side: one after another they might take longer than the time that is counted.
        places = asyncio.Semaphore(bench.capabilities.max_concurrency)

        async def look() -> None:
            async with places:
                await bench.look_up(supplier, bench.order())

        await asyncio.gather(*(look() for _ in range(times)))

    @rule()
    async def test_nothing_leaves_but_by_the_hosts_client(self, bench: Bench) -> None:
        """With the host's client leading nowhere, no other machine is spoken to, and no name is asked for."""
        async with bench.connected() as on:
            on.outbound.lead(CLOSED)
            request = bench.order()
            with watched() as connections:
                await bench.place(on.supplier, request)
                await bench.look_up(on.supplier, request)
        theirs = [one for one in connections if one != "127.0.0.1:9"]
        assert theirs == [], f"the plugin opened connections of its own: {theirs}"


@contextmanager
def watched() -> Iterator[list[str]]:
    """Every address that this process connects to meanwhile."""
    seen: list[str] = []
    if not _watchers:
        sys.addaudithook(_note)
        _watchers.append([])  # the hook stays for ever: it is added once, and idles
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and len(_watchers) > 1:
        address = arguments[1]
        told = ":".join(str(part) for part in address[:2]) if isinstance(address, tuple) else str(address)
        for seen in _watchers[1:]:
            seen.append(told)
