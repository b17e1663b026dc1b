"""Who may enter a channel. A client never gains one by naming it: what it may not enter is not there for it.

The same rule twice: in memory for every request, and as a condition in the SQL of whoever sells, at once.
"""

import time
from dataclasses import replace
from uuid import UUID

from perkhub.accounts import groups_of
from perkhub.channels.errors import ChannelNotFound
from perkhub.channels.models import AccessPolicy
from perkhub.channels.read import REMEMBERED_SECONDS, Channel, known_channel
from perkhub.channels.viewer import Viewer
from perkhub.kit import db

MOST_REMEMBERED = 10_000

GRANTED = "SELECT true FROM channel_grant WHERE channel_id = $1 AND holder_id = ANY($2) LIMIT 1"

# `c` is the channel; {holders} is a uuid[], {party} whether a customer has signed in, {everywhere} a look by staff.
# Parameters, so that neither a change of the channel nor of a grant is missed by whoever sells at this moment.
MAY_ENTER = """c.active AND (
    {everywhere} OR c.access = 'public'
    OR (c.access = 'members' AND {party} AND (cardinality(c.member_groups) = 0 OR c.member_groups && {holders}))
    OR (c.access = 'contract' AND {party} AND EXISTS (
        SELECT 1 FROM channel_grant g WHERE g.channel_id = c.id AND g.holder_id = ANY({holders}))))"""

ENTERS_NOW = f"""SELECT {MAY_ENTER.format(holders="$2::uuid[]", party="$3::boolean", everywhere="$4::boolean")}
                 FROM channel c WHERE c.id = $1"""

# (channel, holders) → (whether granted, until when to believe it)
_granted: dict[tuple[UUID, tuple[UUID, ...]], tuple[bool, float]] = {}


async def may_enter(channel: Channel, viewer: Viewer) -> bool:
    """Whether this viewer may look and buy here; a change is felt within a second."""
    if not channel.active:
        return False
    if viewer.everywhere or channel.access == AccessPolicy.PUBLIC:
        return True
    if viewer.party_id is None:
        return False
    if channel.access == AccessPolicy.MEMBERS and not channel.member_groups:
        return True
    viewer = await with_groups(viewer)
    if channel.access == AccessPolicy.MEMBERS:
        return not channel.member_groups.isdisjoint(viewer.groups or ())
    return await _is_granted(channel.id, tuple(viewer.known_holders()))


async def ensure_may_enter(channel: Channel, viewer: Viewer) -> None:
    """Go on only where the viewer may enter.

    Raises:
        ChannelNotFound: as if there were none, so that nobody learns which channels there are.
    """
    if not await may_enter(channel, viewer):
        raise ChannelNotFound


async def ensure_may_buy_in(channel: UUID, viewer: Viewer) -> None:
    """The same for whoever pays in a channel that an earlier request has named.

    Raises:
        ChannelNotFound.
    """
    await ensure_may_enter(await known_channel(channel), viewer)


async def ensure_may_enter_now(channel: UUID, viewer: Viewer) -> None:
    """Go on only where the viewer may enter at this very moment, whatever is remembered.

    Raises:
        ChannelNotFound.
    """
    known = await with_groups(viewer)
    values = (known.known_holders(), viewer.party_id is not None, viewer.everywhere)
    if not await db.value(ENTERS_NOW, channel, *values):
        raise ChannelNotFound


async def with_groups(viewer: Viewer) -> Viewer:
    """The viewer, with the groups it is in at this moment."""
    if viewer.groups is not None or viewer.party_id is None:
        return viewer
    return replace(viewer, groups=(await groups_of([viewer.party_id]))[viewer.party_id])


def forget_grants() -> None:
    """Look at grants afresh: after a change in this process, and between tests."""
    _granted.clear()


async def _is_granted(channel: UUID, holders: tuple[UUID, ...]) -> bool:
    asked = time.monotonic()
    known = _granted.get((channel, holders))
    if known is not None and asked < known[1]:
        return known[0]
    granted = await db.value(GRANTED, channel, list(holders)) is not None
    if len(_granted) >= MOST_REMEMBERED:
        _granted.clear()
    _granted[channel, holders] = (granted, asked + REMEMBERED_SECONDS)
    return granted
