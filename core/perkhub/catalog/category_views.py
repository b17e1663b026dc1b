"""Reading categories: by name, by place in the tree, and those a product stands in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from perkhub.kit import db

COLUMNS = """c.id, c.slug, c.name, c.description, c.parent_id, c.position, c.path, c.external_reference, c.metadata,
             c.private_metadata, c.version, c.archived_at"""
BY_IDS = f"SELECT {COLUMNS} FROM category c WHERE c.id = ANY($1)"
BY_SLUG = f"SELECT {COLUMNS} FROM category c WHERE c.slug = $1"
BY_REFERENCE = f"SELECT {COLUMNS} FROM category c WHERE c.external_reference = $1"
EVERY = f"SELECT {COLUMNS} FROM category c WHERE $1::uuid IS NULL OR c.id < $1 ORDER BY c.id DESC LIMIT $2"
ROOTS = f"""
    SELECT {COLUMNS} FROM category c
    WHERE c.parent_id IS NULL AND c.archived_at IS NULL ORDER BY c.position, c.id
"""
CHILDREN = f"""
    SELECT {COLUMNS} FROM category c
    WHERE c.parent_id = ANY($1) AND c.archived_at IS NULL ORDER BY c.parent_id, c.position, c.id
"""
OF_PRODUCTS = f"""
    SELECT pc.product_id, {COLUMNS} FROM product_category pc JOIN category c ON c.id = pc.category_id
    WHERE pc.product_id = ANY($1) AND c.archived_at IS NULL ORDER BY pc.product_id, pc.position
"""


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category; texts by language. `path` leads to it from the root, itself at the end."""

    id: UUID
    slug: str
    name: dict[str, str]
    description: dict[str, str]
    parent_id: UUID | None
    position: int
    path: tuple[UUID, ...]
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]
    version: int
    archived_at: datetime | None


def _category(row: db.Row) -> CategoryView:
    return CategoryView(
        id=row["id"],
        slug=row["slug"],
        name=orjson.loads(row["name"]),
        description=orjson.loads(row["description"]),
        parent_id=row["parent_id"],
        position=row["position"],
        path=tuple(row["path"]),
        external_reference=row["external_reference"],
        metadata=orjson.loads(row["metadata"]),
        private_metadata=orjson.loads(row["private_metadata"]),
        version=row["version"],
        archived_at=row["archived_at"],
    )


async def category_views(ids: Sequence[UUID]) -> list[CategoryView]:
    """Categories by id, archived ones too."""
    return [_category(row) for row in await db.rows(BY_IDS, list(ids))]


async def category_by_slug(slug: str) -> CategoryView | None:
    """The category of this slug."""
    row = await db.row(BY_SLUG, slug)
    return None if row is None else _category(row)


async def category_by_reference(reference: str) -> CategoryView | None:
    """The category that another system knows by this reference."""
    row = await db.row(BY_REFERENCE, reference)
    return None if row is None else _category(row)


async def every_category(*, before: UUID | None = None, limit: int = 20) -> list[CategoryView]:
    """All categories wherever they stand, archived ones too, newest first."""
    return [_category(row) for row in await db.rows(EVERY, before, limit)]


async def root_categories() -> list[CategoryView]:
    """Where the tree begins, in order; nothing archived."""
    return [_category(row) for row in await db.rows(ROOTS)]


async def child_categories(parents: Sequence[UUID]) -> list[CategoryView]:
    """What stands right below these, by parent and in order; nothing archived."""
    return [_category(row) for row in await db.rows(CHILDREN, list(parents))]


async def categories_of_products(products: Sequence[UUID]) -> list[tuple[UUID, CategoryView]]:
    """Each product with a category it stands in, its first one first; nothing archived."""
    return [(row["product_id"], _category(row)) for row in await db.rows(OF_PRODUCTS, list(products))]
