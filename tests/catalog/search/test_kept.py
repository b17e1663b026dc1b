"""What the search knows follows what is written: at once with the product, and by a job where many are renamed."""

import asyncio
from datetime import timedelta
from uuid import UUID

from perkhub.catalog import (
    BrandDraft,
    CategoryDraft,
    VariantDraft,
    archive_variant,
    create_brand,
    create_category,
    create_variant,
    move_category,
    rebuild_search,
    update_brand,
    update_category,
    update_product,
    update_variant,
)
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.reactions import register_reactions
from tests.catalog.search.shelf import Shelf

UPDATED = "SELECT updated_at FROM product WHERE id = $1"


async def test_a_product_is_found_by_what_it_is_called_now(shelf: Shelf):
    product = await shelf.put("爱奇艺")
    await transact(lambda tx: update_product(tx, product, {"name": {"zh": "优酷"}}, expected_version=1))
    assert (await shelf.names("爱奇艺"), await shelf.names("优酷")) == ([], ["优酷"])


async def test_a_variant_brings_and_takes_its_words(shelf: Shelf):
    product = await shelf.put("优酷")
    made = await db.value(UPDATED, product)
    with travel(timedelta(hours=1)):
        variant = await transact(lambda tx: create_variant(tx, product, VariantDraft("HALF-YEAR", {"zh": "半年卡"})))
        assert await shelf.names("半年卡") == await shelf.names("half-year") == ["优酷"]
        assert await db.value(UPDATED, product) > made
        await transact(lambda tx: update_variant(tx, variant, {"name": {"zh": "双月卡"}}, expected_version=1))
        assert (await shelf.names("半年卡"), await shelf.names("双月")) == ([], ["优酷"])
        await transact(lambda tx: archive_variant(tx, variant, expected_version=2))
        assert await shelf.names("双月") == await shelf.names("half-year") == []


async def test_variants_added_at_once_are_all_found(shelf: Shelf):
    """Each transaction sees only the others' that have ended: who comes later reads them anew."""
    product = await shelf.put("优酷")
    names = ["子鼠", "丑牛", "寅虎", "卯兔", "辰龙", "巳蛇"]

    async def add(name: str) -> None:
        await transact(lambda tx: create_variant(tx, product, VariantDraft(f"AT-ONCE-{names.index(name)}", {"zh": name})))

    await asyncio.gather(*map(add, names))
    for name in names:
        assert await shelf.names(name) == ["优酷"], name


async def test_renamed_brands_and_moved_categories_are_followed(shelf: Shelf):
    register_reactions()
    brand = await transact(lambda tx: create_brand(tx, BrandDraft("acme", {"zh": "旧牌"})))
    outer = await transact(lambda tx: create_category(tx, CategoryDraft("outer", {"zh": "外面"})))
    inner = await transact(lambda tx: create_category(tx, CategoryDraft("inner", {"zh": "里面"})))
    product = await shelf.put("卡", brand_id=brand, category_ids=(inner,))
    before = await db.value(UPDATED, product)
    await transact(lambda tx: update_brand(tx, brand, {"name": {"zh": "新牌"}}, expected_version=1))
    await transact(lambda tx: update_category(tx, outer, {"name": {"zh": "户外"}}, expected_version=1))
    await transact(lambda tx: move_category(tx, inner, parent=outer, position=None, expected_version=1))
    await drain()
    for typed, names in (("旧牌", []), ("新牌", ["卡"]), ("户外", ["卡"]), ("里面", ["卡"])):
        assert await shelf.names(typed) == names, typed
    assert await db.value(UPDATED, product) == before


async def test_everything_can_be_made_anew(shelf: Shelf):
    for name in ("甲子", "乙丑"):
        await shelf.put(name)
    kept = await known()
    await db.value("DELETE FROM product_search")
    assert [many async for many in rebuild_search()] == [2]
    assert await known() == kept


async def known() -> dict[UUID, tuple[str, set[str]]]:
    rows = await db.rows("SELECT product_id, lines, keys FROM product_search")
    return {row["product_id"]: (row["lines"], set(row["keys"])) for row in rows}
