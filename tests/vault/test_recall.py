"""Recalls freeze what is unsold in one step with the counters and the books; a code is sold before or frozen, never both."""

import asyncio
from datetime import timedelta

import pytest

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError
from perkhub.kit.ids import new_id
from perkhub.vault import OutOfStock, Recall, codes_sold_of_lot, hold_stock, recall, recall_lot, return_codes, settle_stock
from tests.factories import Shop
from tests.vault.desk import books, buy, claim, count_of, ensure_counters_agree, states


async def recalled(lot: object, reason: str = "Stolen at the printer's") -> Recall:
    return await transact(lambda tx: recall_lot(tx, lot, reason=reason, actor="staff:operator"))


async def test_the_unsold_are_frozen_and_the_sold_are_listed(shop: Shop):
    variant = await shop.variant(codes=6, cost="10")
    other = await shop.lot(variant.id, codes=2, cost="10", expires_at=now() + timedelta(days=900))
    for _ in range(2):
        await buy(variant.id, quantity=2)  # the other lot expires first
    done = await recalled(variant.lot.id)
    assert done == Recall(frozen=4, holders=2)
    assert await states(variant.id) == {"frozen": 4, "sold": 4}
    sold = await codes_sold_of_lot(variant.lot.id)
    assert len(sold) == 2
    assert await codes_sold_of_lot(variant.lot.id, after=sold[0], limit=1) == sold[1:]
    assert await codes_sold_of_lot(variant.lot.id, after=sold[1]) == []
    assert await codes_sold_of_lot(other.id, limit=1) != []
    assert await books() == {"inventory": -4_000, "payable": 8_000, "loss": -4_000}
    lot = await db.row("SELECT state, recalled_reason FROM lot WHERE id = $1", variant.lot.id)
    assert lot is not None
    assert tuple(lot) == ("recalled", "Stolen at the printer's")
    touches = await db.rows("SELECT DISTINCT actor, lot_id FROM custody WHERE action = 'frozen'")
    assert [tuple(row) for row in touches] == [("staff:operator", variant.lot.id)]
    assert await db.value("SELECT count(*) FROM custody WHERE action = 'frozen'") == 4
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'lot.recalled'") == 1
    await ensure_counters_agree()


async def test_more_codes_than_one_statement_takes(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recall, "CODES_AT_ONCE", 7)
    variant = await shop.variant(codes=50)
    assert await recalled(variant.lot.id) == Recall(frozen=50, holders=0)
    assert await db.value("SELECT count(*) FROM custody WHERE action = 'frozen'") == 50
    await ensure_counters_agree()


async def test_a_lot_is_recalled_once(shop: Shop):
    variant = await shop.variant(codes=3)
    results = await asyncio.gather(*(recalled(variant.lot.id) for _ in range(5)), return_exceptions=True)
    assert [result for result in results if isinstance(result, Recall)] == [Recall(3, 0)]
    refused = [result for result in results if isinstance(result, DomainError)]
    assert {(one.code, one.path) for one in refused} == {("LOT_NOT_OPEN", ("lotId",))}
    assert len(refused) == 4
    await ensure_counters_agree()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_a_recall_needs_a_reason(shop: Shop, reason: str):
    variant = await shop.variant(codes=1)
    with pytest.raises(DomainError) as refused:
        await recalled(variant.lot.id, reason)
    assert refused.value.path == ("reason",)
    assert await states(variant.id) == {"available": 1}


async def test_an_unknown_lot(shop: Shop):
    with pytest.raises(DomainError) as refused:
        await recalled(new_id())
    assert (refused.value.code, refused.value.path) == ("NOT_FOUND", ("lotId",))


async def test_promises_may_outlive_their_codes_but_no_sale_does(shop: Shop):
    variant = await shop.variant(codes=5)
    await transact(lambda tx: hold_stock(tx, {variant.id: 3}))
    await recalled(variant.lot.id)
    row = await db.row("SELECT available, held FROM stock WHERE variant_id = $1", variant.id)
    assert row is not None
    assert tuple(row) == (0, 3)
    with pytest.raises(OutOfStock):
        await buy(variant.id)
    await transact(lambda tx: settle_stock(tx, taken={}, promised={variant.id: 3}))
    assert await claim(variant.id, 1, usable_at=now()) == []


async def test_a_code_that_comes_back_from_its_holder_stays_out(shop: Shop):
    variant = await shop.variant(codes=2, cost="10")
    (code,) = await buy(variant.id)
    await recalled(variant.lot.id)
    before = await books()
    await transact(lambda tx: return_codes(tx, [(code.sealed.code_id, new_id())], actor="tests"))
    assert await states(variant.id) == {"frozen": 2}
    after = await books()
    # A refund has put the cost back into the inventory before; what is frozen is worth nothing.
    assert (after["inventory"] - before["inventory"], after["loss"] - before["loss"]) == (1_000, -1_000)
    touches = await db.rows("SELECT action FROM custody WHERE code_id = $1 ORDER BY id", code.sealed.code_id)
    assert [row["action"] for row in touches] == ["in", "sold", "returned", "frozen"]
    await ensure_counters_agree()


@pytest.mark.parametrize("turn", range(3))
async def test_sales_and_returns_while_a_lot_is_recalled(shop: Shop, turn: int):
    """Thirty buyers on real connections against one recall: who wins differs, the sums do not."""
    variant = await shop.variant(codes=40)
    kept: list[object] = []

    async def buyer(number: int) -> None:
        await asyncio.sleep(0.001 * (number % (5 + 5 * turn)))
        (code,) = await buy(variant.id)
        if number % 3 == 0:
            await transact(lambda tx: return_codes(tx, [(code.sealed.code_id, new_id())], actor="tests"))
        else:
            kept.append(code.sealed.code_id)

    async def caller() -> Recall:
        await asyncio.sleep(0.004 * turn)
        return await recalled(variant.lot.id)

    done, *bought = await asyncio.gather(caller(), *(buyer(number) for number in range(30)), return_exceptions=True)
    assert isinstance(done, Recall)
    assert {type(result) for result in bought} <= {type(None), OutOfStock}
    counted = await states(variant.id)
    assert counted["sold"] == len(set(kept)) == len(kept)
    assert counted["frozen"] == 40 - len(kept)
    assert counted["available"] == 0
    frozen = await db.rows("SELECT code_id FROM custody WHERE action = 'frozen'")
    assert len({row["code_id"] for row in frozen}) == len(frozen) == counted["frozen"]
    assert await db.value("SELECT available FROM stock WHERE variant_id = $1", variant.id) == 0
    assert await count_of("ledger_transfer") >= 2
    await ensure_counters_agree()
