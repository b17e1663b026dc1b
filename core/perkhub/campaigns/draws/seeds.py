"""Committing to a seed and to the odds before the sale, and showing the seed when nothing is drawn by it any more."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import orjson

from perkhub.campaigns.draws import fair
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import seal, unseal
from perkhub.plugin.mechanic import Odds

SEED_BYTES = 32

COLUMNS = "id, campaign_id, number, sealed, commitment, odds_hash, odds, committed_at, retired_at"
INSERT_SEED = f"""
    INSERT INTO draw_seed ({COLUMNS})
    SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7, NULL FROM draw_seed WHERE campaign_id = $2
"""
INSERT_PRIZES = """
    INSERT INTO draw_prize (id, campaign_id, key, variant_id, quantity, given)
    SELECT p.id, $1, p.key, p.variant_id, p.quantity, 0
    FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::int[]) AS p(id, key, variant_id, quantity)
"""
# Waits for whoever draws by it, and for the orders that are just being placed under it, for they hold its row.
SUCCEED = f"UPDATE draw_seed SET succeeded_at = $2 WHERE campaign_id = $1 AND succeeded_at IS NULL RETURNING {COLUMNS}"
# Whoever knew the seed knew their draw, and would pay or not by it: it stays hidden while an order that goes by it is unpaid.
SHOW = """
    UPDATE draw_seed s SET retired_at = $2
    WHERE ($1::uuid IS NULL OR s.campaign_id = $1) AND s.succeeded_at IS NOT NULL AND s.retired_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM campaign_part p
                      JOIN draw_ticket t ON t.order_id = p.order_id AND t.campaign_id = p.campaign_id
                      WHERE p.campaign_id = s.campaign_id AND p.state = 'held' AND t.seed_id = s.id)
"""
OVER = """
    SELECT s.campaign_id FROM draw_seed s JOIN campaign c ON c.id = s.campaign_id
    WHERE s.succeeded_at IS NULL AND (c.state = 'ended' OR (c.state IN ('published', 'paused') AND c.ends_at <= $1))
      AND NOT EXISTS (SELECT 1 FROM campaign_part p WHERE p.campaign_id = c.id AND p.state = 'held')
    LIMIT 100
"""
SEEDS = f"SELECT {COLUMNS} FROM draw_seed WHERE campaign_id = $1 ORDER BY number"


@dataclass(frozen=True, slots=True)
class DrawSeed:
    """A seed as the public may see it: `seed`, in hex, only when it is retired. `odds` is the canonical JSON."""

    id: UUID
    number: int
    commitment: str
    odds_hash: str
    odds: str
    committed_at: datetime
    retired_at: datetime | None
    seed: str | None


def table_of(odds: Odds) -> fair.Table:
    """A mechanic's odds as the arithmetic has them: of each prize its key, weight and quantity."""
    guarantee = odds.guarantee
    return fair.Table(
        prizes=tuple(fair.Prize(prize.key, prize.weight, prize.quantity) for prize in odds.prizes),
        exhausted=odds.exhausted,
        guaranteed=frozenset() if guarantee is None else guarantee.prizes,
        guaranteed_after=None if guarantee is None else guarantee.after,
    )


async def commit_odds(tx: Transaction, campaign: UUID, odds: Odds) -> str:
    """Freeze the odds and commit to the first seed; the commitment, to be shown from now on."""
    prizes = odds.prizes
    await tx.execute(
        INSERT_PRIZES,
        campaign,
        [new_id() for _ in prizes],
        [prize.key for prize in prizes],
        [prize.variant for prize in prizes],
        [prize.quantity for prize in prizes],
    )
    return await _commit(tx, campaign, table_of(odds))


async def _commit(tx: Transaction, campaign: UUID, table: fair.Table) -> str:
    id, plain = new_id(), secrets.token_bytes(SEED_BYTES)
    odds_hash = table.hash()
    promised = fair.commitment(plain, odds_hash)
    sealed = seal(keyring().house_key(HouseKey.DRAW), plain, associated=_place(id))
    await tx.execute(INSERT_SEED, id, campaign, sealed, promised, odds_hash, table.canonical().decode(), now())
    return promised


async def rotate_seed(tx: Transaction, campaign: UUID) -> str | None:
    """Commit to another seed over the same odds, by which all draw whose orders are placed from now on; None, if there is no
    present one. The one before is shown as soon as no unpaid order goes by it, so that its draws can be checked."""
    before = await tx.row(SUCCEED, campaign, now())
    if before is None:
        return None
    promised = await _commit(tx, campaign, fair.table_from(orjson.loads(before["odds"])))
    # A statement of its own, which sees the orders that were waited for.
    await tx.execute(SHOW, campaign, now())
    return promised


async def retire_seed(tx: Transaction, campaign: UUID) -> None:
    """Nothing is drawn in this campaign any more but what unpaid orders are due: show the last seed after them."""
    await tx.row(SUCCEED, campaign, now())
    await tx.execute(SHOW, campaign, now())


async def retire_seeds() -> int:
    """Show the seeds that nothing is drawn by any more, as soon as no unpaid order waits for it: those that another one came
    after, and the last ones of campaigns that are over; how many that were."""
    over = [row["campaign_id"] for row in await db.rows(OVER, now())]
    for campaign in over:
        await transact(partial(retire_seed, campaign=campaign))
    return len(over) + await transact(lambda tx: tx.execute(SHOW, None, now()))


async def draw_seeds(campaign: UUID) -> list[DrawSeed]:
    """All seeds of a campaign, those that were retired with what they were."""
    return [seed_from(row) for row in await db.rows(SEEDS, campaign)]


def opened(row: Row) -> bytes:
    """The plain seed."""
    return unseal(keyring().house_key(HouseKey.DRAW), row["sealed"], associated=_place(row["id"]))


def seed_from(row: Row) -> DrawSeed:
    """As the public may see it."""
    return DrawSeed(
        id=row["id"],
        number=row["number"],
        commitment=row["commitment"],
        odds_hash=row["odds_hash"],
        odds=row["odds"],
        committed_at=row["committed_at"],
        retired_at=row["retired_at"],
        seed=None if row["retired_at"] is None else opened(row).hex(),
    )


def _place(id: UUID) -> tuple[str | UUID, ...]:
    return ("draw_seed", id, "seed")
