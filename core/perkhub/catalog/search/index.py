"""Keeping what the search knows in step with products: written before the commit of whatever changed one."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson

from perkhub.catalog.search.document import Document, Texts, document
from perkhub.catalog.search.marks import marks_of
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction

# In the order of their ids, so that two of these never wait for each other in a circle. Whoever comes second reads, in the
# statements after this one, what the first has written: two variants added at once are both found.
TOUCH = """
    UPDATE product p SET updated_at = $2
    FROM (SELECT id FROM product WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE) AS locked WHERE p.id = locked.id
"""
HOLD = "SELECT id FROM product WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"
READ = """
    SELECT p.id, p.slug, p.name, p.external_reference, p.tags, p.kind, p.brand_id, b.name AS brand,
           ARRAY(SELECT pc.category_id FROM product_category pc WHERE pc.product_id = p.id ORDER BY pc.position) AS shelves,
           (SELECT jsonb_agg(jsonb_build_array(v.sku, v.external_reference, v.name) ORDER BY v.position, v.id)
            FROM variant v WHERE v.product_id = p.id AND v.archived_at IS NULL) AS variants,
           (SELECT jsonb_agg(DISTINCT c.name)
            FROM product_category pc JOIN category shelf ON shelf.id = pc.category_id JOIN category c ON c.id = ANY(shelf.path)
            WHERE pc.product_id = p.id AND c.archived_at IS NULL) AS categories,
           (SELECT jsonb_agg(CASE a.type WHEN 'text' THEN jsonb_build_object('', f.value) ELSE o.one -> 'label' END)
            FROM product_fact f JOIN attribute a ON a.code = f.code AND a.archived_at IS NULL
                 LEFT JOIN LATERAL jsonb_array_elements(a.options) AS o(one) ON o.one ->> 'value' = f.value
            WHERE f.product_id = p.id AND (a.type = 'text' OR o.one IS NOT NULL)) AS said
    FROM product p LEFT JOIN brand b ON b.id = p.brand_id WHERE p.id = ANY($1)
"""
# Of what the product and its forms have, each value once; what none of them has any more goes.
FACTS = """
    WITH had AS (
        SELECT p.id AS product_id, p.attributes FROM product p WHERE p.id = ANY($1)
        UNION ALL SELECT v.product_id, v.attributes FROM variant v WHERE v.product_id = ANY($1) AND v.archived_at IS NULL
    ), fact AS (
        SELECT DISTINCT had.product_id, said.key AS code, one.value #>> '{}' AS value,
               CASE WHEN jsonb_typeof(one.value) = 'number' THEN (one.value #>> '{}')::numeric END AS number
        FROM had CROSS JOIN LATERAL jsonb_each(had.attributes) AS said CROSS JOIN LATERAL jsonb_array_elements(
            CASE WHEN jsonb_typeof(said.value) = 'array' THEN said.value ELSE jsonb_build_array(said.value) END
        ) AS one
    ), gone AS (
        DELETE FROM product_fact k WHERE k.product_id = ANY($1)
            AND NOT EXISTS (SELECT FROM fact f WHERE (f.product_id, f.code, f.value) = (k.product_id, k.code, k.value))
    )
    INSERT INTO product_fact (product_id, code, value, number) SELECT product_id, code, value, number FROM fact
    ON CONFLICT (product_id, code, value) DO NOTHING
"""
# What stays the same is not written again: each row has a hundred entries in the index.
WRITE = """
    INSERT INTO product_search AS kept (product_id, lines, sort_zh, sort_en, keys)
    SELECT d.id, d.lines, d.sort_zh, d.sort_en, string_to_array(d.keys, E'\\x1f')
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS d(id, lines, sort_zh, sort_en, keys)
    ON CONFLICT (product_id) DO UPDATE
    SET lines = excluded.lines, sort_zh = excluded.sort_zh, sort_en = excluded.sort_en, keys = excluded.keys
    WHERE (kept.lines, kept.sort_zh, kept.sort_en, kept.keys)
          IS DISTINCT FROM (excluded.lines, excluded.sort_zh, excluded.sort_en, excluded.keys)
"""

_changed: WeakKeyDictionary[Transaction, set[UUID]] = WeakKeyDictionary()


def product_changed(tx: Transaction, *products: UUID) -> None:
    """Say that a product, or a variant of it, was written: when the transaction ends the search knows, and `updated_at`."""
    if tx not in _changed:
        _changed[tx] = set()
        tx.before_commit(_follow)
    _changed[tx].update(products)


async def _follow(tx: Transaction) -> None:
    products = sorted(_changed.pop(tx))
    await tx.execute(TOUCH, products, now())
    await _write(tx, products)


async def index_products(tx: Transaction, products: Sequence[UUID]) -> None:
    """Make anew what the search knows of these; they themselves stay as they are."""
    await tx.rows(HOLD, list(products))
    await _write(tx, products)


async def _write(tx: Transaction, products: Sequence[UUID]) -> None:
    await tx.execute(FACTS, list(products))
    made = {row["id"]: document(_texts(row)) for row in await tx.rows(READ, list(products))}
    columns: list[list[Any]] = [list(column) for column in zip(*map(_row, made.values()), strict=True)]
    if made:
        await tx.execute(WRITE, list(made), *columns)


def _row(one: Document) -> tuple[str, str, str, str]:
    return one.lines, one.sort_zh, one.sort_en, "\x1f".join(one.keys)


def _texts(row: Row) -> Texts:
    variants = orjson.loads(row["variants"] or "[]")
    named: list[Mapping[str, str]] = [orjson.loads(row["brand"] or "{}"), *orjson.loads(row["categories"] or "[]")]
    named += orjson.loads(row["said"] or "[]")
    named += [name for _, _, name in variants]
    numbers = [row["slug"], row["external_reference"], *chain.from_iterable(variant[:2] for variant in variants)]
    return Texts(
        names=orjson.loads(row["name"]),
        numbers=[number for number in numbers if number],
        words=list(dict.fromkeys([*row["tags"], *(word for texts in named for word in texts.values())])),
        marks=list(marks_of(kind=row["kind"], brand=row["brand_id"], categories=row["shelves"], tags=row["tags"])),
    )
