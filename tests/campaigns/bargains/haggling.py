"""A bargain as shops work it: somebody opens one, friends help, and its owner buys."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from perkhub.campaigns import Campaign, start_bargain
from perkhub.campaigns.bargains import Bargain, Cut, bargain_by_id, cut_bargain
from perkhub.channels import Viewer
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.orders import Order
from tests.campaigns.making import a_draft, published
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk


class Haggle:
    """One variant of 19.90, down to 9.90 with the help of friends."""

    def __init__(self, variant: StockedVariant, campaign: Campaign) -> None:
        self.variant, self.campaign = variant, campaign

    @classmethod
    async def of(cls, variant: StockedVariant, *, helpers: int = 4, **more: Any) -> "Haggle":
        """A campaign of bargains for so many, live for ten days."""
        rest = {"floor": Decimal("9.90"), "quantity": 5, "limit_per_customer": 2, "cuts_per_day": 1000, **more}
        config = {"variant": variant.id, "helpers": helpers, **rest}
        return cls(variant, await published(a_draft(variant, "bargain", config, ends_at=now() + timedelta(days=10))))

    async def open(self, owner: Person) -> Bargain:
        """bargainStart."""
        viewer = Viewer(owner.party_id)
        return await transact(lambda tx: start_bargain(tx, self.variant.channel, viewer, self.campaign.id))

    async def buy(self, owner: Person, quantity: int = 1) -> Order:
        return await desk.buy(owner, (self.variant, quantity), campaign=self.campaign.id)

    async def place(self, owner: Person) -> Order:
        return await desk.place(owner, self.variant, campaign=self.campaign.id)


async def cut(bargain: Bargain, helper: Person) -> Cut:
    """bargainCut."""
    return await transact(lambda tx: cut_bargain(tx, bargain.id, helper.party_id))


async def helped(bargain: Bargain, times: int) -> Sequence[Cut]:
    """By so many, one after another."""
    return [await cut(bargain, one) for one in await Shop().customers(times)]


async def present(bargain: Bargain) -> Bargain:
    found = await bargain_by_id(bargain.id)
    assert found is not None
    return found


async def told(bargain: Bargain) -> tuple[str, int, Decimal]:
    """(state, cuts, price)"""
    found = await present(bargain)
    return str(found.state), found.cuts, found.price
