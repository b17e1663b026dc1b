"""Reading definitions of attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.catalog.attributes import AttributeDraft, draft_from
from perkhub.kit import db

COLUMNS = "id, code, type, name, options, unit, filterable, version, archived_at"
BY_IDS = f"SELECT {COLUMNS} FROM attribute WHERE id = ANY($1)"
BY_CODES = f"SELECT {COLUMNS} FROM attribute WHERE code = ANY($1)"
EVERY = f"""
    SELECT {COLUMNS} FROM attribute
    WHERE ($1::uuid IS NULL OR id < $1) AND archived_at IS NULL AND ($2::boolean IS NULL OR filterable = $2)
    ORDER BY id DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class AttributeView:
    """An attribute as it is defined."""

    id: UUID
    defined: AttributeDraft
    version: int
    archived_at: datetime | None


def _attribute(row: db.Row) -> AttributeView:
    return AttributeView(row["id"], draft_from(row), row["version"], row["archived_at"])


async def attribute_views(ids: Sequence[UUID]) -> list[AttributeView]:
    """Attributes by id, archived ones too."""
    return [_attribute(row) for row in await db.rows(BY_IDS, list(ids))]


async def attributes_by_codes(codes: Sequence[str]) -> list[AttributeView]:
    """Attributes by code, archived ones too."""
    return [_attribute(row) for row in await db.rows(BY_CODES, list(codes))]


async def every_attribute(
    *, before: UUID | None = None, filterable: bool | None = None, limit: int = 20
) -> list[AttributeView]:
    """All attributes in use, newest first; with `filterable`, those that shops filter by, or those they do not."""
    return [_attribute(row) for row in await db.rows(EVERY, before, filterable, limit)]
