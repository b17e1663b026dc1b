"""What anybody may know of a campaign's draws: seeds that are over, and who drew what; and showing a seed before its time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from time import monotonic
from typing import Annotated
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.campaigns import campaign_by_id, rotate_draws
from perkhub.campaigns.draws import Drawn, newest_draws, seeds_over
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub_schema.campaigns.circles import load_masked_names
from perkhub_schema.campaigns.payloads import CampaignPayload
from perkhub_schema.campaigns.queries import find_campaign
from perkhub_schema.campaigns.seeds import DrawSeedType, to_seed
from perkhub_schema.campaigns.types import to_campaign
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.access import PUBLIC, Public, requires
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation, query
from perkhub_schema.graphql.paging import Connection, connect
from perkhub_schema.watching import CAMPAIGN, changes

NEWEST = 20
PAUSE_SECONDS = 1.0
MOST_SEEDS = 2**31 - 1


@strawberry.type(name="DrawNews", description="That somebody drew something. Never more of them than may be shown.")
class DrawNewsType:
    made: strawberry.Private[Drawn]

    @strawberry.field(description="When.")
    def at(self) -> datetime:
        return self.made.at

    @strawberry.field(description="Their name, masked.")
    async def masked_name(self, info: Info) -> str:
        name: str = await info.context.loader(load_masked_names).load(self.made.party_id)
        return name

    @strawberry.field(description="Whether it is who asks.")
    async def is_me(self, info: Info) -> bool:
        return self.made.party_id == (await info.context.viewer()).party_id

    @strawberry.field(description="The prize that was given, by its key in the odds.")
    def given(self) -> str:
        return self.made.given

    @strawberry.field(description="The benefit that was given.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.made.variant_id)


@strawberry.input(description="A campaign whose present seed is to be shown.")
class DrawSeedRotateInput:
    campaign_id: strawberry.ID = strawberry.field(description="Which.")


async def _campaign(context: Context, given: str, argument: str) -> UUID:
    campaign = local_id(Kind.CAMPAIGN, given, argument)
    if await find_campaign(context, campaign) is None:
        raise NotFound("campaign", "活动", path=(argument,))
    return campaign


def _number(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit() or int(after) > MOST_SEEDS:
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。")
    return int(after)


@strawberry.type
class DrawQueries:
    @query(PUBLIC, "The seeds of a campaign that are over, and shown: by them every draw of theirs can be computed again.")
    async def draw_seeds(
        self,
        info: Info,
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="Which campaign.")],
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[DrawSeedType]:
        place = _number(after)
        campaign = await _campaign(info.context, campaign_id, "campaignId")
        return await connect(
            first,
            after,
            read=lambda limit: seeds_over(campaign, after=place, limit=limit),
            to_node=to_seed,
            to_cursor=lambda seed: str(seed.number),
        )


@mutation(
    requires(Permission.MANAGE_CAMPAIGNS),
    "Commit to another seed over the same odds: whoever orders from now on draws by it. The one before is shown, so that "
    "everybody can check its draws: at once, or where orders that were placed under it are still unpaid, within a minute after "
    "the last of them is paid or over.",
)
async def draw_seed_rotate(info: Info, input: DrawSeedRotateInput) -> CampaignPayload:
    campaign = local_id(Kind.CAMPAIGN, input.campaign_id, "campaignId")
    await transact(lambda tx: rotate_draws(tx, campaign))
    return CampaignPayload(campaign=to_campaign(await campaign_by_id(campaign)))


@strawberry.type
class DrawMutations:
    draw_seed_rotate = draw_seed_rotate


async def watch(info: Info, id: strawberry.ID) -> AsyncIterator[list[DrawNewsType]]:
    """The newest draws now, and again whenever there are newer ones."""
    context = info.context
    if context.refused is not None:
        raise context.refused
    campaign = await _campaign(context, id, "id")
    async with changes(CAMPAIGN, campaign, viewer=context.who) as changed:
        seen: list[int] | None = None
        while True:
            await context.recognise_again()
            context.forget_loaded()
            await _campaign(context, id, "id")
            found = await newest_draws(campaign, limit=NEWEST)
            if (view := [one.id for one in found]) != seen:
                seen = view
                yield [DrawNewsType(made=one) for one in found]
            looked_at = monotonic()
            await changed()
            # Whoever wakes us a thousand times a second is heard once.
            await asyncio.sleep(max(0.0, looked_at + PAUSE_SECONDS - monotonic()))


@strawberry.type
class DrawSubscriptions:
    @strawberry.subscription(
        description=f"What was drawn last in a campaign of this channel, up to {NEWEST} draws, the newest first; and again "
        "whenever somebody draws, at most once a second. What one drew oneself stands at the order's line: `orderChanged`.",
        # Which campaigns somebody may watch is looked at in `find_campaign`.
        directives=[Public()],
    )
    async def draws_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[list[DrawNewsType]]:
        async for draws in watch(info, id):
            yield draws
