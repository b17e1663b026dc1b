"""State machines as literal tables. `move` and `move_many` are the only code that changes a state column.

A row may be *born* in more than one state: what is placed and paid in one transaction was never seen unpaid, and an
update that nobody could observe would only cost a statement. Births are literal in the table too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from perkhub.kit.db import Row, Transaction
from perkhub.kit.outbox import Event, emit

S = TypeVar("S", bound=StrEnum)

Transitions = Mapping[S, frozenset[S] | set[S]]


class IllegalMove(Exception):
    """The row is not in a state from which this move is allowed (perhaps a competitor was first)."""

    def __init__(self, table: str, row: UUID, to: str) -> None:
        self.table, self.row, self.to = table, row, to
        super().__init__(f"{table} {row} may not become {to} from its present state")


@dataclass(frozen=True)
class StateMachine(Generic[S]):
    """The life of one kind of row: its table, the states it is born in, and where it may go from each."""

    table: str
    born: frozenset[S]
    transitions: Transitions[S]

    def birth(self, state: S) -> S:
        """The state, checked: rows are inserted only in a state they may be born in."""
        if state not in self.born:
            raise IllegalMove(self.table, UUID(int=0), state)
        return state

    def sources(self, to: S) -> list[S]:
        """Every state that may become `to`."""
        return [state for state, targets in self.transitions.items() if to in targets]

    async def move(
        self,
        tx: Transaction,
        row: UUID,
        to: S,
        *,
        event: Event | None,
        origin: Iterable[S] | None = None,
        **columns: Any,
    ) -> Row:
        """Change one row's state, set further columns with it, and emit its event.

        Raises:
            IllegalMove: the row is in none of the states that may become `to` (or none of `origin`).
        """
        moved = await self._update(tx, [row], to, origin=origin, columns=columns)
        if not moved:
            raise IllegalMove(self.table, row, to)
        if event is not None:
            emit(tx, event)
        return moved[0]

    async def move_many(
        self,
        tx: Transaction,
        rows: Iterable[UUID],
        to: S,
        *,
        event: Event | None,
        origin: Iterable[S] | None = None,
        **columns: Any,
    ) -> list[Row]:
        """Change all rows that may move, tell which did; one summary event, if any moved."""
        moved = await self._update(tx, sorted(rows), to, origin=origin, columns=columns)
        if moved and event is not None:
            emit(tx, event)
        return moved

    async def move_each(
        self,
        tx: Transaction,
        rows: Mapping[UUID, Sequence[Any]],
        to: S,
        *,
        columns: Mapping[str, str],
        origin: Iterable[S] | None = None,
    ) -> set[UUID]:
        """Change all rows that may move, each with values of its own for these columns (told with their types); which did."""
        allowed = self.sources(to)
        sources = allowed if origin is None else [state for state in origin if state in allowed]
        ids = sorted(rows)
        values = [[rows[row][place] for row in ids] for place in range(len(columns))]
        moved = await tx.rows(_each(self.table, tuple(columns.items())), ids, [str(one) for one in sources], str(to), *values)
        return {row["id"] for row in moved}

    async def _update(
        self, tx: Transaction, rows: list[UUID], to: S, *, origin: Iterable[S] | None, columns: Mapping[str, Any]
    ) -> list[Row]:
        allowed = self.sources(to)
        sources = allowed if origin is None else [state for state in origin if state in allowed]
        sets = "".join(f", {name} = ${position}" for position, name in enumerate(columns, start=4))
        # Rows are locked in the order of their keys, so that two sets that overlap cannot deadlock.
        sql = f"""
            WITH locked AS (
                SELECT id FROM {self.table} WHERE id = ANY($1) AND state = ANY($2) ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE {self.table} t SET state = $3{sets} FROM locked WHERE t.id = locked.id RETURNING t.*
        """
        return await tx.rows(sql, rows, [str(state) for state in sources], str(to), *columns.values())


@cache
def _each(table: str, columns: tuple[tuple[str, str], ...]) -> str:
    sets = "".join(f", {name} = g.{name}" for name, _ in columns)
    arrays = "".join(f", ${place}::{kind}[]" for place, (_, kind) in enumerate(columns, 4))
    return f"""
        WITH locked AS (
            SELECT id FROM {table} WHERE id = ANY($1) AND state = ANY($2) ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE {table} t SET state = $3{sets}
        FROM locked JOIN unnest($1::uuid[]{arrays}) AS g(id{"".join(f", {name}" for name, _ in columns)}) ON g.id = locked.id
        WHERE t.id = locked.id RETURNING t.id
    """
