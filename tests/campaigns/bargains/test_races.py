"""Everybody helps at once, in two tabs, on two devices, at the last place and at the last second: each cut counts once, and
they sum to the whole. `PERKHUB_SOAK_CUTS` says how many friends there are."""

import asyncio
import os
from datetime import timedelta
from decimal import Decimal

import pytest

from perkhub.campaigns import reserve
from perkhub.campaigns.bargains import cut as cutting
from perkhub.campaigns.bargains import sql
from perkhub.kit import db
from perkhub.kit.clock import travel
from tests.campaigns.bargains.haggling import Haggle, cut, helped, present, told
from tests.concurrency.competitor import apart, interrupt
from tests.factories import Shop
from tests.orders import desk

FLOOR = Decimal("9.90")
# Reads the bargain past its lock, as an application does that looks first: what others wrote meanwhile is written over.
LOOKED_AT_BEFORE = """SET cuts = looked.cuts + 1, cut_off = looked.cut_off + looked.amounts[looked.cuts + 1]
        FROM day, (SELECT l.*, pg_sleep(0.05) FROM bargain l WHERE l.id = $2::uuid) AS looked"""
HELPERS = int(os.environ.get("PERKHUB_SOAK_CUTS", "200"))


async def test_more_friends_than_it_takes_at_once(shop: Shop):
    """The first fifty of them twice, on two devices."""
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=50)
    opened = await haggle.open(await shop.customer(wallet="100.00"))
    people = await shop.customers(HELPERS)
    ended = await desk.at_once([cut(opened, one) for one in (*people, *people[:50])])
    assert ended["Cut"] == 50
    assert set(ended) <= {"Cut", "BargainDown", "CutTwice"}
    assert sum(ended.values()) == HELPERS + 50
    assert await told(opened) == ("open", 50, FLOOR)
    row = await db.row("SELECT count(*), count(DISTINCT party_id), max(place), sum(amount) FROM bargain_cut")
    assert row is not None
    assert tuple(row) == (50, 50, 50, 1000)
    assert await db.value("SELECT sum(cuts) FROM bargain_day") == 50
    await desk.assert_clean()


async def test_one_friend_in_many_tabs_and_bargains(shop: Shop):
    """Once in each bargain, and three times in all of a day."""
    haggle = await Haggle.of(await shop.variant(codes=5), cuts_per_day=3)
    friend, *owners = await shop.customers(7)
    opened = [await haggle.open(owner) for owner in owners]
    ended = await desk.at_once([cut(one, friend) for one in opened * 8])
    assert (ended["Cut"], set(ended)) == (3, {"Cut", "CutTwice", "CutsSpent"})
    assert await db.value("SELECT max(n) FROM (SELECT count(*) AS n FROM bargain_cut GROUP BY bargain_id) c") == 1
    await desk.assert_clean()


async def test_the_race_is_real(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """With what it claims looked at first and written after, cuts are lost and doubled, and the audit sees it."""
    careless = sql.CUT.replace("SET cuts = b.cuts + 1, cut_off = b.cut_off + b.amounts[b.cuts + 1] FROM day", LOOKED_AT_BEFORE)
    assert careless != sql.CUT
    monkeypatch.setattr(cutting, "CUT", careless)
    placed = "conrelid = 'bargain_cut'::regclass AND contype = 'u' AND pg_get_constraintdef(oid) LIKE '%place%'"
    [unique] = await db.rows(f"SELECT conname FROM pg_constraint WHERE {placed}")
    await db.value(f"ALTER TABLE bargain_cut DROP CONSTRAINT {unique['conname']}")
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=50)
    opened = await haggle.open(await shop.customer(wallet="100.00"))
    ended = await desk.at_once([cut(opened, one) for one in await shop.customers(40)])
    assert ended["Cut"] == 40
    assert (await present(opened)).cuts < 40
    assert "bargains.cuts" in await desk.breaches()


async def test_an_owner_opens_in_thirty_tabs(shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5))
    owner = await shop.customer(wallet="100.00")
    assert await desk.at_once([haggle.open(owner) for _ in range(30)]) == {"Bargain": 1, "BargainTwice": 29}


async def test_an_owner_buys_twice_while_friends_help(shop: Shop):
    """One order has it, at a price that it had; whoever comes after does not cut it."""
    haggle = await Haggle.of(await shop.variant(codes=9), helpers=30, quantity=9, limit_per_customer=9)
    owner = await shop.customer(wallet="900.00")
    opened = await haggle.open(owner)
    friends = await shop.customers(20)
    buying = [haggle.buy(owner) for _ in range(4)] + [haggle.place(owner) for _ in range(2)]
    ended = await desk.at_once([*(cut(opened, one) for one in friends), *buying])
    assert ended["Order"] == 1
    found = await present(opened)
    [order] = await db.rows("SELECT total FROM orders")
    assert (order["total"], ended["Cut"]) == (int(found.price * 100), found.cuts)
    assert str(found.state) in ("bought", "held")
    await desk.assert_clean()


async def test_a_cut_at_the_very_point_of_buying(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Priced, and then a friend helps: the basket is priced again, and the owner pays the lower price."""
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=2)
    owner, friend = await shop.customers(2, wallet="100.00")
    opened = await haggle.open(owner)
    await helped(opened, 1)
    came = interrupt(monkeypatch, reserve, "take_bargains", lambda: apart(cut(opened, friend)))
    order = await haggle.buy(owner)
    assert (came, order.total.minor) == (["take_bargains"], 990)
    await desk.assert_clean()


async def test_the_last_second(shop: Shop):
    """Cuts before it count, those after do not, whoever waits for whom."""
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=40)
    opened = await haggle.open(await shop.customer())
    people = await shop.customers(40)

    async def late() -> int:
        with travel(timedelta(hours=24, seconds=1)):
            return sum((await desk.at_once([cut(opened, one) for one in people[20:]])).values())

    ended = await desk.at_once([cut(opened, one) for one in people[:20]])
    assert (ended, await asyncio.create_task(late()), (await present(opened)).cuts) == ({"Cut": 20}, 20, 20)
    await desk.assert_clean()
