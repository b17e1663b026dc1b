"""A brand's logo, where it is one of our pictures."""

from uuid import UUID

from perkhub.catalog.media.attach import LET_GO, TAKE_IMAGE
from perkhub.catalog.media.errors import ImageUnknown
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound

LOCK_BRAND = "SELECT true FROM brand WHERE id = $1 FOR NO KEY UPDATE"
READ = "SELECT image_id FROM brand_logo WHERE brand_id = $1"
SET = """
    INSERT INTO brand_logo (brand_id, image_id) VALUES ($1, $2)
    ON CONFLICT (brand_id) DO UPDATE SET image_id = excluded.image_id
"""
TAKE_AWAY = "DELETE FROM brand_logo WHERE brand_id = $1"


async def set_brand_logo(tx: Transaction, brand: UUID, image: UUID | None) -> None:
    """Give a brand this logo; with None, take it away.

    Raises:
        NotFound, ImageUnknown.
    """
    if await tx.value(LOCK_BRAND, brand) is None:
        raise NotFound("brand", "品牌", path=("brandId",))
    before: UUID | None = await tx.value(READ, brand)
    if image is None:
        await tx.execute(TAKE_AWAY, brand)
    elif await tx.value(TAKE_IMAGE, image) is None:
        raise ImageUnknown(path=("imageId",))
    else:
        await tx.execute(SET, brand, image)
    if before is not None and before != image:
        await tx.execute(LET_GO, before, now())
    tx.note_change("brand", brand, before={"logo": before}, after={"logo": image})
