"""What is found by what was typed, and in which order."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from perkhub.catalog import (
    BrandDraft,
    CategoryDraft,
    ProductDraft,
    archive_product,
    create_brand,
    create_category,
    create_product,
)
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from tests.catalog.search.shelf import Shelf
from tests.catalog.search.test_text import ANY_TEXT
from tests.factories import Shop


async def test_two_characters_one_character_and_mixed_words_find(shelf: Shelf):
    await shelf.put("爱奇艺 VIP 月卡", "iQIYI VIP Monthly")
    await shelf.put("腾讯视频会员 季卡")
    assert await shelf.names("会员") == ["腾讯视频会员 季卡"]
    for typed in ("艺", "爱奇艺", "爱奇艺 vip 月卡", "月卡 ＶＩＰ", "iqiyi", "IQ", "monthly vip", "month", "爱奇艺vip"):
        assert await shelf.names(typed) == ["爱奇艺 VIP 月卡"], typed
    assert await shelf.names("爱奇艺 季卡") == []
    assert await shelf.names("!!!") == []
    assert len(await shelf.names("  　")) == 2


async def test_pinyin_and_its_initials_find(shelf: Shelf):
    await shelf.put("爱奇艺黄金会员")
    await shelf.put("重庆火锅")
    for typed in ("aqy", "aiqiyi", "huangjin", "hjhy", "AiQiYi"):
        assert await shelf.names(typed) == ["爱奇艺黄金会员"], typed
    assert await shelf.names("chongqing") == ["重庆火锅"]


async def test_numbers_brand_and_category_find(shelf: Shelf):
    video = await transact(lambda tx: create_category(tx, CategoryDraft("video", {"zh": "影音娱乐", "en": "Entertainment"})))
    inside = await transact(lambda tx: create_category(tx, CategoryDraft("film", {"zh": "电影"}), parent=video))
    brand = await transact(lambda tx: create_brand(tx, BrandDraft("disney", {"zh": "迪士尼", "en": "Disney"})))
    more = {"brand_id": brand, "category_ids": (inside,), "external_reference": "ERP-0815"}
    await shelf.put("年卡", sku="VIP-YEAR_1", slug="star-year", **more)
    await shelf.put("月卡")
    for typed in (
        "VIP-YEAR_1",
        "vip year",
        "star-year",
        "erp-0815",
        "0815",
        "迪士尼",
        "disney",
        "电影",
        "影音娱乐",
        "entertain",
        "dsn",
    ):
        assert await shelf.names(typed) == ["年卡"], typed


async def test_endings_of_english_words_do_not_matter(shelf: Shelf):
    await shelf.put("卡", "Streaming Membership Box")
    for typed in ("memberships", "streams", "boxes", "stream box"):
        assert await shelf.names(typed) == ["卡"], typed


async def test_exact_then_beginning_then_all_then_nearly(shelf: Shelf):
    for name in ("会员爱奇艺卡", "爱奇艺会员月卡", "爱奇意会员", "爱奇艺会员", "奇异果汁"):
        await shelf.put(name)
    # Of one rank the newest is first; what differs by a mistake comes last.
    assert await shelf.names("爱奇艺会员") == ["爱奇艺会员", "爱奇艺会员月卡", "会员爱奇艺卡", "爱奇意会员"]
    assert (await shelf.names("爱奇艺"))[:3] == ["爱奇艺会员", "爱奇艺会员月卡", "会员爱奇艺卡"]


@pytest.mark.parametrize(
    "typed", ["爱奇异黄金会员", "爱艺黄金会员", "爱奇艺艺黄金会员", "艺奇爱黄金", "netflx", "netlfix", "nettflix", "metflix"]
)
async def test_one_mistake_is_forgiven(shelf: Shelf, typed: str):
    await shelf.put("爱奇艺黄金会员")
    await shelf.put("Netflix 礼品卡", "Netflix Gift Card")
    await shelf.put("星巴克咖啡")
    assert await shelf.names(typed) == ["爱奇艺黄金会员" if not typed.isascii() else "Netflix 礼品卡"]


async def test_what_many_have_is_no_mistake(shelf: Shelf):
    for number in range(5):
        await shelf.put(f"水晶卡{number}")
    await shelf.put("水品卡")
    assert set(await shelf.names("水晶卡")) == {f"水晶卡{number}" for number in range(5)}
    assert (await shelf.names("水品卡"))[0] == "水品卡"


async def test_only_what_is_on_sale_here_is_found(shelf: Shelf, shop: Shop):
    shown = await shelf.put("爱奇艺")
    await shelf.put("爱奇艺一", channel=await shop.channel("business"))
    await shelf.put("爱奇艺二", price=None)
    gone = await shelf.put("爱奇艺三")
    await transact(lambda tx: archive_product(tx, gone, expected_version=1))
    found = await shelf.found("爱奇艺")
    assert [one.view.id for one in found.products] == [shown]
    assert len(await shelf.names("爱奇艺", everything=True)) == 4
    with travel(timedelta(days=-1)):
        assert await shelf.names("爱奇艺") == []


async def test_too_long_is_told(shelf: Shelf):
    with pytest.raises(InvalidInput) as refusal:
        await shelf.names("长" * 201)
    assert refusal.value.path == ("search",)


async def test_no_text_breaks_a_search(shelf: Shelf):
    """Neither as a name nor as what is typed, whatever it is made of."""

    @given(ANY_TEXT)
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def texts(text: str) -> None:
        typed.append(text)

    typed: list[str] = ["%", "\\", "'", '"', "\x1f", "{}", "NULL", "^ne", "=", "<", "\n", "\ud800", "🎁👨‍👩‍👧‍👦", "ﷺ" * 200]
    texts()
    for number, text in enumerate(typed):
        if text.strip() and text.isprintable() and len(text) <= 200:
            draft = ProductDraft(f"odd-{number}", {"zh": text})
            await transact(lambda tx, draft=draft: create_product(tx, draft))
        await shelf.found(text)
