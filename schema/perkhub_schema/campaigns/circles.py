"""Groups of people around one campaign: what shops show of them, for whoever is in one, and for whoever was invited."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from perkhub.accounts import customers_by_id
from perkhub.campaigns import Campaign
from perkhub.campaigns.circles import (
    Circle,
    CircleMember,
    CircleState,
    circles_by_ids,
    circles_of_orders,
    members_of,
    open_circles,
)
from perkhub.kit.clock import now
from perkhub.kit.errors import NotFound
from perkhub_schema.campaigns.queries import find_campaign
from perkhub_schema.campaigns.types import CampaignType, to_campaign
from perkhub_schema.graphql.access import PUBLIC
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_moment, moment_cursor

NAMELESS = "***"

CircleStateEnum = described(
    CircleState,
    "How a group stands. One whose time is over has lapsed at its second.",
    {
        CircleState.OPEN: "There may be a place: see `placesLeft`.",
        CircleState.FULL: "Everybody has paid; their benefits are on the way.",
        CircleState.SETTLED: "Everybody has theirs.",
        CircleState.LAPSED: "Too few joined in time: everybody gets their money back.",
    },
)


async def load_circle_members(circles: list[UUID]) -> list[list[CircleMember]]:
    """Who has paid, by circle."""
    found = await members_of(circles)
    return [found[circle] for circle in circles]


async def load_masked_names(parties: list[UUID]) -> list[str]:
    """What may be shown of customers' names."""
    found = await customers_by_id(parties)
    return [(found[party].masked_name if party in found else None) or NAMELESS for party in parties]


async def load_circles(places: list[tuple[UUID, int]]) -> list[Circle | None]:
    """By order and line, the circle that it has a place in, or had."""
    found = await circles_of_orders({order for order, _ in places})
    return [found.get(place) for place in places]


@strawberry.type(name="CircleMember", description="Somebody who has paid their place. Never more of them than may be shown.")
class CircleMemberType:
    member: strawberry.Private[CircleMember]
    opened_by: strawberry.Private[UUID]

    @strawberry.field(description="Their name, masked.")
    async def masked_name(self, info: Info) -> str:
        name: str = await info.context.loader(load_masked_names).load(self.member.party_id)
        return name

    @strawberry.field(description="When they paid.")
    def joined_at(self) -> datetime:
        return self.member.joined_at

    @strawberry.field(description="Whether they opened the group.")
    def is_opener(self) -> bool:
        return self.member.party_id == self.opened_by

    @strawberry.field(description="Whether it is who asks.")
    async def is_me(self, info: Info) -> bool:
        return self.member.party_id == (await info.context.viewer()).party_id


@strawberry.type(name="Circle", description="A group of people around one campaign, open to others until it is full or over.")
class CircleType(Node):
    circle: strawberry.Private[Circle]
    of: strawberry.Private[Campaign | None] = None  # its campaign, where that is known already

    @strawberry.field(description="What it is about; null once its viewer may not see that any more.")
    async def campaign(self, info: Info) -> CampaignType | None:
        found = self.of or await find_campaign(info.context, self.circle.campaign_id)
        return None if found is None else to_campaign(found)

    @strawberry.field(description="How it stands now.")
    def state(self) -> CircleStateEnum:  # type: ignore[valid-type]
        return self.circle.state

    @strawberry.field(description="How many make it full.")
    def seats(self) -> int:
        return self.circle.seats

    @strawberry.field(description="How many have paid.")
    def joined(self) -> int:
        return self.circle.paid

    @strawberry.field(description="Places that nobody has paid for, nor keeps with an unpaid order. Only joining is a promise.")
    def places_left(self) -> int:
        return self.circle.seats - self.circle.taken if self.circle.state is CircleState.OPEN else 0

    @strawberry.field(description="When it was opened.")
    def opened_at(self) -> datetime:
        return self.circle.opened_at

    @strawberry.field(description="When it closes, full or not.")
    def closes_at(self) -> datetime:
        return self.circle.closes_at

    @strawberry.field(description="The moment of this answer: count down from it, not from the device's clock.")
    def server_time(self) -> datetime:
        return now()

    @strawberry.field(description="Who has paid, in the order in which they came.")
    async def members(self, info: Info) -> list[CircleMemberType]:
        found = await info.context.loader(load_circle_members).load(self.circle.id)
        return [CircleMemberType(member=one, opened_by=self.circle.opened_by) for one in found]


def to_circle(circle: Circle, of: Campaign | None = None) -> CircleType:
    """The circle on the wire."""
    return CircleType(id=global_id(Kind.CIRCLE, circle.id), circle=circle, of=of)


async def find_circle(context: Context, circle: UUID) -> Circle | None:
    """The circle with this id, where its campaign may be seen."""
    found = (await circles_by_ids([circle])).get(circle)
    return found if found is not None and await find_campaign(context, found.campaign_id) is not None else None


@strawberry.type
class CircleQueries:
    @query(PUBLIC, "A group by its id, for an invitation; also one that is full or over by now, so that its page can say so.")
    async def circle(self, info: Info, id: strawberry.ID) -> CircleType | None:
        found = await find_circle(info.context, local_id(Kind.CIRCLE, id, "id"))
        return None if found is None else to_circle(found)

    @query(PUBLIC, "The open groups of a campaign of this channel, those that close first before the others.")
    async def circles(
        self,
        info: Info,
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="Which campaign.")],
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[CircleType]:
        campaign, place = local_id(Kind.CAMPAIGN, campaign_id, "campaignId"), cursor_moment(after)
        found = await find_campaign(info.context, campaign)
        if found is None:
            raise NotFound("campaign", "活动", path=("campaignId",))
        return await connect(
            first,
            after,
            read=lambda limit: open_circles(campaign, after=place, limit=limit),
            to_node=lambda circle: to_circle(circle, found),
            to_cursor=lambda circle: moment_cursor(circle.closes_at, circle.id),
        )
