"""What every campaign says of itself. What its mechanic adds stands in the type that `kinds` makes of it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.campaigns import Campaign, CampaignState, MechanicBroken, Working
from perkhub.kit.clock import now
from perkhub.plugin.registry import registry
from perkhub_schema.campaigns.consents import CampaignConsent, consents_of
from perkhub_schema.campaigns.figures import CampaignFigures, load_figures, to_figures
from perkhub_schema.campaigns.loaders import Looked, load_campaigns, load_campaigns_of, load_states
from perkhub_schema.campaigns.seeds import DrawSeedType, load_present_seeds, to_seed
from perkhub_schema.campaigns.terms import CampaignTerms, to_terms
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.texts import LocalizedText, to_localized

if TYPE_CHECKING:
    from perkhub_schema.catalog.types import VariantType

CampaignStateEnum = described(
    CampaignState,
    "Where a campaign is in its life. Its window holds by itself.",
    {
        CampaignState.DRAFT: "Not published yet: operators alone see it.",
        CampaignState.SCHEDULED: "Published; it begins at `startsAt`.",
        CampaignState.LIVE: "One can take part now.",
        CampaignState.PAUSED: "An operator stopped it for now.",
        CampaignState.ENDED: "Over, for good.",
    },
)


@strawberry.interface(
    name="Campaign",
    description="A campaign, whatever its mechanic. Its own type has the mechanic's settings, and how it stands now.",
)
class CampaignType(Node):
    campaign: strawberry.Private[Campaign]

    @cached_property
    def working(self) -> Working | None:
        """The mechanic with its settings; None where there is none that works."""
        return working_of(self.campaign)

    @strawberry.field(description="In the request's language.")
    def name(self, info: Info) -> str:
        return info.context.say(self.campaign.name)

    @strawberry.field(description="In every language.")
    def name_texts(self) -> LocalizedText:
        return to_localized(self.campaign.name)

    @strawberry.field(description='Its mechanic, by key: "flash_sale".')
    def mechanic(self) -> str:
        return self.campaign.mechanic

    @strawberry.field(description="What people call its mechanic, in the request's language.")
    def mechanic_title(self, info: Info) -> str:
        offered = registry().mechanics.get(self.campaign.mechanic)
        return self.campaign.mechanic if offered is None else offered.title.text(info.context.language)

    @strawberry.field(description="Where it is in its life now.")
    def state(self) -> CampaignStateEnum:  # type: ignore[valid-type]
        return self.campaign.state_at(now())

    @strawberry.field(description="From when on one can take part.")
    def starts_at(self) -> datetime:
        return self.campaign.starts_at

    @strawberry.field(description="Until when.")
    def ends_at(self) -> datetime:
        return self.campaign.ends_at

    @strawberry.field(description="The moment of this answer: count down from it, not from the device's clock.")
    def server_time(self) -> datetime:
        return now()

    @strawberry.field(description="What it concerns; empty where that is everything in its channels, or its mechanic is gone.")
    async def variants(self, info: Info) -> list[Annotated["VariantType", strawberry.lazy("perkhub_schema.catalog.types")]]:
        return await self.shown_variants(info)

    @strawberry.field(description="What its mechanic may ask a buyer to agree to.")
    def consents(self, info: Info) -> list[CampaignConsent]:
        return consents_of(self.campaign.mechanic, info.context.language)

    @strawberry.field(
        description="What is drawn by now, with the odds and the commitment that stood before the first draw; after the end, "
        "what was drawn by last. Null where nothing is drawn."
    )
    async def draw_seed(self, info: Info) -> DrawSeedType | None:
        found = await info.context.loader(load_present_seeds).load(self.campaign.id)
        return None if found is None else to_seed(found)

    @strawberry.field(description="What operators said of it; needs READ_CAMPAIGNS.")
    def terms(self, info: Info) -> CampaignTerms:
        ensure_permission(info.context.identity, Permission.READ_CAMPAIGNS)
        return to_terms(self.campaign)

    @strawberry.field(description="How it goes, live; needs READ_CAMPAIGNS.")
    async def figures(self, info: Info) -> CampaignFigures:
        ensure_permission(info.context.identity, Permission.READ_CAMPAIGNS)
        return to_figures(await info.context.loader(load_figures).load(looked(self.campaign, None)), self.campaign.currency)

    async def shown_variants(self, info: Info) -> list[Any]:
        """Each mechanic's type knows its own."""
        return []

    async def live(self, info: Info) -> Any:
        """How it stands for whoever asks; None where that cannot be told."""
        return await info.context.loader(load_states).load(looked(self.campaign, (await info.context.viewer()).party_id))


def looked(campaign: Campaign, party: UUID | None) -> Looked:
    """The campaign as this party looks at it."""
    return Looked(campaign, party, campaign.id)


def working_of(campaign: Campaign) -> Working | None:
    """Its mechanic with its settings; None where its plugin is gone, or does not read what it stored itself."""
    try:
        return campaign.working()
    except MechanicBroken:  # logged by the domain, with the plugin's name
        return None


# The type of each mechanic that is loaded, by its key; `kinds` puts them in, and the one for all others.
KINDS: dict[str, type[CampaignType]] = {}
RETIRED = ""


def to_campaign(campaign: Campaign) -> CampaignType:
    """The campaign on the wire."""
    kind = KINDS.get(campaign.mechanic)
    if kind is None or working_of(campaign) is None:
        kind = KINDS[RETIRED]
    return kind(id=global_id(Kind.CAMPAIGN, campaign.id), campaign=campaign)


def to_campaigns(campaigns: Sequence[Campaign]) -> list[CampaignType]:
    """Several of them."""
    return [to_campaign(campaign) for campaign in campaigns]


async def campaign_of(info: Info, campaign: UUID | None) -> CampaignType | None:
    """The campaign behind an id that we stored ourselves."""
    found = None if campaign is None else await info.context.loader(load_campaigns).load(campaign)
    return None if found is None else to_campaign(found)


async def campaigns_of_product(info: Info, product: UUID) -> list[CampaignType]:
    """What the product is part of in the request's channel."""
    channel = await info.context.channel()
    return to_campaigns(await info.context.loader(load_campaigns_of).load((channel.id, product)))
