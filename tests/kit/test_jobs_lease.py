"""Leases: a heartbeat keeps a run alive, a lapsed lease gives the row to another, and the sweeper finds all that is lost."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from perkhub.kit import clock, db
from perkhub.kit.connecting import parse_url
from perkhub.kit.db import transact
from perkhub.kit.jobs import Context, Timing, count_jobs, every, job, list_jobs, sweep
from perkhub.kit.jobs.periodic import seed_periodic, take_turns
from perkhub.kit.jobs.registry import periodic_named
from perkhub.kit.jobs.run import Outcome, claim, run
from perkhub.kit.jobs.sql import LAPSED
from perkhub.kit.outbox import OutboxKind, OutboxState, enqueue
from perkhub.kit.settings import SPARE_CONNECTIONS

pytestmark = pytest.mark.usefixtures("database")

QUICK = Timing(lease=1.0, beat=0.2)
ran: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _forget_runs() -> None:
    ran.clear()


@job("test.lease.slow", max_attempts=2)
async def slow(context: Context, seconds: float) -> None:
    ran["begun"] += 1
    await asyncio.sleep(seconds)
    ran["ended"] += 1


@job("test.lease.holds_its_row")
async def holds_its_row(context: Context) -> None:
    async with db.transaction() as tx:
        await context.save_progress(tx, {"begun": True})
        await asyncio.sleep(1.8)


@job("test.lease.in_a_transaction")
async def in_a_transaction(context: Context) -> None:
    async with db.transaction() as tx:
        await tx.value("SELECT pg_sleep(1.2)")
        ran["ended"] += 1


@every(seconds=60, name="test.lease.turn")
async def turn() -> None:
    ran["turn"] += 1
    if ran["turn"] == 2:
        raise RuntimeError("a bad day")


async def accepted(name: str, **arguments: Any) -> UUID:
    async def work(tx: db.Transaction) -> UUID:
        return enqueue(tx, name, **arguments)

    return await transact(work)


async def begun(row_id: UUID, attempts: int = 0, *, timing: Timing = QUICK) -> Context:
    context = await claim(row_id, attempts, timing=timing)
    assert context is not None
    return context


async def state_of(row_id: UUID) -> tuple[OutboxState, int, str | None]:
    (row,) = [row for row in await list_jobs() if row.id == row_id]
    return row.state, row.attempts, row.last_error


async def test_a_heartbeat_keeps_a_long_run_alive():
    row_id = await accepted("test.lease.slow", seconds=2.2)
    running = asyncio.create_task(run(await begun(row_id)))
    for _ in range(10):
        await asyncio.sleep(0.2)
        await sweep()
    assert (await state_of(row_id))[0] is OutboxState.RUNNING
    assert (await running)[0] is Outcome.DONE
    assert ran == {"begun": 1, "ended": 1}


async def test_more_transactions_than_connections_leave_their_heartbeats_one(database: str):
    """They take turns at the pool, and all the while other workers see that they are alive."""
    db.leave_free(SPARE_CONNECTIONS)
    many = 20
    rows = [await accepted("test.lease.in_a_transaction") for _ in range(many)]
    running = [asyncio.create_task(run(await begun(row_id))) for row_id in rows]
    elsewhere = await asyncpg.connect(**parse_url(database))
    lapsed = []
    while await asyncio.wait(running, timeout=0.2) and not all(one.done() for one in running):
        lapsed += await elsewhere.fetch(LAPSED, clock.now(), many)
    await elsewhere.close()
    assert lapsed == []
    assert ran == {"ended": many}


async def test_a_run_whose_row_was_taken_is_cancelled():
    row_id = await accepted("test.lease.slow", seconds=5)
    running = asyncio.create_task(run(await begun(row_id)))
    await asyncio.sleep(0.05)
    await db.value("UPDATE outbox SET attempts = attempts + 1 WHERE id = $1 RETURNING 1", row_id)
    assert (await asyncio.wait_for(running, 1))[0] is Outcome.LOST
    assert ran == {"begun": 1}
    assert (await state_of(row_id))[:2] == (OutboxState.RUNNING, 2)


async def test_the_run_of_a_dead_worker_waits_again_and_ends_as_a_dead_letter():
    row_id = await accepted("test.lease.slow", seconds=0)
    await begun(row_id)
    assert await sweep() == 0
    await asyncio.sleep(1.1)
    assert await sweep() > 0
    died = "LeaseLapsed: the worker died, or was out of reach for too long"
    assert await state_of(row_id) == (OutboxState.READY, 1, died)
    # What the first run still does is in vain, a second claim of it too.
    assert await claim(row_id, 0) is None

    await begun(row_id, 1)
    await asyncio.sleep(1.1)
    await sweep()
    assert await state_of(row_id) == (OutboxState.DEAD, 2, died)
    assert (await count_jobs())[OutboxState.DEAD] == 1


async def test_a_run_in_a_long_transaction_is_not_taken_for_dead():
    row_id = await accepted("test.lease.holds_its_row")
    running = asyncio.create_task(run(await begun(row_id)))
    for _ in range(8):
        await asyncio.sleep(0.2)
        await sweep()
    assert (await running)[0] is Outcome.DONE
    assert (await state_of(row_id))[:2] == (OutboxState.DONE, 1)


async def test_many_sweepers_hand_a_row_over_once():
    await accepted("test.lease.slow", seconds=0)
    assert sum(await asyncio.gather(*(sweep() for _ in range(8)))) == 1
    assert await sweep() == 0
    with clock.travel(timedelta(seconds=21)):
        assert await sweep() == 1


async def turns(*, limit: int = 100) -> list[Context]:
    return [context for context in await take_turns(limit, timing=QUICK) if context.name == "test.lease.turn"]


async def test_of_many_workers_one_takes_a_turn():
    await asyncio.gather(*(seed_periodic() for _ in range(4)))
    taken = [context for found in await asyncio.gather(*(turns() for _ in range(8))) for context in found]
    assert len(taken) == 1
    await asyncio.create_task(run(taken[0]))
    assert await turns() == []
    with clock.travel(timedelta(seconds=61)):
        (context,) = await turns()
        assert (await asyncio.create_task(run(context)))[0] is Outcome.RETRIED
        assert await turns() == []
    with clock.travel(timedelta(seconds=122)):
        (context,) = await turns()
        assert (await asyncio.create_task(run(context)))[0] is Outcome.DONE
    assert ran["turn"] == 3


async def test_the_turn_of_a_dead_worker_goes_to_another():
    await seed_periodic()
    assert len(await turns()) == 1
    with clock.travel(timedelta(seconds=2)):
        await sweep()
        assert len(await turns()) == 1
    row_id = periodic_named("test.lease.turn").row_id
    (row,) = [row for row in await list_jobs() if row.id == row_id]
    assert (row.kind, row.attempts) == (OutboxKind.PERIODIC, 2)


async def test_periodic_tasks_are_neither_queued_nor_counted_as_waiting():
    await seed_periodic()
    assert await sweep() == 0
    assert await count_jobs() == {OutboxState.READY: 0, OutboxState.RUNNING: 0, OutboxState.DEAD: 0}
