"""Trying campaigns out: what a basket would cost at some moment, for somebody, with drafts too; and why. Changes nothing."""

from datetime import datetime

import strawberry

from perkhub.accounts import Permission, ensure_parties, ensure_permission
from perkhub.campaigns import simulate_basket
from perkhub.campaigns.coupons import count_guesses
from perkhub.channels import ANYONE, Channel, ChannelNotFound, Viewer, known_channel
from perkhub.kit.errors import NotFound
from perkhub_schema.graphql.access import requires_in_channel
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import NEVER_KEPT
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import COUPON_CODES, LineInput, to_basket, to_codes
from perkhub_schema.orders.quotes import QuoteType, to_quote
from perkhub_schema.scopes import PARTY_KINDS, local_ids, to_scope


@strawberry.input(description="A basket to be priced as somebody would pay it at some moment.")
class CampaignSimulateInput:
    lines: list[LineInput] = strawberry.field(description="At most 50, each variant once.")
    channel_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where; in the channel of the Perkhub-Channel header if left out."
    )
    at: datetime | None = strawberry.field(default=None, description="When; now if left out.")
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who buys: a customer, or an organisation; a stranger if left out."
    )
    coupon_codes: list[str] | None = strawberry.field(
        default=None,
        description=f"{COUPON_CODES} What cannot be used refuses here, as it would the order.",
        metadata=NEVER_KEPT,
    )
    draft_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Campaigns that are not published yet, and count as if they were."
    )


@strawberry.type(description="What the basket would cost, or why it has no price.")
class SimulationPayload:
    quote: QuoteType | None = strawberry.field(default=None, description="The priced basket, with the reasons.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why not; empty if it is.")


@mutation(
    requires_in_channel(Permission.MANAGE_CAMPAIGNS),
    "Price a basket as somebody would pay it at some moment, drafts included, with the reasons. Changes nothing.",
)
async def campaign_simulate(info: Info, input: CampaignSimulateInput) -> SimulationPayload:
    channel = await _channel(info, input)
    ensure_permission(info.context.identity, Permission.MANAGE_CAMPAIGNS, channel=channel.id)
    viewer, codes = await _viewer(input), to_codes(input.coupon_codes)
    await count_guesses(codes, guesser=info.context.who, holder=viewer.party_id)
    offered = await simulate_basket(
        channel,
        to_basket(input.lines),
        viewer,
        codes=codes,
        at=input.at,
        drafts=local_ids(Kind.CAMPAIGN, input.draft_ids or [], "draftIds"),
    )
    return SimulationPayload(quote=to_quote(offered, info.context.language))


async def _channel(info: Info, given: CampaignSimulateInput) -> Channel:
    if given.channel_id is None:
        return await info.context.channel()
    try:
        return await known_channel(local_id(Kind.CHANNEL, given.channel_id, "channelId"))
    except ChannelNotFound:
        raise NotFound("channel", "渠道", path=("channelId",)) from None


async def _viewer(given: CampaignSimulateInput) -> Viewer:
    if given.customer_id is None:
        return ANYONE
    scope = to_scope(given.customer_id, "customerId", known=PARTY_KINDS)
    await ensure_parties({scope.id: scope.party_kind}, "customerId")
    return Viewer(scope.id)


@strawberry.type
class SimulationMutations:
    campaign_simulate = campaign_simulate
