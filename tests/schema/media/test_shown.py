"""Pictures of products and brands through the API: put there, put in order, taken down, and read a page at a time."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.ids import new_id
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.fixtures.pictures import a_photo
from tests.schema.conftest import Api
from tests.schema.media.test_files import send

MEDIA = "media { id position alt altTexts { zh en } url(width: 300) image { url width height moving compatibleUrl } }"
UPSERT = f"""mutation ($input: ProductMediaUpsertInput!) {{ productMediaUpsert(input: $input) {{
  {MEDIA} product {{ media {{ id }} }} errors {{ code path }} }} }}"""
REORDER = """mutation ($input: ProductMediaReorderInput!) { productMediaReorder(input: $input) {
  product { media { id position } } errors { code path } } }"""
REMOVE = """mutation ($input: ProductMediaRemoveInput!) { productMediaRemove(input: $input) {
  product { media { id } } errors { code path } } }"""
LOGO = """mutation ($input: BrandLogoSetInput!) { brandLogoSet(input: $input) {
  brand { logo { url } } errors { code path } } }"""
PRODUCTS = f"{{ products(first: 20) {{ nodes {{ id {MEDIA} }} }} }}"
URL = "https://img.example.com/a.png"


@pytest.fixture
async def keeper(shop: Shop) -> Person:
    return await shop.staff(Permission.MANAGE_CATALOG)


@pytest.fixture
async def product(shop: Shop) -> str:
    return global_id(Kind.PRODUCT, (await shop.variant()).product_id)


async def done(api: Api, query: str, given: dict[str, Any], by: Person) -> dict[str, Any]:
    answer = await api(query, {"input": given}, by.token)
    assert "errors" not in answer, answer["errors"]
    [payload] = answer["data"].values()
    told: dict[str, Any] = payload
    return told


async def shown(api: Api, product: str, keeper: Person, **more: Any) -> str:
    told = await done(api, UPSERT, {"productId": product, "source": {"url": URL}, **more}, keeper)
    assert told["errors"] == []
    made: str = told["media"]["id"]
    return made


async def test_a_customer_sees_an_uploaded_picture(api: Api, keeper: Person, product: str):
    image = (await send(api, a_photo(), keeper)).json()
    given = {"productId": product, "source": {"imageId": image["imageId"]}, "alt": {"zh": "会员卡", "en": "Card"}}
    assert (await done(api, UPSERT, given, keeper))["errors"] == []
    answer = await api(PRODUCTS, language="zh")
    [seen] = answer["data"]["products"]["nodes"][0]["media"]
    assert (seen["position"], seen["alt"], seen["altTexts"]) == (0, "会员卡", {"zh": "会员卡", "en": "Card"})
    assert seen["url"] == image["renditions"][0]["url"]
    assert seen["url"].startswith("http://127.0.0.1:8000/media/")
    assert (seen["image"]["url"], seen["image"]["width"], seen["image"]["moving"]) == (image["url"], 1600, False)
    assert seen["image"]["compatibleUrl"].endswith(".jpg")


async def test_a_picture_elsewhere_is_only_pointed_at(api: Api, keeper: Person, product: str):
    # Whoever is answered from memory sees it at once, too.
    assert (await api(PRODUCTS))["data"]["products"]["nodes"][0]["media"] == []
    await shown(api, product, keeper)
    [seen] = (await api(PRODUCTS))["data"]["products"]["nodes"][0]["media"]
    assert (seen["url"], seen["image"], seen["alt"]) == (URL, None, "")


async def test_a_list_of_products_asks_for_their_first_pictures_alone(api: Api, keeper: Person, product: str):
    made = [await shown(api, product, keeper) for _ in range(3)]
    for first, seen in ((1, made[:1]), (2, made[:2]), (100, made)):
        nodes = (await api(f"{{ products {{ nodes {{ media(first: {first}) {{ id }} }} }} }}"))["data"]["products"]["nodes"]
        assert [one["id"] for one in nodes[0]["media"]] == seen
    [error] = (await api("{ products { nodes { media(first: 0) { id } } } }"))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["path"]) == ("INVALID_INPUT", ["first"])


async def test_order_and_taking_down(api: Api, keeper: Person, product: str):
    media = [await shown(api, product, keeper) for _ in range(3)]
    told = await done(api, REORDER, {"productId": product, "mediaIds": media[::-1]}, keeper)
    assert [one["id"] for one in told["product"]["media"]] == media[::-1]
    told = await done(api, UPSERT, {"productId": product, "mediaId": media[0], "position": 0}, keeper)
    assert [one["id"] for one in told["product"]["media"]] == [media[0], media[2], media[1]]
    told = await done(api, REMOVE, {"mediaId": media[2]}, keeper)
    assert [one["id"] for one in told["product"]["media"]] == [media[0], media[1]]


async def test_pictures_of_a_page_are_one_statement(api: Api, shop: Shop, keeper: Person):
    for _ in range(5):
        for _ in range(2):
            await shown(api, global_id(Kind.PRODUCT, (await shop.variant()).product_id), keeper)
    answer = await api(PRODUCTS)
    counted = db.statements.get() or []
    assert sum(len(product["media"]) for product in answer["data"]["products"]["nodes"]) == 10
    assert len([sql for sql in counted if "product_media" in sql]) == 1


async def test_a_logo(api: Api, shop: Shop, keeper: Person):
    brand = global_id(Kind.BRAND, await shop.brand("acme"))
    image = (await send(api, a_photo(), keeper)).json()
    told = await done(api, LOGO, {"brandId": brand, "imageId": image["imageId"]}, keeper)
    assert told == {"brand": {"logo": {"url": image["url"]}}, "errors": []}
    told = await done(api, LOGO, {"brandId": brand, "imageId": None}, keeper)
    assert told == {"brand": {"logo": None}, "errors": []}


async def test_what_is_refused_says_where(api: Api, keeper: Person, product: str):
    nothing, no_media = global_id(Kind.IMAGE, new_id()), global_id(Kind.MEDIA, new_id())
    for given, code, path in (
        ({"source": {"url": "http://img.example.com/a.png"}}, "INVALID_INPUT", ["source", "url"]),
        ({"source": {"url": "javascript:alert(1)"}}, "INVALID_INPUT", ["source", "url"]),
        ({"source": {"imageId": nothing}}, "IMAGE_UNKNOWN", ["source", "imageId"]),
        ({"source": {"imageId": product}}, "INVALID_INPUT", ["source", "imageId"]),
        ({}, "INVALID_INPUT", ["source"]),
        ({"source": {"url": URL}, "alt": {"en": "x" * 301}}, "INVALID_INPUT", ["alt", "en"]),
        ({"source": {"url": URL}, "position": 7}, "INVALID_INPUT", ["position"]),
        ({"mediaId": no_media}, "NOT_FOUND", ["mediaId"]),
    ):
        told = await done(api, UPSERT, {"productId": product, **given}, keeper)
        assert [(error["code"], error["path"]) for error in told["errors"]] == [(code, ["input", *path])], given
    assert await db.value("SELECT count(*) FROM product_media") == 0
