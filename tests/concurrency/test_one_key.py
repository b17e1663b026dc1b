"""One idempotency key and a real purchase: a thousand repetitions at once buy once, and all are told of the same order."""

from perkhub.kit import db
from perkhub.kit.idempotency import IdempotencyKeyReused
from perkhub.orders import Order
from perkhub.vault import OutOfStock
from tests.factories import Shop
from tests.orders import desk


async def test_a_thousand_purchases_under_one_key(shop: Shop):
    variant = await shop.variant(codes=50)
    buyer = await shop.customer(wallet="1000.00")
    ended = await desk.outcomes([desk.buy(buyer, variant, key="k") for _ in range(1000)])
    assert {type(one) for one in ended} == {Order}
    assert len({one.id for one in ended}) == 1
    assert await db.value("SELECT count(*) FROM orders") == 1
    assert (await desk.wallet_of(buyer), await desk.stock_of(variant)) == (100000 - 1990, (49, 0))
    await desk.assert_clean()


async def test_the_same_key_for_another_basket(shop: Shop):
    variant = await shop.variant(codes=50)
    buyer, other = await shop.customers(2, wallet="1000.00")
    ended = await desk.at_once([desk.buy(buyer, (variant, 1 + turn % 2), key="k") for turn in range(40)])
    assert ended == {"Order": 20, IdempotencyKeyReused.__name__: 20}
    assert await db.value("SELECT count(*) FROM orders") == 1
    await desk.buy(other, variant, key="k")  # a key is its owner's
    assert await db.value("SELECT count(*) FROM orders") == 2
    await desk.assert_clean()


async def test_a_refusal_is_repeated_though_it_would_succeed_now(shop: Shop):
    variant = await shop.variant(codes=1)
    buyer = await shop.customer(wallet="100.00")
    refused = await desk.outcomes([desk.buy(buyer, (variant, 2), key="k") for _ in range(10)])
    await shop.lot(variant.id, codes=5)
    async with desk.nothing_changes():
        refused += await desk.outcomes([desk.buy(buyer, (variant, 2), key="k")])
    assert [type(one) for one in refused] == [OutOfStock] * 11
    assert {(one.path, one.data["available"]) for one in refused} == {((str(variant.id),), 1)}
    assert (await desk.buy(buyer, (variant, 2), key="new")).total.minor == 3980
    await desk.assert_clean()
