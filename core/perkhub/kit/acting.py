"""Who acts at present, and what their transaction changes: one row of the activity log, with the change in one commit.

Whoever lets somebody act (the edge, the command line) opens `act`; the first transaction that commits inside of it
writes the row, and none that rolls back does. Verbs say what they changed by `tx.note_change`. Reading is `activity`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.ids import new_id
from perkhub.kit.kept import fields_of, plain
from perkhub.kit.redaction import HIDDEN

COMMAND_LINE = "command line"

# The id is made before the first try: however often a transaction is tried again, there is one row.
LOG = """
    INSERT INTO activity (id, at, actor, operation, source_address, user_agent, client, correlation_id, input)
    VALUES ($1::uuid, $2::timestamptz, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::jsonb)
    ON CONFLICT (id) DO NOTHING
"""
LOG_CHANGES = """
    INSERT INTO activity_change (id, activity_id, at, subject, subject_id, before, after)
    SELECT c.id, $1::uuid, $2::timestamptz, c.subject, c.subject_id, c.before::jsonb, c.after::jsonb
    FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[]) AS c(id, subject, subject_id, before, after)
"""


@dataclass(frozen=True)
class Origin:
    """From where somebody acts."""

    address: str | None = None
    user_agent: str | None = None
    client: str | None = None


@dataclass
class Acting:
    """One operation of somebody who runs the shop. `told` gives its input, without anything secret or personal."""

    actor: str
    operation: str
    origin: Origin = Origin()
    told: Callable[[], Any] = lambda: None
    id: UUID = field(default_factory=new_id)
    logged: bool = False


_present: ContextVar[Acting | None] = ContextVar("acting", default=None)


def present_acting() -> Acting | None:
    """Who acts, if it is somebody whose acts are logged."""
    return _present.get()


@contextmanager
def act(acting: Acting | None) -> Iterator[None]:
    """Inside the block, what is committed is this operation's; with None, nobody's."""
    token = _present.set(acting)
    try:
        yield
    finally:
        _present.reset(token)


def carry_on(activity: UUID | None) -> None:
    """From here on, what is committed belongs to an operation that was logged before; for runs of jobs that it began."""
    _present.set(None if activity is None else Acting("", "", id=activity, logged=True))


class Changes:
    """What one transaction has changed, by subject. Kept only while somebody acts: for all others it costs nothing."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, UUID], tuple[dict[str, Any], dict[str, Any]]] = {}

    def note(self, subject: str, id: UUID, *, before: Any, after: Any, hidden: Iterable[str]) -> None:
        """See `Transaction.note_change`."""
        if _present.get() is None:
            return
        old, new = _difference(fields_of(before) or {}, fields_of(after))
        secret = dict.fromkeys(hidden, HIDDEN)
        self._add((subject, id), {**old, **secret}, {**new, **secret})

    def take_over(self, inner: "Changes") -> None:
        """What a savepoint has changed, once it is released."""
        for place, (before, after) in inner._noted.items():
            self._add(place, before, after)

    def _add(self, place: tuple[str, UUID], before: dict[str, Any], after: dict[str, Any]) -> None:
        first, last = self._noted.get(place, ({}, {}))
        self._noted[place] = {**before, **first}, {**last, **after}

    def writes(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The statements that log them, for the transaction to send before it commits."""
        acting = _present.get()
        if acting is None:
            return
        at = now()
        if not acting.logged:
            origin = acting.origin
            yield (
                LOG,
                (
                    *(acting.id, at, acting.actor, acting.operation, origin.address, origin.user_agent, origin.client),
                    *(correlation_id(), _json(acting.told())),
                ),
            )
        if self._noted:
            noted = [(new_id(), *place, _json(before), _json(after)) for place, (before, after) in self._noted.items()]
            yield LOG_CHANGES, (acting.id, at, *(list(column) for column in zip(*noted, strict=True)))


def _difference(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of both sides the fields that differ; where there is an after, it says which fields are looked at."""
    later = after or {}
    looked_at = {name.partition(".")[0] for name in (before if after is None else later)}
    names = [name for name in {**before, **later} if name.partition(".")[0] in looked_at]
    changed = [name for name in names if before.get(name) != later.get(name)]
    return (
        {name: plain(before[name]) for name in changed if before.get(name) is not None},
        {name: plain(later[name]) for name in changed if later.get(name) is not None},
    )


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=str).decode()
