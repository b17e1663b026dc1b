"""A run from the first order to the last settlement, in one event loop: customers, operators, both vendors and their people.
Deterministic but for the timing.
"""

import asyncio
import threading
import time
from random import Random
from typing import Any

from tests.faults import queries
from tests.faults.door import Door, Troubles
from tests.faults.settle import OPEN
from tests.faults.summary import say
from tests.faults.suppliers import truth
from tests.faults.suppliers.desk import Desk
from tests.faults.suppliers.shopper import Shopper, Till
from tests.faults.suppliers.vendors import Vendor
from tests.faults.told import Told, minor

SETTLE_SECONDS = 600.0
FORGOTTEN_AFTER = 4.0
ORDERS_A_REVERSAL = 80
TURN_SECONDS = (0.3, 1.0)
CROWD = 200
LOOK_SECONDS = 0.25


class Market:
    """`traded` is set when the last order was placed; nothing is settled before somebody sets `calm`."""

    def __init__(
        self, url: str, database_url: str, seeded: dict[str, Any], vendors: dict[str, Vendor], *, orders: int, seed: int
    ) -> None:
        self.till, self.troubles, self.vendors = Till(orders), Troubles(), vendors
        self.traded, self.calm = threading.Event(), threading.Event()
        self.shoppers: list[Shopper] = []
        self.desk: Desk
        self.orders_read: dict[str, list[dict[str, Any]]] = {}
        self.wallets_read: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        self._url, self._database_url, self._seeded, self._seed = url, database_url, seeded, seed
        self._reversals = 0
        self._given_up = False
        self._rng = Random(f"{seed} market")

    def give_up(self) -> None:
        """Whoever ran it was interrupted: end soon."""
        self.till.orders = 0
        self._given_up = True
        self.calm.set()

    async def run(self) -> None:
        """All of it."""
        self._gather()
        try:
            began = time.monotonic()
            await self._trade()
            self.seconds["traded"] = time.monotonic() - began
            self.traded.set()
            await asyncio.to_thread(self.calm.wait)
            began = time.monotonic()
            await self._settle_everything()
            self.seconds["settled after"] = time.monotonic() - began
            for shopper in self.shoppers:
                await self._read(shopper)
        finally:
            self.traded.set()
            await self._scatter()

    def _gather(self) -> None:
        variants = list(self._seeded["variants"].values())
        for number, customer in enumerate(self._seeded["customers"]):
            rng = Random(f"{self._seed} shopper {number}")
            door = self._door(customer["token"], f"door {number}")
            self.shoppers.append(Shopper(Told(customer["party"], customer["wallet"]), door, variants, self.till, rng))
        doors = [self._door(token, f"desk {number}") for number, token in enumerate(self._seeded["staff"])]
        self.desk = Desk(*doors, self.vendors, variants, self._database_url, Random(f"{self._seed} desk"))

    def _door(self, token: str, of: str) -> Door:
        return Door(self._url, token, self.troubles, Random(f"{self._seed} {of}"))

    async def _trade(self) -> None:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as beside:
            for vendor in self.vendors.values():
                beside.create_task(vendor.misbehave(over, lambda: self.till.placed))
            beside.create_task(self._operate(over))
            beside.create_task(self._let_vendors_work(over))
            beside.create_task(self._watch_the_queue(over))
            async with asyncio.TaskGroup() as customers:
                for shopper in self.shoppers:
                    customers.create_task(shopper.live())
            over.set()

    async def _operate(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.desk.work(self.till, patience=0.7)
            await asyncio.sleep(self._rng.uniform(*TURN_SECONDS))

    async def _let_vendors_work(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self._vendors_people()
            await asyncio.sleep(self._rng.uniform(*TURN_SECONDS))

    async def _watch_the_queue(self, over: asyncio.Event) -> None:
        while not over.is_set():
            [[waiting]] = await truth.rows(self._database_url, truth.NOT_TRIED)
            self.till.crowded = waiting > min(CROWD, self.till.orders // 10)
            await asyncio.sleep(LOOK_SECONDS)

    async def _vendors_people(self) -> None:
        """Find what they have forgotten, take a success back now and then, and settle prices that moved."""
        for row in await truth.rows(self._database_url, truth.FORGOTTEN, FORGOTTEN_AFTER):
            deed = self._rng.choices(("finish", "fail", "forget"), (5, 2, 6))[0]
            if deed != "forget":
                await self.vendors[row["vendor"]].act(deed, row["reference"])
        if self._reversals < self.till.placed // ORDERS_A_REVERSAL:
            successes = await truth.rows(self._database_url, truth.SUCCESSES)
            if successes:
                row = self._rng.choice(successes)
                await self.vendors[row["vendor"]].act("reverse", row["reference"])
                self._reversals += 1
        if self._rng.random() < 0.3:
            for vendor in self.vendors.values():
                await vendor.set_prices_back()

    # --- after the last order ---

    async def _settle_everything(self) -> None:
        """No faults and no kills any more: the vendors' people do what they owe, operators decide, the rest is waited for."""
        until = time.monotonic() + SETTLE_SECONDS
        for vendor in self.vendors.values():
            await vendor.behave()
            await vendor.set_prices_back()
            await self._pay_debts(vendor)
        shown = 0.0
        while (still := await self._under_way() or await self._tell_again()) and not self._given_up:
            if time.monotonic() > shown + 15:
                shown = time.monotonic()
                say(f"  under way: {still}")
            if time.monotonic() > until:
                raise AssertionError(f"still under way after {SETTLE_SECONDS:.0f} s: {still}")
            for row in await truth.rows(self._database_url, truth.FORGOTTEN, FORGOTTEN_AFTER):
                await self.vendors[row["vendor"]].act("finish", row["reference"])
            await self.desk.work(self.till, patience=0.0)
            await asyncio.sleep(0.5)
        for vendor in self.vendors.values():
            await self._pay_debts(vendor)

    async def _pay_debts(self, vendor: Vendor) -> None:
        """The money of what failed comes back at last."""
        for sold in (await vendor.books())["sold"]:
            if sold["state"] == "FAILED":
                await vendor.act("reverse", sold["reference"])

    async def _tell_again(self) -> dict[str, int]:
        """A vendor that took something back calls again where nobody heard it: the web server was away, or a fault kept it."""
        unheard = 0
        for vendor in self.vendors.values():
            back = [one["reference"] for one in (await vendor.books())["sold"] if one["state"] in ("REFUNDED", "failed")]
            for row in await truth.rows(self._database_url, truth.STILL_HELD, back):
                await vendor.act("reverse", row["reference"])
                unheard += 1
        return {"reversals that nobody heard of": unheard} if unheard else {}

    async def _under_way(self) -> dict[str, int]:
        found = {}
        for what, sql in {**OPEN, **truth.UNDER_WAY}.items():
            [[many]] = await truth.rows(self._database_url, sql)
            if many:
                found[what] = many
        return found

    async def _read(self, shopper: Shopper) -> None:
        wallets = (await shopper.door.ask(queries.MY_WALLET))["me"]["wallet"]
        self.wallets_read[shopper.told.party] = sum(minor(one["balance"]) for one in wallets)
        read = self.orders_read[shopper.told.party] = []
        after = None
        while True:
            page = (await shopper.door.ask(queries.MY_ORDERS, {"after": after}))["me"]["orders"]
            read += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    async def _scatter(self) -> None:
        for door in [self.desk.one, self.desk.other, *(shopper.door for shopper in self.shoppers)]:
            await door.close()
        for vendor in self.vendors.values():
            await vendor.close()
