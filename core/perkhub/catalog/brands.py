"""Setting up brands: made, changed and archived, each change against the version that its author read."""

import re
from dataclasses import dataclass, field, replace
from typing import TypedDict
from uuid import UUID

import orjson

from perkhub.catalog.errors import AlreadyNamed
from perkhub.catalog.naming import (
    LONGEST_NAME,
    LONGEST_TEXT,
    as_json,
    locked,
    names_kept_apart,
    refuse_odd_notes,
    refuse_odd_slug,
)
from perkhub.catalog.search.rebuild import Of, products_renamed
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_text, refuse_odd_texts

THING = ("brand", "品牌", "brandId")
ADDRESS = re.compile(r"https://[^\s/?#\\@]+(?:[/?#]\S*)?")
LONGEST_ADDRESS = 500

INSERT = """
    INSERT INTO brand (id, slug, name, description, logo_url, external_reference, metadata, private_metadata, version,
                       created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9) ON CONFLICT DO NOTHING RETURNING id
"""
SLUG_TAKEN = "SELECT true FROM brand WHERE slug = $1"
READ = """
    SELECT slug, name, description, logo_url, external_reference, metadata, private_metadata, version
    FROM brand WHERE id = $1 FOR NO KEY UPDATE
"""
CHANGE = """
    UPDATE brand SET slug = $2, name = $3, description = $4, logo_url = $5, external_reference = $6, metadata = $7,
                     private_metadata = $8, version = version + 1
    WHERE id = $1
"""
ARCHIVE = "UPDATE brand SET archived_at = coalesce(archived_at, $2), version = version + 1 WHERE id = $1"


@dataclass(frozen=True)
class BrandDraft:
    """What an operator says of a new brand."""

    slug: str
    name: dict[str, str]
    description: dict[str, str] = field(default_factory=dict)
    logo_url: str | None = None
    external_reference: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)


class BrandChanges(TypedDict, total=False):
    """What an operator changes of a brand; what is missing stays."""

    slug: str
    name: dict[str, str]
    description: dict[str, str]
    logo_url: str | None
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]


async def create_brand(tx: Transaction, draft: BrandDraft) -> UUID:
    """Record a brand.

    Raises:
        InvalidInput, AlreadyNamed.
    """
    _refuse_odd(draft)
    made: UUID | None = await tx.value(INSERT, new_id(), *_values(draft), now())
    if made is None:
        raise AlreadyNamed("slug" if await tx.value(SLUG_TAKEN, draft.slug) else "externalReference")
    tx.note_change("brand", made, after=draft)
    return made


async def update_brand(tx: Transaction, brand: UUID, changes: BrandChanges, *, expected_version: int) -> None:
    """Change a brand, archived or not.

    Raises:
        NotFound, VersionMoved, InvalidInput, AlreadyNamed.
    """
    row = await locked(tx, READ, brand, expected_version=expected_version, thing=THING)
    before = _draft_from(row)
    changed = replace(before, **changes)
    _refuse_odd(changed)
    with names_kept_apart(slug="slug", external_reference="externalReference"):
        await tx.execute(CHANGE, brand, *_values(changed))
    tx.note_change("brand", brand, before=before, after=changed)
    if changed.name != before.name:
        products_renamed(tx, Of.BRAND, brand)


async def archive_brand(tx: Transaction, brand: UUID, *, expected_version: int) -> None:
    """Take a brand off the lists of brands; its products are sold on, and new ones cannot be given to it.

    Raises:
        NotFound, VersionMoved.
    """
    await locked(tx, READ, brand, expected_version=expected_version, thing=THING)
    await tx.execute(ARCHIVE, brand, now())
    tx.note_change("brand", brand, before={"archived": False}, after={"archived": True})


def _values(draft: BrandDraft) -> list[str | None]:
    texts = [as_json(draft.name), as_json(draft.description)]
    notes = [as_json(draft.metadata), as_json(draft.private_metadata)]
    return [draft.slug, *texts, draft.logo_url, draft.external_reference, *notes]


def _draft_from(row: Row) -> BrandDraft:
    kept = {name: orjson.loads(row[name]) for name in ("name", "description", "metadata", "private_metadata")}
    return BrandDraft(slug=row["slug"], logo_url=row["logo_url"], external_reference=row["external_reference"], **kept)


def _refuse_odd(draft: BrandDraft) -> None:
    refuse_odd_slug(draft.slug)
    refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)
    refuse_odd_texts(draft.description, "description", longest=LONGEST_TEXT, lines=True)
    if draft.logo_url is not None:
        refuse_odd_text(draft.logo_url, "logoUrl", longest=LONGEST_ADDRESS)
        if not ADDRESS.fullmatch(draft.logo_url):
            reason, reason_zh = "An https:// address.", "须为 https:// 地址。"
            raise InvalidInput(path=("logoUrl",), reason=reason, reason_zh=reason_zh)
    refuse_odd_notes(draft)
