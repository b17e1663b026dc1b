"""Everybody who uses the shop during a run, in a thread of their own, so that killing and waiting never holds them up."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from random import Random
from typing import Any, TypeVar

from tests.faults import queries
from tests.faults.buyer import Buyer
from tests.faults.door import Door, Troubles
from tests.faults.gateway_faults import misbehave
from tests.faults.importer import Importer
from tests.faults.payer import Payer
from tests.faults.told import Told, minor

T = TypeVar("T")

LEAVE_SECONDS = 400.0


class Crowd:
    """Buyers, a member of staff, and a gateway that misbehaves. Deterministic but for the timing."""

    def __init__(self, url: str, seeded: dict[str, Any], faults_url: str, seed: int) -> None:
        self.troubles = Troubles()
        self.buyers: list[Buyer] = []
        self.importer: Importer
        self.orders_read: dict[str, list[dict[str, Any]]] = {}
        self.wallets_read: dict[str, int] = {}
        self._url, self._seeded, self._faults_url, self._seed = url, seeded, faults_url, seed
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="crowd", daemon=True)
        self._over: asyncio.Event
        self._lives: Future[Any]

    def __enter__(self) -> "Crowd":
        self._thread.start()
        self._run(self._gather())
        self._lives = asyncio.run_coroutine_threadsafe(self._live(), self._loop)
        return self

    def __exit__(self, *_: object) -> None:
        self._lives.cancel()
        self._run(self._scatter())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def ensure_content(self) -> None:
        """Raise what any of them found wrong."""
        if self._lives.done():
            self._lives.result()
            raise AssertionError("everybody has left before it was over")

    def leave(self) -> None:
        """Let everybody finish what they have begun, decide their payments, and go."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._lives.result(LEAVE_SECONDS)

    def settle_reviews(self) -> None:
        """Let the member of staff decide about every payment of a wrong amount."""
        self._run(self.importer.settle_reviews())

    def look_at_imports(self) -> None:
        """Let the member of staff see how their imports ended."""
        for told in list(self.importer.imports.values()):
            self._run(self.importer.look_at(told))

    def read_everything(self) -> None:
        """Let everybody look at their wallet and all their orders, after everything has settled."""
        for buyer in self.buyers:
            self._run(self._read(buyer))

    async def _gather(self) -> None:
        self._over = asyncio.Event()
        self._payer = Payer(Random(f"{self._seed} payer"))
        variants = self._seeded["variants"]
        for number, customer in enumerate(self._seeded["customers"]):
            rng = Random(f"{self._seed} buyer {number}")
            door = Door(self._url, customer["token"], self.troubles, rng)
            self.buyers.append(Buyer(Told(customer["party"], customer["wallet"]), door, self._payer, variants, rng))
        rng = Random(f"{self._seed} importer")
        self.importer = Importer(Door(self._url, self._seeded["staff"], self.troubles, rng), variants, rng)

    async def _live(self) -> None:
        lives = [self.importer.live(self._over), *(buyer.live(self._over) for buyer in self.buyers)]
        lives.append(misbehave(self._faults_url, Random(f"{self._seed} gateway"), self._over))
        async with asyncio.TaskGroup() as group:
            for life in lives:
                group.create_task(life)

    async def _scatter(self) -> None:
        for door in [self.importer.door, *(buyer.door for buyer in self.buyers)]:
            await door.close()
        await self._payer.close()

    async def _read(self, buyer: Buyer) -> None:
        wallets = (await buyer.door.ask(queries.MY_WALLET))["me"]["wallet"]
        self.wallets_read[buyer.told.party] = sum(minor(one["balance"]) for one in wallets)
        orders: list[dict[str, Any]] = []
        after = None
        while True:
            page = (await buyer.door.ask(queries.MY_ORDERS, {"after": after}))["me"]["orders"]
            orders += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        self.orders_read[buyer.told.party] = orders

    def _run(self, work: Coroutine[Any, Any, T], seconds: float = LEAVE_SECONDS) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)
