"""Events and jobs as rows, written in the transaction that causes them. Running them is `kit.jobs`' business.

An event is a versioned frozen dataclass; a job is a name with JSON arguments. Neither ever carries a code, a password
or personal data: only ids.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any, ClassVar
from uuid import UUID

import orjson

from perkhub.kit.acting import present_acting
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.inserts import Insert, as_columns


class OutboxKind(StrEnum):
    EVENT = auto()
    JOB = auto()
    PERIODIC = auto()


class OutboxState(StrEnum):
    READY = auto()
    RUNNING = auto()
    DONE = auto()
    DEAD = auto()


@dataclass(frozen=True)
class Event:
    """Something that happened. Subclasses are frozen dataclasses that only grow; a changed meaning is a new version."""

    name: ClassVar[str]
    version: ClassVar[int] = 1


def _present_activity() -> UUID | None:
    acting = present_acting()
    return None if acting is None else acting.id


@dataclass(frozen=True)
class OutboxRow:
    """A row of the outbox before it is written."""

    kind: OutboxKind
    name: str
    payload: dict[str, Any]
    state: OutboxState = OutboxState.READY
    version: int = 1
    run_at: datetime = field(default_factory=now)
    unique_key: str | None = None
    id: UUID = field(default_factory=new_id)
    # Of whoever caused it, which in a transaction for many is not who commits.
    correlation: str = field(default_factory=correlation_id)
    activity: UUID | None = field(default_factory=_present_activity)


@dataclass(frozen=True)
class Waiting:
    """A row that may run (again): which run it would be, and when it is due."""

    id: UUID
    attempts: int
    run_at: datetime


HandOver = Callable[[list[Waiting]], Awaitable[None]]

# Rows due within this time go to the queue at once, which then holds them back; later ones are the sweeper's.
HORIZON = timedelta(seconds=30)
# Rounds of "refused as a duplicate, and then the other was gone". Each needs a competitor at the very moment.
ROUNDS = 5

# Which events somebody waits for. An event without a durable handler is recorded and born done.
_awaited: set[str] = set()
# Called after commit with the rows that can run soon; set by `kit.jobs` where a queue is connected.
_hand_over: HandOver | None = None


def await_event(name: str) -> None:
    """Say that a durable handler exists for events of this name."""
    _awaited.add(name)


def set_hand_over(hand_over: HandOver | None) -> None:
    """Tell the outbox who takes rows to the queue after commit. Best effort: the sweeper finds what was lost."""
    global _hand_over
    _hand_over = hand_over


def emit(tx: Transaction, event: Event) -> None:
    """Record an event with this transaction."""
    state = OutboxState.READY if event.name in _awaited else OutboxState.DONE
    payload = {item.name: getattr(event, item.name) for item in dataclasses.fields(event)}
    _collect(tx, OutboxRow(OutboxKind.EVENT, event.name, payload, state=state, version=event.version))


def enqueue(
    tx: Transaction, name: str, /, *, run_at: datetime | None = None, unique_key: str | None = None, **arguments: Any
) -> UUID:
    """Accept a job with this transaction, and tell its id.

    With a `unique_key`, a job that still waits under it is not accepted twice: the waiting one serves both, at the
    earlier of their times (and the id told here is then of no row). It is certain to begin after this transaction,
    for it stays locked until then; so let the key name one thing (an order, a lot), never a whole system.
    """
    row = OutboxRow(OutboxKind.JOB, name, arguments, run_at=run_at or now(), unique_key=unique_key)
    _collect(tx, row)
    return row.id


def accept(tx: Transaction, row: OutboxRow) -> None:
    """Accept a row as it stands; for `kit.jobs`, which makes jobs of events."""
    _collect(tx, row)


def handed_at(run_at: datetime) -> datetime | None:
    """What to note in a row that is about to be written ready: the sweeper leaves it alone for a while after this time."""
    return run_at if _hand_over is not None and run_at <= now() + HORIZON else None


def hand_over_after_commit(tx: Transaction, rows: list[Waiting]) -> None:
    """Take the rows that are due soon to the queue, once they are durable."""
    soon = [row for row in rows if row.run_at <= now() + HORIZON]
    if soon and _hand_over is not None:
        hand_over = _hand_over
        tx.after_commit(lambda: hand_over(soon))


def _collect(tx: Transaction, row: OutboxRow) -> None:
    """Rows under a key must look for one that waits already; all others go with the transaction's other writes."""
    if not any(waiting.unique_key is not None for waiting in tx.outbox) and row.unique_key is not None:
        tx.before_commit(_write_under_keys)
    if row.unique_key is None and all(waiting.unique_key is not None for waiting in tx.outbox):
        tx.gather(lambda: _write(tx))
    tx.outbox.append(row)


# One statement for all rows of the transaction, so that events cost the hot path once.
COLUMNS = {
    "id": "uuid",
    "kind": "text",
    "name": "text",
    "version": "int",
    "payload": "jsonb",
    "state": "text",
    "attempts": "int",
    "forgiven": "int",
    "run_at": "timestamptz",
    "handed_at": "timestamptz",
    "unique_key": "text",
    "correlation_id": "text",
    "activity_id": "uuid",
    "created_at": "timestamptz",
    "finished_at": "timestamptz",
}
WRITE = Insert("outbox", COLUMNS, few=3)

# In the order of the keys, so that two who want the same ones never wait for each other in a circle.
WRITE_UNDER_KEYS = f"""
    {Insert("outbox", COLUMNS, few=0).text(0)}
    ORDER BY r.unique_key
    ON CONFLICT (unique_key) WHERE state = 'ready' AND unique_key IS NOT NULL DO NOTHING
    RETURNING id
"""

# The claim of a waiting row must wait for us, or it could begin before our commit and miss what we wrote. Others who
# join the same row need not wait.
JOIN = """
    SELECT id, attempts, run_at, unique_key FROM outbox
    WHERE unique_key = ANY($1) AND state = 'ready' ORDER BY unique_key FOR SHARE
"""

ADVANCE = "UPDATE outbox SET run_at = $2, handed_at = $3 WHERE id = $1"


def _write(tx: Transaction) -> None:
    at = now()
    rows = [row for row in tx.outbox if row.unique_key is None]
    tx.outbox = [row for row in tx.outbox if row.unique_key is not None]
    tx.later(*WRITE.of(_values(rows, at)))
    hand_over_after_commit(tx, [Waiting(row.id, 0, row.run_at) for row in rows if row.state is OutboxState.READY])


async def _write_under_keys(tx: Transaction) -> None:
    collected = [row for row in tx.outbox if row.unique_key is not None]
    tx.outbox = [row for row in tx.outbox if row.unique_key is None]
    at = now()
    rows = _once_per_key(collected)
    waiting: list[Waiting] = []
    for _ in range(ROUNDS):
        accepted = await _insert(tx, rows, at)
        waiting += [Waiting(row.id, 0, row.run_at) for row in rows if row.id in accepted and row.state is OutboxState.READY]
        rows = [row for row in rows if row.id not in accepted]
        if not rows:
            break
        joined = await _join(tx, rows)
        waiting += joined.values()
        rows = [row for row in rows if row.unique_key not in joined]
    else:
        # Rather twice than never.
        await _insert(tx, [replace(row, unique_key=None) for row in rows], at)
    hand_over_after_commit(tx, waiting)


def _once_per_key(rows: list[OutboxRow]) -> list[OutboxRow]:
    """Of several jobs of one transaction under one key, the one that is due first."""
    first: dict[str | UUID, OutboxRow] = {}
    for row in rows:
        key = row.unique_key or row.id
        if key not in first or row.run_at < first[key].run_at:
            first[key] = row
    return list(first.values())


async def _insert(tx: Transaction, rows: list[OutboxRow], at: datetime) -> set[UUID]:
    if not rows:
        return set()
    return {row["id"] for row in await tx.rows(WRITE_UNDER_KEYS, *as_columns(_values(rows, at)))}


def _values(rows: list[OutboxRow], at: datetime) -> list[tuple[object, ...]]:
    values: list[tuple[object, ...]] = []
    for row in rows:
        payload = orjson.dumps(row.payload, default=str).decode()
        what = (row.id, str(row.kind), row.name, row.version, payload, str(row.state), 0, 0)
        due = (row.run_at, handed_at(row.run_at), row.unique_key)
        values.append((*what, *due, row.correlation, row.activity, at, at if row.state is OutboxState.DONE else None))
    return values


async def _join(tx: Transaction, rows: list[OutboxRow]) -> dict[str, Waiting]:
    """The rows that already wait under the keys, brought forward where ours are due earlier."""
    wanted = {row.unique_key: row.run_at for row in rows}
    joined: dict[str, Waiting] = {}
    for found in await tx.rows(JOIN, list(wanted)):
        run_at = min(found["run_at"], wanted[found["unique_key"]])
        if run_at < found["run_at"]:
            await tx.execute(ADVANCE, found["id"], run_at, handed_at(run_at))
        joined[found["unique_key"]] = Waiting(found["id"], found["attempts"], run_at)
    return joined
