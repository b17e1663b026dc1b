"""The two vendors of a run: their faults, switched all the time; their people, who finish, fail and take back; their books."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2

from perkhub.plugin.testing.conformance.vendor import RunningSandbox, running_sandbox
from tests.faults.suppliers.deck import FAULTS, Deck

ORDERS_A_TURN = (8, 24)
LONGEST_TURN = 4.0  # seconds; while the web is down, nobody orders
FULU_PRICES = {"10000587": "19.80", "10000601": "98.50", "10000602": "24.00"}


@dataclass
class Vendor:
    """One vendor, as its own people reach it."""

    name: str
    sandbox: RunningSandbox
    deck: Deck
    deeds: Counter[str] = field(default_factory=Counter)
    _http: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def misbehave(self, over: asyncio.Event, placed: Callable[[], int]) -> None:
        """Deal faults until it is over; then there are none. A turn lasts for so many orders, however fast they come."""
        until, last = 0, 0.0
        while not over.is_set():
            if placed() >= until or time.monotonic() >= last:
                await self._tell("faults_url", self.deck.deal())
                until, last = placed() + self.deck.rng.randint(*ORDERS_A_TURN), time.monotonic() + LONGEST_TURN
            await asyncio.sleep(0.05)
        await self.behave()

    async def behave(self) -> None:
        """No faults."""
        await self._tell("faults_url", {}, method="PUT")

    async def act(self, deed: str, reference: str) -> None:
        """Finish, fail or reverse an order."""
        self.deeds[deed] += 1
        await self._tell("vendor_url", {deed: reference})

    async def set_prices_back(self) -> None:
        """Whatever has moved costs again what it did."""
        if self.name == "fulu":
            for product, price in FULU_PRICES.items():
                await self._tell("vendor_url", {"reprice": product, "price": price})

    async def order(self, reference: str) -> dict[str, Any] | None:
        """What its books have under our reference."""
        found = (await self._books({"reference": reference}))["sold"]
        assert len(found) <= 1
        return found[0] if found else None

    async def books(self) -> dict[str, Any]:
        """All of its books."""
        return await self._books({})

    async def call_at(self, address: str) -> None:
        """Where its callbacks go."""
        await self._tell("vendor_url", {"notify_url": address})

    async def _books(self, params: dict[str, str]) -> dict[str, Any]:
        answer = await self._client().get(self.sandbox.line["books_url"], params=params)
        books: dict[str, Any] = answer.raise_for_status().json()
        return books

    async def _tell(self, url: str, told: dict[str, Any], *, method: str = "POST") -> None:
        (await self._client().request(method, self.sandbox.line[url], json=told)).raise_for_status()

    def _client(self) -> httpx2.AsyncClient:
        self._http = self._http or httpx2.AsyncClient(timeout=60.0, trust_env=False)
        return self._http


@contextmanager
def running_vendors(seed: int, faults: Mapping[str, Sequence[str]] = FAULTS) -> Iterator[dict[str, Vendor]]:
    """Each a process of its own, by name, with these faults."""
    with running_sandbox("fulu") as fulu, running_sandbox("reloadly") as reloadly:
        yield {
            name: Vendor(name, sandbox, Deck(faults[name], Random(f"{seed} {name}")))
            for name, sandbox in (("fulu", fulu), ("reloadly", reloadly))
        }
