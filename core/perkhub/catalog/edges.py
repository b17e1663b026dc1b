"""When a channel's listings change by themselves: at the edges of their windows, which no job has to watch."""

from datetime import datetime
from uuid import UUID

from perkhub.kit import db

NEXT_EDGE = """
    SELECT least((SELECT min(published_from) FROM listing WHERE channel_id = $1 AND published_from > $2),
                 (SELECT min(published_until) FROM listing WHERE channel_id = $1 AND published_until > $2))
"""


async def next_listing_edge(channel: UUID, after: datetime) -> datetime | None:
    """The first moment after this one at which a listing of the channel comes on sale or goes off; None: never."""
    found: datetime | None = await db.value(NEXT_EDGE, channel, after)
    return found
