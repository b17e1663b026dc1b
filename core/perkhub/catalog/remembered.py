"""Products and variants that this process has read before, by their versions: a row that has not changed is not taken apart
again. Each change of a row raises its version, so that what is remembered is what the row says."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.settings import settings

# A row with longer texts is read anew each time: a few of them would fill the memory of thousands.
LONGEST = 8_000


class Versioned(Protocol):
    """Whatever has a version that rises."""

    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)


class RememberedRows(Generic[V]):
    """Two generations: where the young one has taken half of the places, the old one goes."""

    def __init__(self, read: Callable[[db.Row], V], *texts: str) -> None:
        self._read = read
        self._texts = texts
        self._young: dict[UUID, V] = {}
        self._old: dict[UUID, V] = {}

    def __call__(self, row: db.Row) -> V:
        """The row as its value."""
        key: UUID = row["id"]
        found = self._young.get(key) or self._old.get(key)
        if found is not None and found.version == row["version"] and db.outside_transactions():
            return found
        made = self._read(row)
        # What a transaction reads may be its own, and never come to be.
        if db.outside_transactions() and sum(len(row[text]) for text in self._texts) <= LONGEST:
            self._young[key] = made
            if len(self._young) * 2 > settings().remembered_products:
                self._old, self._young = self._young, {}
        return made

    def forget(self) -> None:
        """For tests, whose databases come and go."""
        self._young, self._old = {}, {}
