"""How a campaign goes, in numbers, for operators."""

import strawberry

from perkhub.campaigns import Figures, LimitUse, figures_of
from perkhub.kit.money import Money
from perkhub_schema.campaigns.loaders import Looked
from perkhub_schema.campaigns.terms import CampaignLimit, to_amount, to_limit
from perkhub_schema.graphql.money import ExactDecimal, MoneyType, to_money


@strawberry.type(description="How far something scarce is claimed, exactly.")
class CampaignCounter:
    name: str = strawberry.field(description="As its mechanic calls it.")
    taken: int = strawberry.field(description="Held and sold.")
    most: int | None = strawberry.field(description="How far it may go; null where nothing ends it.")


@strawberry.type(description="How much of a limit of its budget is used now. Customers' own counts are not summed.")
class CampaignLimitUse:
    limit: CampaignLimit = strawberry.field(description="Which.")
    used: ExactDecimal = strawberry.field(description="In the present period, where it has one.")


@strawberry.type(description="How often people were turned away, and why.")
class CampaignRefusals:
    reason: str = strawberry.field(description="An error's code, or a reason of the mechanic's own: \"CAMPAIGN_SOLD_OUT\".")
    count: int = strawberry.field(description="How often.")


@strawberry.type(description="How a campaign goes, live.")
class CampaignFigures:
    orders: int = strawberry.field(description="Orders that took part, whatever became of them.")
    held: int = strawberry.field(description="Of these, not paid yet.")
    paid: int = strawberry.field(description="Of these, paid, and not given back as a whole.")
    returned: int = strawberry.field(description="Of these, paid and given back as a whole.")
    lapsed: int = strawberry.field(description="Of these, cancelled or expired before they were paid.")
    units_held: int = strawberry.field(description="Units in orders that are not paid yet.")
    units_sold: int = strawberry.field(description="Units in paid orders, without those that came back.")
    units_refunded: int = strawberry.field(description="Units of paid orders that came back.")
    given_away: MoneyType = strawberry.field(description="What it took off the prices of paid orders.")
    views: int = strawberry.field(description="How often somebody opened it.")
    counters: list[CampaignCounter] = strawberry.field(description="What is scarce in it.")
    budget: list[CampaignLimitUse] = strawberry.field(description="Its limits for all customers together.")
    refusals: list[CampaignRefusals] = strawberry.field(description="Why people were turned away, the most frequent first.")


async def load_figures(looks: list[Looked]) -> list[Figures]:
    """Figures of campaigns."""
    found = await figures_of([look.campaign for look in looks])
    return [found[look.id] for look in looks]


def to_figures(figures: Figures, currency: str) -> CampaignFigures:
    """The figures on the wire."""
    return CampaignFigures(
        orders=figures.orders,
        held=figures.held,
        paid=figures.paid,
        returned=figures.returned,
        lapsed=figures.lapsed,
        units_held=figures.units_held,
        units_sold=figures.units_sold,
        units_refunded=figures.units_refunded,
        given_away=to_money(Money(figures.given_away, currency)),
        views=figures.views,
        counters=[CampaignCounter(name=one.name, taken=one.taken, most=one.most) for one in figures.counters],
        budget=[_use(use, currency) for use in figures.budget],
        refusals=[CampaignRefusals(reason=reason, count=count) for reason, count in figures.refusals],
    )


def _use(use: LimitUse, currency: str) -> CampaignLimitUse:
    return CampaignLimitUse(limit=to_limit(use.limit, currency), used=ExactDecimal(to_amount(use.limit, use.used, currency)))
