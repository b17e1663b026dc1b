"""A crowd for a few: exactly what there is gets sold, nobody gets more than their share, and what is not paid is sold again."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from perkhub.campaigns import Campaign, CampaignInvalid, change_campaign, draft_of, reserve
from perkhub.campaigns import sql as campaigns_sql
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.orders import Order, expire_due_orders
from tests.campaigns.making import counted, flash_sale, parts_of
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk

AT_ONCE = 64
UNITS_SOLD = """
    SELECT coalesce(sum(ol.quantity), 0)::int FROM order_line ol JOIN orders o ON o.id = ol.order_id
    WHERE o.in_campaigns AND o.state IN ('placed', 'paid')
"""
MOST_OF_ONE = """
    SELECT max(units) FROM (SELECT sum(ol.quantity) AS units FROM order_line ol JOIN orders o ON o.id = ol.order_id
                            WHERE o.in_campaigns AND o.state IN ('placed', 'paid') GROUP BY o.party_id) s
"""


async def crowd(
    buyers: list[Person], variant: StockedVariant, sale: Campaign, *, tries: int = 1, paid: bool = True
) -> tuple[Counter[str], list[tuple[Person, Order]]]:
    """All of them, each so many times at once, at no more connections than a server has."""
    door = asyncio.Semaphore(AT_ONCE)
    orders: list[tuple[Person, Order]] = []

    async def attempt(buyer: Person) -> Order:
        async with door:
            order = await (desk.buy if paid else desk.place)(buyer, variant, campaign=sale.id)
            orders.append((buyer, order))
            return order

    ended = await desk.at_once([attempt(buyer) for buyer in buyers for _ in range(tries)])
    return ended, orders


async def test_two_hundred_units_four_hundred_buyers(shop: Shop):
    variant = await shop.variant(codes=250)
    sale = await flash_sale(variant, quantity=200, limit=1)
    buyers = await shop.customers(400, wallet="20.00")
    ended, _ = await crowd(buyers, variant, sale)
    assert ended == {"Order": 200, "CampaignSoldOut": 200}
    assert (await counted(sale), await parts_of(sale)) == (200, {"taken": 200})
    assert await db.value(MOST_OF_ONE) == 1
    await desk.assert_clean()


async def test_one_person_in_many_tabs(shop: Shop):
    variant = await shop.variant(codes=60)
    sale = await flash_sale(variant, quantity=50, limit=2)
    buyers = await shop.customers(5, wallet="500.00")
    ended, _ = await crowd(buyers, variant, sale, tries=20)
    assert ended == {"Order": 10, "CampaignLimitReached": 90}
    assert (await counted(sale), await db.value(MOST_OF_ONE)) == (10, 2)
    await desk.assert_clean()


async def test_holds_that_nobody_pays_are_sold_again(shop: Shop):
    variant = await shop.variant(codes=40)
    sale = await flash_sale(variant, quantity=30, limit=1)
    first, second = await shop.customers(60, wallet="20.00"), await shop.customers(60, wallet="20.00")
    ended, held = await crowd(first, variant, sale, paid=False)
    assert ended == {"Order": 30, "CampaignSoldOut": 30}
    ours = held[:12]
    await asyncio.gather(*(desk.pay(buyer, order) for buyer, order in ours))
    with travel(timedelta(minutes=20)):
        # While they expire, others buy: whoever comes first after each of them gets its place, and nobody else.
        crowded = asyncio.create_task(crowd(second, variant, sale))
        await expire_due_orders()
        await crowded
        await crowd(second, variant, sale)
    assert (await counted(sale), await db.value(UNITS_SOLD)) == (30, 30)
    assert (await parts_of(sale)) == {"taken": 30, "released": 18}
    await desk.assert_clean()


@pytest.fixture
async def unguarded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim without its condition, and the table without its last line: what is left is what was seen before."""
    condition = "(excluded.ceiling IS NULL OR n.value + excluded.value <= excluded.ceiling) AND"
    blind = campaigns_sql.CLAIM.replace(condition, "")
    assert blind != campaigns_sql.CLAIM
    monkeypatch.setattr(reserve, "CLAIM", blind)
    await db.value("ALTER TABLE campaign_counter DROP CONSTRAINT campaign_counter_value")


async def test_the_race_is_real(shop: Shop, unguarded: None):
    """With the guard taken out the same crowd is sold more than there is, and the audit sees it."""
    variant = await shop.variant(codes=250)
    sale = await flash_sale(variant, quantity=20, limit=1)
    ended, _ = await crowd(await shop.customers(200, wallet="20.00"), variant, sale)
    assert ended["Order"] > 20
    assert await counted(sale) == ended["Order"]
    assert {"campaign.ceiling"} == await desk.breaches()


async def test_less_is_on_sale_in_the_middle_of_a_rush(shop: Shop):
    """An operator lowers the quantity: either more was sold by then and they are refused, or no more than that ever is."""
    variant = await shop.variant(codes=100)
    sale = await flash_sale(variant, quantity=80, limit=1)
    buyers = await shop.customers(100, wallet="20.00")
    rush = asyncio.create_task(crowd(buyers, variant, sale))
    while await counted(sale) < 5:  # noqa: ASYNC110 - what is waited for is the database's
        await asyncio.sleep(0.01)
    less = draft_of(sale)
    config = {**sale.config, "quantity": 60}
    draft = type(less)(**{**vars(less), "config": config})
    try:
        changed = await transact(lambda tx: change_campaign(tx, sale.id, draft, expected_version=sale.version))
    except CampaignInvalid:
        assert await counted(sale) > 60
        most = 80
    else:
        assert changed.version == sale.version + 1
        most = 60
    ended, _ = await rush
    assert (ended["Order"], await counted(sale)) == (most, most)
    await desk.assert_clean()
