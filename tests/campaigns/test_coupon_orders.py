"""Orders with coupons: something off once, given back where nobody paid, and exact under any crowd."""

import asyncio
from datetime import timedelta

import pytest

from perkhub.campaigns import CampaignRefused, CampaignsClash
from perkhub.campaigns.coupons import (
    CouponExpired,
    CouponMistyped,
    CouponNotYours,
    CouponState,
    CouponUsed,
    find_coupons,
)
from perkhub.kit.clock import travel
from perkhub.orders import OrderState, expire_due_orders, lines_of
from tests.campaigns.couponed import coupons
from tests.campaigns.making import a_draft, counted, published
from tests.factories import Shop
from tests.orders import desk
from tests.orders.gateway import apply, configured_gateway, paid_at_gateway


async def test_something_off_once(shop: Shop):
    variant = await shop.variant(codes=5, price="15.00")
    campaign, [code, *_] = await coupons(variant)
    buyer = await shop.customer(wallet="90.00")
    order = await desk.buy(buyer, (variant, 2), codes=[code.lower()])
    assert order.total.minor == 2500
    (line,) = await lines_of([order])
    assert (line.total.minor, line.trace[-1].on_total, line.trace[-1].source_id) == (2500, -500, campaign.id)
    with pytest.raises(CouponUsed) as refused:
        await desk.buy(buyer, (variant, 2), codes=[code])
    assert refused.value.path == ("couponCodes", "0")
    assert await counted(campaign, "used", buyer) == 1
    await desk.assert_clean()


async def test_units_are_refunded_at_what_they_cost(shop: Shop):
    variant = await shop.variant(codes=5, price="15.00")
    _, [code, *_] = await coupons(variant)
    buyer = await shop.customer(wallet="90.00")
    order = await desk.buy(buyer, (variant, 3), codes=[code])
    units = await desk.units_of(order)
    assert sorted(unit.price.minor for unit in units) == [1333, 1333, 1334]
    for unit in units:
        await desk.refund(buyer, order, [unit.id])
    assert (await desk.now_of(order)).state is OrderState.REFUNDED
    assert await desk.wallet_of(buyer) == 9000
    await desk.assert_clean()


async def test_who_does_not_pay_keeps_the_coupon(shop: Shop):
    variant = await shop.variant(codes=5, price="15.00")
    campaign, [code, other, *_] = await coupons(variant)
    buyer = await shop.customer(wallet="90.00")
    order = await desk.place(buyer, variant, codes=[code])
    with pytest.raises(CouponUsed):
        await desk.place(buyer, variant, codes=[code])
    await desk.cancel(buyer, order)
    with travel(timedelta(hours=-1)):  # so that it has not ended by then
        await desk.place(buyer, variant, codes=[other])
    await expire_due_orders()
    kept = await find_coupons([code, other], party=buyer.party_id)
    assert [coupon.state for coupon in kept] == [CouponState.BOUND] * 2
    assert await counted(campaign, "used", buyer) == 0
    stranger = await shop.customer(wallet="90.00")
    with pytest.raises(CouponNotYours):
        await desk.buy(stranger, variant, codes=[code])
    await desk.buy(buyer, variant, codes=[code])
    await desk.assert_clean()


async def test_money_that_comes_late_uses_it_again_or_goes_back(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    configured_gateway(monkeypatch)
    variant = await shop.variant(codes=5, price="15.00")
    _, [code, other, *_] = await coupons(variant)
    buyer = await shop.customer(wallet="90.00")
    late, too_late = [await desk.place(buyer, variant, codes=[one]) for one in (code, other)]
    payments = [await paid_at_gateway(order) for order in (late, too_late)]
    for order in (late, too_late):
        await desk.cancel(buyer, order)
    await desk.buy(buyer, variant, codes=[other])
    for payment in payments:
        await apply(payment.id)
    assert [(await desk.now_of(order)).state for order in (late, too_late)] == [OrderState.PAID, OrderState.CANCELLED]
    await desk.assert_clean()


async def test_forty_orders_at_once_with_one_coupon(shop: Shop):
    variant = await shop.variant(codes=60, price="15.00")
    _, [code, *_] = await coupons(variant)
    buyers = [await shop.customer(wallet="90.00") for _ in range(40)]
    found = await desk.outcomes([desk.buy(buyer, variant, codes=[code]) for buyer in buyers])
    bought = [one for one in found if not isinstance(one, BaseException)]
    assert [order.total.minor for order in bought] == [1000]
    refused = {type(one) for one in found if isinstance(one, BaseException)}
    assert refused <= {CouponNotYours, CouponUsed}
    await desk.assert_clean()


async def test_a_customers_uses_are_limited(shop: Shop):
    variant = await shop.variant(codes=60, price="15.00")
    campaign, codes = await coupons(variant, quantity=10)
    buyer = await shop.customer(wallet="900.00")
    await asyncio.gather(*(desk.outcomes([desk.buy(buyer, variant, codes=[code])]) for code in codes))
    assert await counted(campaign, "used", buyer) == 2
    await desk.assert_clean()


async def test_why_a_coupon_does_not_count(shop: Shop):
    variant = await shop.variant(codes=5, price="8.00")
    _, [code, other, *_] = await coupons(variant)
    buyer = await shop.customer(wallet="90.00")
    with pytest.raises(CampaignRefused) as refused:
        await desk.buy(buyer, variant, codes=[code])
    assert (refused.value.message("zh"), refused.value.path) == ("满 10 元可用。", ("couponCodes", "0"))
    for wrong in ("", "AAAA-AAAA-AAAA", code[:-1], "🎫"):
        with pytest.raises(CouponMistyped) as unknown:
            await desk.buy(buyer, (variant, 2), codes=[code, wrong])
        assert unknown.value.path == ("couponCodes", "1")
    with pytest.raises(CampaignsClash) as clash:
        await desk.buy(buyer, (variant, 2), codes=[code, other])
    assert clash.value.path == ("couponCodes", "1")
    with travel(timedelta(hours=2)), pytest.raises(CouponExpired):
        await desk.buy(buyer, (variant, 2), codes=[code])
    await desk.assert_clean()


async def test_a_coupon_beside_a_full_reduction(shop: Shop):
    """The reduction first, by priority; the coupon's threshold is measured by what is left."""
    variant = await shop.variant(codes=9, price="10.00")
    reduction = {"tiers": [{"threshold": "20", "off": "5"}]}
    await published(a_draft(variant, "full_reduction", reduction, priority=10))
    _, [code, *_] = await coupons(variant, threshold="16")
    buyer = await shop.customer(wallet="90.00")
    assert (await desk.buy(buyer, (variant, 2))).total.minor == 1500
    with pytest.raises(CampaignRefused):
        await desk.buy(buyer, (variant, 2), codes=[code])
    assert (await desk.buy(buyer, (variant, 3), codes=[code])).total.minor == 2000
    await desk.assert_clean()
