"""What operators said of a campaign besides its mechanic."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry.scalars import JSON

from perkhub.campaigns import Campaign, CampaignAudience, Counted, Limit, Period
from perkhub.channels import known_channel
from perkhub.kit.money import Money
from perkhub_schema.channels.types import ChannelType, to_channel
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import Currency, ExactDecimal

CountedEnum = described(
    Counted,
    "What a limit of a budget counts.",
    {
        Counted.UNITS: "Units that take part.",
        Counted.MONEY: "What the campaign takes off the prices.",
        Counted.ORDERS: "Orders that take part.",
    },
    name="CampaignCounted",
)
PeriodEnum = described(
    Period,
    "A stretch of the calendar, in the zone of the channel that sells.",
    {Period.DAY: "From midnight.", Period.WEEK: "From Monday.", Period.MONTH: "From the first of the month."},
    name="CampaignPeriod",
)


@strawberry.type(name="CampaignAudience", description="Who may take part: all that is asked for must hold.")
class CampaignAudienceType:
    group_ids: list[strawberry.ID] = strawberry.field(description="Members of one of these groups; empty is everybody.")
    new_customers: bool = strawberry.field(description="Only who had no benefit before.")
    listed: bool = strawberry.field(description="Only people on the campaign's own list.")


@strawberry.type(description="At most so much, exactly.")
class CampaignLimit:
    counts: CountedEnum = strawberry.field(description="What is counted.")  # type: ignore[valid-type]
    most: ExactDecimal = strawberry.field(description="The most; MONEY in the campaign's currency.")
    per_customer: bool = strawberry.field(description="Whether each customer has a count of their own.")
    period: PeriodEnum | None = strawberry.field(  # type: ignore[valid-type]
        description="The count begins anew with each; null is over the whole time."
    )


@strawberry.type(description="What operators said of a campaign, for whoever edits it.")
class CampaignTerms:
    campaign: strawberry.Private[Campaign]
    audience: CampaignAudienceType = strawberry.field(description="Who may take part.")
    budget: list[CampaignLimit] = strawberry.field(description="Its limits besides the mechanic's own.")
    currency: Currency = strawberry.field(description="What its prices are in: its channels'.")
    priority: int = strawberry.field(description="Of several campaigns the highest acts first.")
    exclusive: bool = strawberry.field(description="Whether it takes no other campaign beside it on a line.")
    version: int = strawberry.field(description="Give it back as `expectedVersion` when changing the campaign.")
    external_reference: str | None = strawberry.field(description="Your own system's id of it.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(
        description="The mechanic's settings as they are stored, by its own names; of one that is not installed any more, all "
        "that is left."
    )
    def settings(self) -> JSON:
        return self.campaign.config  # type: ignore[return-value]

    @strawberry.field(description="Where it runs.")
    async def channels(self) -> list[ChannelType]:
        return [to_channel(await known_channel(one)) for one in self.campaign.channel_ids]


def to_terms(campaign: Campaign) -> CampaignTerms:
    """The terms on the wire."""
    return CampaignTerms(
        campaign=campaign,
        audience=_audience(campaign.audience),
        budget=[to_limit(limit, campaign.currency) for limit in campaign.budget],
        currency=Currency(campaign.currency),
        priority=campaign.priority,
        exclusive=campaign.exclusive,
        version=campaign.version,
        external_reference=campaign.external_reference,
        created_at=campaign.created_at,
    )


def _audience(audience: CampaignAudience) -> CampaignAudienceType:
    groups = [global_id(Kind.CUSTOMER_GROUP, group) for group in sorted(audience.groups)]
    return CampaignAudienceType(group_ids=groups, new_customers=audience.new_customers, listed=audience.listed)


def to_limit(limit: Limit, currency: str) -> CampaignLimit:
    """A limit on the wire."""
    most = ExactDecimal(to_amount(limit, limit.most, currency))
    return CampaignLimit(counts=limit.counts, most=most, per_customer=limit.per_customer, period=limit.period)


def to_amount(limit: Limit, counted: int, currency: str) -> Decimal:
    """A count as people read it: money in major units."""
    return Money(counted, currency).amount if limit.counts is Counted.MONEY else Decimal(counted)
