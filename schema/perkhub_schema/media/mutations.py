"""Showing pictures with products and brands. The files come in by POST /media, which answers with the `imageId`."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import brand_views, product_views
from perkhub.catalog.media import (
    MediaChanges,
    MediaDraft,
    add_media,
    change_media,
    media_by_ids,
    remove_media,
    reorder_media,
    set_brand_logo,
)
from perkhub.kit.db import Transaction, transact
from perkhub_schema.catalog.brands import BrandPayload, to_brand
from perkhub_schema.catalog.payloads import ProductPayload
from perkhub_schema.catalog.types import ProductType, to_product
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.texts import LocalizedTextInput
from perkhub_schema.media.types import MediaType, to_media

MANAGE_CATALOG = requires(Permission.MANAGE_CATALOG)


@strawberry.input(description="Where a picture comes from.", one_of=True)
class MediaSourceInput:
    image_id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="An upload: what POST /media answered.")
    url: strawberry.Maybe[str] = strawberry.field(
        description="An https:// address, at most 2,000 characters. Browsers fetch it, we never do.", metadata=KEPT
    )

    def to_source(self) -> MediaChanges:
        """The one that was given."""
        if self.image_id is not None:
            return {"image_id": local_id(Kind.IMAGE, self.image_id.value, "source", "imageId")}
        return {} if self.url is None else {"url": self.url.value}


@strawberry.input(description="A picture of a product. What is left out stays as it is, or is not there yet.")
class ProductMediaUpsertInput:
    product_id: strawberry.ID = strawberry.field(description="Which product; at most 20 pictures each.")
    media_id: strawberry.ID | None = strawberry.field(default=None, description="Which of its pictures; a new one if left out.")
    source: MediaSourceInput | None = strawberry.field(default=None, description="Where it comes from; needed for a new one.")
    alt: LocalizedTextInput | None = strawberry.field(
        default=None, description="What it shows, for those who do not see it; up to 300 characters each."
    )
    position: int | None = strawberry.field(default=None, description="Its place, from 0 on; a new one comes last if left out.")

    def to_changes(self) -> MediaChanges:
        """What was given."""
        changes: MediaChanges = {} if self.source is None else self.source.to_source()
        if self.alt is not None:
            changes["alt"] = self.alt.to_texts()
        return changes


@strawberry.input(description="The order of a product's pictures.")
class ProductMediaReorderInput:
    product_id: strawberry.ID = strawberry.field(description="Which product.")
    media_ids: list[strawberry.ID] = strawberry.field(description="All its pictures, each once, the first one first.")


@strawberry.input(description="A picture that shall not be shown any more.")
class ProductMediaRemoveInput:
    media_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="A brand's logo.")
class BrandLogoSetInput:
    brand_id: strawberry.ID = strawberry.field(description="Which brand.")
    image_id: strawberry.ID | None = strawberry.field(
        default=None, description="An upload: what POST /media answered. Null takes the logo away."
    )


@strawberry.type(description="The picture after the change.")
class ProductMediaPayload:
    media: MediaType | None = strawberry.field(default=None, description="The picture as it stands.")
    product: ProductType | None = strawberry.field(default=None, description="Its product.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_CATALOG, "Show a picture with a product, or change one that is shown: its source, its text, its place.")
async def product_media_upsert(input: ProductMediaUpsertInput) -> ProductMediaPayload:
    product, changes = local_id(Kind.PRODUCT, input.product_id, "productId"), input.to_changes()
    known = None if input.media_id is None else local_id(Kind.MEDIA, input.media_id, "mediaId")

    async def work(tx: Transaction) -> UUID:
        if known is None:
            return await add_media(tx, product, MediaDraft(**changes), position=input.position)
        await change_media(tx, product, known, changes, position=input.position)
        return known

    [shown] = await media_by_ids([await transact(work)])
    return ProductMediaPayload(media=to_media(shown), product=await _product(product))


@mutation(MANAGE_CATALOG, "Show a product's pictures in another order.")
async def product_media_reorder(input: ProductMediaReorderInput) -> ProductPayload:
    product = local_id(Kind.PRODUCT, input.product_id, "productId")
    order = [local_id(Kind.MEDIA, one, "mediaIds", str(position)) for position, one in enumerate(input.media_ids)]
    await transact(lambda tx: reorder_media(tx, product, order))
    return ProductPayload(product=await _product(product))


@mutation(MANAGE_CATALOG, "Show a picture no more. One that nothing shows is forgotten after a day.")
async def product_media_remove(input: ProductMediaRemoveInput) -> ProductPayload:
    media = local_id(Kind.MEDIA, input.media_id, "mediaId")
    return ProductPayload(product=await _product(await transact(lambda tx: remove_media(tx, media))))


@mutation(MANAGE_CATALOG, "Give a brand an uploaded logo, or take it away.")
async def brand_logo_set(input: BrandLogoSetInput) -> BrandPayload:
    brand = local_id(Kind.BRAND, input.brand_id, "brandId")
    image = None if input.image_id is None else local_id(Kind.IMAGE, input.image_id, "imageId")
    await transact(lambda tx: set_brand_logo(tx, brand, image))
    return BrandPayload(brand=to_brand((await brand_views([brand]))[0]))


async def _product(product: UUID) -> ProductType:
    return to_product((await product_views([product]))[0])


@strawberry.type
class MediaMutations:
    product_media_upsert = product_media_upsert
    product_media_reorder = product_media_reorder
    product_media_remove = product_media_remove
    brand_logo_set = brand_logo_set
