"""Whole answers, encoded, for readers who have not signed in; a bounded part of this process's memory."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.kit.settings import settings
from perkhub_schema.reads.guard import guard

Headers = list[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")
PRIVATE = (b"cache-control", b"private, no-store")
# What an anonymous reader's answer depends on besides the request itself.
VARY = (b"vary", b"Authorization, Perkhub-Channel, Accept-Language")
# Of an entry: its key's and headers' objects, roughly.
OVERHEAD = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that holds until something changes in its channel, but not beyond `until`."""

    body: bytes
    etag: bytes
    channel: UUID
    moment: int
    until: float

    def holds(self) -> bool:
        """Whether it may be given now, by one who is caught up."""
        return self.until > now().timestamp() and guard().channel_holds(self.channel, self.moment)

    def shared_seconds(self) -> int:
        """How long a cache that we cannot reach may give it."""
        return max(0, min(settings().public_seconds, int(self.until - now().timestamp())))


def etag_of(body: bytes) -> bytes:
    """A strong validator: the same body, and no other, has it."""
    return b'"%s"' % blake2b(body, digest_size=16).hexdigest().encode()


def shared_headers(answer: Answer) -> Headers:
    """For an answer that was asked for by GET: browsers and delivery networks may keep it for a while."""
    seconds = answer.shared_seconds()
    lasting = b"public, max-age=%d" % seconds if seconds else b"public, no-cache"
    return [JSON, (b"etag", answer.etag), (b"cache-control", lasting), VARY]


class Answers:
    """The least recently used go first where the memory is full."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Answer | None:
        """What was kept, whether it still holds or not."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep it, in the place of an older one."""
        self.drop(key)
        weight = len(answer.body) + OVERHEAD
        if weight * 8 > self.most_bytes:  # one answer never drives out most of the others
            return
        self._kept[key] = answer
        self.bytes += weight
        while self.bytes > self.most_bytes:
            _, gone = self._kept.popitem(last=False)
            self.bytes -= len(gone.body) + OVERHEAD

    def drop(self, key: Hashable) -> None:
        """Forget one."""
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.bytes -= len(gone.body) + OVERHEAD


@cache
def answers() -> Answers:
    """This process's."""
    return Answers(settings().response_cache_megabytes * 2**20)
