"""Many rows in one request: what becomes of them where some cannot be taken.

A row has a place, which is in the path of its refusals; whoever works rows off checks all of them first, and then writes
those that are left in few statements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any, Generic, TypeVar
from uuid import UUID

from perkhub.kit.errors import DomainError, InvalidInput

Row = TypeVar("Row")


class ErrorPolicy(StrEnum):
    """IGNORE_FAILED takes of a row what can be taken; REJECT_FAILED_ROWS leaves such rows out; REJECT_EVERYTHING all."""

    IGNORE_FAILED = auto()
    REJECT_FAILED_ROWS = auto()
    REJECT_EVERYTHING = auto()


@dataclass
class BulkRow(Generic[Row]):
    """A row while it is worked off: what was asked, why it cannot be (wholly) taken, and what came of it."""

    place: int
    asked: Row
    refusals: list[DomainError] = field(default_factory=list)
    left_out: bool = False
    result: UUID | None = None

    def refuse(self, refusal: DomainError) -> None:
        """It cannot be taken at all; the refusal's path is told from the row's."""
        self._note(refusal)
        self.left_out = True

    def fault(self, refusal: DomainError, policy: ErrorPolicy) -> None:
        """Part of it cannot be taken: where faults are ignored, it goes on without that part."""
        self._note(refusal)
        self.left_out = self.left_out or policy is not ErrorPolicy.IGNORE_FAILED

    def _note(self, refusal: DomainError) -> None:
        refusal.at("rows", str(self.place))
        self.refusals.append(refusal)


class NothingTaken(Exception):
    """No row was taken: the transaction ends as if nobody had come, and each row knows why."""

    def __init__(self, rows: Sequence[BulkRow[Any]]) -> None:
        self.rows = list(rows)
        super().__init__("no row was taken")


def bulk_rows(asked: Sequence[Row], *, most: int, path: str = "rows") -> list[BulkRow[Row]]:
    """The rows, by their place.

    Raises:
        InvalidInput: none, or too many.
    """
    if not 1 <= len(asked) <= most:
        raise InvalidInput(path=(path,), reason=f"Between 1 and {most} rows.", reason_zh=f"须为 1 至 {most} 行。")
    return [BulkRow(place, one) for place, one in enumerate(asked)]


def taken(rows: Iterable[BulkRow[Row]], policy: ErrorPolicy) -> list[BulkRow[Row]]:
    """Those to be written: by REJECT_EVERYTHING none, as soon as one has a fault.

    Raises:
        NothingTaken.
    """
    known = list(rows)
    if policy is ErrorPolicy.REJECT_EVERYTHING and any(row.refusals for row in known):
        for row in known:
            row.left_out = True
    written = [row for row in known if not row.left_out]
    if not written:
        raise NothingTaken(known)
    return written
