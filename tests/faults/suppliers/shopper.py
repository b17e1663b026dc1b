"""A customer of a shop that buys just in time: places, waits a little or not, looks, gives back, and remembers everything."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults import queries
from tests.faults.buyer import UNPAYABLE, UNPLACEABLE, UNREFUNDABLE, WALLET
from tests.faults.door import Door, WrongAnswer
from tests.faults.suppliers.contracts import a_key
from tests.faults.told import PAID, Told, ToldOrder

AGAIN = 0.05
THINKS_SECONDS = 0.05


@dataclass
class Till:
    """How many orders the run is to have, and how many there are. Customers stay away while it is `crowded`: what waits for a
    worker that is being killed would only wait for the end of all faults.
    """

    orders: int
    placed: int = 0
    crowded: bool = False

    @property
    def is_closed(self) -> bool:
        return self.placed >= self.orders


class Shopper:
    """One customer with one client."""

    def __init__(self, told: Told, door: Door, variants: list[str], till: Till, rng: Random) -> None:
        self.told, self.door, self.till = told, door, till
        self._variants, self._rng = variants, rng
        self._acts: dict[Callable[[], Awaitable[None]], int] = {
            self.buy: 70,
            self.place_then_pay: 12,
            self.place_then_cancel: 6,
            self.place_and_forget: 1,
            self.look: 16,
            self.give_back: 8,
        }

    async def live(self) -> None:
        """Act until the till is closed."""
        acts, weights = list(self._acts), list(self._acts.values())
        while not self.till.is_closed:
            if not self.till.crowded:
                await self._rng.choices(acts, weights)[0]()
            await asyncio.sleep(self._rng.expovariate(1 / THINKS_SECONDS))

    # --- acts ---

    async def buy(self) -> None:
        given = self._basket(pay=WALLET, reveal=self._rng.random() < 0.4, waitSeconds=self._rng.choice((0, 0, 1, 2)))
        await self._place(given)
        if self._rng.random() < AGAIN:
            await self._place(given)

    async def place_then_pay(self) -> None:
        order = await self._place(self._basket())
        if order is not None:
            given = {"idempotencyKey": a_key(), "orderId": order.id, "pay": WALLET}
            payload = await self.door.mutation(queries.ORDER_PAY, given, refusals=UNPAYABLE)
            if payload["order"] is not None:
                order.from_wallet = True
                order.told(payload["order"])

    async def place_then_cancel(self) -> None:
        order = await self._place(self._basket())
        if order is not None:
            given = {"orderId": order.id}
            payload = await self.door.mutation(queries.ORDER_CANCEL, given, refusals=["ORDER_NOT_CANCELLABLE"])
            if payload["order"] is not None:
                order.told(payload["order"])

    async def place_and_forget(self) -> None:
        await self._place(self._basket())

    async def look(self) -> None:
        """At something that was bought, whether or not it has come by now."""
        order = self._one_of_mine()
        if order is None:
            return
        given = {"entitlementId": self._rng.choice(list(order.units))}
        payload = await self.door.mutation(queries.ENTITLEMENT_REVEAL, given, refusals=["ENTITLEMENT_NOT_REVEALABLE"])
        if payload["revealed"] is not None:
            self.told.codes([payload["revealed"]])

    async def give_back(self) -> None:
        order = self._one_of_mine()
        if order is None:
            return
        given = {"idempotencyKey": a_key(), "orderId": order.id, "entitlementIds": None, "reason": "changed my mind"}
        payload = await self.door.mutation(queries.REFUND_REQUEST, given, refusals=UNREFUNDABLE)
        if payload["order"] is not None:
            order.told(payload["order"])

    # --- requests ---

    async def _place(self, given: dict[str, Any]) -> ToldOrder | None:
        payload = await self.door.mutation(queries.ORDER_PLACE, given, refusals=UNPLACEABLE)
        key = given["idempotencyKey"]
        known = self.told.placed_by_key.setdefault(key, payload["order"] and payload["order"]["id"])
        if known != (payload["order"] and payload["order"]["id"]):
            raise WrongAnswer("the same request with the same key stands for two orders")
        if payload["order"] is None:
            return None
        self.till.placed += payload["order"]["id"] not in self.told.orders
        order = self.told.order(payload["order"])
        order.from_wallet = given.get("pay") == WALLET
        if order.from_wallet and order.state not in PAID:
            raise WrongAnswer(f"order {order.id} was paid from the wallet and is {order.state}")
        # Of what still has to come nothing is shown yet.
        self.told.codes(one for one in payload["revealed"] if one["credentials"])
        return order

    def _basket(self, **asked: Any) -> dict[str, Any]:
        lines = self._rng.sample(self._variants, self._rng.choice((1, 1, 1, 2, 3)))
        return {
            "idempotencyKey": a_key(),
            "lines": [{"variantId": one, "quantity": self._rng.choice((1, 1, 1, 2, 3, 5))} for one in lines],
            "allOrNothing": self._rng.random() < 0.25,
            **asked,
        }

    def _one_of_mine(self) -> ToldOrder | None:
        mine = [order for order in list(self.told.orders.values())[-20:] if order.units]
        return self._rng.choice(mine) if mine else None
