"""The next second at which a channel shows something else by itself: where a window opens or closes."""

from datetime import datetime
from uuid import UUID

from perkhub.pricing import next_edge as next_price_edge
from perkhub_schema.reads.guard import guard

NEVER = float("inf")

_known: dict[UUID, tuple[int, float]] = {}


async def next_edge(channel: UUID, at: datetime) -> float:
    """As a timestamp; `at` is when reading began: an edge between then and now has spoilt what was read."""
    known, begun = _known.get(channel), at.timestamp()
    if known is not None and known[1] > begun and guard().channel_holds(channel, known[0]):
        return known[1]
    moment = guard().moment
    found = await next_price_edge(channel, at)
    edge = NEVER if found is None else found.timestamp()
    _known[channel] = (moment, edge)
    return edge
