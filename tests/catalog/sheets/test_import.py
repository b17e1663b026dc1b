"""Sheets of products come in: rows put together, cells read, faults told by row and column, each policy as it says."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from perkhub.catalog import (
    AttributeType,
    ProductView,
    SheetImportState,
    listings_of_variants,
    product_by_slug,
    variants_of_products,
)
from perkhub.kit import db
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.db import transact
from perkhub.kit.uploads import UploadInUse, forget_uploads
from tests.catalog.sheets.desk import HEADER, ask, bring_in, catalog_stays, counts, csv, found, numbered, told, upload, xlsx
from tests.factories import Shop
from tests.orders import desk

CHINESE = """
商品外部编号 商品标识 商品名称 商品类型 品牌 分类 标签 属性.colour 元数据.erp 有效天数
规格编码 规格名称 规格属性.months 面值 面值币种 渠道 售价 上架时间 下架时间 限量
"""
DONE, CHECKED, FAILED = SheetImportState.DONE, SheetImportState.CHECKED, SheetImportState.FAILED


async def product(slug: str) -> ProductView:
    view = await product_by_slug(slug)
    assert view is not None
    return view


async def test_products_come_in_once_and_again_change_nothing(shop: Shop):
    await shop.channel()
    rows = numbered(7)
    done = await bring_in(xlsx(rows))
    assert (done.state, counts(done), done.rows_read, done.refused) == (DONE, (7, 0, 0, 0), 7, 0)
    assert await db.value("SELECT count(*) FROM upload") == 0
    done = await bring_in(xlsx(rows))
    assert (done.state, counts(done)) == (DONE, (0, 0, 7, 0))
    done = await bring_in(csv(numbered(8, price="11"), header=HEADER, encoding="gb18030"), name="a.csv")
    assert (done.state, counts(done)) == (DONE, (1, 7, 0, 0))
    versions = "SELECT count(*) FROM product p JOIN listing l ON l.product_id = p.id WHERE p.version = 1 AND l.unit_price = 11"
    assert await db.value(versions) == 8
    await desk.assert_clean()


async def test_rows_of_one_product_are_put_together_in_chinese_too(shop: Shop):
    retail, other = await shop.channel(), await shop.channel("partner", zone="UTC")
    await shop.attribute("colour", AttributeType.MULTISELECT)
    await shop.attribute("months", AttributeType.NUMBER)
    brand, shelf = await shop.brand(), await shop.category()
    shelf_slug = await db.value("SELECT slug FROM category WHERE id = $1", shelf)
    header = CHINESE.split()
    first = ("ERP-1", "gold", "黄金会员", "会员", "acme", shelf_slug, '礼品; "a;b"', "A；b", "17", 30)
    rows: list[tuple[Any, ...]] = [
        (*first, "GOLD-1", "月卡", 1, 25, "cny", "retail", "19.90", "2026-12-01 08:00", "2027/1/31", ""),
        (*[""] * 10, "GOLD-1", "", "", "", "", "partner", "１８.5", "2026-12-01", "2027-01-31T00:00:00+08:00", 5),
        ("", "gold", *[""] * 8, "GOLD-3", "季卡", 3, "", "", "", "", "", "", ""),
        ("ERP-2", "silver", "白银会员", *[""] * 17),
    ]
    done = await bring_in(xlsx(rows, header=header))
    assert (done.state, counts(done), told(done)) == (DONE, (2, 0, 0, 0), [])
    view = await product("gold")
    assert (view.external_reference, view.kind, view.brand_id) == ("ERP-1", "membership", brand)
    assert (view.attributes, view.tags, view.metadata) == ({"colour": ["a", "b"]}, ("礼品", "a;b"), {"erp": "17"})
    assert (view.validity.kind, view.validity.days) == ("from_delivery", 30)
    month, season = await variants_of_products([view.id])
    assert (month.sku, month.face_value, month.face_currency, month.attributes) == ("GOLD-1", 25, "CNY", {"months": 1})
    assert (season.sku, season.name, season.attributes) == ("GOLD-3", {"zh": "季卡"}, {"months": 3})
    sold = {one.channel_id: one for one in await listings_of_variants([month.id])}
    assert sold[retail.id].unit_price == Decimal("19.90")
    assert sold[retail.id].published_from == datetime(2026, 12, 1, tzinfo=UTC)
    assert sold[retail.id].published_until == datetime(2027, 1, 31, 16, tzinfo=UTC)  # through the 31st, in Shanghai
    assert (sold[other.id].unit_price, sold[other.id].quota) == (Decimal("18.5"), 5)
    assert sold[other.id].published_from == datetime(2026, 12, 1, tzinfo=UTC)
    assert sold[other.id].published_until == datetime(2027, 1, 30, 16, tzinfo=UTC)


async def test_a_column_that_is_not_there_says_nothing_and_an_empty_cell_takes_away(shop: Shop):
    await shop.channel()
    await shop.attribute("colour", AttributeType.TEXT)
    header = (*HEADER, "tags", "attribute.colour", "quota", "metadata.a", "metadata.b")
    await bring_in(xlsx([(*numbered(1)[0], "gift", "red", 9, "1", "2")], header=header))
    await bring_in(xlsx([("p-0", "新名", "SKU-0", 1)], header=("slug", "name_zh", "sku", "position")))
    view = await product("p-0")
    assert (view.name, view.tags, view.attributes) == ({"zh": "新名"}, ("gift",), {"colour": "red"})
    kept = ("slug", "tags", "attribute.colour", "sku", "channel", "quota", "limit_per_customer", "metadata.a")
    done = await bring_in(xlsx([("p-0", "", "", "SKU-0", "retail", "", 3, "")], header=kept))
    assert (counts(done), told(done)) == ((0, 1, 0, 0), [])
    view = await product("p-0")
    assert (view.name, view.tags, view.attributes, view.metadata) == ({"zh": "新名"}, (), {}, {"b": "2"})
    [form] = await variants_of_products([view.id])
    [sold] = await listings_of_variants([form.id])
    assert (sold.unit_price, sold.quota, sold.limit_per_customer) == (10, None, 3)


FAULTY_HEADER = (*HEADER, "brand", "valid_until", "tags", "published_until", "version", "")
FAULTY = [
    ("good", "好", "GOOD", "月卡", "retail", 10, "", "", "", "", "", ""),
    ("bad_slug", "名", "S-1", "月卡", "retail", 10, "", "", "", "", "", ""),
    ("p-0", "新", "SKU-0", "月卡", "retail", "many", "nobody", "2026-13-01", "a;a", "never", "", ""),
    ("p-0", "别", "SKU-9", "", "nowhere", 10, "", "", "", "", "", ""),
    ("late", "晚", "L-1", "月卡", "retail", -1, "", "", "", "2020-01-01", 3, "x"),
    ("good", "好", "GOOD-2", "月卡", "", "", "", "", "", "", "", ""),
    ("twice", "二", "GOOD", "月卡", "", "", "", "", "", "", "", ""),
]
WHY = [
    (3, "slug", "INVALID_INPUT"),
    (4, "brand", "INVALID_INPUT"),
    (4, "price", "INVALID_INPUT"),
    (4, "tags", "INVALID_INPUT"),
    (4, "published_until", "INVALID_INPUT"),
    (4, "valid_until", "INVALID_INPUT"),
    (5, "channel", "INVALID_INPUT"),
    (5, "name_zh", "INVALID_INPUT"),
    (5, "variant_name_zh", "INVALID_INPUT"),
    (6, "price", "INVALID_INPUT"),
    (6, "published_until", "INVALID_INPUT"),
    (6, "version", "INVALID_INPUT"),
    (6, "L", "INVALID_INPUT"),
    (7, "slug", "INVALID_INPUT"),
    (8, "sku", "ALREADY_NAMED"),
]


async def test_each_policy_does_what_it_says_and_tells_rows_and_columns(shop: Shop):
    await shop.channel()
    await bring_in(xlsx(numbered(1)))
    sheet = workbook_of(FAULTY)
    why = sorted(WHY)
    async with catalog_stays():
        done = await bring_in(sheet)
        assert (done.state, sorted(told(done)), done.refused) == (FAILED, why, len(why))
        assert done.failure is not None
        assert done.failure.code == "SHEET_ROWS_REFUSED"
        done = await bring_in(sheet, dry_run=True, error_policy=ErrorPolicy.REJECT_FAILED_ROWS)
        assert (done.state, sorted(told(done)), counts(done)) == (CHECKED, why, (1, 0, 0, 5))
    done = await bring_in(sheet, error_policy=ErrorPolicy.REJECT_FAILED_ROWS)
    assert (done.state, sorted(told(done)), counts(done)) == (DONE, why, (1, 0, 0, 5))
    assert (await product("p-0")).name == {"zh": "商品0"}
    done = await bring_in(sheet, error_policy=ErrorPolicy.IGNORE_FAILED)
    assert (done.state, counts(done)) == (DONE, (1, 1, 1, 3))
    view = await product("p-0")
    assert (view.name, view.tags, view.version) == ({"zh": "新"}, (), 2)
    [form] = await variants_of_products([view.id])
    [sold] = await listings_of_variants([form.id])
    assert (form.sku, sold.unit_price, sold.version) == ("SKU-0", 10, 1)
    assert [one.sku for one in await variants_of_products([(await product("twice")).id])] == []


def workbook_of(rows: list[tuple[Any, ...]]) -> bytes:
    return xlsx(rows, header=FAULTY_HEADER)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (("slug", "colour"), "SHEET_COLUMNS_UNKNOWN"),
        (("slug", "商品标识"), "SHEET_COLUMN_REPEATED"),
        (("name_zh", "sku"), "SHEET_KEY_MISSING"),
        (("attribute.", "slug"), "SHEET_COLUMNS_UNKNOWN"),
    ],
)
async def test_a_header_that_says_nothing_is_refused(shop: Shop, header: tuple[str, ...], code: str):
    done = await bring_in(xlsx([["x"] * len(header)], header=header))
    assert done.failure is not None
    assert (done.state, done.failure.code, await db.value("SELECT count(*) FROM upload")) == (FAILED, code, 0)


async def test_a_channel_in_which_the_actor_sets_no_prices_is_none(shop: Shop):
    retail, _ = await shop.channel(), await shop.channel("partner")
    rows = [("a", "甲", "A", "月卡", "retail", 1), ("b", "乙", "B", "月卡", "partner", 1)]
    done = await bring_in(xlsx(rows), channels=[retail.id], error_policy=ErrorPolicy.REJECT_FAILED_ROWS)
    assert (counts(done), told(done)) == ((1, 0, 0, 1), [(3, "channel", "INVALID_INPUT")])
    # Rows may leave it to the request.
    done = await bring_in(
        xlsx([("c", "丙", "C", "月卡", 5)], header=[one for one in HEADER if one != "channel"]), channel="retail"
    )
    assert counts(done) == (1, 0, 0, 0)
    assert await db.value("SELECT count(*) FROM listing") == 2


async def test_an_upload_is_taken_in_by_one_import_at_a_time_and_waits_for_it(shop: Shop):
    await shop.channel()
    sheet = xlsx(numbered(1))
    sent = await upload(sheet, name="p.xlsx")
    asked = await ask(sheet, upload_id=sent)
    with pytest.raises(UploadInUse):
        await ask(sheet, upload_id=sent)
    assert (await found(asked)).state is SheetImportState.QUEUED
    assert await transact(lambda tx: tx.value("SELECT count(*) FROM upload")) == 3
    assert await forget_uploads() == 0
