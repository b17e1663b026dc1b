"""What a price list says of variants: put in, changed and taken out by the thousand, in a handful of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from perkhub.catalog import refuse_odd_price
from perkhub.channels import ScopeKind
from perkhub.kit import db
from perkhub.kit.bulk import BulkRow, ErrorPolicy, bulk_rows, taken
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.money import CurrencyMismatch
from perkhub.pricing.lists import RAISE_VERSION, PriceList, locked_list
from perkhub.pricing.record import public_prices_changed

MOST_AT_ONCE = 1000
LARGEST_QUANTITY = 1_000_000
PERCENT_PLACES = Decimal("0.0001")

KNOWN_VARIANTS = "SELECT id FROM variant WHERE id = ANY($1)"
# In the order of the index; what stays as it is is not written, and not told.
UPSERT = """
    INSERT INTO price_list_price AS kept (id, list_id, variant_id, minimum_quantity, unit_price, percent_off)
    SELECT r.id, $1, r.variant, r.quantity, r.unit, r.percent
    FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::numeric[], $6::numeric[]) AS r(id, variant, quantity, unit, percent)
    ORDER BY r.variant, r.quantity
    ON CONFLICT (list_id, variant_id, minimum_quantity) DO UPDATE
    SET unit_price = excluded.unit_price, percent_off = excluded.percent_off
    WHERE (kept.unit_price, kept.percent_off) IS DISTINCT FROM (excluded.unit_price, excluded.percent_off)
    RETURNING variant_id
"""
REMOVE = """
    DELETE FROM price_list_price p USING unnest($2::uuid[], $3::int[]) AS r(variant, quantity)
    WHERE p.list_id = $1 AND p.variant_id = r.variant AND p.minimum_quantity = r.quantity
    RETURNING p.variant_id, p.minimum_quantity
"""
PAGE = """
    SELECT id, variant_id, minimum_quantity, unit_price, percent_off FROM price_list_price
    WHERE list_id = $1 AND ($2::uuid IS NULL OR (variant_id, minimum_quantity) > ($2, $3))
    ORDER BY variant_id, minimum_quantity LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class RowDraft:
    """A price of its own, or so many percent off the listing's, from so many units on."""

    variant_id: UUID
    minimum_quantity: int = 1
    unit_price: Decimal | None = None
    percent_off: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A row of a list as it stands."""

    id: UUID
    variant_id: UUID
    minimum_quantity: int
    unit_price: Decimal | None
    percent_off: Decimal | None


async def upsert_list_rows(
    tx: Transaction,
    price_list: UUID,
    drafts: Sequence[RowDraft],
    *,
    currency: str,
    policy: ErrorPolicy,
    expected_version: int | None = None,
) -> list[BulkRow[RowDraft]]:
    """Put rows into a list, or change those it has. A row has no part that it could do without: faulty ones stay out.

    Raises:
        InvalidInput, NotFound, PriceListEnded, VersionMoved, CurrencyMismatch: for the request as a whole.
        NothingTaken: every row was left out.
    """
    rows = bulk_rows(drafts, most=MOST_AT_ONCE)
    kept = await locked_list(tx, price_list, expected_version)
    if currency != kept.currency:
        raise CurrencyMismatch(expected=kept.currency, given=currency, path=("currency",))
    await _refuse_odd(tx, rows)
    written = [row.asked for row in taken(rows, policy)]
    changed = await tx.rows(
        UPSERT,
        price_list,
        [new_id() for _ in written],
        [row.variant_id for row in written],
        [row.minimum_quantity for row in written],
        [row.unit_price for row in written],
        [row.percent_off for row in written],
    )
    await _changed(tx, kept, {row["variant_id"] for row in changed}, {"rows": written})
    return rows


async def remove_list_rows(
    tx: Transaction, price_list: UUID, rows: Sequence[tuple[UUID, int]], *, expected_version: int | None = None
) -> int:
    """Take rows out of a list, by variant and quantity; how many there were.

    Raises:
        InvalidInput, NotFound, PriceListEnded, VersionMoved.
    """
    bulk_rows(rows, most=MOST_AT_ONCE)
    kept = await locked_list(tx, price_list, expected_version)
    removed = await tx.rows(REMOVE, price_list, [variant for variant, _ in rows], [quantity for _, quantity in rows])
    gone = {(row["variant_id"], row["minimum_quantity"]) for row in removed}
    for place, key in enumerate(rows):
        if key not in gone:
            raise NotFound("row of the price list", "价格表行", path=("rows", str(place)))
    await _changed(tx, kept, {variant for variant, _ in gone}, {"removed": list(rows)})
    return len(removed)


async def rows_of_list(price_list: UUID, *, after: tuple[UUID, int] | None = None, limit: int = 20) -> list[ListedPrice]:
    """What a list says, by variant and quantity."""
    variant, quantity = after or (None, None)
    return [ListedPrice(**dict(row)) for row in await db.rows(PAGE, price_list, variant, quantity, limit)]


async def _changed(tx: Transaction, kept: PriceList, variants: set[UUID], told: dict[str, object]) -> None:
    if not variants:
        return
    await tx.execute(RAISE_VERSION, kept.id)
    tx.note_change("price_list", kept.id, after=told)
    if kept.scope.kind is ScopeKind.CHANNEL:
        await public_prices_changed(tx, kept.scope.id, variants=variants)


async def _refuse_odd(tx: Transaction, rows: Sequence[BulkRow[RowDraft]]) -> None:
    known = {row["id"] for row in await tx.rows(KNOWN_VARIANTS, list({row.asked.variant_id for row in rows}))}
    seen: set[tuple[UUID, int]] = set()
    for row in rows:
        key = (row.asked.variant_id, row.asked.minimum_quantity)
        try:
            if row.asked.variant_id not in known:
                raise NotFound("variant", "规格", path=("variantId",))
            if key in seen:
                reason, reason_zh = "This variant and quantity came before.", "该规格与数量已在前面出现。"
                raise InvalidInput(path=("minimumQuantity",), reason=reason, reason_zh=reason_zh)
            _refuse_odd_row(row.asked)
        except (InvalidInput, NotFound) as refusal:
            row.refuse(refusal)
        seen.add(key)


def _refuse_odd_row(row: RowDraft) -> None:
    if not 1 <= row.minimum_quantity <= LARGEST_QUANTITY:
        reason, reason_zh = f"Between 1 and {LARGEST_QUANTITY}.", f"须在 1 至 {LARGEST_QUANTITY} 之间。"
        raise InvalidInput(path=("minimumQuantity",), reason=reason, reason_zh=reason_zh)
    if (row.unit_price is None) == (row.percent_off is None):
        reason, reason_zh = "Give either a unit price or a percentage off.", "请填写单价或折扣百分比之一。"
        path = "unitPrice" if row.unit_price is None else "percentOff"
        raise InvalidInput(path=(path,), reason=reason, reason_zh=reason_zh)
    if row.unit_price is not None:
        refuse_odd_price(row.unit_price, "unitPrice", zero_allowed=True)
    if row.percent_off is not None and not _is_percentage(row.percent_off):
        reason, reason_zh = "Above 0 up to 100, with at most four decimal places.", "须大于 0 且不超过 100,最多四位小数。"
        raise InvalidInput(path=("percentOff",), reason=reason, reason_zh=reason_zh)


def _is_percentage(given: Decimal) -> bool:
    return 0 < given <= 100 and given == given.quantize(PERCENT_PLACES)
