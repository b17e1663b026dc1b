"""The list of people that a campaign may be for: put on and taken off by the thousand."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.accounts import ensure_parties
from perkhub.kit import db
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound

MOST_AT_ONCE = 1000

LOCK = "SELECT true FROM campaign WHERE id = $1 FOR KEY SHARE"
# In the order of their ids: of two who list the same people, one waits, and neither for the other.
ADD = """
    INSERT INTO campaign_person (campaign_id, party_id) SELECT $1, p.id FROM unnest($2::uuid[]) AS p(id) ORDER BY p.id
    ON CONFLICT (campaign_id, party_id) DO NOTHING
"""
REMOVE = "DELETE FROM campaign_person WHERE campaign_id = $1 AND party_id = ANY($2)"
PAGE = """
    SELECT party_id FROM campaign_person WHERE campaign_id = $1 AND ($2::uuid IS NULL OR party_id > $2)
    ORDER BY party_id LIMIT $3
"""


async def list_people(tx: Transaction, campaign: UUID, parties: Sequence[UUID]) -> int:
    """Put customers or organisations on the list; how many were not on it.

    Raises:
        InvalidInput, NotFound.
    """
    await _refuse_odd(tx, campaign, parties)
    await ensure_parties(dict.fromkeys(parties), "partyIds")
    added = await tx.execute(ADD, campaign, sorted(set(parties)))
    tx.note_change("campaign", campaign, after={"people_added": list(parties)})
    return added


async def unlist_people(tx: Transaction, campaign: UUID, parties: Sequence[UUID]) -> int:
    """Take them off it; how many were on it.

    Raises:
        InvalidInput, NotFound.
    """
    await _refuse_odd(tx, campaign, parties)
    removed = await tx.execute(REMOVE, campaign, list(parties))
    tx.note_change("campaign", campaign, after={"people_removed": list(parties)})
    return removed


async def people_of(campaign: UUID, *, after: UUID | None = None, limit: int = 100) -> list[UUID]:
    """Who is on the list, by id."""
    return [row["party_id"] for row in await db.rows(PAGE, campaign, after, limit)]


async def _refuse_odd(tx: Transaction, campaign: UUID, parties: Sequence[UUID]) -> None:
    if not 1 <= len(parties) <= MOST_AT_ONCE:
        reason, reason_zh = f"Between 1 and {MOST_AT_ONCE}.", f"须在 1 至 {MOST_AT_ONCE} 之间。"
        raise InvalidInput(path=("partyIds",), reason=reason, reason_zh=reason_zh)
    if await tx.value(LOCK, campaign) is None:
        raise NotFound("campaign", "活动", path=("campaignId",))
