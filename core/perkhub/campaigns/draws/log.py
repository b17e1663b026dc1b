"""Linking a campaign's draws into hashed batches, and exporting them with their seeds for whoever checks them.

A chain inside the transactions that draw would make every buyer wait for the last; so a job links what they wrote.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID

import orjson

from perkhub.campaigns.draws import fair
from perkhub.campaigns.draws.seeds import draw_seeds
from perkhub.kit import db
from perkhub.kit.chained import GENESIS, Head, batch_digest
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.ids import new_id

ROWS_IN_A_BATCH = 5_000
BATCHES_AT_ONCE = 100

COLUMNS = """d.id, d.at, s.number AS seed, d.party_id, d.nonce, d.pity, d.client_seed, d.drawn, d.given"""
OF_DRAWS = "FROM draw d JOIN draw_seed s ON s.id = d.seed_id"
UNLINKED = f"SELECT {COLUMNS} {OF_DRAWS} WHERE d.campaign_id = $1 AND d.batch IS NULL ORDER BY d.id LIMIT $2"
WITH_UNLINKED = "SELECT DISTINCT campaign_id FROM draw WHERE batch IS NULL LIMIT 1000"
NEWEST = "SELECT number, digest FROM draw_batch WHERE campaign_id = $1 ORDER BY number DESC LIMIT 1"
LINK = "UPDATE draw SET batch = $1 WHERE id = ANY($2)"
INSERT_BATCH = """
    INSERT INTO draw_batch (id, campaign_id, number, rows, digest, previous, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
BATCHES = """
    SELECT number, rows, digest, previous, created_at FROM draw_batch
    WHERE campaign_id = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4
"""
ROWS_OF_BATCH = f"SELECT {COLUMNS} {OF_DRAWS} WHERE d.campaign_id = $1 AND d.batch = $2 ORDER BY d.id"


@dataclass(frozen=True, slots=True)
class DrawHead:
    """A campaign's newest batch: note its digest elsewhere, and a cut tail of a later export shows."""

    batch: int
    digest: str


async def link_all_draws() -> int:
    """Link what every campaign has drawn until now; how many draws that were."""
    return sum([await link_draws(row["campaign_id"]) for row in await db.rows(WITH_UNLINKED)])


async def link_draws(campaign: UUID) -> int:
    """Link what one campaign has drawn until now."""
    linked = 0
    while count := await transact(lambda tx: _link_batch(tx, campaign)):
        linked += count
    return linked


async def _link_batch(tx: Transaction, campaign: UUID) -> int:
    # One at a time: two links after the same batch would be a fork.
    await tx.advisory_lock(f"draws:{campaign}")
    rows = await tx.rows(UNLINKED, campaign, ROWS_IN_A_BATCH)
    if not rows:
        return 0
    newest = await tx.row(NEWEST, campaign)
    number, previous = (newest["number"] + 1, newest["digest"]) if newest else (1, GENESIS)
    at = now()
    head = Head(batch=number, at=_moment(at), rows=len(rows), previous=previous)
    digest = batch_digest(head, [_line(campaign, row) for row in rows])
    await tx.execute(LINK, number, [row["id"] for row in rows])
    await tx.execute(INSERT_BATCH, new_id(), campaign, number, len(rows), digest, previous, at)
    return len(rows)


async def draw_head(campaign: UUID) -> DrawHead:
    """The newest batch, number 0 where there is none."""
    newest = await db.row(NEWEST, campaign)
    return DrawHead(newest["number"], newest["digest"]) if newest else DrawHead(0, GENESIS)


async def export_draws(campaign: UUID, out: BinaryIO) -> DrawHead:
    """Write a campaign's seeds and its chain of draws, as lines that `verify.verify_draws` reads, and tell its newest batch.

    Draws that wait to be linked come first. Who drew stands there as a number that only they can compute again.
    """
    await link_draws(campaign)
    head, last = await draw_head(campaign), 0
    out.write(await _title(campaign) + b"\n")
    # Linked rows never change: no snapshot is needed, however long this takes.
    while batches := await db.rows(BATCHES, campaign, last, head.batch, BATCHES_AT_ONCE):
        for batch in batches:
            out.write(_head(batch).line() + b"\n")
            for row in await db.rows(ROWS_OF_BATCH, campaign, batch["number"]):
                out.write(_line(campaign, row) + b"\n")
        last = batches[-1]["number"]
    return head


async def _title(campaign: UUID) -> bytes:
    seeds = [
        {"number": one.number, "commitment": one.commitment, "odds": one.odds, "seed": one.seed}
        for one in await draw_seeds(campaign)
    ]
    return orjson.dumps({"campaign": str(campaign), "seeds": seeds})


def _head(batch: Row) -> Head:
    return Head(
        batch=batch["number"],
        at=_moment(batch["created_at"]),
        rows=batch["rows"],
        previous=batch["previous"],
        digest=batch["digest"],
    )


def _line(campaign: UUID, row: Row) -> bytes:
    return orjson.dumps(
        {
            "id": row["id"],
            "at": _moment(row["at"]),
            "seed": row["seed"],
            "who": fair.pseudonym(campaign.bytes, row["party_id"].bytes),
            "nonce": row["nonce"],
            "pity": row["pity"],
            "client": row["client_seed"],
            "drawn": row["drawn"],
            "given": row["given"],
        }
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
