"""What a competitor takes before an order's only statement, and gives back as soon as that was refused: whoever refuses looks
at what it has locked, so that nobody is told a reason that is over."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from perkhub.kit.db import Transaction
from perkhub.orders import Order, OrderState
from perkhub.vault import OutOfStock
from tests.campaigns.couponed import coupons
from tests.concurrency.competitor import apart
from tests.factories import Person, Shop
from tests.orders import desk


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Awaitable[Order]], Person | None], None]:
    """A competitor orders before the next order's only statement; once it was refused, `gives_back` cancels."""
    alone = Transaction.alone

    def set_up(orders: Callable[[], Awaitable[Order]], gives_back: Person | None) -> None:
        came: list[Order] = []

        async def interrupted(tx: Transaction, sql: str, *values: Any) -> None:
            if came:
                await alone(tx, sql, *values)
                return
            monkeypatch.setattr(Transaction, "alone", alone)
            came.append(await apart(orders()))
            try:
                await alone(tx, sql, *values)
            except asyncpg.PostgresError:
                if gives_back is not None:
                    await apart(desk.cancel(gives_back, came[0]))
                raise

        monkeypatch.setattr(Transaction, "alone", interrupted)

    return set_up


async def test_a_coupon_that_is_free_again_is_used(shop: Shop, between: Any):
    variant = await shop.variant(codes=5, price="15.00")
    _, [code, *_] = await coupons(variant)
    buyer = await shop.customer(wallet="90.00")
    between(lambda: desk.place(buyer, variant, codes=[code]), buyer)
    assert (await desk.place(buyer, variant, codes=[code])).state is OrderState.PLACED
    await desk.assert_clean()


async def test_stock_that_is_free_again_is_held(shop: Shop, between: Any):
    variant = await shop.variant(codes=5)
    buyer, other = await shop.customers(2)
    between(lambda: desk.place(other, (variant, 4)), other)
    assert (await desk.place(buyer, (variant, 3))).state is OrderState.PLACED
    assert await desk.stock_of(variant) == (5, 3)
    await desk.assert_clean()


async def test_stock_that_stays_away_is_told_as_it_is(shop: Shop, between: Any):
    variant = await shop.variant(codes=5)
    buyer, other = await shop.customers(2)
    between(lambda: desk.place(other, (variant, 4)), None)
    for _ in range(2):
        with pytest.raises(OutOfStock) as refused:
            await desk.place(buyer, (variant, 3), key="one")
        assert refused.value.data == {"available": 1}
    await desk.assert_clean()
