"""What mutations of campaigns answer."""

import strawberry

from perkhub_schema.campaigns.types import CampaignType
from perkhub_schema.graphql.errors import ErrorInterface


@strawberry.type(description="The campaign after the change.")
class CampaignPayload:
    campaign: CampaignType | None = strawberry.field(default=None, description="The campaign as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The campaign, and how many were put on its list, or taken off.")
class CampaignPeoplePayload:
    campaign: CampaignType | None = strawberry.field(default=None, description="The campaign.")
    moved: int | None = strawberry.field(
        default=None, description="How many: those who were there already, or were not, do not count."
    )
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")
