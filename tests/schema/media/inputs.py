"""What the fields of pictures are given so that they succeed."""

from uuid import UUID

from perkhub.catalog.media import Blob, MediaDraft, add_media
from perkhub.catalog.media.blobs import keep_blobs
from perkhub.catalog.media.receive import INSERT, INSERT_RENDITIONS
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.factories import Person
from tests.schema.catalog.inputs import brand_id, product_id
from tests.schema.making import Given, Making, a_name, also


async def media_of_product(by: Person) -> Given:
    """A product with two pictures."""
    product = (await product_id(by))["productId"]
    key = local_id(Kind.PRODUCT, product)
    drafts = [MediaDraft(url=f"https://img.example.com/{a_name('walked')}.png") for _ in range(2)]
    media = [await transact(lambda tx, one=draft: add_media(tx, key, one)) for draft in drafts]  # type: ignore[misc]
    return {"productId": product, "mediaIds": [global_id(Kind.MEDIA, one) for one in reversed(media)]}


async def media_id(by: Person) -> Given:
    return {"mediaId": (await media_of_product(by))["mediaIds"][0]}


async def image_id() -> UUID:
    """An uploaded picture, put where an upload puts it: drawing one takes a while."""
    image, picture = new_id(), Blob("image/webp", a_name("picture").encode())

    async def work(tx: Transaction) -> None:
        [hash] = await keep_blobs(tx, [picture])
        await tx.execute(INSERT, image, hash, 1, "tests", now())
        for form in ("webp", "jpeg"):
            await tx.execute(INSERT_RENDITIONS, image, [new_id()], [hash], [form], [64], [48])

    await transact(work)
    return image


async def brand_logo(by: Person) -> Given:
    return {**await brand_id(by), "imageId": global_id(Kind.IMAGE, await image_id())}


MEDIA: dict[str, Making] = {
    "Mutation.brandLogoSet": brand_logo,
    "Mutation.productMediaRemove": media_id,
    "Mutation.productMediaReorder": media_of_product,
    "Mutation.productMediaUpsert": also(product_id, source={"url": "https://img.example.com/a.png"}, alt={"en": "Walked"}),
}
