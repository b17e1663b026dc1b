"""Coupons: codes that nobody mistypes unseen, made exactly as many as were asked for, each used once whoever comes at once."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import pytest

from perkhub.campaigns.coupons import (
    CouponMistyped,
    CouponNotYours,
    CouponState,
    CouponUnknown,
    CouponUsed,
    batches_of,
    find_coupons,
    give_back_coupons,
    make_batch,
    normal_code,
    request_batch,
    use_coupons,
)
from perkhub.campaigns.coupons import make as making
from perkhub.campaigns.coupons import sql as claims
from perkhub.campaigns.coupons import use as using
from perkhub.campaigns.coupons.codes import code_of, codes_of, shown
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import READABLE, new_id
from tests.campaigns.couponed import made

SECRET = b"s" * 32
in_a_house = pytest.mark.usefixtures("database", "opened_keys")


def test_a_code_is_read_as_people_type_it():
    code = code_of(SECRET, 1)
    assert len(code) == 12
    assert set(code) <= set(READABLE)
    for typed in (code, code.lower(), shown(code), f" {shown(code).lower()}\n", code.replace("", " ")):
        assert normal_code(typed) == code
    for typed in ("", code[:-1], code + code[-1], "不是券码", "O" * 12, "🎫" * 12):
        assert normal_code(typed) is None


def test_every_single_slip_is_seen():
    for number in range(40):
        code = code_of(SECRET, number)
        for at in range(12):
            for other in READABLE:
                if other != code[at]:
                    assert normal_code(code[:at] + other + code[at + 1 :]) is None
        for at in range(11):
            if code[at] != code[at + 1]:
                assert normal_code(code[:at] + code[at + 1] + code[at] + code[at + 2 :]) is None


def test_codes_are_spread_evenly():
    counts = Counter("".join(code_of(SECRET, number)[:-1] for number in range(5000)))
    due = 5000 * 11 / len(READABLE)
    assert sum((counts[one] - due) ** 2 / due for one in READABLE) < 80  # 30 degrees of freedom; chance passes 80 in 10^-6


def test_codes_made_at_once_are_those_made_one_by_one():
    numbers = [*range(1, 300), 2**31 - 1, 5]
    codes = codes_of(SECRET, numbers)
    assert codes == [code_of(SECRET, number) for number in numbers]
    assert len(set(codes)) == len(numbers) - 1
    assert not set(codes) & set(codes_of(b"t" * 32, numbers))
    assert code_of(SECRET, 1) == "8P3GX4MYDPND"  # what was printed must be found for ever


@in_a_house
async def test_as_many_as_were_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(making, "CODES_IN_A_CHUNK", 300)
    campaign = new_id()
    codes = await made(campaign, 1000)
    assert len(set(codes)) == 1000
    assert [(batch.made, batch.state) for batch in await batches_of(campaign)] == [(1000, "ready")]
    assert {coupon.state for coupon in await find_coupons(codes[:50], party=None)} == {CouponState.FREE}
    stored = await db.rows("SELECT coupon::text AS row FROM coupon UNION ALL SELECT coupon_batch::text FROM coupon_batch")
    assert not any(code.replace("-", "") in row["row"] for row in stored for code in codes[:20])


@in_a_house
async def test_two_codes_that_are_the_same_are_made_good(monkeypatch: pytest.MonkeyPatch):
    """It happens once in fifty thousand batches of a million; here the tenth code is the ninth again."""

    def the_same_twice(secret: bytes, numbers: Iterable[int]) -> list[str]:
        return codes_of(secret, [9 if number == 10 else number for number in numbers])

    monkeypatch.setattr(making, "codes_of", the_same_twice)
    campaign = new_id()
    batch = await transact(lambda tx: request_batch(tx, new_id(), campaign, quantity=50))
    await make_batch(batch.id)
    numbers = [row["number"] for row in await db.rows("SELECT number FROM coupon ORDER BY number")]
    assert numbers == [*range(1, 10), *range(11, 52)]


@in_a_house
async def test_two_workers_make_one_batch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(making, "CODES_IN_A_CHUNK", 50)
    batch = await transact(lambda tx: request_batch(tx, new_id(), new_id(), quantity=500))
    await asyncio.gather(*(make_batch(batch.id) for _ in range(4)))
    await make_batch(batch.id)  # whoever gave up left it to the others; a job that is lost runs again
    assert await db.value("SELECT count(*) FROM coupon") == 500


@in_a_house
@pytest.mark.parametrize("quantity", [0, -1, 5_000_001])
async def test_how_many_may_be_asked_for(quantity: int):
    with pytest.raises(InvalidInput) as refused:
        await transact(lambda tx: request_batch(tx, new_id(), new_id(), quantity=quantity))
    assert refused.value.path == ("quantity",)


async def use(coupons: Sequence[int], party: UUID, order: UUID) -> None:
    await transact(lambda tx: use_coupons(tx, coupons, party=party, order=order))


@in_a_house
async def test_a_coupon_is_used_once_and_given_back_to_its_owner():
    campaign, buyer, order = new_id(), new_id(), new_id()
    codes = await made(campaign, 3)
    [coupon] = await find_coupons(codes[:1], party=buyer)
    await use([coupon.id], buyer, order)
    with pytest.raises(CouponUsed):
        await find_coupons(codes[:1], party=buyer)
    with pytest.raises(CouponNotYours):
        await find_coupons(codes[:1], party=new_id())
    assert await transact(lambda tx: give_back_coupons(tx, order)) == 1
    assert await transact(lambda tx: give_back_coupons(tx, order)) == 0
    [again] = await find_coupons(codes[:1], party=buyer)
    assert (again.state, again.party_id) == (CouponState.BOUND, buyer)
    assert again.code == codes[0]


@in_a_house
async def test_forty_at_once_use_one_coupon():
    campaign = new_id()
    [code] = await made(campaign, 1)
    [coupon] = await find_coupons([code], party=None)
    outcomes = await asyncio.gather(*(use([coupon.id], new_id(), new_id()) for _ in range(40)), return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {type(None): 1, CouponNotYours: 39}


@in_a_house
async def test_the_race_is_real(monkeypatch: pytest.MonkeyPatch):
    """With the states taken out of the claim, the same forty use it all."""
    monkeypatch.setattr(
        using,
        "USE",
        claims.USE.replace("c.state IN ('free', 'bound') AND (c.party_id IS NULL OR c.party_id = $3::uuid)", "true"),
    )
    [code] = await made(new_id(), 1)
    [coupon] = await find_coupons([code], party=None)
    outcomes = await asyncio.gather(*(use([coupon.id], new_id(), new_id()) for _ in range(40)), return_exceptions=True)
    assert [outcome for outcome in outcomes if outcome is not None] == []


@in_a_house
async def test_all_or_none_are_used():
    codes = await made(new_id(), 3)
    first, second, third = [coupon.id for coupon in await find_coupons(codes, party=None)]
    await use([second], new_id(), new_id())
    with pytest.raises(CouponNotYours) as refused:
        await use([first, second, third], new_id(), new_id())
    assert refused.value.path == ("1",)
    assert await db.value("SELECT count(*) FROM coupon WHERE state = 'free'") == 2


@in_a_house
async def test_a_code_that_is_none_is_not_looked_for():
    guesses = ["".join(random.Random(at).choices(READABLE, k=12)) for at in range(100)]
    right_form = [guess for guess in guesses if normal_code(guess)]
    assert len(right_form) < 20
    for guess in (*guesses[:20], *right_form):
        with pytest.raises(CouponMistyped if normal_code(guess) is None else CouponUnknown) as refused:
            await find_coupons([guess], party=None)
        assert refused.type is (CouponMistyped if normal_code(guess) is None else CouponUnknown)
