"""The demo's benefits have pictures and can be found: by what they are, by attributes, in collections."""

from io import BytesIO

import pytest
from PIL import Image

from perkhub.catalog import product_by_slug
from perkhub.catalog.media import MediaDraft, add_media
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub_schema.demo import faces, shop
from perkhub_schema.demo.benefits import BENEFITS
from perkhub_schema.demo.faces import COLOURS, PATTERNS, pattern_of, show_pictures
from perkhub_schema.demo.pictures import SIZE, draw_picture, rings
from perkhub_schema.demo.shelves import BRANDS
from perkhub_schema.demo.shop import ensure_shop
from tests.schema.conftest import Api

FEW = BENEFITS[:3]
SHOWN = "SELECT count(*) media, count(DISTINCT product_id) products, count(DISTINCT image_id) images FROM product_media"
COLLECTIONS = "{ collections { nodes { slug name products { nodes { slug } } } } }"
FOUND = """{
    productFacets { kinds { kind count } attributes { code values { value count } } }
    yearly: products(where: { attributes: [{ code: "term", eq: "year" }] }) { totalCount }
    product(slug: "iqiyi-gold") { media { alt image { width height } } variants { price { strikethrough { amount } } } }
}"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (shop, faces):
        monkeypatch.setattr(module, "BENEFITS", FEW)


def test_every_brand_has_a_colour_of_its_own_and_every_benefit_a_pattern():
    assert {slug for slug, _ in BRANDS.values()} == set(COLOURS)
    assert len(set(COLOURS.values())) == len(COLOURS)
    assert {pattern_of(benefit.slug) for benefit in BENEFITS} == set(PATTERNS.values())


@pytest.mark.parametrize("name", ["JD.com", "NetEase Cloud Music", "A name that is much too long for one picture"])
def test_a_picture_is_drawn_of_any_name(name: str):
    with Image.open(BytesIO(draw_picture(name, "#ffc300", rings))) as picture:
        assert (picture.format, picture.size) == ("PNG", SIZE)
        assert len(picture.getcolors(SIZE[0] * SIZE[1]) or []) > 10


async def test_pictures_are_shown_once_and_an_operators_stays(house: None, few: None):
    await ensure_shop()
    product = await product_by_slug(FEW[0].slug)
    assert product is not None
    theirs = MediaDraft(url="https://img.example.com/a.png")
    await transact(lambda tx: add_media(tx, product.id, theirs))
    asked: list[None] = []
    for _ in range(2):
        await show_pictures(lambda: asked.append(None))
        row = await db.row(SHOWN)
        assert row is not None
        assert dict(row.items()) == {"media": 3, "products": 3, "images": 2}
    assert len(asked) == 2


async def test_the_shop_can_be_searched_through(api: Api, few: None):
    await ensure_shop()
    await show_pictures(lambda: None)
    collections = (await api(COLLECTIONS))["data"]["collections"]["nodes"]
    assert [one["slug"] for one in collections] == ["popular", "lunch-and-coffee", "a-whole-year"]
    slugs = [[product["slug"] for product in one["products"]["nodes"]] for one in collections]
    assert slugs == [["iqiyi-gold"], [], ["iqiyi-gold", "tencent-video"]]
    found = (await api(FOUND, language="zh"))["data"]
    assert found["productFacets"]["kinds"] == [{"kind": "MEMBERSHIP", "count": 3}, {"kind": "CODE", "count": 1}]
    assert [one["code"] for one in found["productFacets"]["attributes"]] == ["place", "term"]
    assert found["yearly"] == {"totalCount": 2}
    [media] = found["product"]["media"]
    assert media == {"alt": "爱奇艺卡面", "image": {"width": SIZE[0], "height": SIZE[1]}}
    assert [one["price"]["strikethrough"]["amount"] for one in found["product"]["variants"]] == ["30.00", "78.00", "258.00"]
