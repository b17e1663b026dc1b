"""Which campaigns a basket meets, each with what its mechanic and its audience must know: one statement for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from perkhub.campaigns.bargains.read import RUNNING, seen_from
from perkhub.campaigns.campaign import COLUMNS, Campaign, campaign_from
from perkhub.campaigns.models import EVERYBODY
from perkhub.channels import HOLDERS, Viewer
from perkhub.entitlements import HELD_SOMETHING
from perkhub.kit import db
from perkhub.plugin.mechanic import Seen

# $1 campaigns, $2 the channel, $3 and $4 the viewer's holders, $5 the moment, $6 the party, $7 the basket's products. What a
# campaign does not ask of its audience is not looked up.
CANDIDATES = f"""
    SELECT {COLUMNS},
        EXISTS (SELECT FROM campaign_channel h WHERE h.campaign_id = c.id AND h.channel_id = $2) AS here,
        CASE WHEN cardinality(c.audience_groups) = 0 THEN true
             ELSE c.audience_groups && {HOLDERS.format(known="$3", party="$4", at="$5")} END AS in_groups,
        CASE WHEN c.audience_new THEN $6::uuid IS NOT NULL AND NOT {HELD_SOMETHING.format(party="$6::uuid")}
             ELSE true END AS is_new,
        CASE WHEN c.audience_listed
             THEN EXISTS (SELECT FROM campaign_person p WHERE p.campaign_id = c.id AND p.party_id = $6::uuid)
             ELSE true END AS is_listed,
        (SELECT jsonb_object_agg(n.name, n.value) FROM campaign_counter n
         WHERE n.campaign_id = c.id AND n.buyer_id = '{EVERYBODY}' AND n.value > 0) AS shared,
        (SELECT jsonb_object_agg(n.name, n.value) FROM campaign_counter n
         WHERE n.campaign_id = c.id AND n.buyer_id = $6::uuid AND n.value > 0) AS mine,
        (SELECT jsonb_object_agg(s.product_id, s.shelves) FROM (
            SELECT pc.product_id, jsonb_agg(DISTINCT shelf.id) AS shelves
            FROM product_category pc JOIN category g ON g.id = pc.category_id, unnest(g.path) AS shelf(id)
            WHERE pc.product_id = ANY($7) GROUP BY pc.product_id) s) AS categories,
        {RUNNING} AS bargain
    FROM campaign c WHERE c.id = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A campaign that may apply, and what was found for it."""

    campaign: Campaign
    seen: Seen
    here: bool
    for_viewer: bool
    categories: dict[UUID, frozenset[UUID]] = field(default_factory=dict)  # of the basket's products


async def candidates_of(
    ids: Sequence[UUID], channel: UUID, viewer: Viewer, products: Sequence[UUID], at: datetime
) -> dict[UUID, Candidate]:
    """These campaigns as they stand at this moment; those that do not exist are missing."""
    party = viewer.party_id
    rows = await db.rows(
        CANDIDATES, list(ids), channel, viewer.known_holders(), viewer.party_of_groups, at, party, list(products)
    )
    return {row["id"]: _candidate(row) for row in rows}


def _candidate(row: db.Row) -> Candidate:
    campaign = campaign_from(row)
    running = _loaded(row["bargain"])
    return Candidate(
        campaign=campaign,
        seen=Seen(
            _loaded(row["shared"]),
            _loaded(row["mine"]),
            bargain=seen_from(running, campaign.currency) if running else None,
        ),
        here=row["here"],
        for_viewer=row["in_groups"] and row["is_new"] and row["is_listed"],
        categories={
            UUID(product): frozenset(UUID(one) for one in shelves) for product, shelves in _loaded(row["categories"]).items()
        },
    )


def _loaded(told: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if told is None else orjson.loads(told)
    return found
