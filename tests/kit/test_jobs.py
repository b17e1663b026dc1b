"""Jobs and events: accepted once, run once, retried, postponed, buried, resumed. In this process and without Redis."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from perkhub.kit import clock, db
from perkhub.kit.correlation import begin_correlation, correlation_id
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.jobs import (
    Context,
    JobRow,
    LeaseLost,
    NeverEnds,
    Postpone,
    UnknownJob,
    count_jobs,
    drain,
    forget_done,
    job,
    list_jobs,
    on,
    queue_lag_seconds,
    retry_dead,
)
from perkhub.kit.jobs import run as runs
from perkhub.kit.jobs.run import Outcome, claim, run
from perkhub.kit.jobs.sql import CLAIM
from perkhub.kit.outbox import Event, OutboxKind, OutboxState, emit, enqueue

pytestmark = pytest.mark.usefixtures("database")

ran: Counter[Any] = Counter()
heard: list[Any] = []


@pytest.fixture(autouse=True)
def _forget_runs() -> None:
    ran.clear()
    heard.clear()


@dataclass(frozen=True)
class ThingHappened(Event):
    name: ClassVar[str] = "test.thing_happened"
    thing: UUID
    size: int = 1


@dataclass(frozen=True)
class NobodyCares(Event):
    name: ClassVar[str] = "test.nobody_cares"
    thing: UUID


@dataclass(frozen=True)
class ThingHappenedOtherwise(Event):
    name: ClassVar[str] = "test.thing_happened"
    version: ClassVar[int] = 2
    thing: UUID


@job("test.note")
async def note(context: Context, thing: UUID, size: int = 0) -> None:
    assert isinstance(thing, UUID)
    ran[thing] += 1
    heard.append((context.attempt, context.correlation_id, correlation_id(), size))


@job("test.fail", max_attempts=3)
async def fail(context: Context, secret: str) -> None:
    ran["fail"] += 1
    raise ValueError(f"cannot work with password={secret}")


@job("test.refuse", max_attempts=1)
async def refuse(context: Context) -> None:
    raise NotFound("order")


@job("test.wait", patience=timedelta(minutes=10), max_attempts=2)
async def wait(context: Context) -> None:
    ran["wait"] += 1
    raise Postpone(60)


@job("test.chunks")
async def chunks(context: Context, upto: int, dies_at: int) -> None:
    begin = context.progress.get("next", 0)
    for chunk in range(begin, upto):
        async with db.transaction() as tx:
            ran[chunk] += 1
            await context.save_progress(tx, {"next": chunk + 1})
        assert context.progress == {"next": chunk + 1}
        if chunk == dies_at and context.attempt == 1:
            raise RuntimeError("in the middle")


@job("test.endless")
async def endless(context: Context) -> None:
    await transact(lambda tx: _enqueue(tx, "test.endless"))


@on(ThingHappened, "test.first")
async def first(context: Context, event: ThingHappened) -> None:
    assert isinstance(event, ThingHappened)
    ran["first", event.thing, event.size] += 1


@on("test.thing_happened", "test.second", max_attempts=5)
async def second(context: Context, payload: dict[str, Any]) -> None:
    ran["second"] += 1
    if ran["second"] < 3:
        raise RuntimeError("not yet")


async def _enqueue(tx: db.Transaction, name: str, **arguments: Any) -> UUID:
    return enqueue(tx, name, **arguments)


async def accepted(name: str, **arguments: Any) -> UUID:
    return await transact(lambda tx: _enqueue(tx, name, **arguments))


async def happened(event: Event) -> None:
    async def work(tx: db.Transaction) -> None:
        emit(tx, event)

    await transact(work)


async def only_row(**where: Any) -> JobRow:
    (row,) = await list_jobs(**where)
    return row


async def test_a_job_runs_once_and_gets_its_arguments_as_annotated():
    thing = uuid4()
    trail = begin_correlation()
    row_id = await accepted("test.note", thing=thing, size=7)
    assert await drain() == 1
    assert ran == {thing: 1}
    assert heard == [(1, trail, trail, 7)]
    row = await only_row()
    assert (row.id, row.state, row.attempts, row.last_error) == (row_id, OutboxState.DONE, 1, None)
    assert row.finished_at is not None
    assert await drain() == 0


async def test_what_is_rolled_back_was_never_accepted():
    async def work(tx: db.Transaction) -> None:
        enqueue(tx, "test.note", thing=uuid4())
        emit(tx, ThingHappened(uuid4()))
        raise KeyError

    with pytest.raises(KeyError):
        await transact(work)
    assert await list_jobs() == []


async def test_a_job_of_the_future_waits_for_its_time():
    await accepted("test.note", thing=uuid4(), run_at=clock.now() + timedelta(hours=1))
    assert await drain() == 0
    with clock.travel(timedelta(hours=1)):
        assert await drain() == 1


async def test_of_parallel_claims_one_wins():
    row_id = await accepted("test.note", thing=uuid4())
    claims = await asyncio.gather(*(claim(row_id, 0) for _ in range(12)))
    assert len([context for context in claims if context is not None]) == 1
    assert (await only_row()).attempts == 1


async def test_the_race_of_claims_is_real(monkeypatch: pytest.MonkeyPatch):
    """Without its guard the claim gives one run to several workers: the test above can fail."""
    monkeypatch.setattr(runs, "CLAIM", CLAIM.replace("state = 'ready' AND attempts = $2", "$2::int IS NOT NULL"))
    row_id = await accepted("test.note", thing=uuid4())
    claims = await asyncio.gather(*(claim(row_id, 0) for _ in range(12)))
    assert len([context for context in claims if context is not None]) > 1


async def test_failures_back_off_and_end_as_a_dead_letter_that_can_be_tried_again():
    row_id = await accepted("test.fail", secret="hunter2-9931")
    pauses = []
    for attempt in (1, 2, 3):
        with clock.travel(timedelta(seconds=10 * attempt)):
            before = clock.now()
            assert await drain(strict=False) == 1
            row = await only_row()
            assert row.attempts == attempt
            pauses.append((row.run_at - before).total_seconds())
    assert 1.4 < pauses[0] < 2.7
    assert 2.9 < pauses[1] < 5.2
    assert (row.state, ran["fail"]) == (OutboxState.DEAD, 3)
    assert row.last_error == "ValueError: cannot work with password=[redacted]"
    assert await count_jobs() == {OutboxState.READY: 0, OutboxState.RUNNING: 0, OutboxState.DEAD: 1}
    assert await drain(strict=False) == 0

    await transact(lambda tx: retry_dead(tx, row_id))
    assert await drain(strict=False) == 1
    row = await only_row()
    assert (row.state, row.attempts) == (OutboxState.READY, 4)
    with pytest.raises(NotFound):
        await transact(lambda tx: retry_dead(tx, row_id))


async def test_a_refusal_of_the_domain_is_told_by_its_code():
    await accepted("test.refuse")
    with pytest.raises(NotFound):
        await drain()
    row = await only_row(state=OutboxState.DEAD)
    assert row.last_error == "NotFound: NOT_FOUND"


async def test_wrong_arguments_are_not_quoted():
    await accepted("test.note", thing="4111-1111-1111-1111")
    await drain(strict=False)
    assert (await only_row()).last_error == "ValidationError: thing uuid_parsing"


async def test_a_job_that_nobody_knows_waits_for_who_does():
    await accepted("test.of_tomorrow")
    with pytest.raises(UnknownJob):
        await drain()
    assert (await only_row()).state is OutboxState.READY


async def test_postponing_is_no_failure_but_has_a_limit():
    await accepted("test.wait")
    for turn in range(10):
        with clock.travel(timedelta(seconds=61 * turn)):
            assert await drain() == 1
        row = await only_row()
        assert (row.state, row.attempts, row.last_error) == (OutboxState.READY, turn + 1, None)
    # Ten minutes are over: from here on it fails.
    for turn in (10, 11):
        with clock.travel(timedelta(seconds=61 * turn)):
            await drain(strict=False)
    row = await only_row()
    assert (row.state, row.attempts) == (OutboxState.DEAD, 12)
    assert row.last_error == "Postpone: postponed by 60 s"


async def test_a_long_job_goes_on_where_its_last_chunk_was_committed():
    await accepted("test.chunks", upto=6, dies_at=3)
    await drain(strict=False)
    assert (await only_row()).progress == {"next": 4}
    with clock.travel(timedelta(seconds=10)):
        await drain()
    assert ran == dict.fromkeys(range(6), 1)


async def test_a_run_that_lost_its_lease_cannot_save_or_finish():
    row_id = await accepted("test.note", thing=uuid4())
    slow = await claim(row_id, 0)
    assert slow is not None
    await db.value("UPDATE outbox SET attempts = 2 WHERE id = $1 RETURNING 1", row_id)
    with pytest.raises(LeaseLost):
        await transact(lambda tx: slow.save_progress(tx, {"next": 1}))
    outcome, _ = await asyncio.create_task(run(slow))
    assert outcome is Outcome.LOST
    row = await only_row()
    assert (row.state, row.progress) == (OutboxState.RUNNING, None)


async def test_an_event_fans_out_and_each_handler_has_its_own_attempts():
    thing = uuid4()
    trail = begin_correlation()
    await happened(ThingHappened(thing, size=3))
    await drain(strict=False)
    with clock.travel(timedelta(minutes=1)):
        await drain(strict=False)
    with clock.travel(timedelta(minutes=2)):
        await drain(strict=False)
    assert ran == {("first", thing, 3): 1, "second": 3}
    rows = {row.name: row for row in await list_jobs()}
    assert {name: (row.kind, row.state, row.attempts) for name, row in rows.items()} == {
        "test.thing_happened": (OutboxKind.EVENT, OutboxState.DONE, 1),
        "event:test.first": (OutboxKind.JOB, OutboxState.DONE, 1),
        "event:test.second": (OutboxKind.JOB, OutboxState.DONE, 3),
    }
    assert {row.correlation_id for row in rows.values()} == {trail}


async def test_a_handler_of_a_class_hears_only_its_version():
    await happened(ThingHappenedOtherwise(uuid4()))
    await drain(strict=False)
    assert {row.name for row in await list_jobs()} == {"test.thing_happened", "event:test.second"}


async def test_an_event_that_nobody_waits_for_is_born_done():
    await happened(NobodyCares(uuid4()))
    row = await only_row()
    assert (row.state, row.finished_at is not None) == (OutboxState.DONE, True)
    assert await drain() == 0


async def test_endless_work_is_noticed():
    await accepted("test.endless")
    with pytest.raises(NeverEnds):
        await drain(max_rounds=5)


async def test_lag_is_the_age_of_the_oldest_due_row():
    assert await queue_lag_seconds() == 0
    await accepted("test.note", thing=uuid4())
    await accepted("test.note", thing=uuid4(), run_at=clock.now() + timedelta(hours=1))
    with clock.travel(timedelta(seconds=90)):
        assert 90 <= await queue_lag_seconds() < 95


async def test_lists_are_paged_and_filtered():
    ids = [await accepted("test.note", thing=uuid4()) for _ in range(5)]
    await accepted("test.refuse")
    page = await list_jobs(name="test.note", limit=3)
    assert [row.id for row in page] == ids[:1:-1]
    rest = await list_jobs(name="test.note", limit=3, after=page[-1].id)
    assert [row.id for row in rest] == ids[1::-1]
    assert await list_jobs(state=OutboxState.DEAD) == []


async def test_what_is_done_is_forgotten_after_a_week():
    await accepted("test.note", thing=uuid4())
    await accepted("test.refuse")
    assert await drain(strict=False) == 2
    with clock.travel(timedelta(days=8)):
        late = await accepted("test.note", thing=uuid4())
        await drain()
        await forget_done()
    assert {row.id for row in await list_jobs(state=OutboxState.DONE)} == {late}
    assert len(await list_jobs(state=OutboxState.DEAD)) == 1


def test_names_are_registered_once():
    with pytest.raises(ValueError, match="registered already"):
        job("test.note")(note)
