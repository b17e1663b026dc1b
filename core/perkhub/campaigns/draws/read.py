"""Reading draws: what they were made by, what came of them, and which seeds are shown by now. Makes none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.draws import fair
from perkhub.campaigns.draws.seeds import COLUMNS, DrawSeed, seed_from
from perkhub.kit import db
from perkhub.kit.db import Row

# The one that is drawn by; where none is any more, the last that was.
PRESENT = f"""
    SELECT DISTINCT ON (campaign_id) {COLUMNS} FROM draw_seed WHERE campaign_id = ANY($1) ORDER BY campaign_id, number DESC
"""
BY_IDS = f"SELECT {COLUMNS} FROM draw_seed WHERE id = ANY($1)"
OVER = f"""
    SELECT {COLUMNS} FROM draw_seed WHERE campaign_id = $1 AND retired_at IS NOT NULL AND number > $2 ORDER BY number LIMIT $3
"""
DRAW_COLUMNS = """
    d.id, d.at, d.campaign_id, d.seed_id, d.party_id, d.line_id, d.position, d.nonce, d.pity, d.client_seed, d.drawn, d.given,
    p.variant_id
"""
WITH_PRIZE = "JOIN draw_prize p ON p.campaign_id = d.campaign_id AND p.key = d.given"
OF_LINES = f"SELECT {DRAW_COLUMNS} FROM draw d {WITH_PRIZE} WHERE d.line_id = ANY($1) ORDER BY d.line_id, d.position"
# Each half by the index that the links of the chain are made by.
NEWEST = f"""
    SELECT {DRAW_COLUMNS} FROM (
        (SELECT * FROM draw WHERE campaign_id = $1 AND batch IS NULL ORDER BY id DESC LIMIT $2)
        UNION ALL
        (SELECT * FROM draw WHERE campaign_id = $1 AND batch IS NOT NULL ORDER BY batch DESC, id DESC LIMIT $2)
    ) d {WITH_PRIZE} ORDER BY d.id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One draw as it was made: all that its result follows from, but for the seed."""

    id: int
    at: datetime
    campaign_id: UUID
    seed_id: UUID
    party_id: UUID
    line_id: UUID
    position: int
    nonce: int
    pity: int
    client_seed: str
    drawn: str
    given: str
    variant_id: UUID

    @property
    def who(self) -> str:
        """Who drew, as the log names them."""
        return fair.pseudonym(self.campaign_id.bytes, self.party_id.bytes)


async def present_seeds(campaigns: Collection[UUID]) -> dict[UUID, DrawSeed]:
    """By campaign, what is drawn by there, or was last; campaigns that draw nothing are not in it."""
    return {row["campaign_id"]: seed_from(row) for row in await db.rows(PRESENT, list(campaigns))}


async def seeds_by_ids(ids: Collection[UUID]) -> dict[UUID, DrawSeed]:
    """Seeds by id."""
    return {row["id"]: seed_from(row) for row in await db.rows(BY_IDS, list(ids))}


async def seeds_over(campaign: UUID, *, after: int = 0, limit: int = 20) -> list[DrawSeed]:
    """The seeds of a campaign that are shown, in the order in which they were drawn by, from beyond number `after` on."""
    return [seed_from(row) for row in await db.rows(OVER, campaign, after, limit)]


async def draws_of_lines(lines: Collection[UUID]) -> dict[UUID, list[Drawn]]:
    """By line of an order, what was drawn for it, unit by unit."""
    found: dict[UUID, list[Drawn]] = {line: [] for line in lines}
    for row in await db.rows(OF_LINES, list(lines)):
        found[row["line_id"]].append(_drawn_from(row))
    return found


async def newest_draws(campaign: UUID, *, limit: int) -> list[Drawn]:
    """What was drawn last in a campaign, the newest first."""
    return [_drawn_from(row) for row in await db.rows(NEWEST, campaign, limit)]


def _drawn_from(row: Row) -> Drawn:
    return Drawn(**{name: row[name] for name in Drawn.__slots__})
