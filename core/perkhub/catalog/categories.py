"""Setting up categories: made, changed and archived. Where they stand in the tree is `tree`'s."""

from collections.abc import Sequence
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
from perkhub.catalog.tree import hold_tree, path_below, place_among_siblings
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_texts

THING = ("category", "分类", "categoryId")
MOST_SHELVES = 20

INSERT = """
    INSERT INTO category (id, parent_id, path, position, slug, name, description, external_reference, metadata,
                          private_metadata, version, created_at)
    VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, 1, $10) ON CONFLICT DO NOTHING RETURNING id
"""
SLUG_TAKEN = "SELECT true FROM category WHERE slug = $1"
READ = """
    SELECT slug, name, description, external_reference, metadata, private_metadata, version
    FROM category WHERE id = $1 FOR NO KEY UPDATE
"""
CHANGE = """
    UPDATE category SET slug = $2, name = $3, description = $4, external_reference = $5, metadata = $6,
                        private_metadata = $7, version = version + 1
    WHERE id = $1
"""
# What hangs below goes with it.
ARCHIVE = """
    UPDATE category SET archived_at = coalesce(archived_at, $2), version = version + 1 WHERE path @> ARRAY[$1::uuid]
"""
LIVING = "SELECT id FROM category WHERE id = ANY($1) AND archived_at IS NULL"
OFF_ALL_SHELVES = "DELETE FROM product_category WHERE product_id = $1"
# Kept in the order that was given: the first is where the product's breadcrumb leads.
ON_SHELVES = """
    INSERT INTO product_category (id, product_id, category_id, position)
    SELECT s.id, $1, s.category_id, s.position - 1
    FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS s(id, category_id, position)
"""


@dataclass(frozen=True)
class CategoryDraft:
    """What an operator says of a new category."""

    slug: str
    name: dict[str, str]
    description: dict[str, str] = field(default_factory=dict)
    external_reference: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)


class CategoryChanges(TypedDict, total=False):
    """What an operator changes of a category; what is missing stays."""

    slug: str
    name: dict[str, str]
    description: dict[str, str]
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]


async def create_category(
    tx: Transaction, draft: CategoryDraft, *, parent: UUID | None = None, position: int | None = None
) -> UUID:
    """Record a category below its parent, or as a root; among its siblings at `position`, or last.

    Raises:
        InvalidInput, NotFound, AlreadyNamed.
    """
    _refuse_odd(draft)
    await hold_tree(tx)
    category = new_id()
    path = await path_below(tx, parent, category)
    made = await tx.value(INSERT, category, parent, path, *_values(draft), now())
    if made is None:
        raise AlreadyNamed("slug" if await tx.value(SLUG_TAKEN, draft.slug) else "externalReference")
    await place_among_siblings(tx, category, parent, position)
    tx.note_change("category", category, after={"parent": parent, **vars(draft)})
    return category


async def update_category(tx: Transaction, category: UUID, changes: CategoryChanges, *, expected_version: int) -> None:
    """Change what a category is called and says, archived or not.

    Raises:
        NotFound, VersionMoved, InvalidInput, AlreadyNamed.
    """
    row = await locked(tx, READ, category, expected_version=expected_version, thing=THING)
    before = _draft_from(row)
    changed = replace(before, **changes)
    _refuse_odd(changed)
    with names_kept_apart(slug="slug", external_reference="externalReference"):
        await tx.execute(CHANGE, category, *_values(changed))
    tx.note_change("category", category, before=before, after=changed)
    if changed.name != before.name:
        products_renamed(tx, Of.CATEGORY, category)


async def archive_category(tx: Transaction, category: UUID, *, expected_version: int) -> None:
    """Take a category, and all below it, out of the shop. Its products are sold on.

    Raises:
        NotFound, VersionMoved.
    """
    await hold_tree(tx)
    await locked(tx, READ, category, expected_version=expected_version, thing=THING)
    await tx.execute(ARCHIVE, category, now())
    tx.note_change("category", category, before={"archived": False}, after={"archived": True})
    products_renamed(tx, Of.CATEGORY, category)


async def put_on_shelves(tx: Transaction, product: UUID, categories: Sequence[UUID]) -> None:
    """Let the product stand in exactly these categories, in this order.

    Raises:
        InvalidInput: too many, or one twice. NotFound: no such category, or an archived one.
    """
    refuse_odd_shelves(categories)
    living = {row["id"] for row in await tx.rows(LIVING, list(categories))} if categories else set()
    for place, category in enumerate(categories):
        if category not in living:
            raise NotFound("category", "分类", path=("categoryIds", str(place)))
    await tx.execute(OFF_ALL_SHELVES, product)
    if categories:
        await tx.execute(ON_SHELVES, product, [new_id() for _ in categories], list(categories))


def refuse_odd_shelves(categories: Sequence[UUID]) -> None:
    """Go on with a few categories, each once.

    Raises:
        InvalidInput.
    """
    if len(categories) > MOST_SHELVES:
        reason, reason_zh = f"At most {MOST_SHELVES} categories.", f"最多 {MOST_SHELVES} 个分类。"
        raise InvalidInput(path=("categoryIds",), reason=reason, reason_zh=reason_zh)
    if len(set(categories)) < len(categories):
        reason, reason_zh = "Name each category once.", "同一分类只能出现一次。"
        raise InvalidInput(path=("categoryIds",), reason=reason, reason_zh=reason_zh)


def _values(draft: CategoryDraft) -> list[str | None]:
    notes = [draft.external_reference, as_json(draft.metadata), as_json(draft.private_metadata)]
    return [draft.slug, as_json(draft.name), as_json(draft.description), *notes]


def _draft_from(row: Row) -> CategoryDraft:
    kept = {name: orjson.loads(row[name]) for name in ("name", "description", "metadata", "private_metadata")}
    return CategoryDraft(slug=row["slug"], external_reference=row["external_reference"], **kept)


def _refuse_odd(draft: CategoryDraft) -> None:
    refuse_odd_slug(draft.slug)
    refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)
    refuse_odd_texts(draft.description, "description", longest=LONGEST_TEXT, lines=True)
    refuse_odd_notes(draft)
