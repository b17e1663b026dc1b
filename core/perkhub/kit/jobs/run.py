"""One run of one row: claim it, do its work under a lease, and note how it ended. Knows nothing of the queue."""

import random
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum, auto
from time import perf_counter
from uuid import UUID

import asyncpg

from perkhub.kit import db, metrics
from perkhub.kit.acting import carry_on
from perkhub.kit.clock import now
from perkhub.kit.correlation import begin_correlation
from perkhub.kit.db import Transaction, transact
from perkhub.kit.gathering import Gathered
from perkhub.kit.jobs.context import Context, LeaseLost, Postpone
from perkhub.kit.jobs.lease import under_lease
from perkhub.kit.jobs.registry import Job, handlers_of, job_named, max_attempts_of, periodic_named
from perkhub.kit.jobs.restarts import DATABASE_AWAY, despite_restarts
from perkhub.kit.jobs.sql import CLAIM, CLAIM_MANY, FINISH, FINISH_MANY, OWNED
from perkhub.kit.jobs.states import OUTBOX
from perkhub.kit.jobs.timing import USUAL, Timing
from perkhub.kit.logging import get_logger
from perkhub.kit.outbox import OutboxKind, OutboxRow, OutboxState, Waiting, accept, hand_over_after_commit, handed_at
from perkhub.kit.redaction import told

log = get_logger(__name__)

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 3600.0
ERROR_LENGTH = 500


class Outcome(StrEnum):
    """How a run ended."""

    DONE = auto()
    POSTPONED = auto()
    RETRIED = auto()
    DEAD = auto()
    # Another run has taken over, or the database was away for so long that the lease must decide.
    LOST = auto()


def pause_after(failures: int) -> timedelta:
    """Exponential, and scattered by half, so that what failed together does not come back together."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 20))
    return timedelta(seconds=pause * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


async def claim(row_id: UUID, attempts: int, *, timing: Timing = USUAL) -> Context | None:
    """Begin the run after `attempts` earlier ones; None where somebody else did, or the row has moved on."""
    at = now()
    row = await db.row(CLAIM, row_id, attempts, at, at + timing.leased_for)
    return None if row is None else Context(row, timing=timing)


async def claim_soon(row_id: UUID, attempts: int, *, timing: Timing) -> Context | None:
    """The same, together with whatever else this worker claims at the moment."""
    row = await _claims((row_id, attempts, timing.leased_for))
    return await claim(row_id, attempts, timing=timing) if row is None else Context(row, timing=timing)


async def _claim_many(asked: Sequence[tuple[UUID, int, timedelta]]) -> list[db.Row | None]:
    at = now()
    lease = at + min(leased_for for _, _, leased_for in asked)
    wanted = {row_id: attempts for row_id, attempts, _ in asked}
    found = {row["id"]: row for row in await db.rows(CLAIM_MANY, list(wanted), list(wanted.values()), at, lease)}
    return [found.pop(row_id, None) for row_id, _, _ in asked]


async def _finish_many(ended: Sequence[Context]) -> list[bool]:
    rows = await db.rows(FINISH_MANY, [one.row_id for one in ended], [one.attempt for one in ended], now())
    done = {row["id"] for row in rows}
    return [one.row_id in done for one in ended]


_claims = Gathered(_claim_many)
_ends = Gathered(_finish_many)


async def run(context: Context) -> tuple[Outcome, Exception | None]:
    """Do the work of a claimed row and note its end; the failure, if it was one. Call it in a task of its own."""
    # Each turn of a periodic task begins a trail of its own; all else belongs to what caused it.
    begin_correlation(None if context.kind is OutboxKind.PERIODIC else context.correlation_id)
    carry_on(context.activity_id)
    begun = perf_counter()
    failure: Exception | None = None
    try:
        await _work(context)
    except LeaseLost:
        outcome = Outcome.LOST
    except Exception as raised:  # whatever a handler raises ends its run, never its worker
        outcome, failure = await _note(context, raised)
    else:
        outcome = await _finish(context)
    metrics.count_job(context.name, outcome, seconds=perf_counter() - begun)
    return outcome, failure


async def _work(context: Context) -> None:
    if context.kind is OutboxKind.EVENT:
        # Two statements: too short for a lease to lapse.
        await transact(lambda tx: _fan_out(tx, context))
    elif context.kind is OutboxKind.PERIODIC:
        await under_lease(context, periodic_named(context.name).run())
    else:
        handler = job_named(context.name)
        if handler.event is None:
            await under_lease(context, handler.run(context, **context.payload))
        else:
            await under_lease(context, handler.run(context, _event_for(handler, context)))


def _event_for(handler: Job, context: Context) -> object:
    return context.payload if handler.event_type is None else handler.event_type.validate_python(context.payload)


async def _fan_out(tx: Transaction, context: Context) -> None:
    """One job per handler, and the event's own end, in one transaction: each handler then has its own attempts."""
    for handler in handlers_of(context.name, context.version):
        accept(tx, OutboxRow(OutboxKind.JOB, handler.name, context.payload, version=context.version))
    if await tx.value(FINISH, context.row_id, context.attempt, now()) is None:
        raise LeaseLost(context.name)


async def _finish(context: Context) -> Outcome:
    """Note that the work is done; a periodic task waits for its next turn instead, an event has noted it already."""
    try:
        if context.kind is OutboxKind.EVENT:
            return Outcome.DONE
        if context.kind is OutboxKind.PERIODIC:
            await despite_restarts(lambda: transact(lambda tx: _take_turns(tx, context)))
            return Outcome.DONE
        ended = await despite_restarts(lambda: _ends(context))
    except (LeaseLost, *DATABASE_AWAY):
        return Outcome.LOST
    return Outcome.DONE if ended else Outcome.LOST


async def _take_turns(tx: Transaction, context: Context) -> None:
    await _wait_again(tx, context, _interval(context), forgiven=context.attempt, last_error=None)


def _interval(context: Context) -> timedelta:
    return timedelta(seconds=periodic_named(context.name).seconds)


async def _note(context: Context, raised: Exception) -> tuple[Outcome, Exception | None]:
    """Note that a run did not get its work done."""
    postponed = isinstance(raised, Postpone) and context.kind is OutboxKind.JOB
    failure = None if postponed and context.waited <= job_named(context.name).patience else raised
    try:
        outcome = await despite_restarts(lambda: _end(context, raised, failure))
    except (LeaseLost, *DATABASE_AWAY):
        outcome = Outcome.LOST
    if failure is not None:
        told_as = log.error if outcome is Outcome.DEAD else log.warning
        told_as("run failed", job=context.name, row=context.row_id, attempt=context.attempt, outcome=outcome, exc_info=failure)
    return outcome, failure


async def _end(context: Context, raised: Exception, failure: Exception | None) -> Outcome:
    if failure is None:
        assert isinstance(raised, Postpone)
        pause, forgiven, outcome = timedelta(seconds=raised.seconds), context.forgiven + 1, Outcome.POSTPONED
    elif context.kind is OutboxKind.PERIODIC:
        pause, forgiven, outcome = _interval(context), context.forgiven, Outcome.RETRIED
    elif context.failures >= max_attempts_of(context.name):
        await transact(lambda tx: _bury(tx, context, failure))
        return Outcome.DEAD
    else:
        pause, forgiven, outcome = pause_after(context.failures), context.forgiven, Outcome.RETRIED
    error = None if failure is None else told(failure)[:ERROR_LENGTH]
    try:
        await transact(lambda tx: _wait_again(tx, context, pause, forgiven=forgiven, last_error=error))
    except asyncpg.UniqueViolationError:
        # While this one ran, another was accepted under its key and waits. Both shall run; the key is the other's.
        await transact(lambda tx: _wait_again(tx, context, pause, forgiven=forgiven, last_error=error, unique_key=None))
    return outcome


async def _wait_again(tx: Transaction, context: Context, pause: timedelta, **columns: object) -> None:
    await _lock_own(tx, context)
    run_at = now() + pause
    periodic = context.kind is OutboxKind.PERIODIC
    await OUTBOX.move(
        tx,
        context.row_id,
        OutboxState.READY,
        event=None,
        origin=[OutboxState.RUNNING],
        run_at=run_at,
        handed_at=None if periodic else handed_at(run_at),
        lease_until=None,
        **columns,
    )
    if not periodic:
        hand_over_after_commit(tx, [Waiting(context.row_id, context.attempt, run_at)])


async def _bury(tx: Transaction, context: Context, failure: Exception) -> None:
    """A dead letter: kept, with its error, until an operator looks at it."""
    await _lock_own(tx, context)
    await OUTBOX.move(
        tx,
        context.row_id,
        OutboxState.DEAD,
        event=None,
        finished_at=now(),
        lease_until=None,
        last_error=told(failure)[:ERROR_LENGTH],
    )


async def _lock_own(tx: Transaction, context: Context) -> None:
    if await tx.row(OWNED, context.row_id, context.attempt) is None:
        raise LeaseLost(context.name)
