"""When prices of a channel change by themselves: at the edges of windows, which no job has to watch."""

from datetime import datetime
from uuid import UUID

from perkhub.catalog import next_listing_edge
from perkhub.kit import db

# Whoever a list is for: who remembers answers for longer than a request asks for all viewers at once.
NEXT_LIST_EDGE = """
    SELECT least((SELECT min(starts_at) FROM price_list
                  WHERE (channel_id = $1 OR channel_id IS NULL) AND archived_at IS NULL AND starts_at > $2),
                 (SELECT min(ends_at) FROM price_list
                  WHERE (channel_id = $1 OR channel_id IS NULL) AND archived_at IS NULL AND ends_at > $2))
"""


async def next_edge(channel: UUID, at: datetime) -> datetime | None:
    """The first moment after this one at which a listing or a price list of the channel begins or ends; None: never.

    Beside these nothing that a shop shows of prices moves with time: what is struck through was fixed when the price began,
    but for viewers with prices of their own, whose answers nobody remembers.
    """
    listing, price_list = await next_listing_edge(channel, at), await db.value(NEXT_LIST_EDGE, channel, at)
    return min((edge for edge in (listing, price_list) if edge is not None), default=None)
