"""Whose prices a viewer sees: parts of answers are shared by all who pay what anybody pays in the channel."""

from perkhub.channels import Channel, Viewer
from perkhub.pricing import has_own_prices


async def pays_like_anybody(channel: Channel, viewer: Viewer) -> bool:
    """Whether no price list is, was, or will be for this viewer more than for others; what is struck through beside a price
    of their own moves with time, and so is made each time.

    Asked anew for each answer: who is in a group changes with no list, and memberships run out by themselves.
    """
    return viewer.party_id is None or not await has_own_prices(channel, viewer)
