"""Bargains of customers: opened, shown to friends by an invitation, and cut by them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from perkhub.campaigns import Campaign, start_bargain
from perkhub.campaigns.bargains import (
    Bargain,
    BargainCut,
    BargainState,
    CutOwn,
    bargain_by_id,
    cut_bargain,
    cuts_of,
    own_bargain,
)
from perkhub.channels import Viewer
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.money import Money
from perkhub_schema.campaigns.circles import load_masked_names
from perkhub_schema.campaigns.queries import find_campaign
from perkhub_schema.campaigns.types import CampaignType, to_campaign
from perkhub_schema.graphql.access import CUSTOMER, PUBLIC
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.money import MoneyType, to_money, unit_price
from perkhub_schema.graphql.mutations import mutation, query
from perkhub_schema.graphql.nodes import Node

BargainStateEnum = described(
    BargainState,
    "How a bargain stands. One whose time is over has lapsed at its second.",
    {
        BargainState.OPEN: "Friends may help, and its owner may buy by it.",
        BargainState.HELD: "An unpaid order of its owner has it, at the price of that moment; it is open again if that ends.",
        BargainState.BOUGHT: "Its owner has bought by it.",
        BargainState.LAPSED: "Its time is over.",
    },
)


async def load_cuts(bargains: list[UUID]) -> list[list[BargainCut]]:
    """Who has helped, by bargain."""
    found = await cuts_of(bargains)
    return [found[bargain] for bargain in bargains]


@strawberry.type(name="BargainCut", description="What somebody took off a bargain.")
class BargainCutType:
    cut: strawberry.Private[BargainCut]
    currency: strawberry.Private[str]

    @strawberry.field(description="Their name, masked.")
    async def masked_name(self, info: Info) -> str:
        name: str = await info.context.loader(load_masked_names).load(self.cut.party_id)
        return name

    @strawberry.field(description="What they took off.")
    def amount(self) -> MoneyType:
        return to_money(Money(self.cut.amount, self.currency))

    @strawberry.field(description="When.")
    def cut_at(self) -> datetime:
        return self.cut.created_at

    @strawberry.field(description="Whether it is who asks.")
    def is_me(self, info: Info) -> bool:
        return self.cut.party_id == info.context.identity.party_id


@strawberry.type(
    name="CustomerBargain",
    description="One customer's bargain: a price that falls with each friend who helps, and is at its floor with the last. "
    "What each of them takes off was drawn when it was opened.",
)
class BargainType(Node):
    bargain: strawberry.Private[Bargain]

    @strawberry.field(description="What it is about; null once its viewer may not see that any more.")
    async def campaign(self, info: Info) -> CampaignType | None:
        found: Campaign | None = await find_campaign(info.context, self.bargain.campaign_id)
        return None if found is None else to_campaign(found)

    @strawberry.field(description="How it stands now.")
    def state(self) -> BargainStateEnum:  # type: ignore[valid-type]
        return self.bargain.state

    @strawberry.field(description="What one unit cost its owner when it was opened.")
    def starts_from(self) -> MoneyType:
        return unit_price(self.bargain.starts_from, self.bargain.currency)

    @strawberry.field(description="What it costs by now.")
    def price(self) -> MoneyType:
        return unit_price(self.bargain.price, self.bargain.currency)

    @strawberry.field(description="What it costs once all helpers have helped, exactly.")
    def floor(self) -> MoneyType:
        return unit_price(self.bargain.floor, self.bargain.currency)

    @strawberry.field(description="How many it takes from the one to the other.")
    def helpers(self) -> int:
        return self.bargain.helpers

    @strawberry.field(description="How many have helped.")
    def helped(self) -> int:
        return self.bargain.cuts

    @strawberry.field(description="No cut takes off less than this.")
    def least_cut(self) -> MoneyType:
        return to_money(Money(self.bargain.least, self.bargain.currency))

    @strawberry.field(description="No cut takes off more than this.")
    def most_cut(self) -> MoneyType:
        return to_money(Money(self.bargain.most, self.bargain.currency))

    @strawberry.field(description="When it was opened.")
    def opened_at(self) -> datetime:
        return self.bargain.opened_at

    @strawberry.field(description="When it is over.")
    def closes_at(self) -> datetime:
        return self.bargain.closes_at

    @strawberry.field(description="The moment of this answer: count down from it, not from the device's clock.")
    def server_time(self) -> datetime:
        return now()

    @strawberry.field(description="Whether it is of who asks.")
    async def is_mine(self, info: Info) -> bool:
        return self.bargain.party_id == (await info.context.viewer()).party_id

    @strawberry.field(description="Who has helped, in the order in which they came.")
    async def cuts(self, info: Info) -> list[BargainCutType]:
        found = await info.context.loader(load_cuts).load(self.bargain.id)
        return [BargainCutType(cut=one, currency=self.bargain.currency) for one in found]


def to_bargain(bargain: Bargain) -> BargainType:
    """The bargain on the wire."""
    return BargainType(id=global_id(Kind.BARGAIN, bargain.id), bargain=bargain)


async def find_bargain(context: Context, bargain: UUID) -> Bargain | None:
    """The bargain with this id, where its campaign may be seen."""
    found = await bargain_by_id(bargain)
    return found if found is not None and await find_campaign(context, found.campaign_id) is not None else None


@strawberry.input(description="A bargain to be opened.")
class BargainStartInput:
    campaign_id: strawberry.ID = strawberry.field(description="In which campaign; a Bargain.")


@strawberry.input(description="Help in somebody's bargain.")
class BargainCutInput:
    bargain_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The bargain that was opened.")
class BargainStartPayload:
    bargain: BargainType | None = strawberry.field(default=None, description="The bargain; invite friends by its id.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="What was taken off.")
class BargainCutPayload:
    bargain: BargainType | None = strawberry.field(default=None, description="The bargain with it.")
    amount: MoneyType | None = strawberry.field(default=None, description="What the helper took off.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(CUSTOMER, "Open a bargain in a campaign: one at a time. Buy by it with `orderPlace`, with the campaign on the line.")
async def bargain_start(info: Info, input: BargainStartInput) -> BargainStartPayload:
    campaign = local_id(Kind.CAMPAIGN, input.campaign_id, "campaignId")
    channel, viewer = await info.context.channel(), Viewer(info.context.buyer)
    opened = await transact(lambda tx: start_bargain(tx, channel, viewer, campaign))
    return BargainStartPayload(bargain=to_bargain(opened))


@mutation(
    CUSTOMER,
    "Help in a friend's bargain, once; and so often a day in all bargains of its campaign. Who acts for an organisation helps "
    "as themselves, and not in its own bargains.",
)
async def bargain_cut(info: Info, input: BargainCutInput) -> BargainCutPayload:
    bargain, party = local_id(Kind.BARGAIN, input.bargain_id, "bargainId"), info.context.party
    found = await find_bargain(info.context, bargain)
    if found is None:
        raise NotFound("bargain", "砍价", path=("bargainId",))
    if await info.context.holds(found.party_id):
        raise CutOwn
    cut = await transact(lambda tx: cut_bargain(tx, bargain, party))
    amount = to_money(Money(cut.amount, cut.bargain.currency))
    return BargainCutPayload(bargain=to_bargain(cut.bargain), amount=amount)


@strawberry.type
class BargainMutations:
    bargain_start = bargain_start
    bargain_cut = bargain_cut


@strawberry.type
class BargainQueries:
    @query(PUBLIC, "A customer's bargain by its id, for an invitation; also one that is over, so that its page can say so.")
    async def bargain(self, info: Info, id: strawberry.ID) -> BargainType | None:
        found = await find_bargain(info.context, local_id(Kind.BARGAIN, id, "id"))
        return None if found is None else to_bargain(found)

    @query(CUSTOMER, "Your own latest bargain of a campaign; null where you have opened none.")
    async def own_bargain(
        self,
        info: Info,
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="Which campaign.")],
    ) -> BargainType | None:
        campaign, party = local_id(Kind.CAMPAIGN, campaign_id, "campaignId"), (await info.context.viewer()).party_id
        if party is None or await find_campaign(info.context, campaign) is None:
            return None
        found = await own_bargain(campaign, party)
        return None if found is None else to_bargain(found)
