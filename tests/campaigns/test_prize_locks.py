"""A purchase locks the prizes that it may fall on, and no others: many prizes of few units sell side by side, and exactly."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest

from perkhub.campaigns.draws import Boxes, DrawnUnit, draw_units, fair, verify_draws
from perkhub.campaigns.draws import draw as drawing
from perkhub.campaigns.draws.seeds import opened
from perkhub.kit import db
from perkhub.kit.db import transaction
from perkhub.kit.ids import new_id
from perkhub.plugin.mechanic import Guarantee, Odds, Prize
from tests.campaigns.boxes import committed, draw, exported

pytestmark = pytest.mark.usefixtures("database", "opened_keys")

FEW = [f"few{number}" for number in range(12)]
WAIT = 0.3


def many_prizes(each: int = 3, *, after: int | None = None) -> Odds:
    """Twelve prizes of which there are few, and one that takes their place."""
    prizes = (Prize("plenty", new_id(), 40), *(Prize(key, new_id(), 5, each) for key in FEW))
    return Odds(prizes, "plenty", None if after is None else Guarantee(after, frozenset(FEW[:6])))


async def who_falls_on(campaign: UUID, *keys: str, seed: str = "luck") -> UUID:
    """Somebody whose first draws fall on these, as long as there are some."""
    row = await db.row("SELECT id, sealed, odds FROM draw_seed WHERE campaign_id = $1", campaign)
    assert row is not None
    plain, table = opened(row), fair.table_from(orjson.loads(row["odds"]))
    for party in (new_id() for _ in count()):
        who, pity = fair.pseudonym(campaign.bytes, party.bytes), 0
        for nonce, key in enumerate(keys, start=1):
            if fair.drawn(plain, table, client_seed=seed, who=who, nonce=nonce, pity=pity) != key:
                break
            pity = table.pity_after(pity, key)
        else:
            return party
    raise AssertionError("unreachable")


@asynccontextmanager
async def unfinished(campaign: UUID, party: UUID, units: int = 1) -> AsyncIterator[list[DrawnUnit]]:
    """A purchase that has drawn, and whose transaction goes on."""
    begun: asyncio.Future[list[DrawnUnit]] = asyncio.get_running_loop().create_future()
    may_end = asyncio.Event()

    async def buy() -> None:
        async with transaction() as tx:
            begun.set_result(await draw_units(tx, campaign, party, [Boxes(new_id(), units, "luck")], order=new_id()))
            await may_end.wait()

    buying = asyncio.create_task(buy())
    try:
        yield await begun
    finally:
        may_end.set()
        await buying


async def test_two_that_draw_different_prizes_do_not_wait_for_each_other():
    campaign = await committed(many_prizes())
    one, other = await who_falls_on(campaign, "few3"), await who_falls_on(campaign, "few7")
    async with unfinished(campaign, one) as drawn:
        assert [unit.given for unit in drawn] == ["few3"]
        async with asyncio.timeout(5):
            assert [unit.given for unit in await draw(campaign, other)] == ["few7"]


async def test_two_that_draw_the_same_wait_and_the_second_hears_what_is_left():
    campaign = await committed(many_prizes(each=1))
    one, other = await who_falls_on(campaign, "few3"), await who_falls_on(campaign, "few3")
    async with unfinished(campaign, one):
        second = asyncio.create_task(draw(campaign, other))
        await asyncio.sleep(WAIT)
        assert not second.done()
    [unit] = await second
    assert (unit.drawn, unit.given) == ("few3", "plenty")


async def test_what_follows_on_a_prize_that_is_just_going_is_locked_with_it():
    """Whether the last of the first prize is left decides by which guarantee the next is drawn: both ways are foreseen."""
    campaign = await committed(many_prizes(each=1, after=3))
    one, other = await who_falls_on(campaign, "few3"), await who_falls_on(campaign, "few3", "few8")
    async with unfinished(campaign, one):
        second = asyncio.create_task(draw(campaign, other, 6))
        await asyncio.sleep(WAIT)
        assert not second.done()
    assert next(unit.given for unit in await second) == "plenty"
    lines, head = await exported(campaign)
    assert verify_draws(lines, expected_head=head.digest).intact


@pytest.mark.parametrize("after", [None, 4])
async def test_a_crowd_gets_exactly_what_there_is(after: int | None):
    """Sixty buyers at once, of one box or several lines of them: all of each prize is given, none of it twice, and no two of
    them lock each other out."""
    campaign = await committed(many_prizes(after=after))
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"

    async def buy(place: int) -> list[DrawnUnit]:
        boxes = [Boxes(new_id(), 1 + (place + line) % 4, f"seed{place}{line}") for line in range(1 + place % 3)]
        async with transaction() as tx:
            return await draw_units(tx, campaign, new_id(), boxes, order=new_id())

    drawn = [unit for units in await asyncio.gather(*(buy(place) for place in range(60))) for unit in units]
    given = Counter(unit.given for unit in drawn)
    fell = Counter(unit.drawn for unit in drawn)
    assert {key: given[key] for key in FEW} == {key: min(3, fell[key]) for key in FEW}
    rows = await db.rows("SELECT key, given FROM draw_prize WHERE campaign_id = $1 AND quantity IS NOT NULL", campaign)
    assert {row["key"]: row["given"] for row in rows} == {key: given[key] for key in FEW}
    assert await db.value(deadlocks) == 0
    lines, head = await exported(campaign)
    verdict = verify_draws(lines, expected_head=head.digest)
    assert (verdict.intact, verdict.draws) == (True, len(drawn))


async def test_a_thousand_boxes_are_not_foreseen_in_every_way(monkeypatch: pytest.MonkeyPatch):
    """In each of them the guarantee may begin anew, or not: following all ways took seconds, in which nobody was served."""
    # One prize that nobody is going to draw, so that there is always one more to look for.
    prizes = (Prize("plenty", new_id(), 10**9), Prize("few", new_id(), 10**8, 400), Prize("never", new_id(), 1, 1))
    campaign = await committed(Odds(prizes, "plenty", Guarantee(5, frozenset({"few"}))))
    computed: Counter[str] = Counter()
    compute = fair.drawn

    def counted(*told: Any, **more: Any) -> str:
        computed["draws"] += 1
        return compute(*told, **more)

    monkeypatch.setattr(fair, "drawn", counted)
    drawn = await draw(campaign, new_id(), 1000)
    monkeypatch.undo()
    assert Counter(unit.given for unit in drawn)["few"] == min(400, sum(unit.drawn == "few" for unit in drawn))
    assert computed["draws"] < 1000 + 500
    lines, head = await exported(campaign)
    assert verify_draws(lines, expected_head=head.digest).intact


async def test_the_foreseeing_is_needed(monkeypatch: pytest.MonkeyPatch):
    """Without it nothing is locked, and what is counted is not given at all."""
    monkeypatch.setattr(drawing, "_may_fall_on", lambda *_, **__: set())
    campaign = await committed(many_prizes())
    [unit] = await draw(campaign, await who_falls_on(campaign, "few3"))
    assert (unit.drawn, unit.given) == ("few3", "plenty")
