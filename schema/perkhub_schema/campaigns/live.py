"""Watching a campaign: again whenever what is shown of it moves. A rush of sales is told once a second at most."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

import strawberry

from perkhub.campaigns import Campaign, CampaignState
from perkhub.kit.clock import now
from perkhub.kit.errors import NotFound
from perkhub_schema.campaigns.loaders import load_states
from perkhub_schema.campaigns.mechanics import FORMS
from perkhub_schema.campaigns.queries import find_campaign
from perkhub_schema.campaigns.types import CampaignType, looked, to_campaign
from perkhub_schema.graphql.access import Public
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.models import Around
from perkhub_schema.watching import CAMPAIGN, LOOK_AGAIN_SECONDS, changes

PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class _View:
    """What a watcher sees: if none of it moved, nothing is told."""

    version: int
    state: CampaignState
    shown: tuple[Any, ...]


async def watch(info: Info, campaign_id: strawberry.ID) -> AsyncIterator[CampaignType]:
    """The campaign now, and again whenever what this viewer sees of it has changed."""
    context = info.context
    if context.refused is not None:
        raise context.refused
    campaign = local_id(Kind.CAMPAIGN, campaign_id, "id")
    await _found(context, campaign)
    async with changes(CAMPAIGN, campaign, viewer=context.who) as changed:
        seen: _View | None = None
        while True:
            await context.recognise_again()
            context.forget_loaded()
            found = await _found(context, campaign)
            view = await _view(info, found)
            if view != seen:
                seen = view
                yield to_campaign(found)
            looked_at = monotonic()
            await changed(_until_edge(found))
            # Whoever wakes us a thousand times a second is heard once.
            await asyncio.sleep(max(0.0, looked_at + PAUSE_SECONDS - monotonic()))


async def _found(context: Context, campaign: UUID) -> Campaign:
    found = await find_campaign(context, campaign)
    if found is None:
        raise NotFound("campaign", "活动", path=("id",))
    return found


async def _view(info: Info, campaign: Campaign) -> _View:
    party = (await info.context.viewer()).party_id
    state = await info.context.loader(load_states).load(looked(campaign, party))
    shown: list[Any] = []
    if state is not None and campaign.mechanic in FORMS:
        forms, around = FORMS[campaign.mechanic], Around(info, campaign.currency)
        shown = [await shape.wire(getattr(state, name), around) for name, shape in forms.shapes(type(state)).items()]
    return _View(campaign.version, campaign.state_at(now()), tuple(repr(one) for one in shown))


def _until_edge(campaign: Campaign) -> float:
    """Seconds until its window moves by itself, if that is soon."""
    ahead = [(edge - now()).total_seconds() for edge in (campaign.starts_at, campaign.ends_at)]
    return min((seconds for seconds in ahead if seconds > 0), default=LOOK_AGAIN_SECONDS)


@strawberry.type
class CampaignSubscriptions:
    @strawberry.subscription(
        description="A campaign of this channel now, and again whenever its state or what is left of it moves; at most once a "
        "second. Count down from its `serverTime`.",
        # Which campaigns somebody may watch is looked at in `find_campaign`.
        directives=[Public()],
    )
    async def campaign_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[CampaignType]:
        async for campaign in watch(info, id):
            yield campaign
