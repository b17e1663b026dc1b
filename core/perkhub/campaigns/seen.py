"""What is counted for campaigns up to now, as mechanics are told it. A promise of nothing: only a claim is one."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from perkhub.campaigns.models import EVERYBODY
from perkhub.kit import db
from perkhub.plugin.mechanic import Seen

COUNTERS = """
    SELECT campaign_id, buyer_id, name, value FROM campaign_counter
    WHERE campaign_id = ANY($1) AND buyer_id = ANY($2) AND value > 0
"""


async def seen_of(campaigns: Sequence[UUID], party: UUID | None) -> dict[UUID, Seen]:
    """What everybody and this party have claimed of each campaign; every one has an answer."""
    shared: dict[UUID, dict[str, int]] = defaultdict(dict)
    mine: dict[UUID, dict[str, int]] = defaultdict(dict)
    if campaigns:
        for row in await db.rows(COUNTERS, list(campaigns), [EVERYBODY, party or EVERYBODY]):
            side = shared if row["buyer_id"] == EVERYBODY else mine
            side[row["campaign_id"]][row["name"]] = row["value"]
    return {one: Seen(shared[one], mine[one]) for one in campaigns}
