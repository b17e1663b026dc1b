"""Setting up products: made, changed and archived, each change against the version that its author read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict
from uuid import UUID

import orjson

from perkhub.catalog.attribute_values import checked_values
from perkhub.catalog.buyer_inputs import BuyerInput, inputs_as_data, inputs_from_json, refuse_odd_inputs
from perkhub.catalog.categories import put_on_shelves
from perkhub.catalog.errors import AlreadyNamed
from perkhub.catalog.models import BenefitKind, RefundKind, ValidityKind
from perkhub.catalog.naming import (
    LONGEST_NAME,
    LONGEST_TEXT,
    as_values,
    locked,
    names_kept_apart,
    odd_notes,
    refuse_odd_slug,
    refuse_odd_tags,
)
from perkhub.catalog.policies import (
    AS_PRINTED,
    LONGEST_VALIDITY,
    UNTIL_SEEN,
    RefundPolicy,
    Validity,
    refuse_odd_refund,
    refuse_odd_validity,
)
from perkhub.catalog.search.index import product_changed
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import DomainError, InvalidInput, NotFound, faults_told
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_texts

THING = ("product", "商品", "productId")

INSERT = """
    INSERT INTO product (id, kind, slug, name, description, how_to_use, brand_id, minimum_validity_days, validity,
                         validity_days, valid_until, refund, refund_days, buyer_inputs, attributes, tags, external_reference,
                         metadata, private_metadata, version, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1, $20, $20)
    ON CONFLICT DO NOTHING RETURNING id
"""
SLUG_TAKEN = "SELECT true FROM product WHERE slug = $1"
READ = """
    SELECT slug, kind, brand_id, name, description, how_to_use, minimum_validity_days, validity, validity_days, valid_until,
           refund, refund_days, buyer_inputs, attributes, tags, external_reference, metadata, private_metadata, version
    FROM product WHERE id = $1 FOR NO KEY UPDATE
"""
CHANGE = """
    UPDATE product SET slug = $2, name = $3, description = $4, how_to_use = $5, brand_id = $6, minimum_validity_days = $7,
                       validity = $8, validity_days = $9, valid_until = $10, refund = $11, refund_days = $12,
                       buyer_inputs = $13, attributes = $14, tags = $15, external_reference = $16, metadata = $17,
                       private_metadata = $18, version = version + 1
    WHERE id = $1
"""
ARCHIVE = "UPDATE product SET archived_at = coalesce(archived_at, $2), version = version + 1 WHERE id = $1"
LIVING_BRAND = "SELECT true FROM brand WHERE id = $1 AND archived_at IS NULL"


@dataclass(frozen=True)
class ProductDraft:
    """What an operator says of a new product."""

    slug: str
    name: dict[str, str]
    kind: BenefitKind = BenefitKind.CODE
    brand_id: UUID | None = None
    description: dict[str, str] = field(default_factory=dict)
    how_to_use: dict[str, str] = field(default_factory=dict)
    minimum_validity_days: int = 0
    validity: Validity = AS_PRINTED
    refund_policy: RefundPolicy = UNTIL_SEEN
    buyer_inputs: tuple[BuyerInput, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    external_reference: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)
    category_ids: tuple[UUID, ...] = ()


class ProductChanges(TypedDict, total=False):
    """What an operator changes of a product; what is missing stays. Its kind stays for ever: codes were sold by it."""

    slug: str
    name: dict[str, str]
    brand_id: UUID | None
    description: dict[str, str]
    how_to_use: dict[str, str]
    minimum_validity_days: int
    validity: Validity
    refund_policy: RefundPolicy
    buyer_inputs: tuple[BuyerInput, ...]
    attributes: Mapping[str, Any]
    tags: tuple[str, ...]
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]
    category_ids: tuple[UUID, ...]


async def create_product(tx: Transaction, draft: ProductDraft) -> UUID:
    """Record a product, and put it into its categories.

    Raises:
        InvalidInput, AlreadyNamed; NotFound for a brand or category that is not there any more.
    """
    _refuse_odd(draft)
    await _refuse_lost_brand(tx, draft.brand_id)
    draft = replace(draft, attributes=await checked_values(tx, draft.attributes))
    made: UUID | None = await tx.value(INSERT, new_id(), str(draft.kind), *as_values(product_record(draft)), now())
    if made is None:
        raise AlreadyNamed("slug" if await tx.value(SLUG_TAKEN, draft.slug) else "externalReference")
    if draft.category_ids:
        await put_on_shelves(tx, made, draft.category_ids)
    tx.note_change("product", made, after=draft)
    product_changed(tx, made)
    return made


async def update_product(tx: Transaction, product: UUID, changes: ProductChanges, *, expected_version: int) -> None:
    """Change a product, archived or not: holders go on reading how to use what they bought.

    Raises:
        NotFound, VersionMoved, InvalidInput, AlreadyNamed.
    """
    kept = product_from(await locked(tx, READ, product, expected_version=expected_version, thing=THING))
    changed = replace(kept, **changes)
    _refuse_odd(changed)
    if changed.brand_id != kept.brand_id:
        await _refuse_lost_brand(tx, changed.brand_id)
    if "attributes" in changes:
        changed = replace(changed, attributes=await checked_values(tx, changes["attributes"]))
    with names_kept_apart(slug="slug", external_reference="externalReference"):
        await tx.execute(CHANGE, product, *as_values(product_record(changed)))
    if "category_ids" in changes:
        await put_on_shelves(tx, product, changed.category_ids)
    tx.note_change("product", product, before=kept, after=changed)
    product_changed(tx, product)


async def archive_product(tx: Transaction, product: UUID, *, expected_version: int) -> None:
    """Take a product off every channel, for good; whoever bought it keeps it.

    Raises:
        NotFound, VersionMoved.
    """
    await locked(tx, READ, product, expected_version=expected_version, thing=THING)
    await tx.execute(ARCHIVE, product, now())
    tx.note_change("product", product, before={"archived": False}, after={"archived": True})
    product_changed(tx, product)


async def _refuse_lost_brand(tx: Transaction, brand: UUID | None) -> None:
    if brand is not None and await tx.value(LIVING_BRAND, brand) is None:
        raise NotFound("brand", "品牌", path=("brandId",))


def product_record(draft: ProductDraft) -> dict[str, Any]:
    """By the names of the columns, in the order in which the statements take them."""
    return {
        "slug": draft.slug,
        "name": draft.name,
        "description": draft.description,
        "how_to_use": draft.how_to_use,
        "brand_id": draft.brand_id,
        "minimum_validity_days": draft.minimum_validity_days,
        "validity": str(draft.validity.kind),
        "validity_days": draft.validity.days,
        "valid_until": draft.validity.until,
        "refund": str(draft.refund_policy.kind),
        "refund_days": draft.refund_policy.days,
        "buyer_inputs": inputs_as_data(draft.buyer_inputs),
        "attributes": draft.attributes,
        "tags": draft.tags,
        "external_reference": draft.external_reference,
        "metadata": draft.metadata,
        "private_metadata": draft.private_metadata,
    }


def product_from(row: Row) -> ProductDraft:
    """A row as what an operator said; of its categories it knows nothing."""
    kept = ("name", "description", "how_to_use", "attributes", "metadata", "private_metadata")
    return ProductDraft(
        slug=row["slug"],
        kind=BenefitKind(row["kind"]),
        brand_id=row["brand_id"],
        minimum_validity_days=row["minimum_validity_days"],
        validity=Validity(ValidityKind(row["validity"]), row["validity_days"], row["valid_until"]),
        refund_policy=RefundPolicy(RefundKind(row["refund"]), row["refund_days"]),
        buyer_inputs=inputs_from_json(row["buyer_inputs"]),
        tags=tuple(row["tags"]),
        external_reference=row["external_reference"],
        **{name: orjson.loads(row[name]) for name in kept},
    )


def _refuse_odd(draft: ProductDraft) -> None:
    for _, refusal in product_faults(draft):
        raise refusal


def product_faults(draft: ProductDraft) -> Iterator[tuple[str, DomainError]]:
    """What of a draft cannot be by itself: the field, and why."""
    yield from faults_told(
        ("slug", lambda: refuse_odd_slug(draft.slug)),
        ("name", lambda: refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)),
        ("description", lambda: refuse_odd_texts(draft.description, "description", longest=LONGEST_TEXT, lines=True)),
        ("how_to_use", lambda: refuse_odd_texts(draft.how_to_use, "howToUse", longest=LONGEST_TEXT, lines=True)),
        ("minimum_validity_days", lambda: _refuse_odd_minimum(draft.minimum_validity_days)),
        ("validity", lambda: refuse_odd_validity(draft.validity)),
        ("refund_policy", lambda: refuse_odd_refund(draft.refund_policy)),
        ("buyer_inputs", lambda: refuse_odd_inputs(draft.buyer_inputs)),
        ("tags", lambda: refuse_odd_tags(draft.tags)),
    )
    yield from odd_notes(draft)


def _refuse_odd_minimum(days: int) -> None:
    if not 0 <= days <= LONGEST_VALIDITY:
        reason, reason_zh = f"Between 0 and {LONGEST_VALIDITY} days.", f"须在 0 至 {LONGEST_VALIDITY} 天之间。"
        raise InvalidInput(path=("minimumValidityDays",), reason=reason, reason_zh=reason_zh)
