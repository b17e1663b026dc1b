"""State machines: only allowed moves happen, one event for each, and of two competitors one wins."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import ClassVar
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import Event
from perkhub.kit.states import IllegalMove, StateMachine
from tests.fixtures.session_servers import admin


class Kettle(StrEnum):
    COLD = auto()
    HOT = auto()
    EMPTY = auto()
    BROKEN = auto()


@dataclass(frozen=True)
class Boiled(Event):
    name: ClassVar[str] = "test.boiled"
    kettle: UUID | None = None


MACHINE = StateMachine(
    table="kettle",
    born=frozenset({Kettle.COLD}),
    transitions={
        Kettle.COLD: {Kettle.HOT, Kettle.BROKEN},
        Kettle.HOT: {Kettle.COLD, Kettle.EMPTY, Kettle.BROKEN},
        Kettle.EMPTY: {Kettle.COLD},
        Kettle.BROKEN: set(),
    },
)


@pytest.fixture
async def kettles(database: str) -> list[UUID]:
    """Ten cold kettles."""
    ids = [new_id() for _ in range(10)]
    async with admin(database) as connection:
        await connection.execute("CREATE TABLE kettle (id uuid PRIMARY KEY, state text NOT NULL, boiled int, by_whom text)")
        await connection.execute("INSERT INTO kettle SELECT unnest($1::uuid[]), 'cold', 0, NULL", ids)
    return ids


async def events() -> int:
    count: int = await db.value("SELECT count(*) FROM outbox WHERE name = 'test.boiled'")
    return count


async def state(kettle: UUID) -> str:
    found: str = await db.value("SELECT state FROM kettle WHERE id = $1", kettle)
    return found


async def test_a_move_sets_columns_and_emits_its_event(kettles: list[UUID]) -> None:
    async with db.transaction() as tx:
        row = await MACHINE.move(tx, kettles[0], Kettle.HOT, event=Boiled(kettles[0]), boiled=3, by_whom="me")
    assert (row["id"], row["state"], row["boiled"], row["by_whom"]) == (kettles[0], "hot", 3, "me")
    assert [await state(kettle) for kettle in kettles[:2]] == ["hot", "cold"]
    assert await events() == 1
    assert await db.value("SELECT payload->>'kettle' FROM outbox") == str(kettles[0])


@pytest.mark.parametrize("origin", [None, [Kettle.HOT, Kettle.EMPTY]])
async def test_an_illegal_move_changes_nothing(kettles: list[UUID], origin: list[Kettle] | None) -> None:
    # From cold nothing becomes empty; and what may become hot may be limited further by the caller.
    to = Kettle.EMPTY if origin is None else Kettle.HOT
    with pytest.raises(IllegalMove) as refused:
        async with db.transaction() as tx:
            await MACHINE.move(tx, kettles[0], to, event=Boiled(), origin=origin, boiled=9)
    assert (refused.value.table, refused.value.row, refused.value.to) == ("kettle", kettles[0], to)
    assert await db.value("SELECT count(*) FROM kettle WHERE state = 'cold' AND boiled = 0") == 10
    assert await events() == 0


async def test_an_origin_never_widens_the_table(kettles: list[UUID]) -> None:
    with pytest.raises(IllegalMove):
        async with db.transaction() as tx:
            await MACHINE.move(tx, kettles[0], Kettle.EMPTY, event=None, origin=[Kettle.COLD])


async def test_a_row_that_is_not_there_cannot_move(kettles: list[UUID]) -> None:
    with pytest.raises(IllegalMove):
        async with db.transaction() as tx:
            await MACHINE.move(tx, new_id(), Kettle.HOT, event=None)


async def test_many_move_that_may_and_one_event_says_so(kettles: list[UUID]) -> None:
    async with db.transaction() as tx:
        await MACHINE.move_many(tx, kettles[:3], Kettle.BROKEN, event=None)
        moved = await MACHINE.move_many(tx, [*kettles, kettles[5], new_id()], Kettle.HOT, event=Boiled(), by_whom="all")
        assert await MACHINE.move_many(tx, kettles, Kettle.EMPTY, event=None, origin=[Kettle.COLD]) == []
    assert {row["id"] for row in moved} == set(kettles[3:])
    assert {row["by_whom"] for row in moved} == {"all"}
    assert [await state(kettle) for kettle in kettles] == ["broken"] * 3 + ["hot"] * 7
    assert await events() == 1


async def test_no_event_when_none_moved(kettles: list[UUID]) -> None:
    async with db.transaction() as tx:
        assert await MACHINE.move_many(tx, kettles, Kettle.EMPTY, event=Boiled()) == []
        assert await MACHINE.move_many(tx, [], Kettle.HOT, event=Boiled()) == []
    assert await events() == 0


async def test_a_rollback_takes_the_move_and_its_event_along(kettles: list[UUID]) -> None:
    async def work(tx: Transaction) -> None:
        await MACHINE.move(tx, kettles[0], Kettle.HOT, event=Boiled())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.transact(work)
    assert await state(kettles[0]) == "cold"
    assert await events() == 0


async def test_of_twenty_competitors_one_wins(kettles: list[UUID]) -> None:
    async def boil(tx: Transaction) -> None:
        await MACHINE.move(tx, kettles[0], Kettle.HOT, event=Boiled(), origin=[Kettle.COLD])

    results = await asyncio.gather(*(db.transact(boil) for _ in range(20)), return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, IllegalMove) for result in results) == 19
    assert await events() == 1


async def test_a_competitor_that_commits_first_is_seen(kettles: list[UUID]) -> None:
    """The mover waits for the competitor's lock, and then finds a state from which it may not go on."""
    holds, release = asyncio.Event(), asyncio.Event()

    async def compete() -> None:
        async with db.transaction() as tx:
            await MACHINE.move(tx, kettles[0], Kettle.BROKEN, event=None)
            holds.set()
            await release.wait()

    async def move() -> None:
        await holds.wait()
        async with db.transaction() as tx:
            asyncio.get_running_loop().call_later(0.05, release.set)
            await MACHINE.move(tx, kettles[0], Kettle.HOT, event=Boiled())

    competitor = asyncio.create_task(compete())
    with pytest.raises(IllegalMove):
        await move()
    await competitor
    assert await state(kettles[0]) == "broken"
    assert await events() == 0


async def test_sets_that_overlap_in_any_order_do_not_deadlock(kettles: list[UUID]) -> None:
    async def heat(rows: list[UUID], to: Kettle) -> None:
        for _ in range(20):
            async with db.transaction() as tx:  # no retry here: a deadlock would be raised
                await MACHINE.move_many(tx, rows, to, event=None)

    overlapping = [
        (kettles, Kettle.HOT),
        (kettles[::-1], Kettle.COLD),
        (kettles[3:], Kettle.HOT),
        (kettles[7::-1], Kettle.COLD),
    ]
    await asyncio.gather(*(heat(rows, to) for rows, to in overlapping))


def test_rows_are_born_only_where_the_table_says() -> None:
    assert MACHINE.birth(Kettle.COLD) == "cold"
    with pytest.raises(IllegalMove):
        MACHINE.birth(Kettle.HOT)


def test_sources_are_read_off_the_table() -> None:
    assert MACHINE.sources(Kettle.COLD) == [Kettle.HOT, Kettle.EMPTY]
    assert MACHINE.sources(Kettle.BROKEN) == [Kettle.COLD, Kettle.HOT]
