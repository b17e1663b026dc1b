"""Taking pictures in: once each, whole or not at all, and no more of a file read than needed to refuse it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.catalog.media import (
    MediaDraft,
    add_media,
    blob_by_hash,
    forget_images,
    image_views,
    receive,
    receive_image,
    remove_media,
)
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.errors import TooFast
from perkhub.kit.images.errors import ImageEmpty, ImageRefused, ImageTooDemanding, ImageTooLarge, NotAnImage
from tests.catalog.media.conftest import ACTOR, new_product, uploaded
from tests.fixtures.pictures import SVG, a_bomb, a_photo, a_picture

pytestmark = pytest.mark.usefixtures("house")

MEGABYTE = 1 << 20
DAY = timedelta(days=1, minutes=1)


async def counts() -> tuple[int, int, int]:
    """Pictures, renditions, blobs."""
    row = await db.row("""
        SELECT (SELECT count(*) FROM image), (SELECT count(*) FROM image_rendition), (SELECT count(*) FROM media_blob)
    """)
    assert row is not None
    return tuple(row.values())


async def test_a_picture_is_there_in_all_its_forms():
    image = await uploaded(a_photo())
    view = (await image_views([image]))[image]
    assert [(form.format, form.width) for form in view.forms] == [("webp", 320), ("webp", 640), ("webp", 1280), ("webp", 1600)]
    assert (view.compatible.format, view.compatible.width, view.moving) == ("jpeg", 1280, False)
    assert [view.at_least(width).width for width in (1, 320, 321, 1500, 9000)] == [320, 320, 640, 1600, 1600]
    for form in (*view.forms, view.compatible):
        blob = await blob_by_hash(form.hash)
        assert blob is not None
        assert blob.content_type == f"image/{form.format}"
    assert await db.value("SELECT actor FROM image") == ACTOR


async def test_the_same_file_twice_is_one_picture():
    first = await uploaded(a_picture())
    assert await uploaded(a_picture()) == first
    assert await uploaded(a_picture(color=(1, 2, 3))) != first
    assert await counts() == (2, 4, 4)


async def test_the_same_file_at_once_is_one_picture():
    found = await asyncio.gather(*(uploaded(a_picture(color=(9, 9, 9))) for _ in range(4)))
    assert len(set(found)) == 1
    assert await counts() == (1, 2, 2)


async def test_without_the_second_look_they_would_be_several(monkeypatch: pytest.MonkeyPatch):
    """The test above can fail: each of them is drawn, and only what is looked at under the lock makes them one."""
    await db.value('ALTER TABLE image DROP CONSTRAINT "image_source_hash_key"')
    monkeypatch.setattr(receive, "SEEN_BEFORE", "SELECT NULL::uuid WHERE $1::text IS NULL AND $2::timestamptz IS NULL")
    await asyncio.gather(*(uploaded(a_picture(color=(9, 9, 9))) for _ in range(3)))
    assert (await counts())[0] == 3


REFUSED: list[tuple[bytes, type[ImageRefused]]] = [
    (b"", ImageEmpty),
    (b"\x89", NotAnImage),
    (SVG, NotAnImage),
    (a_bomb(), ImageTooDemanding),
    (a_photo("PNG")[:-300], ImageRefused),
]


@pytest.mark.parametrize(("data", "refused"), REFUSED, ids=["empty", "one byte", "SVG", "bomb", "cut"])
async def test_what_is_refused_leaves_nothing(data: bytes, refused: type[ImageRefused]):
    with pytest.raises(refused):
        await uploaded(data)
    assert await counts() == (0, 0, 0)


async def test_fifty_megabytes_are_refused_with_the_rest_unread():
    given = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal given
        yield a_picture()
        for _ in range(50):
            given += 1
            yield b"\x00" * MEGABYTE

    with pytest.raises(ImageTooLarge):
        await receive_image(stream(), actor=ACTOR)
    assert given == 20
    assert await counts() == (0, 0, 0)


async def test_what_is_no_picture_is_refused_by_its_first_piece():
    given = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal given
        for at in range(0, 300, 10):
            given += 1
            yield (SVG * 3)[at : at + 10]

    with pytest.raises(NotAnImage):
        await receive_image(stream(), actor=ACTOR)
    assert given == 4  # forty bytes


async def shown(image: UUID) -> UUID:
    product = await new_product()
    return await transact(lambda tx: add_media(tx, product, MediaDraft(image_id=image)))


async def test_what_nothing_shows_is_forgotten_after_a_day():
    used, unused = await uploaded(a_picture()), await uploaded(a_photo())
    media = await shown(used)
    await forget_images()
    assert (await counts())[0] == 2  # too early
    with travel(DAY):
        await forget_images()
        assert await image_views([unused]) == {}
        assert await counts() == (1, 2, 2)
        await transact(lambda tx: remove_media(tx, media))
        await forget_images()
        assert await counts() == (1, 2, 2)  # pages remember it for a while
        with travel(DAY):
            await forget_images()
            assert await counts() == (0, 0, 0)


async def test_bytes_that_two_pictures_share_stay_for_the_other():
    """The same pixels in two files: one set of renditions, used by both."""
    one, other = await uploaded(a_picture("PNG")), await uploaded(a_picture("PNG", compress_level=1))
    assert one != other
    assert await counts() == (2, 4, 2)
    await shown(other)
    with travel(DAY):
        await forget_images()
    assert await counts() == (1, 2, 2)
    assert list(await image_views([one, other])) == [other]


async def test_what_is_uploaded_again_begins_its_day_anew():
    image = await uploaded(a_picture())
    with travel(DAY):
        assert await uploaded(a_picture()) == image
        await forget_images()
    assert (await counts())[0] == 1


async def test_showing_and_forgetting_at_once_never_shows_what_is_gone():
    """Each picture is either shown whole, or gone and refused."""
    images = [await uploaded(a_picture(color=(number, 0, 0))) for number in range(4)]
    with travel(DAY):
        told = await asyncio.gather(*(shown(image) for image in images), forget_images(), return_exceptions=True)
    kept = {image for image, outcome in zip(images, told, strict=False) if isinstance(outcome, UUID)}
    assert set(await image_views(images)) == kept
    assert (await counts())[1] == 2 * len(kept)
    assert await db.value("SELECT count(*) FROM product_media") == len(kept)


async def test_no_more_are_held_at_once_than_memory_is_meant_for():
    """Whoever sends slowly holds a place; the next one is told to come again, and nothing of theirs is read."""
    full, go_on, read = asyncio.Event(), asyncio.Event(), 0

    async def slowly(data: bytes) -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        if read == receive.AT_ONCE:
            full.set()
        yield data[:100]
        await go_on.wait()
        yield data[100:]

    slow = [asyncio.create_task(receive_image(slowly(a_picture()), actor=ACTOR)) for _ in range(receive.AT_ONCE)]
    await full.wait()
    with pytest.raises(TooFast):
        await receive_image(slowly(a_photo()), actor=ACTOR)
    assert read == receive.AT_ONCE
    go_on.set()
    assert len(set(await asyncio.gather(*slow))) == 1
    await receive_image(slowly(a_photo()), actor=ACTOR)
    assert (await counts())[0] == 2
