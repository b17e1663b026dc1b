"""A worker that dies with kill -9 while groups are delivered and refunded: the next one does the rest, and nothing twice."""

import asyncio
from datetime import timedelta

import pytest

from perkhub.kit import db
from perkhub.kit.clock import now
from tests.campaigns.circles.groups import PRICE, Group
from tests.factories import Person, Shop
from tests.fulfilment.test_killed import worker
from tests.orders import desk

GROUPS = 6
UNSETTLED = "SELECT count(*) FROM circle WHERE settled_at IS NULL"
GIVEN = "SELECT (SELECT count(*) FROM entitlement WHERE state = 'issued') + (SELECT count(*) FROM refund)"


async def given() -> int:
    many: int = await db.value(GIVEN)
    return many


@pytest.mark.parametrize("full", [True, False], ids=["full", "lapsed"])
async def test_while_groups_are_settled(shop: Shop, database_url: str, redis_url: str, full: bool):
    group = await Group.of(await shop.variant(codes=3 * GROUPS))
    people = await shop.customers(3 * GROUPS, wallet="100.00")
    for turn in range(GROUPS):
        await fill(group, people[3 * turn : 3 * turn + (3 if full else 2)])
    if not full:
        # Rather than a day, their end comes to the clock: the worker has one of its own.
        await db.value("UPDATE circle SET closes_at = $1", now() - timedelta(seconds=1))
    due = GROUPS * (3 if full else 2)
    kills = 0
    while await given() < due:
        before = await given()
        with worker(database_url, redis_url):
            await until_more_than(before)
        kills += 1
        await desk.assert_clean(waiting={"circles.settled"})
        assert kills <= due
    with worker(database_url, redis_url):
        for _ in range(600):
            if not await db.value(UNSETTLED):
                break
            await asyncio.sleep(0.05)
    assert await db.value(UNSETTLED) == 0
    assert await given() == due
    assert await desk.book("revenue") == (due * PRICE if full else 0)
    assert await desk.stock_of(group.variant) == ((0, 0) if full else (3 * GROUPS, 0))
    await desk.assert_clean()


async def fill(group: Group, people: list[Person]) -> None:
    circle = await group.buy(people[0])
    for person in people[1:]:
        await group.buy(person, circle)


async def until_more_than(before: int) -> None:
    """Killed as soon as somebody got something, wherever the worker is by then."""
    for _ in range(4000):
        if await given() > before:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody got anything")
