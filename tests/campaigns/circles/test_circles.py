"""One circle after another: opened, joined, paid, full and delivered; or its time is over, and all money goes back once."""

from datetime import timedelta

import pytest

from perkhub.campaigns.circles import (
    CircleFull,
    CircleOver,
    CircleState,
    CircleTwice,
    CircleUnknown,
    lapse_overdue,
    members_of,
    open_circles,
    own_circles,
)
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.orders import OrderNotPayable, OrderState, settle_circle
from tests.campaigns.circles import groups
from tests.campaigns.circles.groups import PRICE, Group, told
from tests.factories import Person, Shop
from tests.orders import desk

S = CircleState
DAY = timedelta(hours=24)
PASSED = DAY + timedelta(seconds=1)


async def units(person: Person) -> list[str]:
    states = "SELECT state FROM entitlement WHERE party_id = $1 ORDER BY id"
    return [row["state"] for row in await db.rows(states, person.party_id)]


async def test_three_fill_a_group_and_all_are_delivered(shop: Shop):
    group = await Group.of(await shop.variant(codes=5))
    people = await shop.customers(3, wallet="100.00")
    circle = await group.buy(people[0])
    await group.buy(people[1], circle)
    await drain()
    assert [await units(person) for person in people] == [["pending"], ["pending"], []]
    assert await told(circle) == (S.OPEN, 2, 2)
    await desk.assert_clean()
    await group.buy(people[2], circle)
    assert await told(circle) == (S.FULL, 3, 3)
    await desk.assert_clean()
    await drain()
    assert [await units(person) for person in people] == [["issued"]] * 3
    assert (await told(circle), await desk.stock_of(group.variant)) == ((S.SETTLED, 3, 3), (2, 0))
    assert await desk.book("revenue") == 3 * PRICE
    await desk.assert_clean()


async def test_a_group_whose_time_is_over_is_refunded_once(shop: Shop):
    group = await Group.of(await shop.variant(codes=5, limit=1))
    leader, other, unpaid = await shop.customers(3, wallet="100.00")
    circle = await group.buy(leader)
    await group.buy(other, circle)
    with travel(PASSED - timedelta(minutes=10)):
        order, _ = await group.place(unpaid, circle)
    with travel(PASSED):
        assert await told(circle) == (S.LAPSED, 3, 2)
        assert await lapse_overdue() == 1
        await desk.assert_clean()
        await drain()
        await settle_circle(circle)
        assert [await desk.wallet_of(person) for person in (leader, other)] == [10000, 10000]
        assert [await units(leader), await units(other)] == [["failed"], ["failed"]]
        assert (await desk.now_of(order)).state is OrderState.CANCELLED
        assert (await told(circle), await desk.stock_of(group.variant)) == ((S.LAPSED, 2, 2), (5, 0))
        assert await db.value("SELECT count(*) FROM refund") == 2
        await desk.assert_clean()


async def test_nobody_comes_in_after_its_second_with_every_job_dead(shop: Shop):
    group = await Group.of(await shop.variant(codes=5))
    leader, joiner, late = await shop.customers(3, wallet="100.00")
    circle = await group.buy(leader)
    with travel(PASSED - timedelta(minutes=10)):
        order, _ = await group.place(joiner, circle)
    with travel(PASSED):
        async with desk.nothing_changes():
            with pytest.raises(CircleOver):
                await group.buy(late, circle)
            with pytest.raises(CircleOver):
                await desk.pay(joiner, order)
        assert await open_circles(group.campaign.id) == []
        assert await own_circles([group.campaign.id], leader.party_id) == {}
        # The old one stands in nobody's way: whoever was in it may open another, and it is closed on the way.
        again = await group.buy(leader)
        assert (await told(circle), await told(again)) == ((S.LAPSED, 1, 1), (S.OPEN, 1, 1))
        await drain()
        with pytest.raises(OrderNotPayable):
            await desk.pay(joiner, order)
        assert await desk.wallet_of(leader) == 10000 - PRICE
        await desk.assert_clean()


async def test_why_one_may_not_join(shop: Shop):
    group = await Group.of(await shop.variant(codes=5), seats=2)
    leader, second, third = await shop.customers(3, wallet="100.00")
    other = await Group.of(group.variant)
    circle = await group.buy(leader)
    async with desk.nothing_changes():
        for again in (circle, None):
            with pytest.raises(CircleTwice):
                await group.buy(leader, again)
        with pytest.raises(CircleUnknown):
            await group.buy(third, new_id())
        with pytest.raises(CircleUnknown) as foreign:
            await other.buy(third, circle)
        assert foreign.value.path == ("lines", "0", "campaign")
    order, _ = await group.place(second, circle)
    async with desk.nothing_changes():
        with pytest.raises(CircleFull):
            await group.buy(third, circle)
    await desk.pay(second, order)
    async with desk.nothing_changes():
        with pytest.raises(CircleOver):
            await group.buy(third, circle)
    await drain()
    await group.buy(leader)
    await desk.assert_clean()


async def test_a_kept_place_goes_to_the_next_when_its_order_ends(shop: Shop):
    group = await Group.of(await shop.variant(codes=5), seats=2)
    leader, unsure, next_one = await shop.customers(3, wallet="100.00")
    circle = await group.buy(leader)
    order, _ = await group.place(unsure, circle)
    assert await told(circle) == (S.OPEN, 2, 1)
    await desk.cancel(unsure, order)
    assert await told(circle) == (S.OPEN, 1, 1)
    await group.buy(next_one, circle)
    await drain()
    assert await told(circle) == (S.SETTLED, 2, 2)
    await desk.assert_clean()


async def test_a_member_who_takes_the_money_back_leaves_a_place(shop: Shop):
    group = await Group.of(await shop.variant(codes=5), seats=2)
    leader, second, third = await shop.customers(3, wallet="100.00")
    circle = await group.buy(leader)
    await groups.refund(leader)
    assert (await told(circle), await desk.wallet_of(leader)) == ((S.OPEN, 0, 0), 10000)
    assert await open_circles(group.campaign.id) == []
    await desk.assert_clean()
    await group.buy(second, circle)
    await group.buy(third, circle)
    await drain()
    assert [await units(one) for one in (leader, second, third)] == [["failed"], ["issued"], ["issued"]]
    await desk.assert_clean()


async def test_a_refund_between_full_and_delivered(shop: Shop):
    group = await Group.of(await shop.variant(codes=5), seats=2)
    leader, second = await shop.customers(2, wallet="100.00")
    circle = await group.buy(leader)
    await group.buy(second, circle)
    await groups.refund(second)
    await desk.assert_clean()
    await drain()
    assert [await units(leader), await units(second)] == [["issued"], ["failed"]]
    assert (await told(circle), await desk.wallet_of(second)) == ((S.SETTLED, 2, 2), 10000)
    await desk.assert_clean()


async def test_a_group_closes_with_its_campaign(shop: Shop):
    soon = now() + timedelta(hours=1)
    group = await Group.of(await shop.variant(codes=5), ends_at=soon)
    circle = await group.buy(await shop.customer(wallet="100.00"))
    assert (await groups.seen(circle)).closes_at == soon


async def test_what_is_seen_of_groups(shop: Shop):
    group = await Group.of(await shop.variant(codes=5))
    leader, second, unsure, apart = await shop.customers(4, wallet="100.00")
    circle = await group.buy(leader)
    await group.place(unsure, circle)
    await group.buy(second, circle)
    _, unpaid = await group.place(apart)
    # One that nobody has paid for yet is nobody's to see.
    assert [one.id for one in await open_circles(group.campaign.id)] == [circle]
    members = await members_of([circle, unpaid])
    assert [member.party_id for member in members[circle]] == [leader.party_id, second.party_id]
    assert members[unpaid] == []
    mine = (await own_circles([group.campaign.id], unsure.party_id))[group.campaign.id]
    assert mine.id == circle
    assert (mine.paid, mine.taken, mine.seats, mine.state) == (2, 3, 3, S.OPEN)
