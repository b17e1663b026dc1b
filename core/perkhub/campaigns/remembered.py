"""The campaigns of each channel that are not over, for whoever shows them: remembered for a second at most. A change in this
process is felt at once; windows are looked at whenever they are read. Baskets are priced by what the database says."""

import time
from uuid import UUID

from perkhub.campaigns.campaign import COLUMNS, Campaign, campaign_from
from perkhub.kit import db
from perkhub.kit.clock import now

REMEMBERED_SECONDS = 1.0
# Those that act first; a shop with more at once has other worries.
MOST_OF_A_CHANNEL = 500

NOT_OVER = f"""
    SELECT {COLUMNS} FROM campaign c JOIN campaign_channel h ON h.campaign_id = c.id
    WHERE h.channel_id = $1 AND c.state = 'published' AND c.ends_at > $2
    ORDER BY c.priority DESC, c.starts_at, c.id LIMIT {MOST_OF_A_CHANNEL}
"""


class _Memory:
    by_channel: dict[UUID, tuple[list[Campaign], float]] = {}
    # Who has forgotten since: what was read before a change must not be remembered after it.
    forgotten = 0


async def not_over_in(channel: UUID) -> list[Campaign]:
    """The published campaigns of a channel that are not over, the first to act first."""
    known = _Memory.by_channel.get(channel)
    asked, forgotten = time.monotonic(), _Memory.forgotten
    if known is not None and asked < known[1]:
        return known[0]
    found = [campaign_from(row) for row in await db.rows(NOT_OVER, channel, now())]
    if forgotten == _Memory.forgotten:
        _Memory.by_channel[channel] = (found, asked + REMEMBERED_SECONDS)
    return found


def forget_campaigns() -> None:
    """Read again on next use: after a change in this process, and between tests."""
    _Memory.by_channel.clear()
    _Memory.forgotten += 1
