"""A group buy as shops work it: people open groups and join them, pay at once or later, and change their minds."""

from typing import Any
from uuid import UUID

from perkhub.campaigns import Campaign
from perkhub.campaigns.circles import Circle, circles_by_ids
from perkhub.kit import db
from perkhub.orders import Order, order_by_id
from perkhub.pricing import Chosen
from tests.campaigns.making import a_group_buy, published
from tests.factories import Person, StockedVariant
from tests.orders import desk

PRICE = 500


class Group:
    """One variant, sold to groups at 5.00."""

    def __init__(self, variant: StockedVariant, campaign: Campaign) -> None:
        self.variant, self.campaign = variant, campaign

    @classmethod
    async def of(cls, variant: StockedVariant, *, seats: int = 3, **more: Any) -> "Group":
        """A campaign of groups of so many, live for ten days."""
        return cls(variant, await published(a_group_buy(variant, size=seats, **more)))

    def chosen(self, circle: UUID | None) -> Chosen:
        """What a line says of it."""
        return Chosen(self.campaign.id, {"group": None if circle is None else str(circle)})

    async def buy(self, person: Person, circle: UUID | None = None, *, quantity: int = 1) -> UUID:
        """Open or join, and pay at once from the wallet; the circle."""
        order = await desk.buy(person, (self.variant, quantity), campaign=self.chosen(circle))
        return await circle_of(order)

    async def place(self, person: Person, circle: UUID | None = None) -> tuple[Order, UUID]:
        """Open or join, to be paid later."""
        order = await desk.place(person, self.variant, campaign=self.chosen(circle))
        return order, await circle_of(order)


async def circle_of(order: Order) -> UUID:
    """Where the order has a place, or had."""
    circle: UUID = await db.value("SELECT circle_id FROM circle_member WHERE order_id = $1 ORDER BY id DESC", order.id)
    return circle


async def order_of(person: Person) -> Order:
    """Their latest order."""
    return await order_by_id(await db.value("SELECT id FROM orders WHERE party_id = $1 ORDER BY id DESC", person.party_id))


async def refund(person: Person) -> Order:
    """They take the money of their latest order back."""
    return await desk.refund(person, await order_of(person))


async def told(circle: UUID) -> tuple[str, int, int]:
    """(state, taken, paid)"""
    known = await seen(circle)
    return known.state, known.taken, known.paid


async def seen(circle: UUID) -> Circle:
    return (await circles_by_ids([circle]))[circle]
