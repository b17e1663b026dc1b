"""Putting variants on sale in channels, and changing how they are sold there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.catalog.errors import VersionMoved
from perkhub.catalog.following import listing_changed
from perkhub.catalog.prices import refuse_odd_price
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.moments import EARLIEST
from perkhub.kit.texts import refuse_odd_text

LARGEST_COUNT = 2_000_000_000
LONGEST_REASON = 300

# Locked, so that neither its version nor what is taken of it moves between the check and the change.
KEPT = """
    SELECT id, version, taken, unit_price, published_from, published_until, quota, limit_per_customer, reference_price,
           reference_reason
    FROM listing WHERE channel_id = $1 AND variant_id = $2 FOR NO KEY UPDATE
"""
INSERT = """
    INSERT INTO listing (id, channel_id, variant_id, product_id, unit_price, published_from, published_until, quota, taken,
                         limit_per_customer, reference_price, reference_reason, version, created_at)
    SELECT $1, $2, v.id, v.product_id, $4, $5, $6, $7, 0, $8, $9, $10, 1, $11 FROM variant v WHERE v.id = $3
    ON CONFLICT (channel_id, variant_id) DO NOTHING RETURNING id
"""
CHANGE = """
    UPDATE listing SET unit_price = $2, published_from = $3, published_until = $4, quota = $5, limit_per_customer = $6,
                       reference_price = $7, reference_reason = $8, version = version + 1
    WHERE id = $1
"""
VARIANT_EXISTS = "SELECT true FROM variant WHERE id = $1"


@dataclass(frozen=True)
class Reference:
    """What is struck through beside the price, said by an operator, who must say why."""

    price: Decimal
    reason: str


@dataclass(frozen=True)
class ListingDraft:
    """How a channel shall sell a variant; `unit_price` in the channel's currency, at most six decimals."""

    unit_price: Decimal
    published_from: datetime | None = None
    published_until: datetime | None = None
    quota: int | None = None
    limit_per_customer: int | None = None
    reference: Reference | None = None


async def upsert_listing(
    tx: Transaction, channel: UUID, variant: UUID, draft: ListingDraft, *, expected_version: int | None = None
) -> UUID:
    """Put a variant on sale in a channel, or change how it is sold there.

    Where the draft does not say when its window begins, a new listing begins now and a kept one when it did.

    Raises:
        InvalidInput, NotFound, VersionMoved.
    """
    kept = await tx.row(KEPT, channel, variant)
    _refuse_version(kept, expected_version)
    start = draft.published_from or (now() if kept is None else kept["published_from"])
    for _, refusal in faults_of(draft, start, taken=0 if kept is None else kept["taken"]):
        raise refusal
    values = values_of(draft, start)
    if kept is not None:
        await tx.execute(CHANGE, kept["id"], *values)
        listing: UUID = kept["id"]
        tx.note_change("listing", listing, before=kept, after=told(draft, start))
        if moves_price(kept, draft, start):
            listing_changed(tx, listing)
        return listing
    if await tx.value(VARIANT_EXISTS, variant) is None:
        raise NotFound("variant", "规格", path=("variantId",))
    made: UUID | None = await tx.value(INSERT, new_id(), channel, variant, *values, now())
    if made is None:
        raise VersionMoved(version=1)  # a competitor put it on sale at this moment
    tx.note_change("listing", made, after={"channel": channel, "variant": variant, **told(draft, start)})
    listing_changed(tx, made)
    return made


def told(draft: ListingDraft, start: datetime) -> dict[str, Any]:
    """As the activity log has it, by the names of the columns."""
    columns = ("unit_price", "published_from", "published_until", "quota", "limit_per_customer")
    return dict(zip((*columns, "reference_price", "reference_reason"), values_of(draft, start), strict=True))


def _refuse_version(kept: Row | None, expected: int | None) -> None:
    if expected is None:
        return
    if kept is None:
        reason, reason_zh = "There is no such listing yet; leave it out.", "该商品尚未上架,请勿填写。"
        raise InvalidInput(path=("expectedVersion",), reason=reason, reason_zh=reason_zh)
    if expected != kept["version"]:
        raise VersionMoved(version=kept["version"])


def faults_of(draft: ListingDraft, start: datetime, *, taken: int) -> Iterator[tuple[str, InvalidInput]]:
    """What of a draft cannot be: the field, and why."""
    try:
        refuse_odd_price(draft.unit_price, "unitPrice", zero_allowed=True)
    except InvalidInput as refusal:
        yield "unit_price", refusal
    if draft.published_from is not None and draft.published_from < EARLIEST:
        reason, reason_zh = "A moment after 1970.", "须为 1970 年之后的时间。"
        yield "published_from", InvalidInput(path=("publishedFrom",), reason=reason, reason_zh=reason_zh)
    if draft.published_until is not None and draft.published_until <= start:
        reason, reason_zh = "The window must end after it begins.", "结束时间须晚于开始时间。"
        yield "published_until", InvalidInput(path=("publishedUntil",), reason=reason, reason_zh=reason_zh)
    if draft.quota is not None and not taken <= draft.quota <= LARGEST_COUNT:
        reason = f"Between {taken}, which are held or sold already, and {LARGEST_COUNT}."
        reason_zh = f"须在 {taken}(已占用或售出)至 {LARGEST_COUNT} 之间。"
        yield "quota", InvalidInput(path=("quota",), reason=reason, reason_zh=reason_zh)
    if draft.limit_per_customer is not None and not 1 <= draft.limit_per_customer <= LARGEST_COUNT:
        reason, reason_zh = f"Between 1 and {LARGEST_COUNT}.", f"须在 1 至 {LARGEST_COUNT} 之间。"
        yield "limit_per_customer", InvalidInput(path=("limitPerCustomer",), reason=reason, reason_zh=reason_zh)
    try:
        _refuse_odd_reference(draft.reference)
    except InvalidInput as refusal:
        yield "reference", refusal


def _refuse_odd_reference(reference: Reference | None) -> None:
    if reference is None:
        return
    refuse_odd_price(reference.price, "reference", "price")
    if not reference.reason.strip():
        reason, reason_zh = "Say where the price comes from.", "请说明参考价的来源。"
        raise InvalidInput(path=("reference", "reason"), reason=reason, reason_zh=reason_zh)
    refuse_odd_text(reference.reason, "reference", "reason", longest=LONGEST_REASON)


def values_of(draft: ListingDraft, start: datetime) -> tuple[Any, ...]:
    """As the statements take it."""
    price, reason = (None, None) if draft.reference is None else (draft.reference.price, draft.reference.reason.strip())
    return (draft.unit_price, start, draft.published_until, draft.quota, draft.limit_per_customer, price, reason)


def moves_price(kept: Row, draft: ListingDraft, start: datetime) -> bool:
    """Whether anything of what the public pays, or when, is another than before."""
    before = (kept["unit_price"], kept["published_from"], kept["published_until"])
    return before != (draft.unit_price, start, draft.published_until)
