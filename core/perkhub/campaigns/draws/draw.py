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
from perkhub.kit.clock import now
from perkhub.kit.db import ClaimContended, Transaction
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
# As many as there are, in the order of keys; never more than there were.
TAKE = """
    WITH wanted AS (
        SELECT p.id, p.given, w.units FROM draw_prize p JOIN unnest($2::text[], $3::int[]) AS w(key, units) ON w.key = p.key
        WHERE p.campaign_id = $1 ORDER BY p.key FOR NO KEY UPDATE OF p
    )
    UPDATE draw_prize p SET given = least(w.given + w.units, coalesce(p.quantity, w.given + w.units)) FROM wanted w
    WHERE p.id = w.id RETURNING p.key, p.given - w.given AS got
"""
PUT_BACK = """
    UPDATE draw_prize p SET given = p.given - w.units FROM unnest($2::text[], $3::int[]) AS w(key, units)
    WHERE p.campaign_id = $1 AND p.key = w.key
"""
VARIANTS = "SELECT key, variant_id FROM draw_prize WHERE campaign_id = $1"
END = "UPDATE draw_buyer SET nonce = $3::int, pity = $4::int WHERE campaign_id = $1::uuid AND party_id = $2::uuid"
INSERT = """
    INSERT INTO draw (at, campaign_id, seed_id, party_id, order_id, line_id, position, nonce, pity, client_seed, drawn, given)
    SELECT $1::timestamptz, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, d.position, d.nonce, d.pity, $7::text,
           d.drawn, d.given
    FROM unnest($8::int[], $9::int[], $10::int[], $11::text[], $12::text[]) AS d(position, nonce, pity, drawn, given)
    ORDER BY d.position
"""


class NothingToDrawFrom(Exception):
    """The campaign has no seed that is drawn by: it was never published, or is over."""


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
    nonce: int
    pity: int


async def draw_units(
    tx: Transaction, campaign: UUID, party: UUID, units: int, *, order: UUID, line: UUID, client_seed: str
) -> list[DrawnUnit]:
    """Draw so many units for a line.

    Raises:
        NothingToDrawFrom.
    """
    begun = await tx.row(BEGIN, new_id(), campaign, party)
    if begun is None:
        # The seed may have been retired while we waited for it: the next one is seen by a new transaction.
        raise ClaimContended(NothingToDrawFrom())
    table = fair.table_from(orjson.loads(begun["odds"]))
    drawing = _Drawing(opened(begun), table, client_seed, begun["nonce"], begun["pity"])
    variants = {row["key"]: row["variant_id"] for row in await tx.rows(VARIANTS, campaign)}
    found = await _take_prizes(tx, campaign, drawing, units, variants)
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


async def _take_prizes(
    tx: Transaction, campaign: UUID, drawing: _Drawing, units: int, variants: Mapping[str, UUID]
) -> list[DrawnUnit]:
    """Draw as if all were there, take what that wants, and draw again where something was not: what is locked is known to be
    exhausted then. A prize that nobody counts is not waited for."""
    limited = {prize.key for prize in drawing.table.prizes if prize.quantity is not None}
    most: dict[str, int] = {}  # of prizes that ran out, how many we got
    taken: Counter[str] = Counter()
    while True:
        found = _draw(drawing, units, variants, most)
        wanted = Counter(unit.given for unit in found if unit.given in limited)
        if too_many := taken - wanted:
            await tx.execute(PUT_BACK, campaign, list(too_many), list(too_many.values()))
            taken -= too_many
        missing = wanted - taken
        if not missing:
            return found
        keys = sorted(missing)
        for row in await tx.rows(TAKE, campaign, keys, [missing[key] for key in keys]):
            taken[row["key"]] += row["got"]
            if row["got"] < missing[row["key"]]:
                most[row["key"]] = taken[row["key"]]


def _draw(drawing: _Drawing, units: int, variants: Mapping[str, UUID], most: Mapping[str, int]) -> list[DrawnUnit]:
    """The sequence of draws; of prizes in `most` no more than that many are given, and what is exhausted is replaced."""
    table, pity = drawing.table, drawing.pity
    found: list[DrawnUnit] = []
    got: Counter[str] = Counter()
    for position in range(units):
        nonce = drawing.nonce + position + 1
        fell = fair.drawn(drawing.seed, table, client_seed=drawing.client_seed, nonce=nonce, pity=pity)
        given = table.exhausted if fell in most and got[fell] >= most[fell] else fell
        got[given] += 1
        found.append(DrawnUnit(position, nonce, pity, fell, given, variants[given]))
        pity = table.pity_after(pity, given)
    return found
