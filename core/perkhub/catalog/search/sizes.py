"""How large a channel is: whether all that it sells may be looked through, whatever is asked of it."""

import time
from uuid import UUID

from perkhub.kit import db

LOOKED_THROUGH = 1000  # listings
REMEMBERED_SECONDS = 60.0
MOST_CHANNELS = 10_000

HAS_MORE = f"SELECT count(*) > {LOOKED_THROUGH} FROM (SELECT FROM listing WHERE channel_id = $1 LIMIT {LOOKED_THROUGH + 1}) few"

_known: dict[UUID, tuple[bool, float]] = {}


async def is_small(channel: UUID) -> bool:
    """As of the last minute: a list is right either way, and only longer in the making."""
    known = _known.get(channel)
    if known is None or time.monotonic() >= known[1]:
        if len(_known) >= MOST_CHANNELS:
            _known.clear()
        known = _known[channel] = (not await db.value(HAS_MORE, channel), time.monotonic() + REMEMBERED_SECONDS)
    return known[0]


def forget_sizes() -> None:
    """Between tests, and after many listings were made."""
    _known.clear()
