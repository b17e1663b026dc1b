"""A code is either seen or refunded, whoever is first: both at once for a thousand units, and at exact points."""

from collections import Counter

import pytest

from perkhub.entitlements import EntitlementAlreadySeen, EntitlementNotRevealable, EntitlementState
from perkhub.kit import db
from perkhub.orders import NothingToRefund, refund
from tests.concurrency.competitor import apart, interrupt
from tests.factories import Shop
from tests.orders import desk

BUYERS, EACH = 40, 25
SEEN_AND_RETURNED = """
    SELECT count(*) FROM entitlement e WHERE e.revealed_at IS NOT NULL AND e.state = 'revoked'
"""


async def test_a_thousand_units_each_shown_and_refunded_at_once(shop: Shop):
    variant = await shop.variant(codes=BUYERS * EACH, price="1.00", cost="0.50")
    buyers = await shop.customers(BUYERS, wallet="100.00")
    attempts = []
    for buyer in buyers:
        order = await desk.buy(buyer, (variant, EACH))
        for unit in await desk.units_of(order):
            attempts += [desk.show(buyer, unit.id), desk.refund(buyer, order, [unit.id])]
    ended = await desk.outcomes(attempts)
    shown, refunded = ended[::2], ended[1::2]
    pairs = Counter((type(one).__name__, type(other).__name__) for one, other in zip(shown, refunded, strict=True))
    assert set(pairs) == {("list", "EntitlementAlreadySeen"), ("EntitlementNotRevealable", "Order")}
    assert pairs.total() == BUYERS * EACH
    assert min(pairs.values()) > 0, "not a race: one side won them all"
    seen = pairs["list", "EntitlementAlreadySeen"]
    assert await db.value("SELECT count(*) FROM entitlement WHERE state = 'revealed'") == seen
    assert await db.value("SELECT count(*) FROM entitlement WHERE state = 'revoked'") == BUYERS * EACH - seen
    assert await db.value(SEEN_AND_RETURNED) == 0
    assert await desk.stock_of(variant) == (BUYERS * EACH - seen, 0)
    assert await desk.book("party") == BUYERS * 10000 - seen * 100
    await desk.assert_clean()


async def test_a_look_between_the_refunds_check_and_its_deed(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2))
    first, second = await desk.units_of(order)
    came = interrupt(monkeypatch, refund, "revoke", lambda: apart(desk.show(buyer, first.id)))
    with pytest.raises(EntitlementAlreadySeen):
        await desk.refund(buyer, order, [first.id, second.id])
    assert came
    assert [unit.state for unit in await desk.units_of(order)] == [EntitlementState.REVEALED, EntitlementState.ISSUED]
    assert await desk.wallet_of(buyer) == 10000 - 3980
    await desk.assert_clean()


async def test_a_refund_of_all_takes_what_is_left_to_take(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2))
    first, _ = await desk.units_of(order)
    interrupt(monkeypatch, refund, "revoke", lambda: apart(desk.show(buyer, first.id)))
    assert (await desk.refund(buyer, order)).refunded.minor == 1990
    assert [unit.state for unit in await desk.units_of(order)] == [EntitlementState.REVEALED, EntitlementState.REVOKED]
    await desk.assert_clean()


async def test_twenty_refunds_of_one_unit(shop: Shop):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2))
    unit = (await desk.units_of(order))[0].id
    attempts = [desk.refund(buyer, order, [unit]) for _ in range(10)]
    attempts += [desk.refund_as_staff(order, [unit], even_if_seen=True) for _ in range(10)]
    assert await desk.at_once(attempts) == {"Order": 1, NothingToRefund.__name__: 19}
    assert await desk.wallet_of(buyer) == 10000 - 1990
    await desk.assert_clean()


async def test_refunds_of_all_units_one_by_one_at_once(shop: Shop):
    """The order's sum and state are right however its units' refunds overtake each other."""
    variant = await shop.variant(codes=20, price="0.333333")
    buyer = await shop.customer(wallet="10.00")
    order = await desk.buy(buyer, (variant, 20))
    units = await desk.units_of(order)
    assert await desk.at_once([desk.refund(buyer, order, [unit.id]) for unit in units]) == {"Order": 20}
    ended = await desk.now_of(order)
    assert (ended.state, ended.refunded, await desk.wallet_of(buyer)) == ("refunded", order.total, 1000)
    await desk.assert_clean()


async def test_a_refunded_code_is_never_shown_to_its_first_holder(shop: Shop):
    variant = await shop.variant(codes=1)
    first, second = await shop.customers(2, wallet="100.00")
    order = await desk.buy(first, variant)
    (unit,) = await desk.units_of(order)
    await desk.refund(first, order)
    again = await desk.buy(second, variant)
    with pytest.raises(EntitlementNotRevealable):
        await desk.show(first, unit.id)
    assert await desk.show(second, (await desk.units_of(again))[0].id) == variant.codes[0].credentials
    await desk.assert_clean()
