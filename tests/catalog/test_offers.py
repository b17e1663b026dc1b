"""What a channel offers at a moment: windows hold when they are read, and nothing else is sold."""

from datetime import timedelta
from decimal import Decimal

import pytest

from perkhub.catalog import NotListed, archive_product, offers
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from tests.factories import Shop
from tests.orders import desk


async def test_an_offer_says_what_a_sale_needs(shop: Shop):
    variant = await shop.variant(price="19.999999", quota=7, limit=3, minimum_validity_days=30)
    buyer = await shop.customer(wallet="100.00")
    await desk.buy(buyer, (variant, 2))
    offered = (await offers(variant.channel.id, [variant.id]))[variant.id]
    assert offered.listing_id == variant.listing_id
    assert (offered.unit_price, offered.quota_left, offered.limit_per_customer) == (Decimal("19.999999"), 5, 3)
    assert offered.minimum_validity == timedelta(days=30)


async def test_a_window_opens_and_closes_by_itself(shop: Shop):
    variant = await shop.variant()
    opens, closes = now() + timedelta(hours=1), now() + timedelta(hours=2)
    await db.value(
        "UPDATE listing SET published_from = $2, published_until = $3 WHERE id = $1", variant.listing_id, opens, closes
    )
    buyer = await shop.customer(wallet="100.00")
    for hours, sold in ((0, False), (1.5, True), (2.5, False)):
        with travel(timedelta(hours=hours)):
            assert (variant.id in await offers(variant.channel.id, [variant.id])) is sold
            if not sold:
                async with desk.nothing_changes():
                    with pytest.raises(NotListed) as refusal:
                        await desk.buy(buyer, variant)
                assert refusal.value.path == ("lines", "0", "variantId")
    await desk.assert_clean()


async def test_another_channels_and_unknown_variants_are_not_offered(shop: Shop):
    here, there = await shop.variant(), await shop.variant(channel=await shop.channel("business"))
    wanted = [here.id, there.id, new_id()]
    assert set(await offers(here.channel.id, wanted)) == {here.id}
    assert set(await offers(there.channel.id, wanted)) == {there.id}
    buyer = await shop.customer(wallet="100.00")
    async with desk.nothing_changes():
        with pytest.raises(NotListed) as refusal:
            await desk.buy(buyer, here, there)
    assert refusal.value.path == ("lines", "1", "variantId")


async def test_an_archived_product_is_not_sold_but_paid_for(shop: Shop):
    variant = await shop.variant()
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, variant)
    await transact(lambda tx: archive_product(tx, variant.product_id, expected_version=1))
    async with desk.nothing_changes():
        with pytest.raises(NotListed):
            await desk.buy(buyer, variant)
    assert (await desk.pay(buyer, order)).state == "paid"
    await desk.assert_clean()
