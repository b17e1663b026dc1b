"""Reading pictures as shops show them: for a whole page of products in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from perkhub.kit import db
from perkhub.kit.db import Row, Transaction

FORMS = """
    (SELECT json_agg(json_build_array(r.blob_id, r.format, r.width, r.height) ORDER BY r.format DESC, r.width)
     FROM image_rendition r WHERE r.image_id = i.id) AS renditions, i.frames
"""
COLUMNS = f"m.id, m.product_id, m.position, m.alt, m.url, i.id AS image_id, {FORMS}"
OF_PRODUCTS = f"""
    SELECT {COLUMNS} FROM product_media m LEFT JOIN image i ON i.id = m.image_id
    WHERE m.product_id = ANY($1) ORDER BY m.product_id, m.position, m.id
"""
BY_IDS = f"SELECT {COLUMNS} FROM product_media m LEFT JOIN image i ON i.id = m.image_id WHERE m.id = ANY($1)"
IMAGES = f"SELECT i.id AS image_id, {FORMS} FROM image i WHERE i.id = ANY($1)"
LOGOS = f"""
    SELECT l.brand_id, i.id AS image_id, {FORMS} FROM brand_logo l JOIN image i ON i.id = l.image_id
    WHERE l.brand_id = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class RenditionView:
    """One form of a picture: its hash in hexadecimal, webp, jpeg or png, and its size in pixels."""

    hash: str
    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ImageView:
    """A picture: its WebP forms, the narrowest first, and the one that everything reads."""

    id: UUID
    moving: bool
    forms: tuple[RenditionView, ...]
    compatible: RenditionView

    @property
    def largest(self) -> RenditionView:
        """The form with the most pixels."""
        return self.forms[-1]

    def at_least(self, width: int) -> RenditionView:
        """The narrowest form of this width or more; the largest where none is so wide."""
        return next((form for form in self.forms if form.width >= width), self.largest)


@dataclass(frozen=True, slots=True)
class MediaView:
    """A picture of a product: one of ours or an address elsewhere."""

    id: UUID
    product_id: UUID
    position: int
    alt: dict[str, str]
    url: str | None
    image: ImageView | None


async def media_of_products(products: Iterable[UUID]) -> dict[UUID, list[MediaView]]:
    """Every product's pictures in their order, in one statement."""
    wanted = list(products)
    found: dict[UUID, list[MediaView]] = {product: [] for product in wanted}
    for row in await db.rows(OF_PRODUCTS, wanted):
        found[row["product_id"]].append(_media(row))
    return found


async def media_by_ids(ids: Sequence[UUID], *, tx: Transaction | None = None) -> list[MediaView]:
    """The pictures of products with these ids."""
    return [_media(row) for row in await (db.rows if tx is None else tx.rows)(BY_IDS, list(ids))]


async def image_views(ids: Sequence[UUID]) -> dict[UUID, ImageView]:
    """Uploaded pictures by id."""
    return {row["image_id"]: _image(row) for row in await db.rows(IMAGES, list(ids))}


async def logos_of_brands(brands: Sequence[UUID]) -> dict[UUID, ImageView]:
    """The uploaded logos of these brands, in one statement."""
    return {row["brand_id"]: _image(row) for row in await db.rows(LOGOS, list(brands))}


def _media(row: Row) -> MediaView:
    image = None if row["image_id"] is None else _image(row)
    return MediaView(row["id"], row["product_id"], row["position"], orjson.loads(row["alt"]), row["url"], image)


def _image(row: Row) -> ImageView:
    # By descending name of the format: WebP, then PNG or JPEG.
    *forms, compatible = (RenditionView(*one) for one in orjson.loads(row["renditions"]))
    return ImageView(row["image_id"], row["frames"] > 1, tuple(forms), compatible)
