"""Who is let in when many come at once: so many at a time, the others in the order in which they came, each person once; and
everybody, where Redis is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from time import monotonic
from uuid import UUID

import pytest

from perkhub.campaigns import AdmissionState, CampaignQueued, CampaignSoldOut, WaitingTicketInvalid, admission_of, enter, leave
from perkhub.campaigns.rush import doors, forget_sold_out, open_after_commit, tell_sold_out
from perkhub.campaigns.rush.admission import Place
from perkhub.campaigns.rush.script import keys_of
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.redis import close_redis, redis_client, set_redis
from perkhub.pricing import BasketLine, Chosen

AT_ONCE = 2
NOWHERE = "redis://127.0.0.1:9/0"


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch, wide_pool: None) -> None:
    """Before `house`, which reads it."""
    monkeypatch.setenv("PERKHUB_CAMPAIGN_ORDERS_AT_ONCE", str(AT_ONCE))


class Rush:
    """A campaign with one variant, and people before its door."""

    def __init__(self) -> None:
        self.campaign, self.variant = new_id(), new_id()
        self.basket = [BasketLine(self.variant, 1, campaign=Chosen(self.campaign))]
        self.tickets: dict[UUID, str] = {}

    async def come(self, person: UUID, key: str = "one order") -> list[Place]:
        """With the latest ticket, where they have one."""
        try:
            return await enter(self.basket, person, key=key, ticket=self.tickets.get(person))
        except CampaignQueued as queued:
            self.tickets[person] = queued.data["ticket"]
            raise

    async def wait(self, person: UUID) -> int:
        """Come, and be told a position."""
        with pytest.raises(CampaignQueued) as queued:
            await self.come(person)
        assert queued.value.path == ("lines", "0", "campaign")
        return int(queued.value.data["position"])

    async def full(self) -> list[list[Place]]:
        """Let in as many as may be inside."""
        return [await self.come(new_id()) for _ in range(AT_ONCE)]


@pytest.fixture
def rush(house: None) -> Rush:
    return Rush()


def people(many: int) -> list[UUID]:
    return [new_id() for _ in range(many)]


async def test_so_many_at_once_and_the_others_in_their_order(rush: Rush):
    inside = await rush.full()
    first, second, third = people(3)
    assert [await rush.wait(one) for one in (first, second, third)] == [1, 2, 3]
    leave(inside[0])
    # One place is free, and it is the first one's, whoever else comes before.
    assert [await rush.wait(one) for one in (new_id(), second, third)] == [4, 2, 3]
    assert len(await rush.come(first)) == 1
    leave(inside[1])
    assert await rush.wait(third) == 2
    assert len(await rush.come(second)) == 1
    assert await rush.wait(third) == 1


async def test_a_crowd_at_once_is_let_in_no_further_than_the_door_allows(rush: Rush):
    ended = await asyncio.gather(*(rush.come(one) for one in people(100)), return_exceptions=True)
    let_in = [one for one in ended if isinstance(one, list)]
    queued = sorted(one.data["position"] for one in ended if isinstance(one, CampaignQueued))
    assert (len(let_in), queued) == (AT_ONCE, list(range(1, 99)))


async def test_one_person_has_one_place_in_two_tabs_and_on_two_devices(rush: Rush):
    await rush.full()
    buyer, other = people(2)
    ended = await asyncio.gather(*(enter(rush.basket, buyer, key=new_id().hex) for _ in range(50)), return_exceptions=True)
    assert {(type(one), one.data["position"]) for one in ended if isinstance(one, CampaignQueued)} == {(CampaignQueued, 1)}
    assert len(ended) == 50
    assert await rush.wait(other) == 2


async def test_who_is_not_heard_of_gives_the_place_to_the_next(rush: Rush, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doors, "PATIENCE_SECONDS", 0.1)
    await rush.full()
    lost, patient = people(2)
    await rush.wait(lost)
    for _ in range(4):
        await rush.wait(patient)
        await asyncio.sleep(0.05)
    assert await rush.wait(patient) == 1
    with travel(timedelta(seconds=20)):
        assert await rush.wait(lost) == 2  # the old ticket is past its time: it begins again


async def test_a_process_that_dies_gives_its_places_back(rush: Rush, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doors, "LEASE_SECONDS", 0.1)
    await rush.full()
    buyer = new_id()
    await rush.wait(buyer)
    await asyncio.sleep(0.15)
    assert len(await rush.come(buyer)) == 1


async def test_whoever_goes_away_at_the_second_door_gives_back_the_first(rush: Rush, monkeypatch: pytest.MonkeyPatch):
    first, second = sorted((rush, Rush()), key=lambda one: one.campaign)
    asked, reached = doors.Door.ask, asyncio.Event()

    async def ask(door: doors.Door, wish: doors.Ask) -> doors.Answer | None:
        if door.campaign == second.campaign:
            reached.set()
            await asyncio.sleep(30)
        return await asked(door, wish)

    monkeypatch.setattr(doors.Door, "ask", ask)
    for _ in range(AT_ONCE):
        reached.clear()
        coming = asyncio.create_task(enter([*first.basket, *second.basket], new_id(), key="key"))
        await reached.wait()
        coming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await coming
    assert len(await first.come(new_id())) == 1


async def test_a_ticket_is_followed_and_renewed(rush: Rush):
    inside = await rush.full()
    first, second = people(2)
    await rush.wait(first)
    await rush.wait(second)
    found = await admission_of(rush.tickets[second], second)
    assert (found.state, found.position) == (AdmissionState.WAITING, 2)
    assert found.retry_after_ms >= 200
    leave(inside[0])
    turn = await admission_of(rush.tickets[first], first)
    assert (turn.state, turn.position, turn.retry_after_ms) == (AdmissionState.YOUR_TURN, 1, 0)
    assert len(await enter(rush.basket, first, key="key", ticket=turn.ticket)) == 1
    assert (await admission_of(found.ticket, second)).position == 1


async def test_a_ticket_serves_one_order_and_its_repetitions(rush: Rush):
    """Whoever was let in by it stands behind all others with the next order; the same one, sent again, is let in again."""
    inside = await rush.full()
    first, second, third = people(3)
    for one in (first, second, third):
        await rush.wait(one)
    leave(inside[0])
    served = rush.tickets[first]
    places = await rush.come(first)
    leave(places)
    # Nobody answered, say: the same request comes again, before all who wait.
    leave(await rush.come(first))
    with pytest.raises(CampaignQueued) as queued:
        await rush.come(first, key="another order")
    assert queued.value.data["position"] == 3
    rush.tickets[first] = served
    assert (await admission_of(served, first)).position == 3
    assert len(await rush.come(second)) == 1
    assert await rush.wait(third) == 1


async def test_of_two_orders_at_once_a_ticket_serves_one(rush: Rush):
    inside = await rush.full()
    buyer, *others = people(4)
    for one in (buyer, *others):
        await rush.wait(one)
    for places in inside:
        leave(places)
    ended = await asyncio.gather(*(rush.come(buyer, key=f"order {place}") for place in range(20)), return_exceptions=True)
    assert [len(one) for one in ended if isinstance(one, list)] == [1]
    assert {one.data["position"] for one in ended if isinstance(one, CampaignQueued)} == {4}


async def test_who_waited_again_has_a_ticket_for_one_more_order(rush: Rush):
    inside = await rush.full()
    buyer = new_id()
    for number in range(3):
        with pytest.raises(CampaignQueued):
            await rush.come(buyer, key=f"order {number}")
        leave(inside[number % AT_ONCE])
        inside[number % AT_ONCE] = await rush.come(buyer, key=f"order {number}")


async def test_what_a_ticket_served_is_forgotten_after_it(rush: Rush, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doors, "PATIENCE_SECONDS", 0.1)
    inside = await rush.full()
    buyer = new_id()
    await rush.wait(buyer)
    leave(inside[0])
    await rush.come(buyer)
    redis = redis_client()
    assert redis is not None
    served, at, _ = keys_of(rush.campaign.hex)[-3:]
    assert (await redis.hlen(served), await redis.zcard(at)) == (1, 1)
    await asyncio.sleep(0.25)
    await rush.wait(new_id())
    assert (await redis.hlen(served), await redis.zcard(at)) == (0, 0)


async def test_a_ticket_is_good_for_its_person_alone(rush: Rush):
    await rush.full()
    owner, thief = people(2)
    await rush.wait(owner)
    ticket = rush.tickets[owner]
    for forged, bearer in [(ticket, thief), ("", owner), ("ü", owner), ("AAAA", owner), (ticket[:-4] + "AAA=", owner)]:
        with pytest.raises(WaitingTicketInvalid) as refused:
            await enter(rush.basket, bearer, key="key", ticket=forged)
        assert refused.value.path == ("ticket",)
        with pytest.raises(WaitingTicketInvalid) as refused:
            await admission_of(forged, bearer)
        assert refused.value.path == ()


async def test_what_is_sold_out_is_so_in_every_process_until_it_comes_back(rush: Rush, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doors, "GONE_SECONDS", 30)
    inside = await rush.full()
    waiting = new_id()
    await rush.wait(waiting)
    tell_sold_out(rush.campaign, rush.variant)
    forget_sold_out()  # as in another process
    with pytest.raises(CampaignSoldOut):
        await rush.come(new_id())
    found = await admission_of(rush.tickets[waiting], waiting)
    assert (found.state, found.position) == (AdmissionState.SOLD_OUT, 1)

    async def back(tx: object) -> None:
        open_after_commit(tx, [rush.campaign])  # type: ignore[arg-type]

    await transact(back)
    leave(inside[0])
    # It is the one's who waited, and not that of whoever comes first now.
    assert await rush.wait(new_id()) == 2
    assert len(await rush.come(waiting)) == 1


async def test_emptied_redis_lets_in_and_brings_the_order_of_tickets_back(rush: Rush):
    inside = await rush.full()
    first, second, third = people(3)
    for one in (first, second, third):
        await rush.wait(one)
    redis = redis_client()
    assert redis is not None
    await redis.flushdb()
    again = await rush.full()
    assert len(again) == AT_ONCE
    assert [await rush.wait(one) for one in (third, second, first)] == [1, 1, 1]
    assert [await rush.wait(one) for one in (new_id(), third, second)] == [4, 3, 2]
    for places in inside:
        leave(places)  # of before: nobody knows them any more
    assert await rush.wait(first) == 1


async def test_without_redis_the_door_stands_open(rush: Rush, redis_url: str):
    await rush.full()
    waiting = new_id()
    await rush.wait(waiting)
    await close_redis()
    set_redis(NOWHERE)
    begun = monotonic()
    ended = await asyncio.gather(*(rush.come(one) for one in people(200)))
    assert ended == [[]] * 200
    assert (await admission_of(rush.tickets[waiting], waiting)).state is AdmissionState.YOUR_TURN
    assert monotonic() - begun < 1.5
    await close_redis()
    doors.forget_doors()
    assert await rush.come(new_id()) == []


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """A Redis that takes every word and says none."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    server.close()
    await close_redis()
    await server.wait_closed()


async def test_a_slow_redis_is_not_waited_for(rush: Rush, silent: str):
    await close_redis()
    set_redis(silent)
    begun = monotonic()
    assert await rush.come(new_id()) == []
    waited = monotonic() - begun
    assert waited < 0.8
    begun = monotonic()
    assert await asyncio.gather(*(rush.come(one) for one in people(100))) == [[]] * 100
    assert monotonic() - begun < 0.2  # it is left alone for a while


async def test_who_hangs_up_before_the_answer_leaves_no_place_behind(rush: Rush):
    gone = [asyncio.create_task(rush.come(one)) for one in people(AT_ONCE)]
    await asyncio.sleep(0)
    for one in gone:
        one.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    await asyncio.sleep(0.05)
    assert len(await rush.full()) == AT_ONCE
