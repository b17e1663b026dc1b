"""Reading the activity log: who did what, with what change, newest first; and forgetting what is old. Writes no deed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from perkhub.kit import db
from perkhub.kit.db import Row, Transaction

LARGEST_PAGE = 100

COLUMNS = "a.id, a.at, a.actor, a.operation, a.source_address, a.user_agent, a.client, a.correlation_id, a.input"
# Each condition is in the statement only where it was asked for: plans are made once, whatever the values.
CONDITIONS = {
    "actor": "a.actor = {0}",
    "operation": "a.operation = {0}",
    "correlation_id": "a.correlation_id = {0}",
    "since": "a.at >= {0}",
    "until": "a.at < {0}",
}
# First the few deeds of the thing, then their rows: never the whole log, looked through for one thing.
OF_SUBJECT = """(SELECT DISTINCT c.activity_id FROM activity_change c WHERE c.subject = {0} AND c.subject_id = {1}) t
    JOIN activity a ON a.id = t.activity_id"""
BY_IDS = f"SELECT {COLUMNS} FROM activity a WHERE a.id = ANY($1)"
# As many of each as were asked for, all in one statement.
CHANGES = """
    SELECT c.* FROM unnest($1::uuid[]) AS wanted(id)
    CROSS JOIN LATERAL (SELECT * FROM activity_change x WHERE x.activity_id = wanted.id AND x.id > $2
                        ORDER BY x.id LIMIT $3) c
    ORDER BY c.activity_id, c.id
"""
HISTORY = "SELECT * FROM activity_change WHERE subject = $1 AND subject_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
FORGET = "DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE at < $1 ORDER BY at, id LIMIT $2)"
FORGET_CHANGES = "DELETE FROM activity_change WHERE id IN (SELECT id FROM activity_change WHERE at < $1 ORDER BY at LIMIT $2)"

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True)
class Asked:
    """Which deeds; what is None is not asked for. `subject` is a kind and an id; the range leaves out its end."""

    actor: str | None = None
    operation: str | None = None
    correlation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject: tuple[str, UUID] | None = None


@dataclass(frozen=True)
class Deed:
    """A row of the log."""

    id: UUID
    at: datetime
    actor: str
    operation: str
    source_address: str | None
    user_agent: str | None
    client: str | None
    correlation_id: str
    input: Any


@dataclass(frozen=True)
class Change:
    """What changed of one thing; a field that only one side has was not there on the other."""

    id: UUID
    activity_id: UUID
    at: datetime
    subject: str
    subject_id: UUID
    before: dict[str, Any]
    after: dict[str, Any]


async def list_activity(asked: Asked, *, before: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[Deed]:
    """Deeds, the newest first, from below `before` on; at most a hundred and one."""
    values: list[Any] = []

    def parameter(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = [
        text.format(parameter(getattr(asked, name))) for name, text in CONDITIONS.items() if getattr(asked, name) is not None
    ]
    source = "activity a" if asked.subject is None else OF_SUBJECT.format(*(parameter(one) for one in asked.subject))
    if before is not None:
        conditions.append(f"(a.at, a.id) < ({parameter(before[0])}, {parameter(before[1])})")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    bound = parameter(max(0, min(limit, LARGEST_PAGE + 1)))
    found = await db.rows(f"SELECT {COLUMNS} FROM {source} {where} ORDER BY a.at DESC, a.id DESC LIMIT {bound}", *values)
    return [_deed(row) for row in found]


async def activity_by_ids(ids: Sequence[UUID]) -> dict[UUID, Deed]:
    """The deeds with these ids, in one statement."""
    return {row["id"]: _deed(row) for row in await db.rows(BY_IDS, list(ids))}


async def changes_of(ids: Sequence[UUID], *, after: UUID | None = None, limit: int = 50) -> dict[UUID, list[Change]]:
    """What each of these deeds changed, in its order, in one statement: `limit` of each, from above `after` on."""
    changes: dict[UUID, list[Change]] = {id: [] for id in ids}
    for row in await db.rows(CHANGES, list(ids), after or FIRST, max(0, min(limit, LARGEST_PAGE + 1))):
        changes[row["activity_id"]].append(_change(row))
    return changes


async def history_of(subject: str, id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[Change]:
    """What was changed of one thing, the newest first."""
    found = await db.rows(HISTORY, subject, id, before or LAST, max(0, min(limit, LARGEST_PAGE + 1)))
    return [_change(row) for row in found]


async def forget_activity(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Take away what is older, `limit` rows at most of each table; how many went. Only this may."""
    await tx.execute("SET LOCAL perkhub.retention = 'on'")
    return await tx.execute(FORGET, before, limit) + await tx.execute(FORGET_CHANGES, before, limit)


def _deed(row: Row) -> Deed:
    values = dict(row)
    return Deed(**{**values, "input": None if values["input"] is None else orjson.loads(values["input"])})


def _change(row: Row) -> Change:
    return Change(**{**dict(row), "before": orjson.loads(row["before"]), "after": orjson.loads(row["after"])})
