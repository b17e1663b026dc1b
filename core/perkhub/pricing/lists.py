"""Keeping price lists: for whom they are, when, and which goes before which. What they say of variants is `list_rows`'."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import asyncpg
import orjson

from perkhub.channels import Channel, ChannelNotFound, Scope, ScopeKind, ensure_holders, known_channel
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import AlreadyNamed, InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.moments import refuse_odd_moment
from perkhub.kit.money import CurrencyMismatch, exponent
from perkhub.kit.texts import refuse_odd_text, refuse_odd_texts
from perkhub.pricing.errors import PriceListEnded
from perkhub.pricing.record import public_prices_changed

LONGEST_NAME = 100
LONGEST_REFERENCE = 120
HIGHEST_PRIORITY = 1_000_000

COLUMNS = """id, name, scope_kind, scope_id, channel_id, currency, priority, starts_at, ends_at, external_reference, version,
             archived_at, created_at"""
INSERT = """
    INSERT INTO price_list (id, scope_kind, scope_id, channel_id, currency, created_at, name, priority, starts_at, ends_at,
                            external_reference, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1) ON CONFLICT (external_reference) DO NOTHING RETURNING id
"""
READ = f"SELECT {COLUMNS} FROM price_list WHERE id = $1 FOR NO KEY UPDATE"
CHANGE = """
    UPDATE price_list SET name = $2, priority = $3, starts_at = $4, ends_at = $5, external_reference = $6,
                          version = version + 1
    WHERE id = $1
"""
ARCHIVE = "UPDATE price_list SET archived_at = $2, version = version + 1 WHERE id = $1"
RAISE_VERSION = "UPDATE price_list SET version = version + 1 WHERE id = $1"
BY_IDS = f"SELECT {COLUMNS} FROM price_list WHERE id = ANY($1)"
PAGE = f"""
    SELECT {COLUMNS} FROM price_list
    WHERE ($1::uuid IS NULL OR id < $1) AND ($3::uuid IS NULL OR scope_id = $3)
          AND ($4::uuid[] IS NULL OR channel_id = ANY($4))
    ORDER BY id DESC LIMIT $2
"""


@dataclass(frozen=True)
class PriceListDraft:
    """When a list holds, and before which others; all of it can be changed later. Without a start it begins now."""

    name: dict[str, str]
    priority: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    external_reference: str | None = None


class PriceListChanges(TypedDict, total=False):
    """What an operator changes of a list; what is missing stays. For whom it is, and its currency, stay for ever."""

    name: dict[str, str]
    priority: int
    starts_at: datetime
    ends_at: datetime | None
    external_reference: str | None


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list as it stands."""

    id: UUID
    name: dict[str, str]
    scope: Scope
    channel_id: UUID | None
    currency: str
    priority: int
    starts_at: datetime
    ends_at: datetime | None
    external_reference: str | None
    version: int
    archived_at: datetime | None
    created_at: datetime = field(compare=False)


async def create_price_list(
    tx: Transaction, scope: Scope, draft: PriceListDraft, *, currency: str, channel: UUID | None = None
) -> UUID:
    """Make a list, without rows. One for a party or a group holds in one channel, or in all that sell in its currency.

    Raises:
        InvalidInput, NotFound, CurrencyMismatch, AlreadyNamed.
    """
    start = draft.starts_at or now()
    draft = replace(draft, starts_at=start)
    _refuse_odd(draft)
    where = await _channel_of(scope, channel)
    _refuse_currency(currency, where)
    await ensure_holders(tx, [scope], "scopeId")
    made = new_id()
    place = (str(scope.kind), scope.id, None if where is None else where.id, currency)
    if await tx.value(INSERT, made, *place, now(), *_values(draft)) is None:
        raise AlreadyNamed("externalReference")
    tx.note_change("price_list", made, after={"scope": scope.id, "channel": channel, "currency": currency, **vars(draft)})
    return made


async def update_price_list(
    tx: Transaction, price_list: UUID, changes: PriceListChanges, *, expected_version: int
) -> PriceList:
    """Change when a list holds, or before which others it goes.

    Raises:
        NotFound, PriceListEnded, VersionMoved, InvalidInput, AlreadyNamed.
    """
    kept = await locked_list(tx, price_list, expected_version)
    before = PriceListDraft(kept.name, kept.priority, kept.starts_at, kept.ends_at, kept.external_reference)
    changed = replace(before, **changes)
    _refuse_odd(changed)
    try:
        await tx.execute(CHANGE, price_list, *_values(changed))
    except asyncpg.UniqueViolationError:
        raise AlreadyNamed("externalReference") from None
    tx.note_change("price_list", price_list, before=before, after=changed)
    if kept.scope.kind is ScopeKind.CHANNEL:
        await public_prices_changed(tx, kept.scope.id, of_list=price_list)
    return kept


async def archive_price_list(tx: Transaction, price_list: UUID, *, expected_version: int) -> PriceList:
    """Let a list price nothing any more, for good.

    Raises:
        NotFound, PriceListEnded, VersionMoved.
    """
    kept = await locked_list(tx, price_list, expected_version)
    await tx.execute(ARCHIVE, price_list, now())
    tx.note_change("price_list", price_list, before={"archived": False}, after={"archived": True})
    if kept.scope.kind is ScopeKind.CHANNEL:
        await public_prices_changed(tx, kept.scope.id, of_list=price_list)
    return kept


async def locked_list(tx: Transaction, price_list: UUID, expected_version: int | None) -> PriceList:
    """The list, which nobody else changes until this transaction ends; of two changes at once, the second sees the first.

    Raises:
        NotFound, PriceListEnded, VersionMoved.
    """
    row = await tx.row(READ, price_list)
    if row is None:
        raise NotFound("price list", "价格表", path=("priceListId",))
    if expected_version not in (None, row["version"]):
        raise VersionMoved(version=row["version"])
    if row["archived_at"] is not None:
        raise PriceListEnded
    return _list_from(row)


async def price_lists_by_ids(ids: Sequence[UUID]) -> list[PriceList]:
    """Lists by id, archived ones too."""
    return [_list_from(row) for row in await db.rows(BY_IDS, list(ids))]


async def every_price_list(
    *,
    before: UUID | None = None,
    limit: int = 20,
    scope: UUID | None = None,
    channels: Collection[UUID] | None = None,
) -> list[PriceList]:
    """Lists, the newest first; only those of a scope, or that hold in these channels alone, where that is asked."""
    wanted = None if channels is None else list(channels)
    return [_list_from(row) for row in await db.rows(PAGE, before, limit, scope, wanted)]


def _list_from(row: Row) -> PriceList:
    values: dict[str, Any] = {**dict(row), "name": orjson.loads(row["name"])}
    values["scope"] = Scope(ScopeKind(values.pop("scope_kind")), values.pop("scope_id"))
    return PriceList(**values)


async def _channel_of(scope: Scope, channel: UUID | None) -> Channel | None:
    if scope.kind is ScopeKind.CHANNEL and channel not in (None, scope.id):
        reason, reason_zh = "A list for a channel holds in that channel: leave it out.", "渠道价格表仅适用于该渠道,请勿填写。"
        raise InvalidInput(path=("channelId",), reason=reason, reason_zh=reason_zh)
    wanted, field_name = (scope.id, "scopeId") if scope.kind is ScopeKind.CHANNEL else (channel, "channelId")
    try:
        return None if wanted is None else await known_channel(wanted)
    except ChannelNotFound:
        raise NotFound("channel", "渠道", path=(field_name,)) from None


def _refuse_currency(currency: str, channel: Channel | None) -> None:
    try:
        exponent(currency)
    except CurrencyMismatch as unknown:
        raise unknown.at("currency") from None
    if channel is not None and channel.currency != currency:
        raise CurrencyMismatch(expected=channel.currency, given=currency, path=("currency",))


def _refuse_odd(draft: PriceListDraft) -> None:
    refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)
    refuse_odd_text(draft.external_reference or "", "externalReference", longest=LONGEST_REFERENCE)
    if not 0 <= draft.priority <= HIGHEST_PRIORITY:
        reason, reason_zh = f"Between 0 and {HIGHEST_PRIORITY}.", f"须在 0 至 {HIGHEST_PRIORITY} 之间。"
        raise InvalidInput(path=("priority",), reason=reason, reason_zh=reason_zh)
    refuse_odd_moment(draft.starts_at, "startsAt")
    if draft.ends_at is not None and draft.starts_at is not None and draft.ends_at <= draft.starts_at:
        reason, reason_zh = "The window must end after it begins.", "结束时间须晚于开始时间。"
        raise InvalidInput(path=("endsAt",), reason=reason, reason_zh=reason_zh)


def _values(draft: PriceListDraft) -> list[Any]:
    name = orjson.dumps(draft.name).decode()
    return [name, draft.priority, draft.starts_at, draft.ends_at, draft.external_reference]
