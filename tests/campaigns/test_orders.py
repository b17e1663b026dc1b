"""Orders in a campaign: priced by it, counted by it, and what they claim goes back exactly once, whatever ends them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from perkhub.campaigns import (
    CampaignInvalid,
    CampaignLimitReached,
    CampaignOver,
    CampaignPaused,
    CampaignRefused,
    CampaignSoldOut,
    change_campaign,
    draft_of,
    end_campaign,
    pause_campaign,
    resume_campaign,
)
from perkhub.kit.clock import travel
from perkhub.kit.db import ClaimContended, statements, transact, transaction
from perkhub.kit.ids import new_id
from perkhub.orders import OrderState, expire_due_orders, lines_of, place_order
from perkhub.pricing import PriceSource
from tests.campaigns.making import also_offer, counted, flash_sale, parts_of
from tests.campaigns.mechanics import Off
from tests.factories import Shop
from tests.orders import desk
from tests.orders.gateway import apply, configured_gateway, paid_at_gateway


async def test_bought_at_the_price_of_the_campaign(shop: Shop):
    variant = await shop.variant(codes=5)
    sale = await flash_sale(variant, price="5.00", quantity=3, limit=2)
    buyer = await shop.customer(wallet="20.00")
    order = await desk.buy(buyer, (variant, 2), campaign=sale.id)
    assert (order.state, order.total.minor, order.in_campaigns) == (OrderState.PAID, 1000, True)
    (line,) = await lines_of([order])
    assert line.trace[-1].source is PriceSource.CAMPAIGN
    assert (line.trace[-1].source_id, line.trace[-1].names["zh"]) == (sale.id, "秒杀")
    assert sum(step.effect for step in line.trace) == line.unit
    assert (await counted(sale), await counted(sale, "bought", buyer)) == (2, 2)
    assert await parts_of(sale) == {"taken": 1}
    await desk.assert_clean()


async def test_without_the_campaign_it_costs_what_it_costs(shop: Shop):
    variant = await shop.variant(codes=5, price="19.90")
    sale = await flash_sale(variant)
    buyer = await shop.customer(wallet="20.00")
    order = await desk.buy(buyer, variant)
    assert (order.total.minor, order.in_campaigns, await counted(sale)) == (1990, False, 0)


async def test_the_limit_counts_over_all_orders(shop: Shop):
    variant = await shop.variant(codes=9)
    sale = await flash_sale(variant, quantity=9, limit=3)
    buyer = await shop.customer(wallet="90.00")
    await desk.place(buyer, (variant, 2), campaign=sale.id)
    with pytest.raises(CampaignLimitReached) as refused:
        await desk.buy(buyer, (variant, 2), campaign=sale.id)
    assert refused.value.path == ("lines", "0", "campaign")
    assert refused.value.data == {"limit": 3}
    await desk.buy(buyer, variant, campaign=sale.id)
    assert await counted(sale) == 3
    await desk.assert_clean()


async def test_sold_out_says_how_many_are_left(shop: Shop):
    variant = await shop.variant(codes=9)
    sale = await flash_sale(variant, quantity=3, limit=3)
    first, second = await shop.customers(2, wallet="90.00")
    await desk.buy(first, (variant, 2), campaign=sale.id)
    async with desk.nothing_changes():
        with pytest.raises(CampaignSoldOut) as refused:
            await desk.buy(second, (variant, 2), campaign=sale.id)
    assert refused.value.data == {"available": 1}


async def test_cancelled_is_free_for_the_next(shop: Shop):
    variant = await shop.variant(codes=1)
    sale = await flash_sale(variant, quantity=1)
    first, second = await shop.customers(2, wallet="90.00")
    held = await desk.place(first, variant, campaign=sale.id)
    with pytest.raises(CampaignSoldOut):
        await desk.place(second, variant, campaign=sale.id)
    await desk.cancel(first, held)
    assert (await counted(sale), await counted(sale, "bought", first), await parts_of(sale)) == (0, 0, {"released": 1})
    await desk.buy(second, variant, campaign=sale.id)
    await desk.cancel(first, held)
    assert await counted(sale) == 1
    await desk.assert_clean()


async def test_unpaid_ones_expire_and_are_sold_to_others(shop: Shop):
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant, quantity=2, limit=2)
    first, second = await shop.customers(2, wallet="90.00")
    await desk.place(first, (variant, 2), campaign=sale.id)
    with travel(timedelta(minutes=40)):
        await expire_due_orders()
        assert (await desk.buy(second, (variant, 2), campaign=sale.id)).state is OrderState.PAID
    assert await counted(sale, "bought", first) == 0
    await desk.assert_clean()


async def test_paid_after_it_was_placed(shop: Shop):
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant, quantity=2, limit=2)
    buyer = await shop.customer(wallet="90.00")
    order = await desk.place(buyer, (variant, 2), campaign=sale.id)
    assert await parts_of(sale) == {"held": 1}
    await desk.pay(buyer, order)
    assert (await parts_of(sale), await counted(sale)) == ({"taken": 1}, 2)
    await desk.assert_clean()


async def test_a_refund_gives_back_the_share_of_its_units(shop: Shop):
    variant = await shop.variant(codes=4)
    sale = await flash_sale(variant, quantity=4, limit=4)
    buyer = await shop.customer(wallet="90.00")
    order = await desk.buy(buyer, (variant, 3), campaign=sale.id)
    units = await desk.units_of(order)
    await desk.refund(buyer, order, [units[0].id])
    assert (await counted(sale), await counted(sale, "bought", buyer), await parts_of(sale)) == (2, 2, {"taken": 1})
    await desk.assert_clean()
    await desk.refund(buyer, order)
    assert (await counted(sale), await parts_of(sale)) == (0, {"released": 1})
    await desk.assert_clean()


async def test_money_that_comes_late_claims_again(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    configured_gateway(monkeypatch)
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant, quantity=1)
    first, second = await shop.customers(2, wallet="90.00")
    order = await desk.place(first, variant, campaign=sale.id)
    payment = await paid_at_gateway(order)
    await desk.cancel(first, order)
    await apply(payment.id)
    assert ((await desk.now_of(order)).state, await parts_of(sale)) == (OrderState.PAID, {"taken": 1})
    with pytest.raises(CampaignSoldOut):
        await desk.buy(second, variant, campaign=sale.id)
    await desk.assert_clean()


async def test_money_that_comes_too_late_goes_back(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    configured_gateway(monkeypatch)
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant, quantity=1)
    first, second = await shop.customers(2, wallet="90.00")
    order = await desk.place(first, variant, campaign=sale.id)
    payment = await paid_at_gateway(order)
    await desk.cancel(first, order)
    await desk.buy(second, variant, campaign=sale.id)
    await apply(payment.id)
    await apply(payment.id)
    assert ((await desk.now_of(order)).state, await counted(sale)) == (OrderState.CANCELLED, 1)
    assert await desk.breaches() == set()


async def test_late_money_claims_no_more_than_is_on_sale_by_now(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    configured_gateway(monkeypatch)
    variant = await shop.variant(codes=3)
    sale = await flash_sale(variant, quantity=3, limit=3)
    buyer = await shop.customer()
    order = await desk.place(buyer, (variant, 2), campaign=sale.id)
    payment = await paid_at_gateway(order)
    await desk.cancel(buyer, order)
    less = replace(draft_of(sale), config={**sale.config, "quantity": 1})
    await transact(lambda tx: change_campaign(tx, sale.id, less, expected_version=sale.version))
    await apply(payment.id)
    assert ((await desk.now_of(order)).state, await counted(sale)) == (OrderState.CANCELLED, 0)
    assert await desk.breaches() == set()


async def test_a_pause_holds_at_once(shop: Shop):
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant)
    buyer = await shop.customer(wallet="90.00")
    await transact(lambda tx: pause_campaign(tx, sale.id))
    with pytest.raises(CampaignPaused):
        await desk.buy(buyer, variant, campaign=sale.id)
    await transact(lambda tx: resume_campaign(tx, sale.id))
    await desk.buy(buyer, variant, campaign=sale.id)


async def test_the_window_holds_with_every_scheduler_dead(shop: Shop):
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant)
    buyer = await shop.customer(wallet="90.00")
    with travel(timedelta(hours=1)), pytest.raises(CampaignOver):
        await desk.buy(buyer, variant, campaign=sale.id)
    # A clock that jumps back finds it live again.
    await desk.buy(buyer, variant, campaign=sale.id)


async def test_another_variant_is_refused_in_the_words_of_the_mechanic(shop: Shop):
    variant, other = await shop.variant(codes=2), await shop.variant(codes=2)
    sale = await flash_sale(variant)
    buyer = await shop.customer(wallet="90.00")
    with pytest.raises(CampaignRefused) as refused:
        await desk.buy(buyer, other, campaign=sale.id)
    assert (refused.value.data["reason"], refused.value.message("zh")) == ("other_variant", "该商品不参加本场秒杀。")
    assert refused.value.path == ("lines", "0", "campaign")


async def test_an_order_without_campaigns_asks_nothing_of_them(shop: Shop):
    variant = await shop.variant(codes=2)
    await flash_sale(variant)
    also_offer(Off)
    buyer = await shop.customer(wallet="90.00")
    await desk.place(buyer, await shop.variant(codes=1))  # what applies by itself is remembered
    counted_ones: list[str] = []
    token = statements.set(counted_ones)
    order = await desk.place(buyer, variant)
    await desk.pay(buyer, order)
    statements.reset(token)
    assert [one for one in counted_ones if "campaign_part" in one or "campaign_counter" in one] == []
    # Whether anything applies by itself is asked beside the prices.
    (asked,) = [one for one in counted_ones if "campaign_channel" in one]
    assert "price_list" in asked


@pytest.mark.parametrize("change", ["less", "paused", "ended"])
async def test_nobody_buys_by_what_held_before_an_operator_changed_it(shop: Shop, change: str):
    """Nor the first of all, for whom nothing was counted yet."""
    variant = await shop.variant(codes=5)
    sale = await flash_sale(variant, quantity=5, limit=5)
    buyer = await shop.customer(wallet="50.00")
    purchase = await desk.purchase_of(buyer, [(variant, 3)], new_id(), campaign=sale.id)
    if change == "less":
        less = replace(draft_of(sale), config={**sale.config, "quantity": 1})
        await transact(lambda tx: change_campaign(tx, sale.id, less, expected_version=sale.version))
    else:
        stop = pause_campaign if change == "paused" else end_campaign
        await transact(lambda tx: stop(tx, sale.id))
    async with desk.nothing_changes():
        with pytest.raises(ClaimContended):
            async with transaction() as tx:
                await place_order(tx, purchase)


async def test_the_first_who_buys_and_an_operator_wait_for_each_other(shop: Shop):
    variant = await shop.variant(codes=5)
    sale = await flash_sale(variant, quantity=5, limit=5)
    buyer = await shop.customer(wallet="50.00")
    claimed, may_commit = asyncio.Event(), asyncio.Event()

    async def buys() -> None:
        async with transaction() as tx:
            await place_order(tx, await desk.purchase_of(buyer, [(variant, 3)], new_id(), campaign=sale.id))
            await tx.flush()
            claimed.set()
            await may_commit.wait()

    async def lowers() -> None:
        less = replace(draft_of(sale), config={**sale.config, "quantity": 1})
        await transact(lambda tx: change_campaign(tx, sale.id, less, expected_version=sale.version))

    buying = asyncio.create_task(buys())
    await claimed.wait()
    lowering = asyncio.create_task(lowers())
    await asyncio.wait([lowering], timeout=0.5)
    may_commit.set()
    await buying
    with pytest.raises(CampaignInvalid):
        await lowering
    await desk.assert_clean()
