"""The way through Redis: word of a row goes out after its commit, in the background, and never fails who caused it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from time import time
from uuid import UUID, uuid4

import orjson
import pytest
from arq.connections import ArqRedis
from arq.worker import func
from redis import Redis
from redis.asyncio import ConnectionPool

from perkhub.kit import clock, db
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import connect_queue, disconnect_queue, list_jobs, sweep
from perkhub.kit.jobs import queue as queue_module
from perkhub.kit.jobs.queue import FUNCTION, QUEUE, Courier, courier, dump
from perkhub.kit.jobs.worker import BatchingWorker
from perkhub.kit.outbox import Waiting, enqueue
from perkhub.kit.redis import close_redis, set_redis
from tests.kit.workers import until

NOWHERE = "unix:///nowhere/redis.sock"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    set_redis(redis_url)
    connect_queue()
    with Redis.from_url(redis_url) as connection:
        yield connection
    await disconnect_queue()
    await close_redis()


def told_of(redis: Redis) -> dict[str, float]:
    """Which runs the queue knows, and in how many seconds each may begin."""
    return {run.decode(): score / 1000 - time() for run, score in redis.zrange(QUEUE, 0, -1, withscores=True)}


async def accepted(**arguments: object) -> UUID:
    async def work(tx: db.Transaction) -> UUID:
        return enqueue(tx, "test.queue.nothing", thing=uuid4(), **arguments)  # type: ignore[arg-type]

    return await transact(work)


async def handed_at(row_id: UUID) -> object:
    return await db.value("SELECT handed_at FROM outbox WHERE id = $1", row_id)


@pytest.mark.usefixtures("database")
async def test_word_goes_out_after_the_commit_and_holds_only_ids(redis: Redis):
    row_id = await accepted()
    await courier().settle()
    assert list(told_of(redis)) == [f"{row_id}:0"]
    assert await handed_at(row_id) is not None
    word = orjson.loads(redis.get(f"arq:job:{row_id}:0"))
    assert (word["f"], word["a"], word["k"]) == ("run_outbox_row", [str(row_id), 0], {})
    assert await sweep() == 0


@pytest.mark.usefixtures("database")
async def test_no_word_of_what_was_rolled_back(redis: Redis):
    async def work(tx: db.Transaction) -> None:
        enqueue(tx, "test.queue.nothing")
        raise KeyError

    with pytest.raises(KeyError):
        await transact(work)
    await courier().settle()
    assert told_of(redis) == {}


@pytest.mark.usefixtures("database")
async def test_what_is_due_soon_is_held_back_by_the_queue_and_what_is_due_later_by_the_table(redis: Redis):
    soon = await accepted(run_at=clock.now() + timedelta(seconds=10))
    later = await accepted(run_at=clock.now() + timedelta(hours=1))
    await courier().settle()
    told = told_of(redis)
    assert list(told) == [f"{soon}:0"]
    assert 8 < told[f"{soon}:0"] <= 10.1
    with clock.travel(timedelta(hours=1)):
        await sweep()
    await courier().settle()
    assert set(told_of(redis)) == {f"{soon}:0", f"{later}:0"}


@pytest.mark.usefixtures("database")
async def test_a_job_that_is_brought_forward_is_told_of_under_its_own_name(redis: Redis):
    row_id = await accepted(run_at=clock.now() + timedelta(hours=1), unique_key="one")
    await accepted(unique_key="one")
    await courier().settle()
    assert list(told_of(redis)) == [f"{row_id}:0"]


@pytest.mark.usefixtures("database")
async def test_a_dead_redis_is_not_felt_and_what_it_missed_is_told_again(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue_module, "PAUSE", 0.1)
    set_redis(NOWHERE)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(20):
        await accepted()
    assert loop.time() - begun < 1
    # It comes back while the courier still tries.
    set_redis(redis_url)
    await courier().settle()
    assert len(told_of(redis)) == 20


@pytest.mark.usefixtures("database")
async def test_what_the_courier_gave_up_the_sweeper_finds(redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue_module, "PAUSE", 0.01)
    set_redis(NOWHERE)
    row_id = await accepted()
    await courier().settle()
    set_redis(redis_url)
    assert await sweep() == 0
    with clock.travel(timedelta(seconds=21)):
        assert await sweep() == 1
    await courier().settle()
    assert list(told_of(redis)) == [f"{row_id}:0"]


@pytest.mark.usefixtures("database")
async def test_a_process_without_a_queue_leaves_its_rows_to_the_sweeper(redis: Redis):
    await disconnect_queue()
    row_id = await accepted()
    assert await handed_at(row_id) is None
    assert await sweep() == 1
    assert len(await list_jobs()) == 1


async def test_word_that_is_repeated_clears_the_mark_of_a_dead_worker_and_keeps_its_place(redis: Redis):
    row = Waiting(new_id(), 3, clock.now())
    own = Courier()
    own.tell([row])
    await own.settle()
    (place,) = redis.zrange(QUEUE, 0, -1, withscores=True)
    redis.set(f"arq:in-progress:{row.id}:3", "1")
    await asyncio.sleep(0.01)
    own.tell([row], again=True)
    await own.settle()
    assert redis.zrange(QUEUE, 0, -1, withscores=True) == [place]
    assert redis.exists(f"arq:in-progress:{row.id}:3") == 0


async def test_runs_of_dead_workers_are_taken_off_the_queue(redis: Redis):
    row = Waiting(new_id(), 0, clock.now())
    own = Courier()
    own.tell([row])
    await own.settle()
    redis.set(f"arq:in-progress:{row.id}:0", "1")
    own.forget([f"{row.id}:0"])
    await own.settle()
    assert redis.keys("*") == []


async def test_what_runs_at_one_worker_stands_in_nobody_elses_way(redis: Redis, redis_url: str):
    """The oldest on the queue are all in hand: a second worker takes what comes after them."""
    begun: list[str] = []
    end = asyncio.Event()

    async def work(_: dict[str, object], row_id: str, attempts: int) -> None:
        begun.append(row_id)
        await end.wait()

    @asynccontextmanager
    async def worker() -> AsyncIterator[None]:
        pool = ArqRedis(ConnectionPool.from_url(redis_url), job_deserializer=orjson.loads)
        at_work = BatchingWorker(
            [func(work, name=FUNCTION, keep_result=0)],
            queue_name=QUEUE,
            redis_pool=pool,
            handle_signals=False,
            max_jobs=3,
            poll_delay=0.02,
            job_serializer=dump,
            job_deserializer=orjson.loads,
        )
        running = asyncio.create_task(at_work.async_run())
        try:
            yield
        finally:
            end.set()
            running.cancel()
            await asyncio.gather(running, *at_work.tasks.values(), return_exceptions=True)
            await pool.aclose(close_connection_pool=True)

    own, rows = Courier(), [Waiting(new_id(), 0, clock.now()) for _ in range(6)]
    own.tell(rows)
    await own.settle()

    async def have_begun(many: int) -> bool:
        return len(begun) == many

    async with worker():
        await until(partial(have_begun, 3))
        async with worker():
            await until(partial(have_begun, 6))
    assert sorted(begun) == sorted(str(row.id) for row in rows)
    assert redis.keys("arq:*") == []
    assert told_of(redis) == {}


async def test_the_backlog_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue_module, "LARGEST_BACKLOG", 10)
    set_redis(NOWHERE)
    own = Courier()
    for _ in range(4):
        own.tell([Waiting(new_id(), 0, clock.now()) for _ in range(4)])
    assert len(own._due) == 10
    await own.close()
    await close_redis()
