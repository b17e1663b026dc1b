"""Setting up collections: products put together by a rule, by hand, or both; those picked by hand stand first."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict
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
from perkhub.catalog.rule_data import rule_as_data, rule_from_data
from perkhub.catalog.rules import Rule, checked_rule
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_texts

THING = ("collection", "商品集", "collectionId")
MOST_PICKS = 500

INSERT = """
    INSERT INTO collection (id, slug, name, description, rule, external_reference, metadata, private_metadata, version,
                            created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9) ON CONFLICT DO NOTHING RETURNING id
"""
SLUG_TAKEN = "SELECT true FROM collection WHERE slug = $1"
READ = """
    SELECT slug, name, description, rule, external_reference, metadata, private_metadata, version,
           ARRAY(SELECT product_id FROM collection_product WHERE collection_id = id ORDER BY position) AS picks
    FROM collection WHERE id = $1 FOR NO KEY UPDATE
"""
CHANGE = """
    UPDATE collection SET slug = $2, name = $3, description = $4, rule = $5, external_reference = $6, metadata = $7,
                          private_metadata = $8, version = version + 1
    WHERE id = $1
"""
ARCHIVE = "UPDATE collection SET archived_at = coalesce(archived_at, $2), version = version + 1 WHERE id = $1"
PRODUCTS = "SELECT id FROM product WHERE id = ANY($1)"
UNPICK = "DELETE FROM collection_product WHERE collection_id = $1"
PICK = """
    INSERT INTO collection_product (id, collection_id, product_id, position)
    SELECT s.id, $1, s.product_id, s.position - 1
    FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS s(id, product_id, position)
"""


@dataclass(frozen=True)
class CollectionDraft:
    """What an operator says of a new collection."""

    slug: str
    name: dict[str, str]
    description: dict[str, str] = field(default_factory=dict)
    rule: Rule | None = None
    product_ids: tuple[UUID, ...] = ()
    external_reference: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)


class CollectionChanges(TypedDict, total=False):
    """What an operator changes of a collection; what is missing stays."""

    slug: str
    name: dict[str, str]
    description: dict[str, str]
    rule: Rule | None
    product_ids: tuple[UUID, ...]
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]


async def create_collection(tx: Transaction, draft: CollectionDraft) -> UUID:
    """Record a collection.

    Raises:
        InvalidInput, AlreadyNamed; NotFound for what its rule or its picks name.
    """
    _refuse_odd(draft)
    if draft.rule is not None:
        draft = replace(draft, rule=await checked_rule(tx, draft.rule))
    made: UUID | None = await tx.value(INSERT, new_id(), *_values(draft), now())
    if made is None:
        raise AlreadyNamed("slug" if await tx.value(SLUG_TAKEN, draft.slug) else "externalReference")
    await _pick(tx, made, draft.product_ids)
    tx.note_change("collection", made, after=draft)
    return made


async def update_collection(tx: Transaction, collection: UUID, changes: CollectionChanges, *, expected_version: int) -> None:
    """Change a collection, archived or not.

    Raises:
        NotFound, VersionMoved, InvalidInput, AlreadyNamed.
    """
    before = _draft_from(await locked(tx, READ, collection, expected_version=expected_version, thing=THING))
    changed = replace(before, **changes)
    _refuse_odd(changed)
    if changed.rule is not None and "rule" in changes:
        changed = replace(changed, rule=await checked_rule(tx, changed.rule))
    with names_kept_apart(slug="slug", external_reference="externalReference"):
        await tx.execute(CHANGE, collection, *_values(changed))
    if "product_ids" in changes:
        await tx.execute(UNPICK, collection)
        await _pick(tx, collection, changed.product_ids)
    tx.note_change("collection", collection, before=before, after=changed)


async def archive_collection(tx: Transaction, collection: UUID, *, expected_version: int) -> None:
    """Take a collection out of the shop, for good; its products are sold on.

    Raises:
        NotFound, VersionMoved.
    """
    await locked(tx, READ, collection, expected_version=expected_version, thing=THING)
    await tx.execute(ARCHIVE, collection, now())
    tx.note_change("collection", collection, before={"archived": False}, after={"archived": True})


async def _pick(tx: Transaction, collection: UUID, products: Sequence[UUID]) -> None:
    if not products:
        return
    known = {row["id"] for row in await tx.rows(PRODUCTS, list(products))}
    for place, product in enumerate(products):
        if product not in known:
            raise NotFound("product", "商品", path=("productIds", str(place)))
    await tx.execute(PICK, collection, [new_id() for _ in products], list(products))


def _values(draft: CollectionDraft) -> list[Any]:
    rule = None if draft.rule is None else as_json(rule_as_data(draft.rule))
    notes = [draft.external_reference, as_json(draft.metadata), as_json(draft.private_metadata)]
    return [draft.slug, as_json(draft.name), as_json(draft.description), rule, *notes]


def _draft_from(row: Row) -> CollectionDraft:
    kept = {name: orjson.loads(row[name]) for name in ("name", "description", "metadata", "private_metadata")}
    rule = None if row["rule"] is None else rule_from_data(orjson.loads(row["rule"]))
    reference = row["external_reference"]
    return CollectionDraft(row["slug"], rule=rule, product_ids=tuple(row["picks"]), external_reference=reference, **kept)


def _refuse_odd(draft: CollectionDraft) -> None:
    refuse_odd_slug(draft.slug)
    refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)
    refuse_odd_texts(draft.description, "description", longest=LONGEST_TEXT, lines=True)
    if len(draft.product_ids) > MOST_PICKS or len(set(draft.product_ids)) < len(draft.product_ids):
        reason, reason_zh = f"At most {MOST_PICKS} products, each once.", f"最多 {MOST_PICKS} 个商品,且不能重复。"
        raise InvalidInput(path=("productIds",), reason=reason, reason_zh=reason_zh)
    refuse_odd_notes(draft)
