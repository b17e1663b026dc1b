"""Campaigns as shops find them, and as operators do."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.campaigns import (
    Campaign,
    CampaignsAsked,
    CampaignState,
    campaign_by_reference,
    campaigns,
    campaigns_by_ids,
    live_campaigns,
    note_view,
)
from perkhub.kit.clock import now
from perkhub_schema.campaigns.types import CampaignStateEnum, CampaignType, to_campaign
from perkhub_schema.catalog.lookups import only_one
from perkhub_schema.graphql.access import PUBLIC, requires
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id, cursor_moment, moment_cursor


@strawberry.input(description="Which campaigns of the shop; all that is given must fit.")
class CampaignWhere:
    live: bool | None = strawberry.field(
        default=None, description="Only those in which one can take part now; false: only those to come."
    )
    mechanic: str | None = strawberry.field(default=None, description='Of this mechanic, by key: "flash_sale".', metadata=KEPT)
    variant_id: strawberry.ID | None = strawberry.field(default=None, description="Those that concern this variant.")


@strawberry.input(description="Which campaigns of all; all that is given must fit.")
class AllCampaignsWhere:
    state: CampaignStateEnum | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="In this state now."
    )
    mechanic: str | None = strawberry.field(default=None, description='Of this mechanic, by key: "flash_sale".', metadata=KEPT)
    channel_id: strawberry.ID | None = strawberry.field(default=None, description="Those of this channel.")


async def find_campaign(context: Context, campaign: UUID) -> Campaign | None:
    """The campaign with this id, as far as this viewer may see it."""
    found = await _named(campaign, None)
    return None if found is None else await seen_by(context, found)


async def seen_by(context: Context, found: Campaign) -> Campaign | None:
    """One of the viewer's channel that was published, whatever became of it since, so that a page that is open can say so; to
    staff who read campaigns, any."""
    if context.identity.may(Permission.READ_CAMPAIGNS):
        return found
    if found.state_at(now()) is CampaignState.DRAFT or (await context.channel()).id not in found.channel_ids:
        return None
    return found


async def _named(id: UUID | None, reference: str | None) -> Campaign | None:
    if id is None:
        return await campaign_by_reference(reference or "")
    return next(iter(await campaigns_by_ids([id])), None)


async def shown_in(channel: UUID, where: CampaignWhere | None) -> list[Campaign]:
    """What a shop shows, the first to begin first."""
    given, at = where or CampaignWhere(), now()
    variant = None if given.variant_id is None else [local_id(Kind.VARIANT, given.variant_id, "where", "variantId")]
    found = await live_campaigns(channel, variant, coming=True)
    fitting = (
        one
        for one in found
        if given.mechanic in (None, one.mechanic) and given.live in (None, one.state_at(at) is CampaignState.LIVE)
    )
    return sorted(fitting, key=lambda one: (one.starts_at, one.id))


@strawberry.type
class CampaignQueries:
    @query(
        PUBLIC,
        "A campaign of this channel by id or external reference, also one that is over by now; null when there is none, or it "
        "was never published. Staff with READ_CAMPAIGNS find any.",
    )
    async def campaign(
        self, info: Info, id: strawberry.ID | None = None, external_reference: str | None = None
    ) -> CampaignType | None:
        only_one(id=id, externalReference=external_reference)
        key = None if id is None else local_id(Kind.CAMPAIGN, id, "id")
        named = await _named(key, external_reference)
        found = None if named is None else await seen_by(info.context, named)
        if found is None:
            return None
        if not info.context.identity.may(Permission.READ_CAMPAIGNS):
            note_view(found.id)
        return to_campaign(found)

    @query(PUBLIC, "What is live in this channel now, and what is to come: the first to begin first.")
    async def campaigns(
        self, info: Info, first: int | None = None, after: str | None = None, where: CampaignWhere | None = None
    ) -> Connection[CampaignType]:
        place = cursor_moment(after)
        shown = await shown_in((await info.context.channel()).id, where)
        rest = [one for one in shown if place is None or (one.starts_at, one.id) > place]

        async def read(limit: int) -> list[Campaign]:
            return rest[:limit]

        return await connect(
            first,
            after,
            read=read,
            to_node=to_campaign,
            to_cursor=lambda campaign: moment_cursor(campaign.starts_at, campaign.id),
        )

    @query(requires(Permission.READ_CAMPAIGNS), "Every campaign, drafts and those that are over too: the newest first.")
    async def all_campaigns(
        self, info: Info, first: int | None = None, after: str | None = None, where: AllCampaignsWhere | None = None
    ) -> Connection[CampaignType]:
        given, before = where or AllCampaignsWhere(), cursor_id(after)
        channel = None if given.channel_id is None else local_id(Kind.CHANNEL, given.channel_id, "where", "channelId")
        asked = CampaignsAsked(state=given.state, channel_id=channel, mechanic=given.mechanic)
        return await connect(
            first,
            after,
            read=lambda limit: campaigns(asked, before=before, limit=limit),
            to_node=to_campaign,
            to_cursor=lambda campaign: campaign.id.hex,
        )
