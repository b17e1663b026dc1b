"""Listings by the thousand: put on sale, changed and ended in a handful of statements, each row answered for itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from perkhub.catalog.errors import VersionMoved
from perkhub.catalog.following import listing_changed
from perkhub.catalog.listings import ListingDraft, Reference, faults_of, moves_price, told, values_of
from perkhub.kit.bulk import BulkRow, ErrorPolicy, bulk_rows, taken
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id

MOST_AT_ONCE = 1000

# Locked in the order of their ids, as claims do: neither versions nor what is taken moves until the change.
KEPT = """
    SELECT id, variant_id, version, taken, unit_price, published_from, published_until, quota, limit_per_customer,
           reference_price, reference_reason
    FROM listing WHERE channel_id = $1 AND variant_id = ANY($2) ORDER BY id FOR NO KEY UPDATE
"""
KNOWN_VARIANTS = "SELECT id FROM variant WHERE id = ANY($1)"
# One that a competitor has put on sale at this moment is overwritten: whoever says a row says all of it.
UPSERT = """
    INSERT INTO listing AS kept (id, channel_id, variant_id, product_id, unit_price, published_from, published_until, quota,
                                 taken, limit_per_customer, reference_price, reference_reason, version, created_at)
    SELECT r.id, r.channel_id, v.id, v.product_id, r.unit_price, r.published_from, r.published_until, r.quota, 0, r.most,
           r.reference_price, r.reference_reason, 1, $1
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::numeric[], $6::timestamptz[], $7::timestamptz[], $8::int[],
                $9::int[], $10::numeric[], $11::text[])
         AS r(id, channel_id, variant_id, unit_price, published_from, published_until, quota, most, reference_price,
              reference_reason)
    JOIN variant v ON v.id = r.variant_id ORDER BY r.channel_id, r.variant_id
    ON CONFLICT (channel_id, variant_id) DO UPDATE
    SET unit_price = excluded.unit_price, published_from = excluded.published_from, published_until = excluded.published_until,
        quota = excluded.quota, limit_per_customer = excluded.limit_per_customer, reference_price = excluded.reference_price,
        reference_reason = excluded.reference_reason, version = kept.version + 1
    RETURNING id, channel_id, variant_id
"""
# What had not begun by then never will: its window is empty.
END = """
    UPDATE listing l SET published_until = $2, published_from = least(l.published_from, $2), version = l.version + 1
    WHERE l.id = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class ListingRowDraft:
    """A variant, how the channel shall sell it, and the version that its author has read."""

    variant_id: UUID
    listing: ListingDraft
    expected_version: int | None = None


async def upsert_listings(
    tx: Transaction, channel: UUID, drafts: Sequence[ListingRowDraft], *, policy: ErrorPolicy
) -> list[BulkRow[ListingRowDraft]]:
    """Put variants on sale in a channel, or change how they are sold there, as `upsert_listing` does with one.

    Where faults are ignored, a faulty field stays as it was, and unset where there was none.

    Raises:
        InvalidInput: no rows, or too many.
        NothingTaken: every row was left out.
    """
    rows = bulk_rows(drafts, most=MOST_AT_ONCE)
    variants = list({row.asked.variant_id for row in rows})
    known = {row["id"] for row in await tx.rows(KNOWN_VARIANTS, variants)}
    kept = {row["variant_id"]: row for row in await tx.rows(KEPT, channel, variants)}
    at = now()
    seen: set[UUID] = set()
    drafted: dict[int, tuple[ListingDraft, datetime]] = {}
    for row in rows:
        variant = row.asked.variant_id
        _refuse_row(row, kept.get(variant), known=variant in known, again=variant in seen)
        seen.add(variant)
        if not row.left_out:
            drafted[row.place] = _mended(row, kept.get(variant), policy, at)
    writing = taken(rows, policy)
    written = [
        ListingWrite(channel, row.asked.variant_id, *drafted[row.place], kept.get(row.asked.variant_id)) for row in writing
    ]
    for row, listing in zip(writing, await write_listings(tx, written, at), strict=True):
        row.result = listing
    return rows


async def end_listings(tx: Transaction, channel: UUID, variants: Sequence[UUID], *, at: datetime | None = None) -> list[UUID]:
    """Take variants off a channel at a moment, or now; the listings that were ended. What was ended before stays so.

    Raises:
        InvalidInput, NotFound.
    """
    bulk_rows(variants, most=MOST_AT_ONCE, path="variantIds")
    moment = at or now()
    if moment < now() and at is not None:
        reason, reason_zh = "Give a moment that is yet to come, or leave it out.", "请提供将来的时间,或不填写。"
        raise InvalidInput(path=("at",), reason=reason, reason_zh=reason_zh)
    kept = await tx.rows(KEPT, channel, list(variants))
    found = {row["variant_id"] for row in kept}
    for place, variant in enumerate(variants):
        if variant not in found:
            raise NotFound("listing", "上架商品", path=("variantIds", str(place)))
    ended = [row for row in kept if row["published_until"] is None or row["published_until"] > moment]
    await tx.execute(END, [row["id"] for row in ended], moment)
    for row in ended:
        tx.note_change("listing", row["id"], before=row, after={"published_until": moment})
    listing_changed(tx, *(row["id"] for row in ended))
    return [row["id"] for row in kept]


def _refuse_row(row: BulkRow[ListingRowDraft], kept: Row | None, *, known: bool, again: bool) -> None:
    expected = row.asked.expected_version
    if not known:
        row.refuse(NotFound("variant", "规格", path=("variantId",)))
    elif again:
        reason, reason_zh = "This variant came before.", "该规格已在前面出现。"
        row.refuse(InvalidInput(path=("variantId",), reason=reason, reason_zh=reason_zh))
    elif expected is not None and kept is None:
        reason, reason_zh = "There is no such listing yet; leave it out.", "该商品尚未上架,请勿填写。"
        row.refuse(InvalidInput(path=("expectedVersion",), reason=reason, reason_zh=reason_zh))
    elif expected is not None and kept is not None and expected != kept["version"]:
        row.refuse(VersionMoved(version=kept["version"]))


def _mended(
    row: BulkRow[ListingRowDraft], kept: Row | None, policy: ErrorPolicy, at: datetime
) -> tuple[ListingDraft, datetime]:
    """The draft with what is faulty of it as it was, and its start; the row knows its faults afterwards."""
    draft, start, faults = mended_listing(row.asked.listing, kept, at)
    for field_name, refusal in faults:
        row.fault(refusal, policy)
        if field_name == "unit_price" and kept is None:
            row.left_out = True
    return draft, start


def mended_listing(
    draft: ListingDraft, kept: Row | None, at: datetime
) -> tuple[ListingDraft, datetime, list[tuple[str, InvalidInput]]]:
    """The draft with what is faulty of it as it was, its start, and its faults; a new one without a price cannot be mended."""
    start = draft.published_from or (at if kept is None else kept["published_from"])
    faults = list(faults_of(draft, start, taken=0 if kept is None else kept["taken"]))
    for field_name, _ in faults:
        if field_name in ("published_from", "published_until"):
            # Windows are faulty as a whole: an end of before may lie ahead of a start of now.
            start = at if kept is None else kept["published_from"]
            draft = replace(draft, published_until=None if kept is None else kept["published_until"])
        elif field_name != "unit_price" or kept is not None:
            had: Any = None if kept is None else was(kept, field_name)
            draft = replace(draft, **{field_name: had})
    return draft, start, faults


def was(kept: Row, field_name: str) -> Any:
    """A draft's field as the row has it."""
    if field_name != "reference":
        return kept[field_name]
    return None if kept["reference_price"] is None else Reference(kept["reference_price"], kept["reference_reason"])


@dataclass(frozen=True, slots=True)
class ListingWrite:
    """A listing that is about to be written, and its row as it was; locked, where it was there."""

    channel_id: UUID
    variant_id: UUID
    draft: ListingDraft
    start: datetime
    before: Row | None


async def write_listings(tx: Transaction, writes: Sequence[ListingWrite], at: datetime) -> list[UUID]:
    """Write checked listings in one statement, and tell the log and whoever follows listings; their ids, in order."""
    if not writes:
        return []
    values = list(zip(*(values_of(one.draft, one.start) for one in writes), strict=True))
    # Whoever else writes the same new listings does so in this order too, which is that of their ids, by which listings are
    # locked: no two wait for each other.
    fresh = {place: new_id() for place in sorted((one.channel_id, one.variant_id) for one in writes if one.before is None)}
    ids = [fresh[one.channel_id, one.variant_id] if one.before is None else one.before["id"] for one in writes]
    places = [one.channel_id for one in writes], [one.variant_id for one in writes]
    made = await tx.rows(UPSERT, at, ids, *places, *(list(column) for column in values))
    listings = {(row["channel_id"], row["variant_id"]): row["id"] for row in made}
    for one in writes:
        listing = listings[one.channel_id, one.variant_id]
        more = {} if one.before is not None else {"channel": one.channel_id, "variant": one.variant_id}
        tx.note_change("listing", listing, before=one.before, after={**more, **told(one.draft, one.start)})
        if one.before is None or moves_price(one.before, one.draft, one.start):
            listing_changed(tx, listing)
    return [listings[one.channel_id, one.variant_id] for one in writes]
