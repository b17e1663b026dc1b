"""Which pictures a product shows: in their order, with their texts, from here or elsewhere; told to the activity log."""

import asyncio
from uuid import UUID

import pytest

from perkhub.catalog import BrandDraft, create_brand
from perkhub.catalog.media import (
    ImageUnknown,
    MediaChanges,
    MediaDraft,
    TooManyMedia,
    add_media,
    change_media,
    logos_of_brands,
    media_by_ids,
    media_of_products,
    remove_media,
    reorder_media,
    set_brand_logo,
)
from perkhub.catalog.media.attach import is_address
from perkhub.kit import db
from perkhub.kit.acting import Acting, act
from perkhub.kit.activity import history_of
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from tests.catalog.media.conftest import new_product, uploaded
from tests.fixtures.pictures import a_picture


def elsewhere(name: str = "a") -> MediaDraft:
    return MediaDraft(url=f"https://img.example.com/{name}.png", alt={"zh": "图", "en": name})


async def added(product: UUID, draft: MediaDraft, position: int | None = None) -> UUID:
    return await transact(lambda tx: add_media(tx, product, draft, position=position))


async def changed(product: UUID, media: UUID, changes: MediaChanges, position: int | None = None) -> None:
    await transact(lambda tx: change_media(tx, product, media, changes, position=position))


async def names(product: UUID) -> list[str]:
    found = (await media_of_products([product]))[product]
    assert [one.position for one in found] == list(range(len(found)))
    return [one.alt["en"] for one in found]


async def three(product: UUID) -> list[UUID]:
    return [await added(product, elsewhere(name)) for name in "abc"]


async def test_an_uploaded_picture_and_one_elsewhere(product: UUID):
    image = await uploaded(a_picture())
    mine = await added(product, MediaDraft(image_id=image, alt={"zh": "会员卡", "en": "card"}))
    other = await added(product, elsewhere())
    [first, second] = (await media_of_products([product]))[product]
    assert (first.id, first.url, first.alt) == (mine, None, {"zh": "会员卡", "en": "card"})
    assert first.image is not None
    assert first.image.id == image
    assert (second.id, second.url, second.image) == (other, "https://img.example.com/a.png", None)


async def test_a_page_of_products_is_one_statement(product: UUID):
    others = [await new_product() for _ in range(3)]
    for one in (product, *others[:2]):
        await three(one)
    db.statements.set(counted := [])
    found = await media_of_products([product, *others])
    db.statements.set(None)
    assert [len(found[one]) for one in (product, *others)] == [3, 3, 3, 0]
    assert len([sql for sql in counted if "product_media" in sql]) == 1


async def test_a_place_is_given_or_the_last(product: UUID):
    await three(product)
    await added(product, elsewhere("x"), 0)
    await added(product, elsewhere("y"), 2)
    assert await names(product) == ["x", "a", "y", "b", "c"]


async def test_a_picture_is_moved(product: UUID):
    a, _, c = await three(product)
    await changed(product, c, {}, 0)
    assert await names(product) == ["c", "a", "b"]
    await changed(product, a, {}, 2)
    assert await names(product) == ["c", "b", "a"]


async def test_an_address_takes_the_place_of_a_picture_and_the_other_way(product: UUID):
    image = await uploaded(a_picture())
    media = await added(product, elsewhere())
    await changed(product, media, {"image_id": image})
    [told] = await media_by_ids([media])
    assert (told.url, told.image is not None, told.alt["en"]) == (None, True, "a")
    await changed(product, media, {"url": "https://img.example.com/b.png", "alt": {"en": "b"}})
    [told] = await media_by_ids([media])
    assert (told.url, told.image, told.alt) == ("https://img.example.com/b.png", None, {"en": "b"})


async def test_another_order(product: UUID):
    a, b, c = await three(product)
    await transact(lambda tx: reorder_media(tx, product, [c, a, b]))
    assert await names(product) == ["c", "a", "b"]
    for wrong in ([], [a, b], [a, b, c, c], [a, a, b], [a, b, new_id()]):
        with pytest.raises(InvalidInput) as refused:
            await transact(lambda tx, wrong=wrong: reorder_media(tx, product, wrong))  # type: ignore[misc]
        assert refused.value.path == ("mediaIds",)
    assert await names(product) == ["c", "a", "b"]


async def test_what_is_taken_down_leaves_no_gap(product: UUID):
    _, b, _ = await three(product)
    assert await transact(lambda tx: remove_media(tx, b)) == product
    assert await names(product) == ["a", "c"]
    with pytest.raises(NotFound):
        await transact(lambda tx: remove_media(tx, b))


async def test_at_most_twenty_also_at_once(product: UUID):
    told = await asyncio.gather(*(added(product, elsewhere(str(n))) for n in range(24)), return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in told) == 20
    assert sum(isinstance(one, TooManyMedia) for one in told) == 4
    assert len(await names(product)) == 20


async def test_changes_at_once_leave_every_place_taken_once(product: UUID):
    media = await three(product)
    await asyncio.gather(*(changed(product, one, {}, 0) for one in media * 3))
    assert sorted(await names(product)) == ["a", "b", "c"]


ADDRESSES = [
    "https://img.example.com/a.png",
    "https://img.example.com",
    "https://img.example.com:8443/a%20b/%E5%9B%BE.webp?w=300&h=2#",
    "https://a-b.example.co.uk/x?y=z,1;2",
]
NO_ADDRESSES = [
    "",
    "http://img.example.com/a.png",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "//img.example.com/a.png",
    "https://",
    "https:///a.png",
    "https://localhost/a.png",
    "https://user:password@img.example.com/a.png",
    "https://img.example.com/图.png",
    "https://图.example.com/a.png",
    "https://img.example.com/a b.png",
    'https://img.example.com/"onerror=alert(1)',
    "https://img.example.com/<script>",
    "https://img.example.com/a\n.png",
    "https://img.example.com\\@evil.example.com/",
    "https://img.example.com:99999/a.png",
    "HTTPS://img.example.com/a.png ",
    "https://img.example.com/" + "a" * 2000,
]


@pytest.mark.parametrize("url", ADDRESSES[:2] + ADDRESSES[3:])
def test_what_is_an_address(url: str):
    assert is_address(url)


@pytest.mark.parametrize("url", NO_ADDRESSES, ids=lambda url: url[:40])
async def test_what_is_no_address(url: str, product: UUID):
    with pytest.raises(InvalidInput) as refused:
        await added(product, MediaDraft(url=url))
    assert refused.value.path == ("source", "url")
    assert await names(product) == []


async def test_what_cannot_be_shown(product: UUID):
    odd: list[tuple[MediaDraft, int | None, type[Exception], tuple[str, ...]]] = [
        (MediaDraft(), None, InvalidInput, ("source",)),
        (MediaDraft(image_id=new_id()), None, ImageUnknown, ("source", "imageId")),
        (MediaDraft(url=elsewhere().url, alt={"en": "x" * 301}), None, InvalidInput, ("alt", "en")),
        (MediaDraft(url=elsewhere().url, alt={"zh": "a\x00b"}), None, InvalidInput, ("alt", "zh")),
        (elsewhere(), 1, InvalidInput, ("position",)),
        (elsewhere(), -1, InvalidInput, ("position",)),
    ]
    for draft, position, error, path in odd:
        with pytest.raises(error) as refused:
            await added(product, draft, position)
        assert refused.value.path == path  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        await added(new_id(), elsewhere())
    assert await names(product) == []


async def test_a_picture_of_another_product_is_not_changed(product: UUID):
    other = await new_product()
    media = await added(other, elsewhere())
    with pytest.raises(NotFound):
        await changed(product, media, {"alt": {"en": "mine"}})
    assert await names(other) == ["a"]


async def test_a_logo_is_given_and_taken_away(house: None):
    brand = await transact(lambda tx: create_brand(tx, BrandDraft("acme", {"en": "Acme"})))
    image = await uploaded(a_picture())
    await transact(lambda tx: set_brand_logo(tx, brand, image))
    assert {one: view.id for one, view in (await logos_of_brands([brand])).items()} == {brand: image}
    with pytest.raises(ImageUnknown):
        await transact(lambda tx: set_brand_logo(tx, brand, new_id()))
    with pytest.raises(NotFound):
        await transact(lambda tx: set_brand_logo(tx, new_id(), image))
    await transact(lambda tx: set_brand_logo(tx, brand, None))
    assert await logos_of_brands([brand]) == {}


async def test_what_is_changed_is_told(product: UUID):
    with act(Acting("staff:1", "productMediaUpsert")):
        media = await added(product, elsewhere())
        await changed(product, media, {"alt": {"zh": "图", "en": "better"}})
        await transact(lambda tx: remove_media(tx, media))
    removed, better, created = await history_of("media", media)
    assert (better.before, better.after) == ({"alt.en": "a"}, {"alt.en": "better"})
    assert created.after["url"] == "https://img.example.com/a.png"
    assert removed.before["alt.en"] == "better"
    assert removed.after == {}
