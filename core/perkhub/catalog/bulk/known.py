"""What is there already of what many products name: read and locked in a few statements, whatever their number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from perkhub.catalog.attribute_values import defined_attributes
from perkhub.catalog.attributes import AttributeDraft
from perkhub.catalog.bulk.drafts import Amended, ProductUpsert, VariantUpsert
from perkhub.kit.db import Row, Transaction

# All of these in the order of their ids: two who bring in the same products never wait for each other in a circle.
PRODUCTS = """
    SELECT id, slug, kind, brand_id, name, description, how_to_use, minimum_validity_days, validity, validity_days,
           valid_until, refund, refund_days, buyer_inputs, attributes, tags, external_reference, metadata,
           private_metadata, version
    FROM product WHERE slug = ANY($1) OR external_reference = ANY($2) ORDER BY id FOR NO KEY UPDATE
"""
VARIANTS = """
    SELECT id, product_id, sku, name, face_value, face_least, face_most, face_step, face_currency, attributes,
           external_reference, metadata, private_metadata, position, version
    FROM variant WHERE product_id = ANY($1) OR sku = ANY($2) OR external_reference = ANY($3) ORDER BY id FOR NO KEY UPDATE
"""
LISTINGS = """
    SELECT id, channel_id, variant_id, version, taken, unit_price, published_from, published_until, quota,
           limit_per_customer, reference_price, reference_reason
    FROM listing WHERE variant_id = ANY($1) AND channel_id = ANY($2) ORDER BY id FOR NO KEY UPDATE
"""
SHELVES = """
    SELECT product_id, array_agg(category_id ORDER BY position) AS categories
    FROM product_category WHERE product_id = ANY($1) GROUP BY product_id
"""
LIVING_BRANDS = "SELECT id FROM brand WHERE id = ANY($1) AND archived_at IS NULL"
LIVING_CATEGORIES = "SELECT id FROM category WHERE id = ANY($1) AND archived_at IS NULL"


@dataclass
class Named:
    """What was named before, in this call or further up in the same file: nothing is named twice."""

    slugs: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    skus: set[str] = field(default_factory=set)
    variant_references: set[str] = field(default_factory=set)
    products: set[UUID] = field(default_factory=set)
    variants: set[UUID] = field(default_factory=set)

    def copy(self) -> "Named":
        """For a try that may fail."""
        return Named(**{one.name: set(getattr(self, one.name)) for one in fields(self)})


@dataclass
class Known:
    """The rows that are named, by what names them."""

    by_slug: dict[str, Row] = field(default_factory=dict)
    by_reference: dict[str, Row] = field(default_factory=dict)
    by_sku: dict[str, Row] = field(default_factory=dict)
    by_variant_reference: dict[str, Row] = field(default_factory=dict)
    last_position: dict[UUID, int] = field(default_factory=lambda: defaultdict(lambda: -1))
    listings: dict[tuple[UUID, UUID], Row] = field(default_factory=dict)
    shelves: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    attributes: dict[str, AttributeDraft] = field(default_factory=dict)
    brands: set[UUID] = field(default_factory=set)
    categories: set[UUID] = field(default_factory=set)


async def read_known(tx: Transaction, asked: Sequence[ProductUpsert]) -> Known:
    """Everything that these name, locked until the transaction ends."""
    known = Known()
    products = await tx.rows(PRODUCTS, _said(asked, "slug"), _said(asked, "external_reference"))
    known.by_slug = {row["slug"]: row for row in products}
    known.by_reference = {row["external_reference"]: row for row in products if row["external_reference"]}
    ids = [row["id"] for row in products]
    variants = await _read_variants(tx, known, ids, [one for product in asked for one in product.variants])
    channels = {listing.channel_id for product in asked for one in product.variants for listing in one.listings}
    if channels and variants:
        found = await tx.rows(LISTINGS, variants, list(channels))
        known.listings = {(row["channel_id"], row["variant_id"]): row for row in found}
    await _read_named(tx, known, asked, ids)
    return known


async def _read_variants(tx: Transaction, known: Known, products: list[UUID], asked: Sequence[VariantUpsert]) -> list[UUID]:
    if not asked:
        return []
    rows = await tx.rows(VARIANTS, products, _said(asked, "sku"), _said(asked, "external_reference"))
    for row in rows:
        known.by_sku[row["sku"]] = row
        if row["external_reference"]:
            known.by_variant_reference[row["external_reference"]] = row
        known.last_position[row["product_id"]] = max(known.last_position[row["product_id"]], row["position"])
    return [row["id"] for row in rows]


async def _read_named(tx: Transaction, known: Known, asked: Sequence[ProductUpsert], products: list[UUID]) -> None:
    everything: list[ProductUpsert | VariantUpsert] = [*asked, *(one for product in asked for one in product.variants)]
    if codes := {code for one in everything for code in _codes(one.changes.get("attributes"))}:
        known.attributes = await defined_attributes(tx, sorted(codes))
    if brands := set(_said(asked, "brand_id")):
        known.brands = {row["id"] for row in await tx.rows(LIVING_BRANDS, list(brands))}
    told = [one.changes["category_ids"] for one in asked if "category_ids" in one.changes]
    if told:
        known.shelves = {row["product_id"]: tuple(row["categories"]) for row in await tx.rows(SHELVES, products)}
        named = {category for categories in told for category in categories}
        known.categories = {row["id"] for row in await tx.rows(LIVING_CATEGORIES, list(named))}


def _said(asked: Iterable[ProductUpsert | VariantUpsert], field_name: str) -> list[Any]:
    return [value for one in asked if (value := one.changes.get(field_name))]


def _codes(attributes: Any) -> Iterable[str]:
    if attributes is None:
        return ()
    return attributes.entries if isinstance(attributes, Amended) else attributes
