"""Looking at jobs, and giving dead letters another try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from perkhub.kit import db, metrics
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.jobs.states import OUTBOX
from perkhub.kit.outbox import OutboxKind, OutboxState, Waiting, hand_over_after_commit, handed_at

LARGEST_PAGE = 100


@dataclass(frozen=True)
class JobRow:
    """A row of the outbox, as an operator sees it."""

    id: UUID
    kind: OutboxKind
    name: str
    state: OutboxState
    payload: dict[str, Any]
    attempts: int
    progress: dict[str, Any] | None
    last_error: str | None
    correlation_id: str
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


COLUMNS = """id, kind, name, state, payload, attempts, progress, last_error, correlation_id, created_at, run_at, started_at,
             finished_at"""
BY_ID = f"SELECT {COLUMNS} FROM outbox WHERE id = $1"
LIST = f"""
    SELECT {COLUMNS} FROM outbox
    WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR name = $2) AND ($3::uuid IS NULL OR id < $3)
    ORDER BY id DESC LIMIT $4
"""

# Each of these is answered by a partial index; those done are too many to be counted.
COUNTS = """
    SELECT (SELECT count(*) FROM outbox WHERE state = 'ready' AND kind <> 'periodic') AS ready,
           (SELECT count(*) FROM outbox WHERE state = 'running') AS running,
           (SELECT count(*) FROM outbox WHERE state = 'dead') AS dead
"""

OLDEST_DUE = "SELECT min(run_at) FROM outbox WHERE state = 'ready' AND kind <> 'periodic' AND run_at <= $1"

DEAD_LETTER = "SELECT attempts, kind FROM outbox WHERE id = $1 AND state = 'dead' FOR NO KEY UPDATE"


async def list_jobs(
    *, state: OutboxState | None = None, name: str | None = None, limit: int = 50, after: UUID | None = None
) -> list[JobRow]:
    """Events, jobs and periodic tasks, the newest first; `after` is the last id of the page before.

    One more than a page may be asked for, to know whether there is a next one.
    """
    found = await db.rows(LIST, state, name, after, max(1, min(limit, LARGEST_PAGE + 1)))
    return [_shown(row) for row in found]


async def job_row(row_id: UUID) -> JobRow | None:
    """One of them."""
    row = await db.row(BY_ID, row_id)
    return None if row is None else _shown(row)


async def retry_dead(tx: Transaction, row_id: UUID) -> None:
    """Let a dead letter begin anew, with all its attempts before it and its progress kept.

    Raises:
        NotFound: it is no dead letter, or no more.
    """
    row = await tx.row(DEAD_LETTER, row_id)
    if row is None:
        raise NotFound("dead letter", "死信任务", path=("jobId",))
    at = now()
    await OUTBOX.move(
        tx,
        row_id,
        OutboxState.READY,
        event=None,
        origin=[OutboxState.DEAD],
        run_at=at,
        handed_at=handed_at(at),
        started_at=None,
        finished_at=None,
        forgiven=row["attempts"],
        unique_key=None,
    )
    hand_over_after_commit(tx, [Waiting(row_id, row["attempts"], at)])
    tx.note_change("job", row_id, before={"state": OutboxState.DEAD}, after={"state": OutboxState.READY})


async def count_jobs() -> dict[OutboxState, int]:
    """How many rows wait, run, and are dead letters."""
    row = await db.row(COUNTS)
    assert row is not None
    return {OutboxState(state): number for state, number in row.items()}


async def queue_lag_seconds() -> float:
    """For how long the longest waiting row has been due."""
    at = now()
    oldest: datetime | None = await db.value(OLDEST_DUE, at)
    return 0.0 if oldest is None else (at - oldest).total_seconds()


@metrics.measure("perkhub_queue_lag_seconds", "How long the oldest due job has been waiting")
async def _measure_lag() -> Mapping[tuple[str, ...], float]:
    return {(): await queue_lag_seconds()}


@metrics.measure("perkhub_jobs", "Jobs and events by state", "state")
async def _measure_states() -> Mapping[tuple[str, ...], float]:
    return {(str(state),): float(number) for state, number in (await count_jobs()).items()}


def _shown(row: db.Row) -> JobRow:
    values = dict(row)
    progress = values.pop("progress")
    return JobRow(
        **{
            **values,
            "kind": OutboxKind(row["kind"]),
            "state": OutboxState(row["state"]),
            "payload": orjson.loads(row["payload"]),
            "progress": None if progress is None else orjson.loads(progress),
        }
    )
