"""How campaigns go, in numbers: what took part and what became of it, what is left, who looked, and who was turned away why."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from perkhub.campaigns.budget import counter_of
from perkhub.campaigns.campaign import Campaign, Limit
from perkhub.campaigns.errors import MechanicBroken
from perkhub.campaigns.reserve import BUDGET
from perkhub.campaigns.seen import seen_of
from perkhub.campaigns.tally import VIEWS, tallies_of
from perkhub.channels import known_channel
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row
from perkhub.plugin.mechanic import Seen

# Every part is counted once, by what became of it. What was never paid lapsed; what was, and came back whole, is returned.
PARTS = """
    SELECT p.campaign_id, count(*) AS orders,
        count(*) FILTER (WHERE p.state = 'held') AS held,
        count(*) FILTER (WHERE p.state = 'taken') AS paid,
        count(*) FILTER (WHERE p.state = 'released' AND p.paid) AS returned,
        count(*) FILTER (WHERE p.state = 'released' AND NOT p.paid) AS lapsed,
        coalesce(sum(u.units) FILTER (WHERE p.state = 'held'), 0)::bigint AS units_held,
        coalesce(sum(u.units - u.back) FILTER (WHERE p.state = 'taken'), 0)::bigint AS units_sold,
        coalesce(sum(u.back) FILTER (WHERE p.paid), 0)::bigint AS units_refunded,
        coalesce(sum(p.discount) FILTER (WHERE p.state = 'taken'), 0)::bigint AS given_away
    FROM campaign_part p,
        LATERAL (SELECT sum(of.units) AS units, sum(of.back) AS back FROM unnest(p.units, p.returned) AS of(units, back)) u
    WHERE p.campaign_id = ANY($1) GROUP BY p.campaign_id
"""


@dataclass(frozen=True, slots=True)
class CounterFigure:
    """How far a shared counter is; `most` is where its mechanic ends it."""

    name: str
    taken: int
    most: int | None


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How much of a limit for everybody together is used, in its present period."""

    limit: Limit
    used: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one campaign. `given_away` is what its paid orders cost less, in minor units."""

    orders: int = 0
    held: int = 0
    paid: int = 0
    returned: int = 0
    lapsed: int = 0
    units_held: int = 0
    units_sold: int = 0
    units_refunded: int = 0
    given_away: int = 0
    views: int = 0
    counters: tuple[CounterFigure, ...] = ()
    budget: tuple[LimitUse, ...] = ()
    refusals: tuple[tuple[str, int], ...] = ()


async def figures_of(campaigns: Sequence[Campaign]) -> dict[UUID, Figures]:
    """Of each campaign; of one in which nothing happened, zeros."""
    ids = [campaign.id for campaign in campaigns]
    parts = {row["campaign_id"]: row for row in await db.rows(PARTS, ids)}
    seen, tallies = await seen_of(ids, None), await tallies_of(ids)
    return {one.id: await _figures(one, parts.get(one.id), seen[one.id], tallies.get(one.id, {})) for one in campaigns}


async def _figures(campaign: Campaign, parts: Row | None, seen: Seen, tally: dict[str, int]) -> Figures:
    told = {} if parts is None else {name: value for name, value in parts.items() if name != "campaign_id"}
    refused = sorted(((why, n) for why, n in tally.items() if why != VIEWS), key=lambda one: (-one[1], one[0]))
    return Figures(
        **told,
        views=tally.get(VIEWS, 0),
        counters=_counters(campaign, seen),
        budget=await _budget(campaign, seen),
        refusals=tuple(refused),
    )


def _counters(campaign: Campaign, seen: Seen) -> tuple[CounterFigure, ...]:
    try:
        working = campaign.working()
        ceilings = {} if working is None else working.ceilings()
    except MechanicBroken:
        ceilings = {}
    names = sorted({name for name in seen.counters if not name.startswith(BUDGET)} | ceilings.keys())
    return tuple(CounterFigure(name, seen.taken(name), ceilings[name].most if name in ceilings else None) for name in names)


async def _budget(campaign: Campaign, seen: Seen) -> tuple[LimitUse, ...]:
    """Where channels lie in several zones, by the first one's calendar."""
    shared = [limit for limit in campaign.budget if not limit.per_customer]
    if not shared:
        return ()
    zone = (await known_channel(campaign.channel_ids[0])).zone
    return tuple(LimitUse(limit, seen.taken(counter_of(limit, now(), zone))) for limit in shared)
