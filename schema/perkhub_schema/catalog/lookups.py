"""Finding brands, categories and variants: by id, by name, and by the reference another system knows them by."""

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import (
    brand_by_reference,
    brand_by_slug,
    brand_views,
    category_by_reference,
    category_by_slug,
    category_views,
    every_brand,
    every_category,
    offers,
    root_categories,
    variant_by_reference,
    variant_by_sku,
    variant_views,
)
from perkhub.kit.errors import InvalidInput
from perkhub_schema.catalog.brands import BrandType, to_brand
from perkhub_schema.catalog.categories import CategoryType, to_category
from perkhub_schema.catalog.types import VariantType, to_variant
from perkhub_schema.graphql.access import PUBLIC, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id


def only_one(**given: str | None) -> tuple[str, str]:
    """The one argument by which a thing is asked for, and its value.

    Raises:
        InvalidInput: none, or more than one.
    """
    said = [(name, value) for name, value in given.items() if value is not None]
    if len(said) != 1:
        names = ", ".join(given)
        raise InvalidInput(
            path=(next(iter(given)),), reason=f"Give exactly one of {names}.", reason_zh=f"请且仅提供以下之一:{names}。"
        )
    return said[0]


def keeps_catalog(info: Info) -> bool:
    """Whether the viewer sees what is out of the shop, too."""
    return info.context.identity.may(Permission.MANAGE_CATALOG)


@strawberry.type
class CatalogLookups:
    @query(PUBLIC, "A brand by id, slug or external reference; null when there is none. Archived ones are for staff.")
    async def brand(
        self, info: Info, id: strawberry.ID | None = None, slug: str | None = None, external_reference: str | None = None
    ) -> BrandType | None:
        by, value = only_one(id=id, slug=slug, externalReference=external_reference)
        if by == "id":
            found = next(iter(await brand_views([local_id(Kind.BRAND, value, "id")])), None)
        else:
            found = await (brand_by_slug if by == "slug" else brand_by_reference)(value)
        if found is None or (found.archived_at is not None and not keeps_catalog(info)):
            return None
        return to_brand(found)

    @query(PUBLIC, "The brands of the house, newest first.")
    async def brands(self, first: int | None = None, after: str | None = None) -> Connection[BrandType]:
        return await _brands(first, after, archived=False)

    @query(requires(Permission.MANAGE_CATALOG), "Every brand, archived ones too, newest first.")
    async def all_brands(self, first: int | None = None, after: str | None = None) -> Connection[BrandType]:
        return await _brands(first, after, archived=True)

    @query(PUBLIC, "A category by id, slug or external reference; null when there is none. Archived ones are for staff.")
    async def category(
        self, info: Info, id: strawberry.ID | None = None, slug: str | None = None, external_reference: str | None = None
    ) -> CategoryType | None:
        by, value = only_one(id=id, slug=slug, externalReference=external_reference)
        if by == "id":
            found = next(iter(await category_views([local_id(Kind.CATEGORY, value, "id")])), None)
        else:
            found = await (category_by_slug if by == "slug" else category_by_reference)(value)
        if found is None or (found.archived_at is not None and not keeps_catalog(info)):
            return None
        return to_category(found)

    @query(PUBLIC, "Where the tree of categories begins, in order; ask for `children` as deep as you show them.")
    async def categories(self) -> list[CategoryType]:
        return [to_category(view) for view in await root_categories()]

    @query(requires(Permission.MANAGE_CATALOG), "Every category, wherever it stands and archived ones too, newest first.")
    async def all_categories(self, first: int | None = None, after: str | None = None) -> Connection[CategoryType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: every_category(before=before, limit=limit),
            to_node=to_category,
            to_cursor=lambda category: category.id.hex,
        )

    @query(
        PUBLIC,
        "A variant by id, SKU or external reference; null when there is none on sale in this channel. Staff who keep the "
        "catalog find any.",
    )
    async def variant(
        self, info: Info, id: strawberry.ID | None = None, sku: str | None = None, external_reference: str | None = None
    ) -> VariantType | None:
        by, value = only_one(id=id, sku=sku, externalReference=external_reference)
        if by == "id":
            found = next(iter(await variant_views([local_id(Kind.VARIANT, value, "id")])), None)
        else:
            found = await (variant_by_sku if by == "sku" else variant_by_reference)(value)
        if found is None:
            return None
        if not keeps_catalog(info) and not await offers((await info.context.channel()).id, [found.id]):
            return None
        return to_variant(found)


async def _brands(first: int | None, after: str | None, *, archived: bool) -> Connection[BrandType]:
    before = cursor_id(after)
    return await connect(
        first,
        after,
        read=lambda limit: every_brand(before=before, archived=archived, limit=limit),
        to_node=to_brand,
        to_cursor=lambda brand: brand.id.hex,
    )
