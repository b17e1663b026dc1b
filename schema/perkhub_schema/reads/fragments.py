"""Parts of answers that are remembered by themselves: products and variants as an operation asks for them, encoded.

A part is found again by all that it depends on: the operation and the place in it, the variables used below it, the
channel, the language, and whose prices they are. It holds until something changes that the channel shows of its product,
and not beyond the channel's next edge. Whoever reads a page thus pays for the page, and not for each field of each row.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from perkhub.kit.settings import settings
from perkhub_schema.reads.guard import guard

Place = tuple[Any, ...]
# Of an entry: its key and its objects, roughly.
OVERHEAD = 600


class PartKey(NamedTuple):
    """A part of an answer."""

    place: int
    id: UUID


@dataclass(frozen=True, slots=True)
class Part:
    """An encoded object, of this product, as the channel showed it at a moment."""

    encoded: orjson.Fragment
    product: UUID
    channel: UUID
    moment: int
    until: float
    weight: int

    def holds(self, at: float) -> bool:
        """Whether it may be given to who is caught up."""
        return self.until > at and guard().product_holds(self.channel, self.product, self.moment)


class Parts:
    """Two generations: where the young one has taken half of the memory, the old one goes and it becomes the old one.
    What is found in the old one moves back, so that what is used stays."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._young: dict[PartKey, Part] = {}
        self._old: dict[PartKey, Part] = {}
        self._bytes = 0
        self._places: dict[Place, int] = {}
        self._next_place = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def place(self, place: Place) -> int:
        """A short name for a place and all that its parts have in common; never another's."""
        known = self._places.get(place)
        if known is None:
            if len(self._places) >= 10_000:
                self._places.clear()
            self._next_place += 1
            known = self._places[place] = self._next_place
        return known

    def get(self, key: PartKey, at: float) -> orjson.Fragment | None:
        """The part, if it still holds."""
        found = self._young.get(key)
        if found is None:
            found = self._old.pop(key, None)
            if found is None:
                return None
            self._keep(key, found)
        return found.encoded if found.holds(at) else None

    def put(self, key: PartKey, value: object, *, product: UUID, channel: UUID, moment: int, until: float) -> None:
        """Remember an object as graphql-core completed it."""
        encoded = orjson.dumps(value)
        weight = len(encoded) + OVERHEAD
        if weight * 8 <= self.most_bytes:
            self._keep(key, Part(orjson.Fragment(encoded), product, channel, moment, until, weight))

    def _keep(self, key: PartKey, part: Part) -> None:
        replaced = self._young.get(key)
        self._bytes += part.weight - (replaced.weight if replaced is not None else 0)
        self._young[key] = part
        if self._bytes * 2 > self.most_bytes:
            self._old, self._young, self._bytes = self._young, {}, 0


@cache
def parts() -> Parts:
    """This process's."""
    return Parts(settings().fragment_cache_megabytes * 2**20)
