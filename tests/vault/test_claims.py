"""Claims: first expiring first, valid for long enough, and never one code for two, with many real connections at once."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.vault import OutOfStock, Waiting, claim_codes, return_codes
from perkhub.vault import claim as claim_module
from perkhub.vault.sql import CLAIM_CODES
from tests.factories import Shop
from tests.vault.desk import buy, claim, ensure_counters_agree, states

BUYERS = 60
CODES = 25


async def buy_at_once(variant: UUID, *, buyers: int = BUYERS) -> tuple[list[UUID], int]:
    """The codes that were dealt, and how many buyers went away without one."""
    results = await asyncio.gather(*(buy(variant) for _ in range(buyers)), return_exceptions=True)
    dealt = [code.sealed.code_id for result in results if isinstance(result, list) for code in result]
    refused = [result for result in results if isinstance(result, OutOfStock)]
    assert len(dealt) + len(refused) == buyers, results
    return dealt, len(refused)


async def test_what_expires_first_goes_first(shop: Shop):
    variant = await shop.variant(codes=0)
    lots = {}
    for days in (90, 30, None, 60):
        expires_at = None if days is None else now() + timedelta(days=days)
        lots[days] = await shop.lot(variant.id, codes=2, expires_at=expires_at)
    dealt = [one.sealed.lot_id for _ in range(4) for one in await claim(variant.id, 2, usable_at=now())]
    assert dealt == [lots[days].id for days in (30, 60, 90, None) for _ in range(2)]
    assert await states(variant.id) == {"sold": 8}


async def test_codes_with_too_little_validity_are_passed_over(shop: Shop):
    variant = await shop.variant(codes=0)
    await shop.lot(variant.id, codes=3, expires_at=now() + timedelta(days=10))
    later = await shop.lot(variant.id, codes=2, expires_at=now() + timedelta(days=40))
    dealt = await claim(variant.id, 5, usable_at=now() + timedelta(days=30))
    assert [code.sealed.lot_id for code in dealt] == [later.id] * 2
    assert await states(variant.id) == {"sold": 2, "available": 3}


async def test_a_code_that_expires_at_that_moment_is_not_valid_beyond_it(shop: Shop):
    variant = await shop.variant(codes=0)
    end = now() + timedelta(days=1)
    await shop.lot(variant.id, codes=1, expires_at=end)
    assert await claim(variant.id, 1, usable_at=end) == []
    assert len(await claim(variant.id, 1, usable_at=end - timedelta(microseconds=1))) == 1


async def test_several_variants_and_validities_in_one_statement(shop: Shop):
    one, two = await shop.variant(codes=3), await shop.variant(codes=3)
    waiting = [Waiting(new_id(), variant, now()) for variant in (one.id, two.id, one.id, two.id, two.id, two.id)]
    dealt = await transact(lambda tx: claim_codes(tx, waiting, actor="tests", seen_at_once=True))
    by_lot = Counter(code.sealed.lot_id for code in dealt.values())
    assert by_lot == {one.lot.id: 2, two.lot.id: 3}
    assert dealt.keys() < {one.entitlement_id for one in waiting}
    touches = await db.rows("SELECT action, entitlement_id, code_id FROM custody WHERE action <> 'in' ORDER BY id")
    assert Counter(row["action"] for row in touches) == {"sold": 5, "revealed": 5}
    assert all(dealt[row["entitlement_id"]].sealed.code_id == row["code_id"] for row in touches)


async def test_many_buyers_of_few_codes(shop: Shop):
    variant = await shop.variant(codes=CODES)
    dealt, refused = await buy_at_once(variant.id)
    assert (len(set(dealt)), len(dealt), refused) == (CODES, CODES, BUYERS - CODES)
    assert await states(variant.id) == {"sold": CODES}
    assert await db.value("SELECT available FROM stock WHERE variant_id = $1", variant.id) == 0
    await ensure_counters_agree()


async def test_many_buyers_of_many_codes_all_get_one(shop: Shop):
    variant = await shop.variant(codes=BUYERS)
    dealt, refused = await buy_at_once(variant.id)
    assert (len(set(dealt)), refused) == (BUYERS, 0)


async def test_the_race_is_real(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Without the claim's row locks, and without the unique column of the units, codes are given twice."""
    unguarded = CLAIM_CODES.replace("FOR NO KEY UPDATE SKIP LOCKED", "")
    assert unguarded != CLAIM_CODES
    monkeypatch.setattr(claim_module, "CLAIM_CODES", unguarded)
    variant = await shop.variant(codes=CODES)
    dealt, _ = await buy_at_once(variant.id)
    assert len(set(dealt)) < len(dealt)


async def test_buyers_and_returns_at_once(shop: Shop):
    """Codes go out and come back all the time; none is ever in two hands."""
    variant = await shop.variant(codes=5)
    holding: Counter[UUID] = Counter()

    async def buy_and_return() -> None:
        for _ in range(4):
            try:
                (code,) = await buy(variant.id)
            except OutOfStock:
                continue
            code_id = code.sealed.code_id
            holding[code_id] += 1
            assert holding[code_id] == 1, "somebody else holds it"
            await asyncio.sleep(0)
            holding[code_id] -= 1
            await transact(lambda tx, code=code_id: return_codes(tx, [(code, new_id())], actor="tests"))

    await asyncio.gather(*(buy_and_return() for _ in range(20)))
    assert await states(variant.id) == {"available": 5}
    assert await db.value("SELECT available FROM stock WHERE variant_id = $1", variant.id) == 5
