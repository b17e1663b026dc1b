"""Writing what was planned: a statement for all new products, one for all changed ones, and so on down to the listings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from perkhub.catalog.bulk.planned import Planned, PlannedProduct, PlannedVariant
from perkhub.catalog.errors import AlreadyNamed
from perkhub.catalog.listing_rows import write_listings
from perkhub.catalog.products import ProductDraft, product_record
from perkhub.catalog.search.index import product_changed
from perkhub.catalog.variants import VariantDraft, variant_record
from perkhub.kit.db import ClaimContended, Transaction
from perkhub.kit.ids import new_id

# Out of JSON by the table's own types, so that a new column is written as soon as the draft's record has it.
INSERT = """
    INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)
    ON CONFLICT DO NOTHING
"""
UPDATE = """
    UPDATE {table} kept SET ({columns}) = (SELECT {said}), version = kept.version + 1
    FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb) said WHERE kept.id = said.id
"""
OFF_SHELVES = "DELETE FROM product_category WHERE product_id = ANY($1)"
ON_SHELVES = """
    INSERT INTO product_category (id, product_id, category_id, position)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[])
"""
PRODUCT_COLUMNS = tuple(product_record(ProductDraft("", {})))
VARIANT_COLUMNS = tuple(variant_record(VariantDraft("", {})))


async def write_products(tx: Transaction, products: Sequence[PlannedProduct], at: datetime) -> None:
    """Write what is new or changed; all of it against rows that are locked, or not there yet.

    Raises:
        ClaimContended: a competitor has just taken a name; looked at again, it is refused by its row.
    """
    born = {"version": 1, "created_at": at}
    new = [{"id": one.id, "kind": str(one.after.kind), **product_record(one.after), **born, "updated_at": at}
           for one in products if one.new]  # fmt: skip
    await _insert(tx, "product", sorted(new, key=lambda record: str(record["slug"])))
    await _update(tx, "product", PRODUCT_COLUMNS, [_changed(one, product_record(one.after)) for one in products if not one.new])
    await _put_on_shelves(tx, [one for one in products if one.shelves is not None])
    variants = [(product, variant) for product in products for variant in product.variants]
    await _write_variants(tx, variants, born)
    await write_listings(tx, [listing for _, variant in variants for listing in variant.listings], at)
    _note(tx, products)


async def _write_variants(
    tx: Transaction, variants: Sequence[tuple[PlannedProduct, PlannedVariant]], born: dict[str, Any]
) -> None:
    new = [
        {"id": one.id, "product_id": product.id, **variant_record(one.after), **born} for product, one in variants if one.new
    ]
    await _insert(tx, "variant", sorted(new, key=lambda record: str(record["sku"])))
    changed = [_changed(one, variant_record(one.after)) for _, one in variants if not one.new]
    await _update(tx, "variant", VARIANT_COLUMNS, changed)


def _changed(one: Planned[Any], record: dict[str, Any]) -> dict[str, Any] | None:
    return {"id": one.id, **record} if one.written else None


async def _insert(tx: Transaction, table: str, records: list[dict[str, Any]]) -> None:
    if not records:
        return
    sql = INSERT.format(table=table, columns=", ".join(records[0]))
    if await tx.execute(sql, _json(records)) < len(records):
        raise ClaimContended(AlreadyNamed("externalReference"))


async def _update(tx: Transaction, table: str, columns: tuple[str, ...], records: Iterable[dict[str, Any] | None]) -> None:
    changed = [record for record in records if record is not None]
    if not changed:
        return
    said = ", ".join(f"said.{column}" for column in columns)
    try:
        await tx.execute(UPDATE.format(table=table, columns=", ".join(columns), said=said), _json(changed))
    except asyncpg.UniqueViolationError:
        raise ClaimContended(AlreadyNamed("externalReference")) from None


async def _put_on_shelves(tx: Transaction, products: Sequence[PlannedProduct]) -> None:
    if products:
        await tx.execute(OFF_SHELVES, [one.id for one in products if not one.new])
        placed = [(one.id, shelf, place) for one in products for place, shelf in enumerate(one.shelves or ())]
        shelved: list[UUID] = [new_id() for _ in placed]
        await tx.execute(ON_SHELVES, shelved, *([row[column] for row in placed] for column in range(3)))


def _note(tx: Transaction, products: Sequence[PlannedProduct]) -> None:
    for product in products:
        if product.written or product.shelves is not None:
            shelves = {} if product.shelves is None else {"category_ids": product.shelves}
            tx.note_change("product", product.id, before=product.before, after={**vars(product.after), **shelves})
        for variant in product.variants:
            if variant.written:
                of = {"product": product.id} if variant.new else {}
                tx.note_change("variant", variant.id, before=variant.before, after={**of, **vars(variant.after)})
        if product.written or product.shelves is not None or any(variant.written for variant in product.variants):
            product_changed(tx, product.id)


def _json(records: list[dict[str, Any]]) -> str:
    return orjson.dumps(records, default=str).decode()
