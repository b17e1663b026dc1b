"""What one request finds out on its way: whether its answer may be remembered, and from which moment it is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.kit.settings import settings
from perkhub.reactions import ChangesUnknown
from perkhub_schema.reads.answers import Answer, etag_of
from perkhub_schema.reads.edges import next_edge
from perkhub_schema.reads.guard import guard, present_moment

SCOPE = "perkhub.reading"


class Key(NamedTuple):
    """Whatever has the same key has the same answer, as long as nothing changes."""

    method: str
    channel: bytes
    language: bytes
    asked: bytes


@dataclass
class Reading:
    """`key`: by what the answer would be found again; None where it is not to be kept as a whole."""

    key: Key | None = None
    begun: datetime = field(default_factory=now)
    moment: int | None = None  # None: nothing that is remembered may be used, or made
    lasting: bool = False
    failed: bool = False
    operation: Any = None  # the prepared one
    shares_parts: bool = False
    begun_at: float = 0.0
    places: dict[int, tuple[Any, int | None]] = field(default_factory=dict)
    made: list[tuple[Any, UUID, object]] = field(default_factory=list)
    kept: Answer | None = None

    async def begin(self, *, lasting: bool) -> None:
        """Before anything is read for an operation that may use, or make, what is remembered."""
        try:
            self.moment = await present_moment()
        except ChangesUnknown:
            return
        self.begun = now()
        self.begun_at = self.begun.timestamp()
        self.lasting = lasting
        self.shares_parts = settings().fragment_cache_megabytes > 0

    def agrees(self, channel: str, language: str) -> None:
        """Keep nothing where the headers were read in two ways: what is kept must be what the key names."""
        if self.key is not None and (self.key.channel, self.key.language) != (channel.encode("latin-1"), language.encode()):
            self.failed = True

    async def answer(self, body: bytes, channel: UUID | None) -> Answer | None:
        """The answer as it may be given again, if it may."""
        if not self.lasting or self.failed or self.moment is None or channel is None:
            return None
        edge = await next_edge(channel, self.begun)
        until = min(edge, self.begun.timestamp() + settings().response_cache_seconds)
        if until <= now().timestamp() or not guard().channel_holds(channel, self.moment):
            return None
        return Answer(body, etag_of(body), channel, self.moment, until)
