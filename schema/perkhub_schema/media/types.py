"""Pictures as shops show them: an address for each width, and what to say to those who do not see it."""

from typing import Annotated
from uuid import UUID

import strawberry

from perkhub.catalog.media import ImageView, MediaView, RenditionView, image_views, logos_of_brands, media_of_products
from perkhub.kit.settings import settings
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.texts import LocalizedText, to_localized

EXTENSIONS = {"webp": "webp", "jpeg": "jpg", "png": "png"}
Width = Annotated[
    int | None,
    strawberry.argument(description="How wide it is shown, in pixels of the screen; the smallest that suffices is given."),
]


def address_of(form: RenditionView) -> str:
    """Where a form of a picture is; it stays there unchanged for ever."""
    base = (settings().media_url or settings().public_url).rstrip("/")
    return f"{base}/media/{form.hash}.{EXTENSIONS[form.format]}"


@strawberry.type(description="One form of a picture.")
class ImageRendition:
    url: str = strawberry.field(description="Where it is; what is there never changes.")
    width: int = strawberry.field(description="In pixels; for `srcset`.")
    height: int = strawberry.field(description="In pixels.")
    type: str = strawberry.field(description='Its media type: "image/webp".')


def to_rendition(form: RenditionView) -> ImageRendition:
    """A form of a picture on the wire."""
    return ImageRendition(url=address_of(form), width=form.width, height=form.height, type=f"image/{form.format}")


@strawberry.type(name="Image", description="A picture that was uploaded, in several sizes.")
class ImageType:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    view: strawberry.Private[ImageView]

    @strawberry.field(description="Where it is.")
    def url(self, width: Width = None) -> str:
        return address_of(self.view.largest if width is None else self.view.at_least(width))

    @strawberry.field(description="As a JPEG or PNG that does not move, for those who read no WebP: chats, documents.")
    def compatible_url(self) -> str:
        return address_of(self.view.compatible)

    @strawberry.field(description="Of the largest form, in pixels: room to keep before it is loaded.")
    def width(self) -> int:
        return self.view.largest.width

    @strawberry.field(description="Of the largest form, in pixels.")
    def height(self) -> int:
        return self.view.largest.height

    @strawberry.field(description="Whether it is an animation.")
    def moving(self) -> bool:
        return self.view.moving

    @strawberry.field(description="Every size, the narrowest first, all WebP.")
    def renditions(self) -> list[ImageRendition]:
        return [to_rendition(form) for form in self.view.forms]


@strawberry.type(name="Media", description="A picture of a product: an uploaded one, or one elsewhere.")
class MediaType:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    view: strawberry.Private[MediaView]

    @strawberry.field(description="Its place among the product's pictures, from 0 on.")
    def position(self) -> int:
        return self.view.position

    @strawberry.field(description="What it shows, for those who do not see it; in the request's language.")
    def alt(self, info: Info) -> str:
        return info.context.say(self.view.alt)

    @strawberry.field(description="The same in every language.")
    def alt_texts(self) -> LocalizedText:
        return to_localized(self.view.alt)

    @strawberry.field(description="Where it is. Of a picture elsewhere there is one size only.")
    def url(self, width: Width = None) -> str:
        image = self.view.image
        if image is None:
            return self.view.url or ""
        return address_of(image.largest if width is None else image.at_least(width))

    @strawberry.field(description="The uploaded picture with its sizes; null where it is elsewhere.")
    def image(self) -> ImageType | None:
        return None if self.view.image is None else to_image(self.view.image)


def to_image(view: ImageView) -> ImageType:
    """The picture on the wire."""
    return ImageType(id=global_id(Kind.IMAGE, view.id), view=view)


def to_media(view: MediaView) -> MediaType:
    """A product's picture on the wire."""
    return MediaType(id=global_id(Kind.MEDIA, view.id), view=view)


async def load_media(products: list[UUID]) -> list[list[MediaView]]:
    """Pictures by product."""
    found = await media_of_products(products)
    return [found[product] for product in products]


async def load_logos(brands: list[UUID]) -> list[ImageView | None]:
    """Uploaded logos by brand."""
    found = await logos_of_brands(brands)
    return [found.get(brand) for brand in brands]


async def load_images(ids: list[UUID]) -> list[ImageView | None]:
    """Pictures by id."""
    found = await image_views(ids)
    return [found.get(key) for key in ids]


async def media_of(info: Info, product: UUID) -> list[MediaType]:
    """A product's pictures in their order."""
    return [to_media(view) for view in await info.context.loader(load_media).load(product)]


async def logo_of(info: Info, brand: UUID) -> ImageType | None:
    """A brand's uploaded logo."""
    found = await info.context.loader(load_logos).load(brand)
    return None if found is None else to_image(found)
