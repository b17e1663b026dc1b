"""Durable work: jobs and handlers of events that survive the death of any process, of Redis, and restarts of PostgreSQL.

    @job("orders.expire_one")
    async def expire_one(context: Context, order_id: UUID) -> None: ...

    @on(OrderPaid, "notices.receipt")
    async def send_receipt(context: Context, event: OrderPaid) -> None: ...

    @every(seconds=30, name="orders.expire")
    async def expire_orders() -> None: ...

Accept work with `outbox.enqueue` and `outbox.emit` in the transaction that causes it. Handlers are idempotent: a run may
die after its work and before that was noted. PostgreSQL is the truth; the queue (arq, known only here) carries the word
that a row is due. One Redis database serves one Perkhub database.
"""

from perkhub.kit.jobs.context import Context, LeaseLost, Postpone
from perkhub.kit.jobs.drain import NeverEnds, drain
from perkhub.kit.jobs.inspection import JobRow, count_jobs, job_row, list_jobs, queue_lag_seconds, retry_dead
from perkhub.kit.jobs.queue import connect_queue, disconnect_queue
from perkhub.kit.jobs.registry import UnknownJob, every, job, on
from perkhub.kit.jobs.restarts import despite_restarts
from perkhub.kit.jobs.retention import forget_done
from perkhub.kit.jobs.sweep import sweep
from perkhub.kit.jobs.timing import Timing
from perkhub.kit.jobs.worker import run_worker

__all__ = [
    "Context",
    "JobRow",
    "LeaseLost",
    "NeverEnds",
    "Postpone",
    "Timing",
    "UnknownJob",
    "connect_queue",
    "count_jobs",
    "despite_restarts",
    "disconnect_queue",
    "drain",
    "every",
    "forget_done",
    "job",
    "job_row",
    "list_jobs",
    "on",
    "queue_lag_seconds",
    "retry_dead",
    "run_worker",
    "sweep",
]
