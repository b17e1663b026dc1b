"""Codes with too little validity leave the stock, with their counter, their cost and a touch in the log."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transaction
from perkhub.kit.ids import new_id
from perkhub.vault import OutOfStock, Waiting, claim_codes, expire, expire_codes
from tests.factories import Shop
from tests.vault.desk import books, buy, elsewhere, ensure_counters_agree, states


async def test_codes_expire_before_their_shortest_validity(shop: Shop):
    variant = await shop.variant(codes=0, minimum_validity_days=30)
    await shop.lot(variant.id, codes=3, cost="10", expires_at=now() + timedelta(days=31))
    await shop.lot(variant.id, codes=2, cost="7", expires_at=now() + timedelta(days=60))
    await shop.lot(variant.id, codes=1, cost="1")
    assert await expire_codes() == 0
    with travel(timedelta(days=1)):
        assert await expire_codes() == 3
        assert await expire_codes() == 0
    assert await states(variant.id) == {"available": 3, "expired": 3}
    assert await books() == {"inventory": -1_500, "payable": 4_500, "loss": -3_000}
    with travel(timedelta(days=365)):
        assert await expire_codes() == 2
    assert await states(variant.id) == {"available": 1, "expired": 5}
    assert await books() == {"inventory": -100, "payable": 4_500, "loss": -4_400}
    touches = await db.rows("SELECT actor, count(*) AS rows FROM custody WHERE action = 'expired' GROUP BY actor")
    assert [tuple(row) for row in touches] == [("system:vault.expire", 5)]
    await ensure_counters_agree()


async def test_many_codes_in_chunks_of_several_variants_and_currencies(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(expire, "CODES_AT_ONCE", 7)
    soon = now() + timedelta(days=1)
    one, two = await shop.variant(codes=20, expires_at=soon), await shop.variant(codes=0)
    await shop.lot(two.id, codes=15, currency="JPY", cost="100", expires_at=soon)
    with travel(timedelta(days=2)):
        assert await expire_codes() == 35
    assert await states(one.id) == {"expired": 20}
    assert await states(two.id) == {"expired": 15}
    lost = await db.rows(
        "SELECT currency, sum(amount)::int AS lost FROM ledger_entry WHERE book = 'loss' GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in lost] == [("CNY", -20_000), ("JPY", -1_500)]
    await ensure_counters_agree()


async def test_a_code_that_is_being_bought_is_passed_over(shop: Shop):
    variant = await shop.variant(codes=3, expires_at=now() + timedelta(hours=1))
    async with transaction() as tx:
        await claim_codes(tx, [Waiting(new_id(), variant.id, now())], actor="tests")
        with travel(timedelta(hours=2)):
            assert await elsewhere(expire_codes()) == 2
    assert await states(variant.id) == {"sold": 1, "expired": 2}


async def test_sales_while_codes_expire(shop: Shop):
    variant = await shop.variant(codes=30, expires_at=now() + timedelta(hours=1))
    at = now()
    with travel(timedelta(hours=2)):
        bought = await asyncio.gather(
            *(buy(variant.id, usable_at=at) for _ in range(20)), expire_codes(), expire_codes(), return_exceptions=True
        )
    sold = sum(isinstance(result, list) for result in bought)
    assert {type(result) for result in bought[:20]} <= {list, OutOfStock}
    assert await states(variant.id) == Counter(sold=sold, expired=30 - sold)
    await ensure_counters_agree()
