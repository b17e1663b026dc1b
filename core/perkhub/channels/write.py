"""Making, changing, closing and reopening channels; a channel is never deleted, for orders were placed in it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict
from uuid import UUID

import orjson

from perkhub.accounts import ensure_customer_groups
from perkhub.channels.draft import ChannelDraft, refuse_odd_draft, refuse_odd_key
from perkhub.channels.errors import ChannelKeyTaken
from perkhub.channels.models import AccessPolicy, Audience
from perkhub.channels.read import COLUMNS, Channel, channel_from, forget_channels
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.money import CurrencyMismatch, exponent

INSERT = """
    INSERT INTO channel (id, key, currency, created_at, name, zone, audience, access, member_groups, locales, regions,
                         delivery_minutes, active, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, true, 1) ON CONFLICT (key) DO NOTHING RETURNING id
"""
# Locked: of two changes at once, the second sees the first one's version.
READ = f"SELECT {COLUMNS} FROM channel WHERE id = $1 FOR NO KEY UPDATE"
CHANGE = """
    UPDATE channel SET name = $2, zone = $3, audience = $4, access = $5, member_groups = $6, locales = $7, regions = $8,
                       delivery_minutes = $9, version = version + 1
    WHERE id = $1
"""
SET_OPEN = "UPDATE channel SET active = $2, version = version + 1 WHERE id = $1"


class ChannelChanges(TypedDict, total=False):
    """What an operator changes of a channel; what is missing stays. Its key and its currency stay for ever."""

    name: dict[str, str]
    zone: str
    audience: Audience
    access: AccessPolicy
    member_groups: Sequence[UUID]
    locales: Sequence[str]
    regions: Sequence[str]
    delivery_minutes: int


async def create_channel(tx: Transaction, key: str, draft: ChannelDraft, *, currency: str) -> UUID:
    """Open a channel.

    Raises:
        InvalidInput, NotFound, CurrencyMismatch, ChannelKeyTaken.
    """
    refuse_odd_key(key)
    refuse_odd_draft(draft)
    try:
        exponent(currency)
    except CurrencyMismatch as unknown:
        raise unknown.at("currency") from None
    await ensure_customer_groups(tx, draft.member_groups, "memberGroupIds")
    channel = new_id()
    if await tx.value(INSERT, channel, key, currency, now(), *_values(draft)) is None:
        raise ChannelKeyTaken(path=("key",))
    tx.note_change("channel", channel, after={"key": key, "currency": currency, **vars(draft)})
    _felt_at_once(tx)
    return channel


async def update_channel(tx: Transaction, channel: UUID, changes: ChannelChanges, *, expected_version: int) -> None:
    """Change a channel, open or closed.

    Where it is no longer for members, the groups that it was for are forgotten with that.

    Raises:
        NotFound, VersionMoved, InvalidInput.
    """
    before = kept = _draft_of(await _locked(tx, channel, expected_version))
    if changes.get("access", AccessPolicy.MEMBERS) is not AccessPolicy.MEMBERS and "member_groups" not in changes:
        kept = replace(kept, member_groups=())
    changed = replace(kept, **changes)
    refuse_odd_draft(changed)
    if "member_groups" in changes:
        await ensure_customer_groups(tx, changed.member_groups, "memberGroupIds")
    await tx.execute(CHANGE, channel, *_values(changed))
    tx.note_change("channel", channel, before=before, after=changed)
    _felt_at_once(tx)


async def close_channel(tx: Transaction, channel: UUID, *, expected_version: int) -> None:
    """Let nobody enter any more; what was bought stays bought, and late payments are honoured.

    Raises:
        NotFound, VersionMoved.
    """
    await _set_open(tx, channel, is_open=False, expected_version=expected_version)


async def reopen_channel(tx: Transaction, channel: UUID, *, expected_version: int) -> None:
    """Let in again whom the channel is for.

    Raises:
        NotFound, VersionMoved.
    """
    await _set_open(tx, channel, is_open=True, expected_version=expected_version)


async def _set_open(tx: Transaction, channel: UUID, *, is_open: bool, expected_version: int) -> None:
    if (await _locked(tx, channel, expected_version)).active is not is_open:
        await tx.execute(SET_OPEN, channel, is_open)
        tx.note_change("channel", channel, before={"open": not is_open}, after={"open": is_open})
        _felt_at_once(tx)


async def _locked(tx: Transaction, channel: UUID, expected_version: int) -> Channel:
    row = await tx.row(READ, channel)
    if row is None:
        raise NotFound("channel", "渠道", path=("channelId",))
    if row["version"] != expected_version:
        raise VersionMoved(version=row["version"])
    return channel_from(row)


def _draft_of(kept: Channel) -> ChannelDraft:
    return ChannelDraft(
        name=kept.name,
        zone=kept.zone,
        audience=Audience(kept.audience),
        access=AccessPolicy(kept.access),
        member_groups=sorted(kept.member_groups),
        locales=kept.locales,
        regions=kept.regions,
        delivery_minutes=kept.delivery_minutes,
    )


def _values(draft: ChannelDraft) -> list[Any]:
    groups = sorted(set(draft.member_groups))
    texts = [orjson.dumps(draft.name).decode(), draft.zone, str(draft.audience), str(draft.access)]
    return [*texts, groups, list(draft.locales), list(draft.regions), draft.delivery_minutes]


def _felt_at_once(tx: Transaction) -> None:
    """In this process with the commit; others read again within a second."""

    async def forget() -> None:
        forget_channels()

    tx.after_commit(forget)
