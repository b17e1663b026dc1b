"""Whether a viewer has prices of their own: lists for them, their organisations or their groups, whatever their windows."""

from perkhub.channels import HOLDERS, Channel, Viewer
from perkhub.kit import db
from perkhub.kit.clock import now

HAS_OWN = f"""
    SELECT EXISTS (SELECT FROM price_list pl
                   WHERE pl.scope_id = ANY({HOLDERS.format(known="$2", party="$3", at="$4")})
                         AND (pl.channel_id IS NULL OR pl.channel_id = $1) AND pl.archived_at IS NULL)
"""


async def has_own_prices(channel: Channel, viewer: Viewer) -> bool:
    """Whether this viewer may pay, now or at another time, what not everybody in the channel pays."""
    found: bool = await db.value(HAS_OWN, channel.id, viewer.known_holders(), viewer.party_of_groups, now())
    return found
