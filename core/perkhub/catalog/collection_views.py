"""Reading collections, and what a channel sells of them: picks first, in their order, then what fulfils the rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from perkhub.catalog.rule_data import rule_from_data
from perkhub.catalog.rule_where import rule_where
from perkhub.catalog.rules import Rule
from perkhub.catalog.search.market import Market
from perkhub.catalog.search.statement import Statement, all_of
from perkhub.catalog.search.where import Where
from perkhub.catalog.views import ON_SALE, PRODUCT, ProductView, to_product_view
from perkhub.kit import db
from perkhub.kit.clock import now

COLUMNS = "id, slug, name, description, rule, external_reference, metadata, private_metadata, version, archived_at"
BY_IDS = f"SELECT {COLUMNS} FROM collection WHERE id = ANY($1)"
BY_SLUG = f"SELECT {COLUMNS} FROM collection WHERE slug = $1"
BY_REFERENCE = f"SELECT {COLUMNS} FROM collection WHERE external_reference = $1"
EVERY = f"""
    SELECT {COLUMNS} FROM collection
    WHERE ($1::uuid IS NULL OR id < $1) AND ($2 OR archived_at IS NULL) ORDER BY id DESC LIMIT $3
"""
PICKED = f"""
    SELECT cp.position AS pick, {PRODUCT} FROM collection_product cp JOIN product p ON p.id = cp.product_id
    WHERE cp.collection_id = $3 AND cp.position > $4 AND p.archived_at IS NULL AND {ON_SALE}
    ORDER BY cp.position LIMIT $5
"""
RULED = f"""
    SELECT {PRODUCT} FROM product p
    WHERE {{shown}} AND ({{below}}::uuid IS NULL OR p.id < {{below}})
      AND NOT EXISTS (SELECT 1 FROM collection_product cp WHERE cp.collection_id = {{collection}} AND cp.product_id = p.id)
    ORDER BY p.id DESC LIMIT {{limit}}
"""
PICKS = "SELECT product_id FROM collection_product WHERE collection_id = $1 ORDER BY position"
BEFORE_ALL = -1


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A collection; texts by language."""

    id: UUID
    slug: str
    name: dict[str, str]
    description: dict[str, str]
    rule: Rule | None
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]
    version: int
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class CollectionPlace:
    """Where a product stands in a collection: at a pick, or by its id among those that only the rule brought."""

    pick: int | None
    product_id: UUID


def _collection(row: db.Row) -> CollectionView:
    values: dict[str, Any] = dict(row)
    texts = {name: orjson.loads(row[name]) for name in ("name", "description", "metadata", "private_metadata")}
    rule = None if row["rule"] is None else rule_from_data(orjson.loads(row["rule"]))
    return CollectionView(**{**values, **texts, "rule": rule})


async def collection_views(ids: Sequence[UUID]) -> list[CollectionView]:
    """Collections by id, archived ones too."""
    return [_collection(row) for row in await db.rows(BY_IDS, list(ids))]


async def collection_by_slug(slug: str) -> CollectionView | None:
    """The collection of this slug."""
    row = await db.row(BY_SLUG, slug)
    return None if row is None else _collection(row)


async def collection_by_reference(reference: str) -> CollectionView | None:
    """The collection that another system knows by this reference."""
    row = await db.row(BY_REFERENCE, reference)
    return None if row is None else _collection(row)


async def every_collection(*, before: UUID | None = None, archived: bool = False, limit: int = 20) -> list[CollectionView]:
    """All collections, newest first; archived ones only where asked."""
    return [_collection(row) for row in await db.rows(EVERY, before, archived, limit)]


async def picks_of(collection: UUID) -> list[UUID]:
    """The products that were picked by hand, in their order, on sale or not."""
    return [row["product_id"] for row in await db.rows(PICKS, collection)]


async def products_of_collection(
    collection: CollectionView, *, channel: UUID, after: CollectionPlace | None = None, limit: int = 20
) -> list[tuple[CollectionPlace, ProductView]]:
    """What the channel sells of the collection now: picks in their order, then the rule's, newest first."""
    at, found = now(), list[tuple[CollectionPlace, ProductView]]()
    if after is None or after.pick is not None:
        beyond = BEFORE_ALL if after is None or after.pick is None else after.pick
        rows = await db.rows(PICKED, channel, at, collection.id, beyond, limit)
        found = [(CollectionPlace(row["pick"], row["id"]), to_product_view(row)) for row in rows]
    if collection.rule is None or len(found) >= limit:
        return found
    below = after.product_id if after is not None and after.pick is None else None
    rows = await _ruled(collection.id, rule_where(collection.rule), Market(channel, at), below, limit - len(found))
    return [*found, *((CollectionPlace(None, row["id"]), to_product_view(row)) for row in rows)]


async def _ruled(collection: UUID, rule: Where, market: Market, below: UUID | None, limit: int) -> list[db.Row]:
    statement = Statement()
    sql = RULED.format(
        shown=all_of(market.shown(statement), rule.condition(statement, market)),
        below=statement.once("below", below, "uuid"),
        collection=statement.put(collection, "uuid"),
        limit=statement.put(limit, "int"),
    )
    return await db.rows(sql, *statement.values)
