"""A buyer: buys, pays later, cancels, forgets, looks, gives back, tops up; and remembers what they were told."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any
from uuid import uuid4

from tests.faults import queries
from tests.faults.door import NOT_STARTED, Door, WrongAnswer
from tests.faults.payer import Payer
from tests.faults.told import PAID, Told, ToldOrder, ToldPayment, minor

GATEWAY = {"gateway": {"name": "sandbox_gateway", "returnUrl": "http://localhost:3000/back"}}
WALLET = {"wallet": {"confirm": True}}

SCARCE = ("OUT_OF_STOCK", "LIMIT_REACHED", "QUOTA_REACHED")
UNPLACEABLE = (*SCARCE, "INSUFFICIENT_FUNDS", "HOLD_LIMIT_REACHED", NOT_STARTED)
UNPAYABLE = ("ORDER_NOT_PAYABLE", "INSUFFICIENT_FUNDS", "OUT_OF_STOCK", NOT_STARTED)
UNREFUNDABLE = ("NOTHING_TO_REFUND", "ENTITLEMENT_ALREADY_SEEN")

AGAIN = 0.08  # how often a client repeats a request that was answered, as after a lost answer
THINKS_SECONDS = 0.12


class Buyer:
    """One customer with one client; some acts send two requests at once."""

    def __init__(self, told: Told, door: Door, payer: Payer, variants: list[str], rng: Random) -> None:
        self.told = told
        self.door = door
        self._payer = payer
        self.variants = variants
        self.rng = rng
        self._device = uuid4().hex
        self._acts: dict[Callable[[], Awaitable[None]], int] = {
            self.buy_and_look: 40,
            self.buy_then_look: 8,
            self.buy_and_give_back: 8,
            self.look_and_give_back_at_once: 6,
            self.place_then_pay: 12,
            self.place_then_cancel: 5,
            self.place_and_forget: 3,
            self.pay_at_gateway: 8,
            self.pay_twice: 3,
            self.top_up: 7,
        }

    async def live(self, over: asyncio.Event) -> None:
        """Act until it is over; then decide every payment that was begun."""
        acts, weights = list(self._acts), list(self._acts.values())
        while not over.is_set():
            await self.rng.choices(acts, weights)[0]()
            await self.decide_due(time.monotonic())
            await asyncio.sleep(self.rng.expovariate(1 / THINKS_SECONDS))
        await self.decide_due(float("inf"))

    # --- acts ---

    async def buy_and_look(self) -> None:
        await self._place(pay=WALLET, reveal=True)

    async def buy_then_look(self) -> None:
        order = await self._place(pay=WALLET)
        for unit in order.units if order else ():
            if not await self._look(unit):
                raise WrongAnswer(f"unit {unit} was bought a moment ago and is not shown")

    async def buy_and_give_back(self) -> None:
        order = await self._place(pay=WALLET)
        if order is not None:
            units = list(order.units)
            if not await self._give_back(order, None if self.rng.random() < 0.5 else [self.rng.choice(units)]):
                raise WrongAnswer(f"order {order.id} was bought a moment ago, nobody saw its codes, and it is not taken back")

    async def look_and_give_back_at_once(self) -> None:
        """Never both: a code that was seen is not paid back, and one that was paid back is not shown."""
        order = await self._place(pay=WALLET)
        for unit in list(order.units) if order else ():
            assert order is not None
            seen, back = await asyncio.gather(self._look(unit), self._give_back(order, [unit]))
            if seen is back:
                raise WrongAnswer(f"unit {unit}: shown {seen}, given back {back}")

    async def place_then_pay(self) -> None:
        order = await self._place()
        if order is not None:
            await asyncio.sleep(self.rng.uniform(0, 1.5))
            await self._pay(order, WALLET)

    async def place_then_cancel(self) -> None:
        order = await self._place()
        if order is not None:
            await self._cancel(order)

    async def place_and_forget(self) -> None:
        await self._place()

    async def pay_at_gateway(self) -> None:
        if self.rng.random() < 0.5:
            await self._place(pay=GATEWAY)
        elif (order := await self._place()) is not None:
            await self._pay(order, GATEWAY)

    async def pay_twice(self) -> None:
        """Begins at the gateway and then pays from the wallet after all, or gives up: the gateway's money may come too."""
        order = await self._place(pay=GATEWAY)
        if order is not None and self.rng.random() < 0.6:
            await self._pay(order, WALLET)
        elif order is not None:
            await self._cancel(order)

    async def top_up(self) -> None:
        amount = {"amount": f"{self.rng.randrange(1, 30_000) / 100:.2f}", "currency": "CNY"}
        given = {"idempotencyKey": uuid4().hex, "amount": amount, "gateway": GATEWAY["gateway"]}
        payload = await self.door.mutation(queries.WALLET_TOP_UP, given, refusals=[NOT_STARTED])
        if payload["topUp"] is not None:
            self.told.top_ups.add(payload["topUp"]["id"])
            self._begun(payload, order=None)

    # --- requests ---

    async def _place(self, **asked: Any) -> ToldOrder | None:
        given = {
            "idempotencyKey": uuid4().hex,
            "lines": self._basket(),
            "allOrNothing": self.rng.random() < 0.2,
            "deviceKey": self._device if self.rng.random() < 0.2 else None,
            **asked,
        }
        order, fresh = await self.place_once(given)
        if self.rng.random() < AGAIN and not (order is None and given.get("pay") == GATEWAY):
            again, shown = await self.place_once(given)
            if again is not order or shown != fresh:
                raise WrongAnswer("the same request with the same key had two different answers")
        return order

    async def place_once(self, given: dict[str, Any]) -> tuple[ToldOrder | None, dict[str, str]]:
        """Place one order; it, and the codes that were shown with it, by their hashes."""
        payload = await self.door.mutation(queries.ORDER_PLACE, given, refusals=UNPLACEABLE)
        self.told.placed_by_key[given["idempotencyKey"]] = payload["order"] and payload["order"]["id"]
        if payload["order"] is None:
            return None, {}
        order = self.told.order(payload["order"])
        order.from_wallet = given.get("pay") == WALLET
        fresh = self.told.codes(payload["revealed"])
        if order.from_wallet and (order.state not in PAID or set(fresh) != set(order.units if given.get("reveal") else ())):
            raise WrongAnswer(f"order {order.id} is {order.state}, {len(fresh)} of {len(order.units)} units were shown")
        self._begun(payload, order=order.id)
        return order, fresh

    async def _pay(self, order: ToldOrder, pay: dict[str, Any]) -> None:
        given = {"idempotencyKey": uuid4().hex, "orderId": order.id, "pay": pay}
        payload = await self.door.mutation(queries.ORDER_PAY, given, refusals=UNPAYABLE)
        if payload["order"] is None:
            return
        if pay == WALLET:
            order.from_wallet = True
        self.told.order(payload["order"])
        self._begun(payload, order=order.id)

    async def _cancel(self, order: ToldOrder) -> None:
        payload = await self.door.mutation(queries.ORDER_CANCEL, {"orderId": order.id}, refusals=["ORDER_NOT_CANCELLABLE"])
        if payload["order"] is not None:
            self.told.order(payload["order"])

    async def _look(self, unit: str) -> bool:
        payload = await self.door.mutation(
            queries.ENTITLEMENT_REVEAL, {"entitlementId": unit}, refusals=["ENTITLEMENT_NOT_REVEALABLE"]
        )
        return payload["revealed"] is not None and unit in self.told.codes([payload["revealed"]])

    async def _give_back(self, order: ToldOrder, units: list[str] | None) -> bool:
        given = {"idempotencyKey": uuid4().hex, "orderId": order.id, "entitlementIds": units, "reason": "changed my mind"}
        payload = await self.door.mutation(queries.REFUND_REQUEST, given, refusals=UNREFUNDABLE)
        if payload["order"] is not None:
            self.told.order(payload["order"])
        return payload["order"] is not None

    def _basket(self) -> list[dict[str, Any]]:
        many = 2 if self.rng.random() < 0.15 else 1
        chosen = self.rng.sample(self.variants, many)
        return [{"variantId": variant, "quantity": self.rng.choice((1, 1, 1, 2, 3))} for variant in chosen]

    # --- payments at the gateway ---

    def _begun(self, payload: dict[str, Any], *, order: str | None) -> None:
        action = payload["paymentAction"]
        if action is not None and action["payment"]["id"] not in self.told.payments:
            payment = action["payment"]
            self.told.payments[payment["id"]] = ToldPayment(
                payment["id"], action["redirectUrl"], minor(payment["amount"]), order, self._payer.when()
            )

    async def decide_due(self, at: float) -> None:
        """Go to the pay page for every payment whose time has come."""
        for payment in self.told.payments.values():
            if payment.done is None and payment.decide_at <= at:
                await self._payer.decide(payment)
