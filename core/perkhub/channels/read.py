"""Reading channels: few, needed by every request, and so remembered for a second at most."""

import time
from dataclasses import dataclass
from uuid import UUID

import orjson

from perkhub.channels.errors import ChannelNotFound
from perkhub.kit import db
from perkhub.kit.db import Row

REMEMBERED_SECONDS = 1.0
# While one reads, all others go on with what was known before; for so long, which is part of that second.
PATIENCE = 0.2

COLUMNS = """id, key, name, audience, access, member_groups, currency, zone, locales, regions, delivery_minutes, active,
             version"""
SELECT = f"SELECT {COLUMNS} FROM channel ORDER BY key"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel; `zone` is an IANA name, `currency` an ISO 4217 code. Whether somebody may enter it, `access` tells."""

    id: UUID
    key: str
    name: dict[str, str]
    audience: str
    access: str
    member_groups: frozenset[UUID]
    currency: str
    zone: str
    locales: tuple[str, ...]
    regions: tuple[str, ...]
    delivery_minutes: int
    active: bool
    version: int


class _Memory:
    rows: list[Row] = []
    by_key: dict[str, Channel] = {}
    by_id: dict[UUID, Channel] = {}
    until = 0.0
    # Who has forgotten since: what was read before a change must not be remembered after it.
    forgotten = 0


def channel_from(row: Row) -> Channel:
    """A row of the table as a value."""
    return Channel(
        **{
            **dict(row),
            "name": orjson.loads(row["name"]),
            "member_groups": frozenset(row["member_groups"]),
            "locales": tuple(row["locales"]),
            "regions": tuple(row["regions"]),
        }
    )


async def _read_if_old() -> None:
    if time.monotonic() < _Memory.until:
        return
    asked, forgotten = time.monotonic(), _Memory.forgotten
    if _Memory.until:
        _Memory.until = asked + PATIENCE
    found = await db.rows(SELECT)
    if found != _Memory.rows:
        channels = [channel_from(row) for row in found]
        _Memory.by_key = {channel.key: channel for channel in channels}
        _Memory.by_id = {channel.id: channel for channel in channels}
        _Memory.rows = found
    if forgotten == _Memory.forgotten:
        _Memory.until = asked + REMEMBERED_SECONDS - PATIENCE


def forget_channels() -> None:
    """Read again on next use: after a change in this process, and between tests."""
    _Memory.until = 0.0
    _Memory.forgotten += 1


async def channel_by_key(key: str) -> Channel:
    """The open channel with this key; whether somebody may enter it is another question (`ensure_may_enter`).

    Raises:
        ChannelNotFound: none, or it is closed.
    """
    await _read_if_old()
    channel = _Memory.by_key.get(key)
    if channel is None or not channel.active:
        raise ChannelNotFound
    return channel


async def channel_by_id(channel: UUID) -> Channel:
    """The open channel with this id.

    Raises:
        ChannelNotFound: none, or it is closed.
    """
    found = await known_channel(channel)
    if not found.active:
        raise ChannelNotFound
    return found


async def known_channel(channel: UUID) -> Channel:
    """The channel with this id, open or closed; for operators, and for what was sold in it.

    Raises:
        ChannelNotFound: there is none.
    """
    await _read_if_old()
    found = _Memory.by_id.get(channel)
    if found is None:
        forget_channels()  # another process may have made it within the last second
        await _read_if_old()
        found = _Memory.by_id.get(channel)
    if found is None:
        raise ChannelNotFound
    return found


async def known_channel_by_key(key: str) -> Channel:
    """The channel with this key, open or closed, for operators: they set a channel up before they open it.

    Raises:
        ChannelNotFound: there is none.
    """
    await _read_if_old()
    found = _Memory.by_key.get(key)
    if found is None:
        forget_channels()
        await _read_if_old()
        found = _Memory.by_key.get(key)
    if found is None:
        raise ChannelNotFound
    return found


async def every_channel(*, closed: bool = False) -> list[Channel]:
    """All open channels by key, or with `closed` all there are."""
    await _read_if_old()
    return [channel for channel in _Memory.by_key.values() if closed or channel.active]
