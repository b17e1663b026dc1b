"""Reading brands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from perkhub.kit import db

COLUMNS = "id, slug, name, description, logo_url, external_reference, metadata, private_metadata, version, archived_at"
BY_IDS = f"SELECT {COLUMNS} FROM brand WHERE id = ANY($1)"
BY_SLUG = f"SELECT {COLUMNS} FROM brand WHERE slug = $1"
BY_REFERENCE = f"SELECT {COLUMNS} FROM brand WHERE external_reference = $1"
EVERY = f"""
    SELECT {COLUMNS} FROM brand
    WHERE ($1::uuid IS NULL OR id < $1) AND ($2 OR archived_at IS NULL) ORDER BY id DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class BrandView:
    """A brand; texts by language."""

    id: UUID
    slug: str
    name: dict[str, str]
    description: dict[str, str]
    logo_url: str | None
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]
    version: int
    archived_at: datetime | None


def _brand(row: db.Row) -> BrandView:
    texts = {name: orjson.loads(row[name]) for name in ("name", "description", "metadata", "private_metadata")}
    return BrandView(**{**dict(row), **texts})


async def brand_views(ids: Sequence[UUID]) -> list[BrandView]:
    """Brands by id, archived ones too: their products are still sold."""
    return [_brand(row) for row in await db.rows(BY_IDS, list(ids))]


async def brand_by_slug(slug: str) -> BrandView | None:
    """The brand of this slug."""
    row = await db.row(BY_SLUG, slug)
    return None if row is None else _brand(row)


async def brand_by_reference(reference: str) -> BrandView | None:
    """The brand that another system knows by this reference."""
    row = await db.row(BY_REFERENCE, reference)
    return None if row is None else _brand(row)


async def every_brand(*, before: UUID | None = None, archived: bool = False, limit: int = 20) -> list[BrandView]:
    """All brands, newest first; archived ones only where asked."""
    return [_brand(row) for row in await db.rows(EVERY, before, archived, limit)]
