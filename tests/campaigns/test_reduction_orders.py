"""Orders with what applies by itself: reductions to the minor unit, bundles and gifts counted, all given back."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from perkhub.campaigns import CampaignSoldOut
from perkhub.kit.clock import travel
from perkhub.orders import expire_due_orders, lines_of
from tests.campaigns.making import a_draft, counted, parts_of, published
from tests.factories import Shop
from tests.orders import desk


async def test_a_reduction_is_shared_out_and_refunded_to_the_last_cent(shop: Shop):
    one, other = await shop.variant(codes=9, price="10.00"), await shop.variant(codes=9, price="9.99")
    reduction = {"tiers": [{"threshold": "30", "off": "10"}]}
    campaign = await published(a_draft(one, "full_reduction", reduction))
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (one, 2), (other, 1))
    assert order.total.minor == 2999
    order = await desk.buy(buyer, (one, 2), (other, 3))
    assert order.total.minor == 3997
    lines = await lines_of([order])
    assert [(line.total.minor, line.trace[-1].on_total) for line in lines] == [(1600, -400), (2397, -600)]
    for unit in await desk.units_of(order):
        await desk.refund(buyer, order, [unit.id])
    assert await desk.wallet_of(buyer) == 10000 - 2999
    assert await parts_of(campaign) == {"released": 1}
    await desk.assert_clean()


async def test_the_second_at_half_price(shop: Shop):
    variant = await shop.variant(codes=9, price="15.00")
    await published(a_draft(variant, "nth_item", {"nth": 2, "percent_off": "50"}))
    buyer = await shop.customer(wallet="100.00")
    assert (await desk.buy(buyer, (variant, 3))).total.minor == 3750
    await desk.assert_clean()


async def test_no_more_bundles_than_there_are(shop: Shop):
    month, season = await shop.variant(codes=40, price="15.00"), await shop.variant(codes=40, price="40.00")
    config = {"items": [{"variant": month.id}, {"variant": season.id}], "price": "45", "quantity": 5}
    campaign = await published(a_draft(month, "bundle", config))
    buyers = [await shop.customer(wallet="100.00") for _ in range(20)]
    orders = await asyncio.gather(*(desk.buy(buyer, month, season) for buyer in buyers))
    assert Counter(order.total.minor for order in orders) == {4500: 5, 5500: 15}
    assert await counted(campaign) == 5
    await desk.assert_clean()


async def gift_of(shop: Shop, *, codes: int = 5, **changed: Any) -> tuple[Any, ...]:
    bought, gift = await shop.variant(codes=30, price="20.00"), await shop.variant(codes=codes, price="5.00")
    config = {"buy": bought.id, "gift": gift.id, "quantity": 4, "most_times": 2, **changed}
    return bought, gift, await published(a_draft(bought, "gift", config))


async def test_a_gift_is_delivered_for_nothing(shop: Shop):
    bought, gift, campaign = await gift_of(shop)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (bought, 2))
    assert order.total.minor == 4000
    _, given = await lines_of([order])
    assert (given.variant_id, given.quantity, given.unit, given.total.minor) == (gift.id, 2, 0, 0)
    assert (given.trace[0].effect, given.trace[-1].effect, given.trace[-1].names["zh"]) == (5, -5, "赠品")
    units = await desk.units_of(order)
    assert Counter(unit.variant_id for unit in units) == {bought.id: 2, gift.id: 2}
    assert {unit.state for unit in units} == {"issued"}
    assert await counted(campaign, "given") == 2
    await desk.assert_clean()


async def test_a_gift_of_what_is_bought_too(shop: Shop):
    bought, gift, _ = await gift_of(shop)
    buyer = await shop.customer(wallet="100.00")
    placed = await desk.place(buyer, bought, (gift, 2))
    assert placed.total.minor == 3000
    order = await desk.pay(buyer, placed)
    assert Counter(unit.variant_id for unit in await desk.units_of(order)) == {bought.id: 1, gift.id: 3}
    await desk.assert_clean()


async def test_a_gift_takes_what_is_bought_leaves_of_the_pool(shop: Shop):
    """Of three codes three are bought: there is no gift then, and the order is not refused for it."""
    bought, gift, campaign = await gift_of(shop, codes=3)
    order = await desk.buy(await shop.customer(wallet="100.00"), bought, (gift, 3))
    assert Counter(unit.variant_id for unit in await desk.units_of(order)) == {bought.id: 1, gift.id: 3}
    assert await counted(campaign, "given") == 0
    await desk.assert_clean()


async def test_gifts_end(shop: Shop):
    """Four gifts for twenty buyers at once; whoever comes later buys without."""
    bought, _, campaign = await gift_of(shop, codes=9)
    buyers = [await shop.customer(wallet="100.00") for _ in range(20)]
    orders = await asyncio.gather(*(desk.buy(buyer, bought) for buyer in buyers))
    units = [await desk.units_of(order) for order in orders]
    assert Counter(len(each) for each in units) == {2: 4, 1: 16}
    assert await counted(campaign, "given") == 4
    await desk.assert_clean()


async def test_where_no_gift_is_in_stock_the_order_goes_without(shop: Shop):
    bought, _, campaign = await gift_of(shop, codes=0)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, bought)
    assert (len(await lines_of([order])), order.in_campaigns, await counted(campaign, "given")) == (1, False, 0)
    await desk.assert_clean()


async def test_a_promised_gift_refuses_the_order(shop: Shop):
    bought, _, _ = await gift_of(shop, codes=0, required=True)
    buyer = await shop.customer(wallet="100.00")
    with pytest.raises(CampaignSoldOut):
        await desk.buy(buyer, bought)
    assert await desk.wallet_of(buyer) == 10000


async def test_gifts_of_orders_that_nobody_pays_are_given_to_others(shop: Shop):
    bought, _, campaign = await gift_of(shop, quantity=1)
    first, second = await shop.customer(wallet="100.00"), await shop.customer(wallet="100.00")
    await desk.place(first, bought)
    assert len(await lines_of([await desk.place(second, bought)])) == 1
    with travel(timedelta(minutes=40)):
        await expire_due_orders()
        assert await counted(campaign, "given") == 0
        assert len(await lines_of([await desk.buy(second, bought)])) == 2
    await desk.assert_clean()
