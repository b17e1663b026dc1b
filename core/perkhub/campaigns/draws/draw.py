"""Drawing: each unit of a line becomes what the draw says, in the transaction that pays for it. Buyers wait for each other only
where they fall on the same prize, and only if it is counted.

The result follows from the seed, the buyer's own seed, and how often they drew: who fails (no money, no stock) and tries again
meets the same draw.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import orjson

from perkhub.campaigns.draws import fair
from perkhub.campaigns.draws.seeds import opened
from perkhub.campaigns.errors import CampaignOver
from perkhub.campaigns.tell import tell_after_commit
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id

# The buyer's row first, so that their draws follow one another. The seed's is held: it is not shown before we are done. An
# order that was placed before draws by the seed of then, unless that is shown by now: late money goes by the present one.
BEGIN = """
    WITH buyer AS (
        INSERT INTO draw_buyer AS b (id, campaign_id, party_id, nonce, pity) VALUES ($1, $2, $3, 0, 0)
        ON CONFLICT (campaign_id, party_id) DO UPDATE SET nonce = b.nonce RETURNING b.nonce, b.pity
    )
    SELECT s.id, s.sealed, s.odds, b.nonce, b.pity FROM draw_seed s CROSS JOIN buyer b
    WHERE s.campaign_id = $2 AND s.retired_at IS NULL AND (s.succeeded_at IS NULL OR s.id = $4)
    ORDER BY s.id IS NOT DISTINCT FROM $4 DESC LIMIT 1 FOR SHARE OF s
"""
PRIZES = "SELECT key, variant_id, quantity <= given AS gone FROM draw_prize WHERE campaign_id = $1"
# In the order of keys. What went while we waited is missing in the answer.
LOCK = """
    SELECT key, quantity - given AS left FROM draw_prize
    WHERE campaign_id = $1 AND key = ANY($2) AND given < quantity ORDER BY key FOR NO KEY UPDATE
"""
TAKE = """
    UPDATE draw_prize p SET given = p.given + w.units FROM unnest($2::text[], $3::int[]) AS w(key, units)
    WHERE p.campaign_id = $1::uuid AND p.key = w.key
"""
END = "UPDATE draw_buyer SET nonce = $3::int, pity = $4::int WHERE campaign_id = $1::uuid AND party_id = $2::uuid"
INSERT = """
    INSERT INTO draw (at, campaign_id, seed_id, party_id, order_id, line_id, position, nonce, pity, client_seed, drawn, given)
    SELECT $1::timestamptz, $2::uuid, $3::uuid, $4::uuid, $5::uuid, d.line, d.position, d.nonce, d.pity, d.client_seed,
           d.drawn, d.given
    FROM unnest($6::uuid[], $7::int[], $8::int[], $9::int[], $10::text[], $11::text[], $12::text[])
         AS d(line, position, nonce, pity, client_seed, drawn, given)
    ORDER BY d.nonce
"""


# In so many ways at most an order's draws are foreseen, so that nobody else waits for the computing.
MOST_WAYS = 8


@dataclass(frozen=True, slots=True)
class Boxes:
    """What a line has of them, and the buyer's own part in their draws."""

    line: UUID
    units: int
    client_seed: str = ""


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """One unit: the prize it fell on, and the one that was given, which differs where none was left."""

    line: UUID
    position: int
    client_seed: str
    nonce: int
    pity: int
    drawn: str
    given: str
    variant: UUID


@dataclass(frozen=True, slots=True)
class _Wish:
    line: UUID
    position: int
    client_seed: str
    nonce: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What a buyer's draws are computed from, and those that are wanted now."""

    seed: bytes
    table: fair.Table
    who: str
    pity: int
    wishes: Sequence[_Wish]

    def falls_on(self, wish: _Wish, pity: int) -> str:
        """The prize, whether any is left or not."""
        return fair.drawn(self.seed, self.table, client_seed=wish.client_seed, who=self.who, nonce=wish.nonce, pity=pity)


async def draw_units(
    tx: Transaction, campaign: UUID, party: UUID, boxes: Sequence[Boxes], *, order: UUID, seed: UUID | None = None
) -> list[DrawnUnit]:
    """Draw all that an order has of a campaign, line by line, unit by unit; by the present seed, or by the one that was
    committed to when it was placed.

    Raises:
        CampaignOver: nothing is drawn in it any more.
    """
    begun = await tx.row(BEGIN, new_id(), campaign, party, seed)
    if begun is None:
        # The seed may have been shown or rotated while we waited for it: a new statement sees the next one.
        begun = await tx.row(BEGIN, new_id(), campaign, party, seed)
    if begun is None:
        raise CampaignOver
    table = fair.table_from(orjson.loads(begun["odds"]))
    who = fair.pseudonym(campaign.bytes, party.bytes)
    drawing = _Drawing(opened(begun), table, who, begun["pity"], _wishes(boxes, after=begun["nonce"]))
    found = await _take_prizes(tx, campaign, drawing)
    tell_after_commit(tx, [campaign])
    last = found[-1]
    tx.later(END, campaign, party, last.nonce, table.pity_after(last.pity, last.given))
    tx.later(
        INSERT,
        *(now(), campaign, begun["id"], party, order),
        [one.line for one in found],
        [one.position for one in found],
        [one.nonce for one in found],
        [one.pity for one in found],
        [one.client_seed for one in found],
        [one.drawn for one in found],
        [one.given for one in found],
    )
    return found


def _wishes(boxes: Sequence[Boxes], *, after: int) -> list[_Wish]:
    nonces = count(after + 1)
    return [_Wish(one.line, position, one.client_seed, next(nonces)) for one in boxes for position in range(one.units)]


async def _take_prizes(tx: Transaction, campaign: UUID, drawing: _Drawing) -> list[DrawnUnit]:
    """Draw, and take what is counted. What is gone is gone for good, and needs no lock; nor does a prize that nobody counts,
    nor one that these draws cannot fall on."""
    prizes = {row["key"]: row for row in await tx.rows(PRIZES, campaign)}
    counted = {prize.key for prize in drawing.table.prizes if prize.quantity is not None}
    wanted = _may_fall_on(drawing, counted, gone={key for key in counted if prizes[key]["gone"]})
    left = {row["key"]: row["left"] for row in await tx.rows(LOCK, campaign, list(wanted))} if wanted else {}
    variants = {key: row["variant_id"] for key, row in prizes.items()}
    found = _draw(drawing, variants, {key: left.get(key, 0) for key in counted})
    taken = Counter(unit.given for unit in found if unit.given in counted)
    if taken:
        await tx.execute(TAKE, campaign, list(taken), list(taken.values()))
    return found


def _may_fall_on(drawing: _Drawing, counted: Set[str], *, gone: Set[str]) -> set[str]:
    """Each counted prize of which these draws may take one, whatever is gone by the time that they are locked: what takes the
    place of a prize may change how long the buyer waits for the guarantee, and by that what the next draw falls on. All are
    known before the first is locked, for they must be locked in one order.

    Where there are too many ways for it to come, any may be one of them: a thousand boxes would be computed for seconds."""
    there = counted - gone
    found: set[str] = set()
    pities = {drawing.pity}
    for wish in drawing.wishes:
        if len(pities) > MOST_WAYS or there <= found:
            return set(there)
        after = set()
        for pity in pities:
            fell = drawing.falls_on(wish, pity)
            if fell in counted:
                after.add(drawing.table.pity_after(pity, drawing.table.exhausted))
            if fell not in gone:
                after.add(drawing.table.pity_after(pity, fell))
                found.add(fell)
        pities = after
    return found & counted


def _draw(drawing: _Drawing, variants: Mapping[str, UUID], most: Mapping[str, int]) -> list[DrawnUnit]:
    """The sequence of draws; of prizes in `most` no more than that many are given, and what is gone is replaced."""
    table, pity = drawing.table, drawing.pity
    found: list[DrawnUnit] = []
    got: Counter[str] = Counter()
    for wish in drawing.wishes:
        fell = drawing.falls_on(wish, pity)
        given = table.exhausted if fell in most and got[fell] >= most[fell] else fell
        got[given] += 1
        place = (wish.line, wish.position, wish.client_seed, wish.nonce)
        found.append(DrawnUnit(*place, pity, fell, given, variants[given]))
        pity = table.pity_after(pity, given)
    return found
