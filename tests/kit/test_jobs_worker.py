"""Worker processes: killed in the middle, stopped politely, without Redis, cut off from PostgreSQL; nothing is lost."""

import asyncio
import os
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from redis import Redis

from perkhub.domains import model_modules
from perkhub.kit import db
from perkhub.kit.embedded import PostgresServer
from perkhub.kit.jobs import connect_queue, count_jobs, disconnect_queue
from perkhub.kit.migrations import migrate
from perkhub.kit.outbox import OutboxState
from perkhub.kit.redis import close_redis, set_redis
from tests.fixtures.session_servers import roomy_parent
from tests.kit.worker_process import RUN_LOG
from tests.kit.workers import OwnRedis, StartWorker, accepted, all_done, is_told, story, until, workers_of


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    with tempfile.TemporaryDirectory(prefix="pk-") as folder:
        redis = OwnRedis(Path(folder))
        redis.start()
        yield redis
        redis.kill()


@pytest.fixture
async def start_worker(database: str) -> AsyncIterator[StartWorker]:
    await db.value(RUN_LOG)
    with workers_of(database) as start:
        yield start


@pytest.fixture
async def queue(redis_url: str) -> AsyncIterator[str]:
    set_redis(redis_url)
    connect_queue()
    yield redis_url
    await disconnect_queue()
    await close_redis()


async def test_the_queue_brings_a_job_at_once_and_exactly_once(start_worker: StartWorker, queue: str):
    for _ in range(2):
        await start_worker(queue, sweep=60, stale=60)
    await asyncio.gather(*(accepted(thing=str(number)) for number in range(90)))
    await until(all_done)
    assert Counter(what for _, _, what in await story()) == {"begun": 90, "ended": 90}
    assert {attempt for _, attempt, _ in await story()} == {1}


async def test_a_job_of_a_worker_killed_in_the_middle_runs_again(start_worker: StartWorker, queue: str):
    killed = await start_worker(queue)
    await accepted(thing="long", seconds=3)
    await until(lambda: is_told("long", 1, "begun"))
    killed.kill()
    await start_worker(queue)
    await until(lambda: is_told("long", 2, "ended"))
    assert await story() == [("long", 1, "begun"), ("long", 2, "begun"), ("long", 2, "ended")]
    with Redis.from_url(queue) as redis:
        assert [key for key in redis.keys("arq:*") if key.endswith(b":0")] == []


async def test_chunks_go_on_where_the_killed_worker_had_committed(start_worker: StartWorker, queue: str):
    killed = await start_worker(queue)
    await accepted("test.worker.steps", upto=60)
    await until(lambda: is_told("20", 1, "step"))
    killed.kill()
    await start_worker(queue)
    await until(all_done)
    steps = await story()
    assert [thing for thing, _, _ in steps] == [str(number) for number in range(60)]
    assert {attempt for _, attempt, _ in steps} == {1, 2}


async def test_a_worker_that_died_between_word_and_claim_blocks_nothing(start_worker: StartWorker, queue: str):
    """It has marked the run as in progress in Redis, and never claimed the row."""
    row_id = await accepted(thing="blocked")
    with Redis.from_url(queue) as redis:
        redis.set(f"arq:in-progress:{row_id}:0", "1", ex=3600)
    await start_worker(queue)
    await until(lambda: is_told("blocked", 1, "ended"))


async def test_a_politely_stopped_worker_finishes_what_it_began(start_worker: StartWorker, queue: str):
    worker = await start_worker(queue)
    await accepted(thing="polite", seconds=1)
    await until(lambda: is_told("polite", 1, "begun"))
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 10) == 0
    assert await story() == [("polite", 1, "begun"), ("polite", 1, "ended")]
    assert await all_done()


async def test_what_does_not_finish_in_time_is_left_to_its_lease(start_worker: StartWorker, queue: str):
    worker = await start_worker(queue, grace=0.3)
    await accepted(thing="slow", seconds=3)
    await until(lambda: is_told("slow", 1, "begun"))
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 5) == 0
    await start_worker(queue)
    await until(lambda: is_told("slow", 2, "ended"))


async def test_jobs_go_on_while_redis_is_down_and_after(start_worker: StartWorker, own_redis: OwnRedis):
    set_redis(own_redis.url)
    connect_queue()
    try:
        await start_worker(own_redis.url)
        await accepted(thing="before", seconds=1.5)
        await until(lambda: is_told("before", 1, "begun"))
        own_redis.kill()
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*(accepted(thing=f"during {number}") for number in range(30)))
        assert asyncio.get_running_loop().time() - begun < 2  # nobody waited for Redis
        await until(all_done)
        own_redis.start()
        await accepted(thing="after")
        await until(all_done)
    finally:
        await disconnect_queue()
        await close_redis()
    told = await story()
    assert len(told) == 2 * 32
    assert {attempt for _, attempt, _ in told} == {1}


async def test_without_any_redis_the_table_is_enough(start_worker: StartWorker):
    await start_worker("")
    await asyncio.gather(*(accepted(thing=str(number)) for number in range(30)))
    await until(all_done)
    assert len(await story()) == 60


async def test_lost_database_connections_lose_nothing(start_worker: StartWorker, queue: str):
    worker = await start_worker(queue)
    cut = 0
    for number in range(40):
        await accepted(thing=str(number), seconds=0.1)
        if number % 10 == 5:
            cut += len(
                await db.rows(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'perkhub worker' AND datname = current_database()"
                )
            )
    assert cut > 4
    # A run that lost its connection has failed, and comes back after its pause.
    await until(all_done, seconds=25)
    assert worker.poll() is None
    ended = {thing for thing, _, what in await story() if what == "ended"}
    assert ended == {str(number) for number in range(40)}
    assert (await count_jobs())[OutboxState.DEAD] == 0


async def test_a_periodic_task_never_runs_twice_at_once(start_worker: StartWorker, queue: str):
    workers = [await start_worker(queue) for _ in range(2)]
    await asyncio.sleep(2)
    workers[0].kill()
    before: int = await db.value("SELECT count(*) FROM run_log WHERE thing = 'tick'")
    await asyncio.sleep(3)
    ticks = await db.rows("SELECT what, at FROM run_log WHERE thing = 'tick' ORDER BY id")
    assert len(ticks) > before
    # One that was killed in its turn has begun and not ended.
    overlaps = [(this, following) for this, following in pairwise(ticks) if this["what"] == following["what"] == "begun"]
    assert len(overlaps) <= 1
    turns = [tick["at"] for tick in ticks if tick["what"] == "begun"]
    assert all((following - this).total_seconds() >= 0.69 for this, following in pairwise(turns))


@pytest.fixture
async def own_postgres() -> AsyncIterator[PostgresServer]:
    """A PostgreSQL that a test may kill, and this process connected to it."""
    with tempfile.TemporaryDirectory(prefix="pk-", dir=roomy_parent()) as folder:
        server = PostgresServer.inside(Path(folder))
        server.start()
        await migrate(server.url, model_modules())
        await db.connect(server.url, models=model_modules())
        await db.value(RUN_LOG)
        yield server
        await db.disconnect()
        server.stop()


async def test_a_killed_postgresql_loses_nothing_that_was_accepted(own_postgres: PostgresServer, queue: str):
    with workers_of(own_postgres.url) as start:
        worker = await start(queue)
        for number in range(20):
            await accepted(thing=str(number), seconds=0.3)
        await until(lambda: is_told("0", 1, "begun"))
        pid = own_postgres.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(1)
        await asyncio.to_thread(own_postgres.start)
        await until(answers_again)
        await until(all_done, seconds=30)
        assert worker.poll() is None
        ended = {thing for thing, _, what in await story() if what == "ended"}
        assert ended == {str(number) for number in range(20)}


async def answers_again() -> bool:
    try:
        await db.value("SELECT 1")
    except Exception:
        return False
    return True
