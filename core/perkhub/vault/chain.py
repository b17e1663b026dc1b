"""Linking the custody log into hashed batches, each holding the hash of the one before, and exporting it.

A chain inside the transactions that touch codes would make every sale wait for the last; so a job links what they wrote.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

import orjson

from perkhub.kit import db
from perkhub.kit.chained import GENESIS, Head, batch_digest
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact

LOCK = "vault.custody"
ROWS_IN_A_BATCH = 5_000
BATCHES_AT_ONCE = 100

COLUMNS = "id, at, action, lot_id, code_id, entitlement_id, actor, correlation_id"
UNLINKED = f"SELECT {COLUMNS} FROM custody WHERE batch_id IS NULL ORDER BY id LIMIT $1"
NEWEST = "SELECT id, digest FROM custody_batch ORDER BY id DESC LIMIT 1"
LINK = "UPDATE custody SET batch_id = $1 WHERE id = ANY($2)"
INSERT_BATCH = "INSERT INTO custody_batch (id, rows, digest, previous, created_at) VALUES ($1, $2, $3, $4, $5)"
BATCHES = "SELECT id, rows, digest, previous, created_at FROM custody_batch WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3"
ROWS_OF_BATCH = f"SELECT {COLUMNS} FROM custody WHERE batch_id = $1 ORDER BY id"


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest batch: note its digest elsewhere, and a cut tail of a later export shows."""

    batch: int
    digest: str


async def link_custody() -> int:
    """Link everything that was committed until now; how many rows that were."""
    linked = 0
    while count := await transact(_link_batch):
        linked += count
    return linked


async def _link_batch(tx: Transaction) -> int:
    # One at a time: two links after the same batch would be a fork.
    await tx.advisory_lock(LOCK)
    rows = await tx.rows(UNLINKED, ROWS_IN_A_BATCH)
    if not rows:
        return 0
    newest = await tx.row(NEWEST)
    number, previous = (newest["id"] + 1, newest["digest"]) if newest else (1, GENESIS)
    at = now()
    head = Head(batch=number, at=_moment(at), rows=len(rows), previous=previous)
    digest = batch_digest(head, [_line(row) for row in rows])
    await tx.execute(LINK, number, [row["id"] for row in rows])
    await tx.execute(INSERT_BATCH, number, len(rows), digest, previous, at)
    return len(rows)


async def chain_head() -> ChainHead:
    """The newest batch, number 0 where there is none."""
    newest = await db.row(NEWEST)
    return ChainHead(newest["id"], newest["digest"]) if newest else ChainHead(0, GENESIS)


async def export_custody(out: BinaryIO) -> ChainHead:
    """Write the log up to its newest batch, as lines that `kit.chained` reads, and tell that batch.

    Rows that wait to be linked come first, so that nothing committed before is missing.
    """
    await link_custody()
    head, last = await chain_head(), 0
    # Linked rows never change: no snapshot is needed, however long this takes.
    while batches := await db.rows(BATCHES, last, head.batch, BATCHES_AT_ONCE):
        for batch in batches:
            out.write(_head(batch).line() + b"\n")
            for row in await db.rows(ROWS_OF_BATCH, batch["id"]):
                out.write(_line(row) + b"\n")
        last = batches[-1]["id"]
    return head


def _head(batch: Row) -> Head:
    return Head(
        batch=batch["id"],
        at=_moment(batch["created_at"]),
        rows=batch["rows"],
        previous=batch["previous"],
        digest=batch["digest"],
    )


def _line(row: Row) -> bytes:
    entitlement = row["entitlement_id"]
    return orjson.dumps(
        {
            "id": row["id"],
            "at": _moment(row["at"]),
            "action": row["action"],
            "lot": str(row["lot_id"]),
            "code": str(row["code_id"]),
            "entitlement": None if entitlement is None else str(entitlement),
            "actor": row["actor"],
            "correlation": row["correlation_id"],
        }
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
