"""Reading products and variants as a shop shows them: those that a channel sells now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from perkhub.catalog.buyer_inputs import BuyerInput, inputs_from_json
from perkhub.catalog.face_values import FaceRange, range_from
from perkhub.catalog.models import RefundKind, ValidityKind
from perkhub.catalog.policies import RefundPolicy, Validity
from perkhub.catalog.remembered import RememberedRows
from perkhub.kit import db
from perkhub.kit.clock import now

PRODUCT = """p.id, p.slug, p.kind, p.brand_id, p.name, p.description, p.how_to_use, p.minimum_validity_days,
             p.validity, p.validity_days, p.valid_until, p.refund, p.refund_days, p.buyer_inputs, p.attributes, p.tags,
             p.external_reference, p.metadata, p.private_metadata, p.version, p.archived_at"""
PRODUCTS_BY_IDS = f"SELECT {PRODUCT} FROM product p WHERE p.id = ANY($1)"
PRODUCT_BY_SLUG = f"SELECT {PRODUCT} FROM product p WHERE p.slug = $1"
# A product is shown where at least one of its variants is on sale at this moment.
ON_SALE = """EXISTS (SELECT 1 FROM listing l JOIN variant v ON v.id = l.variant_id AND v.archived_at IS NULL
                     WHERE l.product_id = p.id AND l.channel_id = $1 AND l.published_from <= $2
                       AND (l.published_until IS NULL OR l.published_until > $2))"""
IS_ON_SALE = f"SELECT true FROM product p WHERE p.id = $3 AND p.archived_at IS NULL AND {ON_SALE}"
NAMED_IN = {
    column: f"SELECT {PRODUCT}, p.archived_at IS NULL AND {ON_SALE} AS on_sale FROM product p WHERE p.{column} = $3"
    for column in ("id", "slug", "external_reference")
}
VARIANT = """v.id, v.product_id, v.sku, v.name, v.face_value, v.face_least, v.face_most, v.face_step,
             v.face_currency, v.position, v.attributes, v.external_reference, v.metadata, v.private_metadata,
             v.version, v.archived_at"""
VARIANTS_BY_IDS = f"SELECT {VARIANT} FROM variant v WHERE v.id = ANY($1)"
VARIANT_BY_SKU = f"SELECT {VARIANT} FROM variant v WHERE v.sku = $1"
VARIANT_BY_REFERENCE = f"SELECT {VARIANT} FROM variant v WHERE v.external_reference = $1"
VARIANTS_OF_PRODUCTS = f"""
    SELECT {VARIANT} FROM variant v
    WHERE v.product_id = ANY($1) AND v.archived_at IS NULL ORDER BY v.product_id, v.position, v.id
"""
LISTINGS = """
    SELECT l.id, l.channel_id, l.variant_id, l.unit_price, l.published_from, l.published_until, l.quota, l.taken,
           l.limit_per_customer, l.version, l.reference_price, l.reference_reason
    FROM listing l WHERE l.variant_id = ANY($1) ORDER BY l.variant_id, l.id
"""


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product; texts by language."""

    id: UUID
    slug: str
    kind: str
    brand_id: UUID | None
    name: dict[str, str]
    description: dict[str, str]
    how_to_use: dict[str, str]
    minimum_validity_days: int
    validity: Validity
    refund_policy: RefundPolicy
    buyer_inputs: tuple[BuyerInput, ...]
    attributes: dict[str, Any]
    tags: tuple[str, ...]
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]
    version: int
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class VariantView:
    """A buyable form of a product."""

    id: UUID
    product_id: UUID
    sku: str
    name: dict[str, str]
    face_value: Decimal | None
    face_range: FaceRange | None
    face_currency: str | None
    position: int
    attributes: dict[str, Any]
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]
    version: int
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListingView:
    """A variant in a channel, as an operator sees it; `unit_price` in the channel's currency."""

    id: UUID
    channel_id: UUID
    variant_id: UUID
    unit_price: Decimal
    published_from: datetime
    published_until: datetime | None
    quota: int | None
    taken: int
    limit_per_customer: int | None
    version: int
    reference_price: Decimal | None
    reference_reason: str | None


def _product(row: db.Row) -> ProductView:
    return ProductView(
        id=row["id"],
        slug=row["slug"],
        kind=row["kind"],
        brand_id=row["brand_id"],
        name=orjson.loads(row["name"]),
        description=orjson.loads(row["description"]),
        how_to_use=orjson.loads(row["how_to_use"]),
        minimum_validity_days=row["minimum_validity_days"],
        validity=Validity(ValidityKind(row["validity"]), row["validity_days"], row["valid_until"]),
        refund_policy=RefundPolicy(RefundKind(row["refund"]), row["refund_days"]),
        buyer_inputs=inputs_from_json(row["buyer_inputs"]),
        attributes=orjson.loads(row["attributes"]),
        tags=tuple(row["tags"]),
        external_reference=row["external_reference"],
        metadata=orjson.loads(row["metadata"]),
        private_metadata=orjson.loads(row["private_metadata"]),
        version=row["version"],
        archived_at=row["archived_at"],
    )


def _variant(row: db.Row) -> VariantView:
    texts = {name: orjson.loads(row[name]) for name in ("name", "attributes", "metadata", "private_metadata")}
    plain = {name: value for name, value in row.items() if name not in ("face_least", "face_most", "face_step")}
    return VariantView(**{**plain, **texts}, face_range=range_from(row))


# Out of the columns of `PRODUCT`, and of `VARIANT`.
to_product_view = RememberedRows(_product, "name", "description", "how_to_use", "buyer_inputs", "metadata", "private_metadata")
to_variant_view = RememberedRows(_variant, "name", "metadata", "private_metadata")


async def product_views(ids: Sequence[UUID]) -> list[ProductView]:
    """Products by id, whether on sale or not."""
    return [to_product_view(row) for row in await db.rows(PRODUCTS_BY_IDS, list(ids))]


async def product_by_slug(slug: str) -> ProductView | None:
    """The product of this slug."""
    row = await db.row(PRODUCT_BY_SLUG, slug)
    return None if row is None else to_product_view(row)


async def named_product(
    channel: UUID, *, id: UUID | None = None, slug: str | None = None, external_reference: str | None = None
) -> tuple[ProductView, bool] | None:
    """The product of this id, slug or reference, and whether the channel sells any variant of it now."""
    given = {"id": id, "slug": slug, "external_reference": external_reference}
    [(column, value)] = [(column, value) for column, value in given.items() if value is not None]
    row = await db.row(NAMED_IN[column], channel, now(), value)
    return None if row is None else (to_product_view(row), row["on_sale"])


async def is_on_sale(product: UUID, *, channel: UUID) -> bool:
    """Whether the channel sells any variant of the product now."""
    return await db.value(IS_ON_SALE, channel, now(), product) is not None


async def variant_views(ids: Sequence[UUID]) -> list[VariantView]:
    """Variants by id."""
    return [to_variant_view(row) for row in await db.rows(VARIANTS_BY_IDS, list(ids))]


async def variant_by_sku(sku: str) -> VariantView | None:
    """The variant of this SKU."""
    row = await db.row(VARIANT_BY_SKU, sku)
    return None if row is None else to_variant_view(row)


async def variant_by_reference(reference: str) -> VariantView | None:
    """The variant that another system knows by this reference."""
    row = await db.row(VARIANT_BY_REFERENCE, reference)
    return None if row is None else to_variant_view(row)


async def variants_of_products(products: Sequence[UUID]) -> list[VariantView]:
    """Variants by product, in their order; nothing archived."""
    return [to_variant_view(row) for row in await db.rows(VARIANTS_OF_PRODUCTS, list(products))]


async def listings_of_variants(variants: Sequence[UUID]) -> list[ListingView]:
    """Every channel's listing of these variants, for operators."""
    return [ListingView(**dict(row)) for row in await db.rows(LISTINGS, list(variants))]
