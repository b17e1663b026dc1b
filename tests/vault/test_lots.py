"""Reading lots, imports and stock page by page."""

from decimal import Decimal

from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.vault import (
    CodeState,
    ImportState,
    LotState,
    StockLevel,
    codes_by_state,
    hold_stock,
    imports_by_ids,
    list_imports,
    list_lots,
    lots_by_ids,
    read_import,
    recall_lot,
    stock_of,
)
from tests.factories import Shop
from tests.vault.desk import bring_in, buy, csv, numbered


async def test_lots_newest_first(shop: Shop):
    one, two = await shop.variant(codes=1, cost="2.5"), await shop.variant(codes=2)
    newest = await shop.lot(one.id, codes=3)
    everything = [lot.id for lot in await list_lots()]
    assert everything == [newest.id, two.lot.id, one.lot.id]
    first = await list_lots(limit=2)
    assert [lot.id for lot in first + await list_lots(before=first[-1].id)] == everything
    of_one = await list_lots(variant=one.id)
    assert [lot.quantity for lot in of_one] == [3, 1]
    assert (of_one[1].unit_cost, of_one[1].currency, of_one[1].state) == (Decimal("2.5"), "CNY", LotState.OPEN)
    await transact(lambda tx: recall_lot(tx, newest.id, reason="Wrong", actor="tests"))
    assert [(lot.state, lot.recalled_reason) for lot in await lots_by_ids([newest.id, new_id()])] == [
        (LotState.RECALLED, "Wrong")
    ]


async def test_codes_by_state(shop: Shop):
    variant, unknown = await shop.variant(codes=3), new_id()
    await buy(variant.id)
    assert await codes_by_state([variant.lot.id, unknown]) == {
        variant.lot.id: {CodeState.AVAILABLE: 2, CodeState.SOLD: 1},
        unknown: {},
    }


async def test_imports_newest_first(shop: Shop):
    variant = await shop.variant(codes=0)
    good = await bring_in(csv(numbered(1, 2)), variant.id, name="good.csv")
    bad = await bring_in(csv([["1", "", ""]]), variant.id, name="bad.csv")
    assert [one.id for one in await list_imports()] == [bad.id, good.id]
    assert [one.id for one in await list_imports(before=bad.id, limit=1)] == [good.id]
    assert await imports_by_ids([good.id, bad.id]) == [good, bad]
    assert await read_import(new_id()) is None
    assert (good.state, good.filename, good.lot_id) == (ImportState.DONE, "good.csv", (await list_lots())[0].id)
    assert (bad.state, bad.lot_id) == (ImportState.FAILED, None)
    assert [one.message("zh") for one in bad.refusals] == [
        "第 2 行“卡号”列须为 4 至 128 位字母、数字或符号。",
        "第 2 行“密码”列为空。",
    ]


async def test_stock_of_variants(shop: Shop):
    variant, unknown = await shop.variant(codes=3), new_id()
    await transact(lambda tx: hold_stock(tx, {variant.id: 2}))
    assert await stock_of([variant.id, unknown]) == {variant.id: StockLevel(3, 2), unknown: StockLevel()}
    assert (await stock_of([variant.id]))[variant.id].free == 1
    assert StockLevel(1, 3).free == 0
