"""Orders that take places in circles, with no mechanic around them: what the verbs of orders and circles make of each other."""

from datetime import datetime, timedelta
from uuid import UUID

from perkhub.campaigns.circles import (
    Circle,
    circles_by_ids,
    give_up_places,
    join_circle,
    open_circle,
    pay_places,
    retake_places,
)
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.orders import Order, buy_now, cancel_order, pay_from_wallet, place_order, refund_units
from tests.factories import Person, StockedVariant
from tests.orders import desk

CAMPAIGN = UUID("01900000-0000-7000-8000-000000000001")
DAY = timedelta(hours=24)
NEVER = now() + timedelta(days=3650)


class Group:
    """One variant, sold to groups of so many."""

    def __init__(self, variant: StockedVariant, *, seats: int = 3, lasts: timedelta = DAY, ends_at: datetime = NEVER) -> None:
        self.variant, self.seats, self.lasts, self.ends_at = variant, seats, lasts, ends_at

    async def _place(self, tx: Transaction, person: Person, order: UUID, circle: UUID | None) -> UUID:
        if circle is None:
            terms = {"seats": self.seats, "lasts": self.lasts, "ends_at": self.ends_at}
            return await open_circle(tx, CAMPAIGN, person.party_id, order=order, line=0, **terms)
        await join_circle(tx, CAMPAIGN, person.party_id, circle=circle, order=order, line=0)
        return circle

    async def buy(self, person: Person, circle: UUID | None = None) -> UUID:
        """Open or join, and pay at once; the circle."""

        async def work(tx: Transaction) -> UUID:
            purchase = await desk.purchase_of(person, [self.variant], new_id(), waits={0})
            joined = await self._place(tx, person, purchase.order_id, circle)
            await pay_places(tx, purchase.order_id)
            await buy_now(tx, purchase)
            return joined

        return await transact(work)

    async def place(self, person: Person, circle: UUID | None = None) -> tuple[Order, UUID]:
        """Open or join, to be paid later."""

        async def work(tx: Transaction) -> tuple[Order, UUID]:
            purchase = await desk.purchase_of(person, [self.variant], new_id(), waits={0})
            joined = await self._place(tx, person, purchase.order_id, circle)
            return (await place_order(tx, purchase))[0], joined

        return await transact(work)


async def pay(person: Person, order: Order) -> Order:
    """From the wallet."""

    async def work(tx: Transaction) -> Order:
        await pay_places(tx, order.id)
        return await pay_from_wallet(tx, order.id, person.party_id, actor=desk.actor_of(person))

    return await transact(work)


async def pay_late(order: Order) -> None:
    """What a late payment asks of circles."""

    async def work(tx: Transaction) -> None:
        await retake_places(tx, order.id)
        await pay_places(tx, order.id)

    await transact(work)


async def cancel(person: Person, order: Order) -> None:
    async def work(tx: Transaction) -> None:
        await cancel_order(tx, order.id, party=person.party_id)
        await give_up_places(tx, order.id)

    await transact(work)


async def refund(person: Person, order: UUID) -> None:
    async def work(tx: Transaction) -> None:
        who = {"party": person.party_id, "actor": desk.actor_of(person)}
        await refund_units(tx, order, units=None, reason="changed my mind", **who)
        await give_up_places(tx, order, [0])

    await transact(work)


async def seen(circle: UUID) -> Circle:
    return (await circles_by_ids([circle]))[circle]


async def order_of(person: Person) -> UUID:
    """Their latest order."""
    order: UUID = await db.value("SELECT id FROM orders WHERE party_id = $1 ORDER BY id DESC LIMIT 1", person.party_id)
    return order


async def told(circle: UUID) -> tuple[str, int, int]:
    """(state, taken, paid)"""
    known = await seen(circle)
    return known.state, known.taken, known.paid
