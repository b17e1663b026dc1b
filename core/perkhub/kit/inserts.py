"""Telling a statement rows, to be written or to be looked up, in the way that suits their number.

Few rows are sent value by value: an array costs more to put together and to take apart than the values in it, and most
orders have one line. Many are sent as one array a column, so that no number of rows makes one more statement to prepare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Insert:
    """INSERT into a table: its columns with their types. Up to `few` rows have a statement of their own for each number."""

    table: str
    columns: Mapping[str, str]
    few: int = 1

    def of(self, rows: Rows) -> tuple[Any, ...]:
        """The statement for these rows and its values, for `Transaction.later`."""
        values = chain.from_iterable(rows) if len(rows) <= self.few else as_columns(rows)
        return (self.text(len(rows)), *values)

    def text(self, rows: int) -> str:
        """The statement for so many rows; for more than a few they are `r`."""
        names, types = tuple(self.columns), tuple(self.columns.values())
        return _by_value(self.table, names, types, rows) if 0 < rows <= self.few else _by_column(self.table, names, types)


@dataclass(frozen=True)
class Given:
    """Rows that a statement is told, as what stands behind its FROM: `{given} AS w(id, name)`. Up to `few` of them value by
    value, with a statement of its own for each number."""

    types: tuple[str, ...]
    few: int = 1

    def are_few(self, rows: int) -> bool:
        """Whether so many are told value by value."""
        return 0 < rows <= self.few

    def source(self, rows: int, *, before: int = 0) -> str:
        """For so many rows, in a statement with so many parameters before them."""
        width = len(self.types)
        if not self.are_few(rows):
            return f"unnest({', '.join(f'${place}::{kind}[]' for place, kind in enumerate(self.types, before + 1))})"
        begins = range(before + 1, before + 1 + rows * width, width)
        told = [", ".join(f"${place}::{kind}" for place, kind in enumerate(self.types, begin)) for begin in begins]
        return f"(VALUES {', '.join(f'({one})' for one in told)})"

    def values(self, rows: Rows) -> tuple[Any, ...]:
        """The parameters of that source."""
        if self.are_few(len(rows)):
            return tuple(chain.from_iterable(rows))
        return tuple(as_columns(rows) or [[] for _ in self.types])


def telling(sql: str, given: Given, rows: int, *, before: int = 0) -> str:
    """The SQL with the source for so many rows in the place of its `{given}`."""
    return _telling(sql, given, rows if given.are_few(rows) else 0, before)


@cache
def _telling(sql: str, given: Given, rows: int, before: int) -> str:
    return sql.format(given=given.source(rows, before=before))


def as_columns(rows: Rows) -> list[list[Any]]:
    """The rows turned on their side."""
    return [list(column) for column in zip(*rows, strict=True)]


@cache
def _by_value(table: str, names: tuple[str, ...], types: tuple[str, ...], rows: int) -> str:
    width = len(types)
    lists = [", ".join(f"${row * width + place}::{kind}" for place, kind in enumerate(types, 1)) for row in range(rows)]
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join(f'({one})' for one in lists)}"


@cache
def _by_column(table: str, names: tuple[str, ...], types: tuple[str, ...]) -> str:
    listed = ", ".join(names)
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(types, 1))
    return f"INSERT INTO {table} ({listed}) SELECT {listed} FROM unnest({arrays}) AS r({listed})"
