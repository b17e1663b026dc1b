"""A seeded day at the shop: customers and staff who do whatever comes to their mind, all at the same time."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError
from perkhub.kit.states import IllegalMove
from perkhub.orders import Order
from perkhub.orders.give_up import expire_order
from perkhub.vault import recall_lot
from perkhub.vault.expire import expire_codes
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk
from tests.orders.gateway import apply, paid_at_gateway

WALLET = 20000
# Many, or the first recall would end the day.
LOTS = 10


@dataclass
class Traffic:
    """Who is there, what is sold, and what has happened so far."""

    shop: Shop
    chance: random.Random
    people: list[Person] = field(default_factory=list)
    variants: list[StockedVariant] = field(default_factory=list)
    orders: list[tuple[Person, Order]] = field(default_factory=list)
    lots: list[UUID] = field(default_factory=list)
    stocked: int = 0
    done: Counter[str] = field(default_factory=Counter)

    @classmethod
    async def opened(cls, shop: Shop, seed: int, *, people: int = 8, variants: int = 4, codes: int = 30) -> "Traffic":
        traffic = cls(shop, random.Random(seed))
        traffic.people = await shop.customers(people, wallet=f"{WALLET / 100:.2f}")
        for number in range(variants):
            made = await shop.variant(codes=0, price=f"{number}.333333", cost="0.25", quota=4 * codes, limit=codes)
            traffic.variants.append(made)
            for _ in range(LOTS):
                await traffic.stock(made, codes=codes // LOTS)
        return traffic

    async def stock(self, variant: StockedVariant, *, codes: int) -> None:
        lot = await self.shop.lot(variant.id, codes=codes, cost="0.25")
        self.lots.append(lot.id)
        self.stocked += codes

    async def run(self, *, actors: int, turns: int) -> None:
        """So many at once, each with so many turns. Refusals are part of the day; a fault ends it."""
        async with asyncio.TaskGroup() as group:
            for _ in range(actors):
                group.create_task(self._actor(turns))

    async def _actor(self, turns: int) -> None:
        deeds = [getattr(self, name) for name, weight in WEIGHTS.items() for _ in range(weight)]
        for _ in range(turns):
            deed: Callable[[], Awaitable[object]] = self.chance.choice(deeds)
            try:
                await deed()
                self.done[deed.__name__] += 1
            except (DomainError, IllegalMove) as refusal:
                self.done[f"{deed.__name__}:{type(refusal).__name__}"] += 1

    # --- what they do ---

    def _basket(self) -> list[desk.Line]:
        """In any order of the variants: the claims must bring them into theirs."""
        chosen = self.chance.sample(self.variants, self.chance.randint(1, len(self.variants)))
        return [(variant, self.chance.randint(1, 3)) for variant in chosen]

    def _order(self) -> tuple[Person, Order]:
        if not self.orders:
            raise LookupFailed
        # Mostly a late one: with the early ones nothing can be done any more.
        return self.chance.choice(self.orders[-20:] if self.chance.random() < 0.7 else self.orders)

    async def buy(self) -> None:
        person = self.chance.choice(self.people)
        self.orders.append((person, await desk.buy(person, *self._basket(), shown=self.chance.random() < 0.2)))

    async def place(self) -> None:
        person = self.chance.choice(self.people)
        device = self.chance.choice([None, "d" * 64, "e" * 64])
        every = self.chance.random() < 0.3
        self.orders.append((person, await desk.place(person, *self._basket(), device=device, all_or_nothing=every)))

    async def pay(self) -> None:
        await desk.pay(*self._order())

    async def pay_at_gateway(self) -> None:
        """Twice over, now and then, as impatient customers do; and the job that uses the money runs twice."""
        _, order = self._order()
        payment = await paid_at_gateway(order)
        await asyncio.gather(apply(payment.id), apply(payment.id))

    async def cancel(self) -> None:
        await desk.cancel(*self._order())

    async def expire(self) -> None:
        await expire_order(self._order()[1].id)

    async def refund(self) -> None:
        person, order = self._order()
        units = await desk.units_of(order)
        some = [unit.id for unit in self.chance.sample(units, self.chance.randint(0, len(units)))]
        await desk.refund(person, order, some or None)

    async def refund_as_staff(self) -> None:
        await desk.refund_as_staff(self._order()[1], even_if_seen=True)

    async def show(self) -> None:
        person, order = self._order()
        for unit in (await desk.units_of(order))[:2]:
            await desk.show(person, unit.id)

    async def recall(self) -> None:
        lot = self.chance.choice(self.lots)
        await transact(lambda tx: recall_lot(tx, lot, reason="leaked", actor="staff:tests"))

    async def restock(self) -> None:
        await self.stock(self.chance.choice(self.variants), codes=6)

    async def expire_codes(self) -> None:
        await expire_codes()


class LookupFailed(DomainError):
    """There is no order yet."""

    code = "TESTS_NO_ORDER"
    en = zh = "no order yet"


WEIGHTS = {
    "buy": 6,
    "place": 6,
    "pay": 4,
    "pay_at_gateway": 3,
    "cancel": 2,
    "expire": 2,
    "refund": 5,
    "refund_as_staff": 1,
    "show": 3,
    "recall": 1,
    "restock": 1,
    "expire_codes": 1,
}
