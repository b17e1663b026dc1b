"""The order in which rows are locked, at the points where another order would be a deadlock."""

import asyncio
from typing import Any

import pytest

from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.orders import buy
from perkhub.vault import Recall, recall_lot
from tests.concurrency.competitor import apart, interrupt, waits_for_a_lock
from tests.factories import Shop
from tests.orders import desk


@pytest.fixture(autouse=True)
def unforgiving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock is retried in the house; here it ends the test."""
    monkeypatch.setattr(db, "CONFLICTS", ())


async def test_buyer_recall_and_refund_in_a_circle(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """A buyer has a code and comes to the listing; a recall waits for that code; a refund waits for the recall's lot.

    The refund must not have the listing yet: the buyer would wait for it, and nobody could go on.
    """
    variant = await shop.variant(codes=3, quota=9)
    assert variant.lot is not None
    lot = variant.lot.id
    buyer, other = await shop.customers(2, wallet="100.00")
    bought = await desk.buy(other, variant)
    others: list[asyncio.Task[Any]] = []

    async def recall() -> Recall:
        return await transact(lambda tx: recall_lot(tx, lot, reason="leaked", actor="staff:tests"))

    async def competitors() -> None:
        others.append(apart(recall()))
        await waits_for_a_lock(others[0])
        others.append(apart(desk.refund(other, bought)))
        await waits_for_a_lock(others[1], many=2)
        assert not any(one.done() for one in others)

    interrupt(monkeypatch, buy, "claim", competitors)
    await desk.buy(buyer, variant)
    recalled, refunded = [await one for one in others]
    assert (recalled.frozen, recalled.holders) == (1, 2)
    assert (refunded.state, await desk.stock_of(variant)) == ("refunded", (0, 0))
    assert await db.value("SELECT count(*) FROM code WHERE state = 'frozen'") == 2  # the refunded one did not come back
    await desk.assert_clean()


@pytest.mark.parametrize("table", ["listing", "stock", "listing_buyer", "unpaid_orders"])
async def test_no_foreign_key_locks_a_hot_row(shop: Shop, table: str):
    """A key-share lock from an insert elsewhere makes two sets of sorted claims on the same row wait for each other."""
    assert (
        await db.rows("SELECT conname FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::text::regclass", table) == []
    )


async def test_baskets_in_both_orders(shop: Shop):
    one, other = await shop.variant(codes=150, price="0.01"), await shop.variant(codes=150, price="0.01")
    buyers = await shop.customers(60, wallet="100.00")
    attempts = []
    for turn, buyer in enumerate(buyers):
        basket = [(one, 2), (other, 2)][:: 1 if turn % 2 else -1]
        attempts.append((desk.place if turn % 3 == 0 else desk.buy)(buyer, *basket))
    orders = await desk.outcomes(attempts)
    owners = {buyer.party_id: buyer for buyer in buyers}
    ends = [(desk.cancel if order.state == "placed" else desk.refund)(owners[order.party_id], order) for order in orders]
    await desk.outcomes([*ends, *(desk.buy(buyer, (other, 1), (one, 1)) for buyer in buyers)])
    assert (await desk.stock_of(one), await desk.stock_of(other)) == ((90, 0), (90, 0))
    await desk.assert_clean()
