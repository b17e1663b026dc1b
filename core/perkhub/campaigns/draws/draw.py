"""Drawing: each unit of a line becomes what the draw says, in the transaction that pays for it.

The result follows from the seed, the buyer's own seed, and how often they drew: who fails (no money, no stock) and tries again
meets the same draw.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson

from perkhub.campaigns.draws import fair
from perkhub.campaigns.draws.seeds import opened
from perkhub.campaigns.errors import CampaignOver
from perkhub.campaigns.tell import tell_after_commit
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id

# The buyer's row first, so that their draws follow one another. The seed's is held: it is not shown before we are done.
BEGIN = """
    WITH buyer AS (
        INSERT INTO draw_buyer AS b (id, campaign_id, party_id, nonce, pity) VALUES ($1, $2, $3, 0, 0)
        ON CONFLICT (campaign_id, party_id) DO UPDATE SET nonce = b.nonce RETURNING b.nonce, b.pity
    )
    SELECT s.id, s.sealed, s.odds, b.nonce, b.pity FROM draw_seed s CROSS JOIN buyer b
    WHERE s.campaign_id = $2 AND s.retired_at IS NULL FOR SHARE OF s
"""
PRIZES = "SELECT key, variant_id, quantity <= given AS gone FROM draw_prize WHERE campaign_id = $1"
# All of which there are some left, in the order of keys, whichever of them are wanted: what one that is gone is replaced by may
# change what comes after it. What went while we waited is missing in the answer.
LOCK = """
    SELECT key, quantity - given AS left FROM draw_prize
    WHERE campaign_id = $1 AND given < quantity ORDER BY key FOR NO KEY UPDATE
"""
TAKE = """
    UPDATE draw_prize p SET given = p.given + w.units FROM unnest($2::text[], $3::int[]) AS w(key, units)
    WHERE p.campaign_id = $1::uuid AND p.key = w.key
"""
END = "UPDATE draw_buyer SET nonce = $3::int, pity = $4::int WHERE campaign_id = $1::uuid AND party_id = $2::uuid"
INSERT = """
    INSERT INTO draw (at, campaign_id, seed_id, party_id, order_id, line_id, position, nonce, pity, client_seed, drawn, given)
    SELECT $1::timestamptz, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, d.position, d.nonce, d.pity, $7::text,
           d.drawn, d.given
    FROM unnest($8::int[], $9::int[], $10::int[], $11::text[], $12::text[]) AS d(position, nonce, pity, drawn, given)
    ORDER BY d.position
"""


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """One unit: the prize it fell on, and the one that was given, which differs where none was left."""

    position: int
    nonce: int
    pity: int
    drawn: str
    given: str
    variant: UUID


@dataclass(frozen=True, slots=True)
class _Drawing:
    seed: bytes
    table: fair.Table
    client_seed: str
    who: str
    nonce: int
    pity: int


async def draw_units(
    tx: Transaction, campaign: UUID, party: UUID, units: int, *, order: UUID, line: UUID, client_seed: str
) -> list[DrawnUnit]:
    """Draw so many units for a line.

    Raises:
        CampaignOver: nothing is drawn in it any more.
    """
    begun = await tx.row(BEGIN, new_id(), campaign, party)
    if begun is None:
        # The seed may have been retired while we waited for it: a new statement sees the next one.
        begun = await tx.row(BEGIN, new_id(), campaign, party)
    if begun is None:
        raise CampaignOver
    table = fair.table_from(orjson.loads(begun["odds"]))
    who = fair.pseudonym(campaign.bytes, party.bytes)
    drawing = _Drawing(opened(begun), table, client_seed, who, begun["nonce"], begun["pity"])
    found = await _take_prizes(tx, campaign, drawing, units)
    tell_after_commit(tx, [campaign])
    last = found[-1]
    tx.later(END, campaign, party, last.nonce, table.pity_after(last.pity, last.given))
    tx.later(
        INSERT,
        *(now(), campaign, begun["id"], party, order, line, client_seed),
        [one.position for one in found],
        [one.nonce for one in found],
        [one.pity for one in found],
        [one.drawn for one in found],
        [one.given for one in found],
    )
    return found


async def _take_prizes(tx: Transaction, campaign: UUID, drawing: _Drawing, units: int) -> list[DrawnUnit]:
    """Draw, and take what is counted. What is gone is gone for good, and needs no lock; nor does a prize that nobody counts."""
    prizes = {row["key"]: row for row in await tx.rows(PRIZES, campaign)}
    variants = {key: row["variant_id"] for key, row in prizes.items()}
    counted = {prize.key for prize in drawing.table.prizes if prize.quantity is not None}
    found = _draw(drawing, units, variants, {key: 0 for key in counted if prizes[key]["gone"]})
    if counted.isdisjoint(unit.given for unit in found):
        return found
    left = {row["key"]: row["left"] for row in await tx.rows(LOCK, campaign)}
    found = _draw(drawing, units, variants, {key: left.get(key, 0) for key in counted})
    taken = Counter(unit.given for unit in found if unit.given in counted)
    if taken:
        await tx.execute(TAKE, campaign, list(taken), list(taken.values()))
    return found


def _draw(drawing: _Drawing, units: int, variants: Mapping[str, UUID], most: Mapping[str, int]) -> list[DrawnUnit]:
    """The sequence of draws; of prizes in `most` no more than that many are given, and what is gone is replaced."""
    table, pity = drawing.table, drawing.pity
    found: list[DrawnUnit] = []
    got: Counter[str] = Counter()
    for position in range(units):
        nonce = drawing.nonce + position + 1
        fell = fair.drawn(drawing.seed, table, client_seed=drawing.client_seed, who=drawing.who, nonce=nonce, pity=pity)
        given = table.exhausted if fell in most and got[fell] >= most[fell] else fell
        got[given] += 1
        found.append(DrawnUnit(position, nonce, pity, fell, given, variants[given]))
        pity = table.pity_after(pity, given)
    return found
