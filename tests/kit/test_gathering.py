"""What many ask for at once is done for all of them together, and each has its own answer or its own failure."""

import asyncio
from collections.abc import Sequence

import pytest

from perkhub.kit.db import transact
from perkhub.kit.gathering import AT_ONCE, Gathered

MANY = 30


class Doubled:
    """Doubles numbers, and remembers in which batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, asked: Sequence[int]) -> list[int]:
        self.batches.append(list(asked))
        await self.gate.wait()
        if 13 in asked:
            raise ValueError("13")
        return [2 * one for one in asked]


async def test_whoever_asks_at_the_same_time_shares_a_batch_and_gets_its_own_answer():
    work = Doubled()
    ask = Gathered(work)
    assert await asyncio.gather(*(ask(number) for number in range(10))) == [2 * number for number in range(10)]
    assert work.batches == [list(range(10))]


async def test_whoever_comes_while_a_batch_is_worked_on_is_in_the_next():
    work = Doubled()
    ask: Gathered[int, int] = Gathered(work, largest=20)
    work.gate.clear()
    asked = []
    for number in range(100, 100 + MANY):
        asked.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(0.005)
    assert [len(batch) for batch in work.batches] == [1] * AT_ONCE
    work.gate.set()
    assert await asyncio.gather(*asked) == [2 * number for number in range(100, 100 + MANY)]
    assert sorted(len(batch) for batch in work.batches) == [1, 1, MANY - AT_ONCE - 20, 20]


async def test_whoever_asks_again_at_once_waits_for_nobody():
    """Two batches end at the same moment: who has the answer of one asks again before anything else happens."""
    work = Doubled()
    ask = Gathered(work)
    work.gate.clear()

    async def twice() -> list[int]:
        return [await ask(1), await ask(3)]

    first = asyncio.create_task(twice())
    await asyncio.sleep(0.01)
    second = asyncio.create_task(ask(2))
    await asyncio.sleep(0.01)
    assert work.batches == [[1], [2]]
    work.gate.set()
    assert await asyncio.wait_for(asyncio.gather(first, second), 2) == [[2, 6], 4]


async def test_a_batch_that_waits_for_a_lock_holds_up_nobody_who_asks_again():
    locked = asyncio.Event()

    async def work(asked: Sequence[int]) -> list[int]:
        if 1 in asked:
            await locked.wait()
        return list(asked)

    ask = Gathered(work)

    async def one_after_another() -> list[int]:
        return [await ask(number) for number in (2, 3, 4)]

    held_up = asyncio.create_task(ask(1))
    await asyncio.sleep(0.01)
    assert await asyncio.wait_for(one_after_another(), 2) == [2, 3, 4]
    locked.set()
    assert await held_up == 1


async def test_of_a_batch_that_fails_each_fails_alone():
    work = Doubled()
    ask = Gathered(work)
    answers = await asyncio.gather(*(ask(number) for number in (12, 13, 14)), return_exceptions=True)
    assert answers[0] == 24
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 28
    assert work.batches == [[12, 13, 14], [12], [13], [14]]


async def test_when_the_database_goes_away_nothing_is_done_twice():
    """Nobody knows whether the batch was committed."""
    tried: list[int] = []

    async def work(asked: Sequence[int]) -> list[int]:
        tried.extend(asked)
        raise ConnectionResetError

    ask: Gathered[int, int] = Gathered(work)
    answers = await asyncio.gather(*(ask(number) for number in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionResetError] * 3
    assert tried == [0, 1, 2]


async def test_whoever_gives_up_takes_nobody_along():
    work = Doubled()
    ask = Gathered(work)
    work.gate.clear()
    first, second = asyncio.create_task(ask(1)), asyncio.create_task(ask(2))
    await asyncio.sleep(0.01)
    first.cancel()
    work.gate.set()
    assert await second == 4
    assert first.cancelled()


@pytest.mark.usefixtures("database")
async def test_nobody_asks_from_inside_a_transaction():
    """The batch would commit by itself, or wait for what its caller holds locked."""
    work = Doubled()
    ask = Gathered(work)
    with pytest.raises(RuntimeError):
        await transact(lambda tx: ask(1))
    assert work.batches == []
