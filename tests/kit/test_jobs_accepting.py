"""What the outbox accepts under a unique key, and what a waiting job is certain to see."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from perkhub.kit import clock, db
from perkhub.kit.db import transact
from perkhub.kit.jobs import Context, drain, job, list_jobs
from perkhub.kit.jobs.run import claim, run
from perkhub.kit.outbox import OutboxState, enqueue

pytestmark = pytest.mark.usefixtures("database")

seen: list[int] = []


@pytest.fixture(autouse=True)
async def _table(database: str) -> None:
    seen.clear()
    await db.value("CREATE TABLE written (id int)")


@job("test.accepting.look")
async def look(context: Context, fails: bool = False) -> None:
    """See what is written: whoever asked for this job wants it to see what they wrote."""
    seen.append(await db.value("SELECT count(*) FROM written"))
    if fails:
        raise RuntimeError("seen")


async def ask(key: str | None = "look", **arguments: Any) -> UUID:
    async def work(tx: db.Transaction) -> UUID:
        await tx.execute("INSERT INTO written VALUES (1)")
        return enqueue(tx, "test.accepting.look", unique_key=key, **arguments)

    return await transact(work)


async def test_a_job_that_waits_under_a_key_is_not_accepted_twice():
    await ask()
    await ask()
    await ask("other")
    await ask(None)
    await ask(None)
    assert len(await list_jobs()) == 4
    await drain()
    await ask()
    assert len(await list_jobs()) == 5


async def test_twice_in_one_transaction_is_once_at_the_earlier_time():
    async def work(tx: db.Transaction) -> None:
        enqueue(tx, "test.accepting.look", unique_key="look", run_at=clock.now() + timedelta(hours=1))
        enqueue(tx, "test.accepting.look", unique_key="look")

    await transact(work)
    assert await drain() == 1
    assert len(await list_jobs()) == 1


async def test_who_needs_it_earlier_brings_the_waiting_one_forward():
    later = clock.now() + timedelta(hours=1)
    first = await ask(run_at=later)
    await ask(run_at=later + timedelta(hours=1))
    assert await drain() == 0
    await ask()
    assert [row.id for row in await list_jobs()] == [first]
    assert await drain() == 1


async def test_sixteen_at_once_make_one_job():
    await asyncio.gather(*(ask() for _ in range(16)))
    assert len(await list_jobs()) == 1
    await drain()
    assert seen == [16]


async def test_a_job_that_was_joined_begins_only_after_the_commit_of_who_joined_it():
    """The competitor is injected between the joining and its commit: the claim has to wait for it."""
    row_id = await ask()
    joined, may_commit = asyncio.Event(), asyncio.Event()

    async def slow_joiner() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO written VALUES (1)")
            enqueue(tx, "test.accepting.look", unique_key="look")

            async def hesitate(_tx: db.Transaction) -> None:
                joined.set()
                await may_commit.wait()

            tx.before_commit(hesitate)

    joining = asyncio.create_task(slow_joiner())
    await joined.wait()
    claiming = asyncio.create_task(claim(row_id, 0))
    await asyncio.sleep(0.1)
    assert not claiming.done()
    may_commit.set()
    await joining
    context = await claiming
    assert context is not None
    await asyncio.create_task(run(context))
    assert seen == [2]


async def test_what_failed_waits_beside_what_was_accepted_meanwhile():
    row_id = await ask(fails=True)
    context = await claim(row_id, 0)
    assert context is not None
    other = await ask()
    await asyncio.create_task(run(context))
    rows = {row.id: row.state for row in await list_jobs()}
    assert rows == {row_id: OutboxState.READY, other: OutboxState.READY}
    assert await drain() == 1
    # Without a rival it keeps its key, and is joined while it backs off.
    third = await ask("third", fails=True)
    context = await claim(third, 0)
    assert context is not None
    await asyncio.create_task(run(context))
    await ask("third")
    assert len(await list_jobs()) == 3
