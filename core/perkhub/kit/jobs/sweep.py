"""The sweeper: finds what was lost. Runs of dead workers wait again, rows that no worker took are handed over again."""

from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs.queue import courier, run_id
from perkhub.kit.jobs.registry import max_attempts_of
from perkhub.kit.jobs.sql import HAND_OVER_AGAIN, LAPSED
from perkhub.kit.jobs.states import OUTBOX
from perkhub.kit.jobs.timing import USUAL, Timing
from perkhub.kit.logging import get_logger
from perkhub.kit.outbox import OutboxKind, OutboxState, Waiting

log = get_logger(__name__)

LOCK = "perkhub.outbox.sweep"
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"
LAPSED_AT_ONCE = 500
HANDED_AT_ONCE = 1000
WORKER_DIED = "LeaseLapsed: the worker died, or was out of reach for too long"


async def sweep(*, timing: Timing = USUAL) -> int:
    """Look once; how many rows were found. Of several workers, one looks at a time."""
    lapsed, found = await transact(lambda tx: _sweep(tx, timing))
    courier().forget(lapsed)
    courier().tell(found, again=True)
    return len(lapsed) + len(found)


async def _sweep(tx: Transaction, timing: Timing) -> tuple[list[str], list[Waiting]]:
    if not await tx.value(TRY_LOCK, LOCK):
        return [], []
    lapsed = await _take_from_the_dead(tx)
    at = now()
    rows = await tx.rows(HAND_OVER_AGAIN, at, at - timing.stale_after, HANDED_AT_ONCE)
    return lapsed, [Waiting(row["id"], row["attempts"], row["run_at"]) for row in rows]


async def _take_from_the_dead(tx: Transaction) -> list[str]:
    """Runs whose lease lapsed: the attempt stays counted, so that a row which kills its worker ends as a dead letter."""
    at = now()
    lapsed = await tx.rows(LAPSED, at, LAPSED_AT_ONCE)
    dead = [
        row["id"]
        for row in lapsed
        if row["kind"] != OutboxKind.PERIODIC and row["attempts"] - row["forgiven"] >= max_attempts_of(row["name"])
    ]
    alive = [row["id"] for row in lapsed if row["id"] not in dead]
    if dead:
        await OUTBOX.move_many(tx, dead, OutboxState.DEAD, event=None, finished_at=at, lease_until=None, last_error=WORKER_DIED)
    if alive:
        # Another may have been accepted under the key meanwhile: then it is that one's.
        await OUTBOX.move_many(
            tx,
            alive,
            OutboxState.READY,
            event=None,
            origin=[OutboxState.RUNNING],
            run_at=at,
            handed_at=None,
            lease_until=None,
            last_error=WORKER_DIED,
            unique_key=None,
        )
    if lapsed:
        log.warning("runs lost their worker", rows=[row["id"] for row in lapsed], dead=len(dead))
    return [run_id(row["id"], row["attempts"] - 1) for row in lapsed]
