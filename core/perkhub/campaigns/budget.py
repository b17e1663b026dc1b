"""A campaign's budget as claims: each limit is a counter of its own, by the calendar of the channel that sells."""

from datetime import datetime

from perkhub.campaigns.campaign import Campaign, Counted, Limit
from perkhub.campaigns.parts import CounterClaim
from perkhub.campaigns.reserve import BUDGET


def budget_claims(campaign: Campaign, *, units: int, discount: int, at: datetime, zone: str) -> list[CounterClaim]:
    """What so many units, and so much taken off their prices, claim of each limit."""
    spent = {Counted.UNITS: units, Counted.MONEY: discount, Counted.ORDERS: 1}
    return [
        CounterClaim(counter_of(limit, at, zone), spent[limit.counts], limit.most, per_buyer=limit.per_customer)
        for limit in campaign.budget
        if spent[limit.counts] > 0
    ]


def counter_of(limit: Limit, at: datetime, zone: str) -> str:
    """The counter that this limit is kept on at this moment: "$units", "$money@week:2026-11-30"."""
    if limit.period is None:
        return f"{BUDGET}{limit.counts}"
    return f"{BUDGET}{limit.counts}@{limit.period}:{limit.period.begins(at, zone)}"
