"""One bargain after another: opened, cut by friends, bought at its price of the moment, over at its second."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from perkhub.campaigns import (
    CampaignLimitReached,
    CampaignOver,
    CampaignPaused,
    CampaignRefused,
    CampaignSoldOut,
    end_campaign,
    pause_campaign,
)
from perkhub.campaigns.bargains import (
    BargainDown,
    BargainHopeless,
    BargainOver,
    BargainTwice,
    CutOwn,
    CutsSpent,
    CutTwice,
    cut_bargain,
    cuts_of,
)
from perkhub.campaigns.bargains.amounts import drawn_cuts, spread_of
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.orders import OrderState
from perkhub.orders.give_up import expire_order
from tests.campaigns.bargains.haggling import Haggle, cut, helped, present, told
from tests.campaigns.making import counted, flash_sale
from tests.factories import Shop
from tests.orders import desk
from tests.orders.gateway import apply, configured_gateway, money_came

DAY = timedelta(hours=24)
LIST, FLOOR = Decimal("19.90"), Decimal("9.90")


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `house`, which reads it."""
    configured_gateway(monkeypatch)


async def test_the_promised_number_of_friends_reaches_the_floor(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=7)
    owner = await shop.customer(wallet="100.00")
    opened = await haggle.open(owner)
    assert (opened.starts_from, opened.floor, opened.least, opened.most) == (LIST, FLOOR, 72, 214)
    price = LIST
    for place, one in enumerate(await helped(opened, 7), 1):
        price -= Decimal(one.amount) / 100
        assert (one.place, one.bargain.price, opened.least <= one.amount <= opened.most) == (place, price, True)
    assert await told(opened) == ("open", 7, FLOOR)
    with pytest.raises(BargainDown):
        await cut(opened, await shop.customer())
    assert [one.place for one in (await cuts_of([opened.id]))[opened.id]] == [1, 2, 3, 4, 5, 6, 7]
    order = await haggle.buy(owner)
    assert (order.total.minor, (await present(opened)).state) == (990, "bought")
    assert (await counted(haggle.campaign), await desk.stock_of(haggle.variant)) == (1, (4, 0))
    with pytest.raises(BargainOver):
        await cut(opened, await shop.customer())
    await desk.assert_clean()


@pytest.mark.parametrize(("whole", "helpers", "percent"), [(1000, 7, 50), (10, 10, 0), (11, 10, 90), (99, 2, 100), (5, 1, 50)])
def test_cuts_sum_to_the_whole_within_their_range(whole: int, helpers: int, percent: int):
    spread = spread_of(whole, helpers, Decimal(percent))
    for _ in range(200):
        cuts = drawn_cuts(whole, helpers, spread)
        assert (sum(cuts), len(cuts), min(cuts) >= spread.least > 0, max(cuts) <= spread.most) == (whole, helpers, True, True)


async def test_it_is_bought_at_its_price_of_the_moment(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5))
    owner = await shop.customer(wallet="100.00")
    opened = await haggle.open(owner)
    await helped(opened, 2)
    price = (await present(opened)).price
    assert FLOOR < price < LIST
    order = await haggle.buy(owner)
    assert order.total.amount == price
    [line] = await db.rows("SELECT trace FROM order_line")
    assert '"Bargain"' in line["trace"]
    # Whoever has bought by one may open the next, as long as their limit lasts.
    again = await haggle.open(owner)
    assert again.id != opened.id
    await haggle.buy(owner)
    await haggle.open(owner)
    with pytest.raises(CampaignLimitReached):
        await haggle.buy(owner)
    await desk.assert_clean()


async def test_at_the_floor_alone_where_the_shop_says_so(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=2, only_at_floor=True)
    owner = await shop.customer(wallet="100.00")
    opened = await haggle.open(owner)
    await helped(opened, 1)
    async with desk.nothing_changes():
        with pytest.raises(CampaignRefused) as refused:
            await haggle.buy(owner)
    assert str(refused.value.data["text"]) == "1 friends still have to help."
    await helped(opened, 1)
    assert (await haggle.buy(owner)).total.minor == 990


async def test_a_price_holds_for_the_order(shop: Shop):
    """While an order waits nobody cuts; it is paid at what it was placed for. If it ends, the bargain goes on."""
    haggle = await Haggle.of(await shop.variant(codes=5))
    owner, friend = await shop.customers(2, wallet="100.00")
    opened = await haggle.open(owner)
    await helped(opened, 1)
    order = await haggle.place(owner)
    async with desk.nothing_changes():
        with pytest.raises(BargainOver):
            await cut(opened, friend)
        with pytest.raises(BargainTwice):
            await haggle.open(owner)
        with pytest.raises(CampaignRefused):
            await haggle.buy(owner)
    await desk.assert_clean()
    await desk.cancel(owner, order)
    assert (await present(opened)).state == "open"
    await helped(opened, 3)
    order = await haggle.place(owner)
    await desk.assert_clean()
    await desk.pay(owner, order)
    assert (order.total.minor, await told(opened)) == (990, ("bought", 4, FLOOR))
    await desk.assert_clean()


async def test_an_order_keeps_a_bargain_beyond_its_time_and_no_longer_than_it_lives(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5))
    owner = await shop.customer(wallet="100.00")
    opened = await haggle.open(owner)
    with travel(DAY - timedelta(minutes=1)):
        order = await haggle.place(owner)
    with travel(DAY + timedelta(minutes=1)):
        assert (await present(opened)).state == "held"
        assert await expire_order(order.id)
        assert await db.value("SELECT state FROM bargain") == "lapsed"
        await haggle.open(owner)
        await desk.assert_clean()


async def test_late_money_buys_at_the_price_of_its_order(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    haggle = await Haggle.of(await shop.variant(codes=5))
    owner, other = await shop.customers(2, wallet="100.00")
    for buyer, meanwhile in ((owner, False), (other, True)):
        opened = await haggle.open(buyer)
        order = await haggle.place(buyer)
        payment = await desk.start_payment(order)
        assert await expire_order(order.id)
        await helped(opened, 1)
        if meanwhile:
            await haggle.buy(buyer)
        await money_came(payment)
        for _ in range(2):
            await apply(payment.id)
        assert (await present(opened)).state == "bought"
        assert (await desk.now_of(order)).state is (OrderState.EXPIRED if meanwhile else OrderState.PAID)
        assert await db.value("SELECT count(*) FROM refund WHERE payment_id = $1", payment.id) == int(meanwhile)
        await desk.assert_clean()


async def test_its_time_is_over_at_its_second(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5))
    owner, friend = await shop.customers(2, wallet="100.00")
    opened = await haggle.open(owner)
    await helped(opened, 1)
    with travel(DAY + timedelta(seconds=1)):
        assert (await present(opened)).state == "lapsed"
        async with desk.nothing_changes():
            with pytest.raises(BargainOver):
                await cut(opened, friend)
        with pytest.raises(CampaignRefused) as refused:
            await haggle.buy(owner)
        assert refused.value.data["reason"] == "none_running"
        # The old one stands in nobody's way.
        assert await told(await haggle.open(owner)) == ("open", 0, LIST)
        assert (await told(opened))[:2] == ("lapsed", 1)
    await desk.assert_clean()


async def test_why_one_may_not_help_or_open(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5))
    owner, friend = await shop.customers(2, wallet="100.00")
    opened = await haggle.open(owner)
    await cut(opened, friend)
    sale = await flash_sale(haggle.variant)
    dear = await Haggle.of(await shop.variant(price="1.00"), floor="0.98", helpers=2)
    async with desk.nothing_changes():
        with pytest.raises(CutTwice):
            await cut(opened, friend)
        with pytest.raises(CutOwn):
            await cut(opened, owner)
        with pytest.raises(BargainTwice):
            await haggle.open(owner)
        with pytest.raises(InvalidInput):
            await Haggle(haggle.variant, sale).open(owner)
        with pytest.raises(CampaignRefused) as refused:
            await haggle.buy(owner, 2)
    assert refused.value.data["reason"] == "one_unit"
    await db.value("UPDATE listing SET unit_price = 0.985 WHERE id = $1", dear.variant.listing_id)
    with pytest.raises(BargainHopeless):
        await dear.open(owner)
    for stop, refusal in ((pause_campaign, CampaignPaused), (end_campaign, CampaignOver)):
        await transact(partial(stop, id=haggle.campaign.id))
        with pytest.raises(refusal):
            await cut(opened, await shop.customer())
        with pytest.raises(refusal):
            await haggle.open(friend)
    await desk.assert_clean()


async def test_a_helper_has_so_many_cuts_a_day_of_the_channel(shop: Shop):
    """By its calendar: one more after midnight in Shanghai, whatever the day is elsewhere."""
    haggle = await Haggle.of(await shop.variant(codes=5), cuts_per_day=2, hours_open=72)
    friend, *owners = await shop.customers(5)
    opened = [await haggle.open(owner) for owner in owners]
    zone = ZoneInfo(haggle.variant.channel.zone)
    noon = _next(zone, 12)
    with travel(noon):
        for one in opened[:2]:
            await cut(one, friend)
        async with desk.nothing_changes():
            with pytest.raises(CutsSpent):
                await cut(opened[2], friend)
    with travel(noon + timedelta(hours=11, minutes=59)), pytest.raises(CutsSpent):
        await cut(opened[2], friend)
    with travel(noon + timedelta(hours=12, minutes=1)):
        assert (await cut(opened[2], friend)).place == 1
        await desk.assert_clean()


def _next(zone: ZoneInfo, hour: int) -> timedelta:
    """How long until the next such hour there."""
    here = now().astimezone(zone)
    then = datetime(here.year, here.month, here.day, hour, tzinfo=zone)
    return (then if then > here else then + timedelta(days=1)) - here


async def test_a_bargain_keeps_no_unit(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5), quantity=1)
    first, second = await shop.customers(2, wallet="100.00")
    await haggle.open(first)
    opened = await haggle.open(second)
    await haggle.buy(first)
    async with desk.nothing_changes():
        with pytest.raises(CampaignSoldOut):
            await haggle.buy(second)
        with pytest.raises(NotFound):
            await transact(lambda tx: cut_bargain(tx, new_id(), first.party_id))
    assert (await present(opened)).state == "open"
