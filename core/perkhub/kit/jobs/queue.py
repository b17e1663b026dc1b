"""The way to the workers: Redis, by arq. It only carries word that a row is due; what is true stands in the table.

Word is sent in the background and in batches, so that neither a slow nor a dead Redis is felt by the transaction that
caused the row. What is lost here the sweeper sends again.
"""

import asyncio
from contextvars import Context as Variables
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms

from perkhub.kit.clock import now
from perkhub.kit.logging import get_logger
from perkhub.kit.outbox import HORIZON, Waiting, set_hand_over
from perkhub.kit.redaction import told
from perkhub.kit.redis import REDIS_AWAY, redis_client

log = get_logger(__name__)

QUEUE = "perkhub:jobs"
FUNCTION = "run_outbox_row"
# Longer than any word is of use: by then the sweeper has sent it again.
WORD_LIVES_MS = 3_600_000
LARGEST_BATCH = 200
# What is kept while Redis is away; beyond it, and after the last try, the sweeper takes over.
LARGEST_BACKLOG = 10_000
TRIES = 20
PAUSE = 1.0


def run_id(row_id: UUID, attempts: int) -> str:
    """The queue's name for the run after `attempts` earlier ones.

    It carries the attempt, so that what a killed worker leaves behind under this name never blocks the next run.
    """
    return f"{row_id}:{attempts}"


def dump(value: dict[str, Any]) -> bytes:
    """JSON instead of arq's pickle: whoever can write to Redis must not thereby run code here."""
    return orjson.dumps(value, default=str)


class Courier:
    """Collects what is to be told to Redis, and sends it as soon as the loop comes round to it."""

    def __init__(self) -> None:
        self._due: dict[str, tuple[Waiting, bool]] = {}
        self._over: set[str] = set()
        self._sending: asyncio.Task[None] | None = None

    def tell(self, rows: list[Waiting], *, again: bool = False) -> None:
        """Tell the workers of rows that are due, or will be soon. `again`: an earlier word may have come to nothing."""
        for row in rows[: max(0, LARGEST_BACKLOG - len(self._due))]:
            self._due[run_id(row.id, row.attempts)] = (row, again)
        self._send_soon()

    def forget(self, runs: list[str]) -> None:
        """Take runs of dead workers off the queue, where they would stand in the way of others for an hour."""
        self._over.update(runs[: max(0, LARGEST_BACKLOG - len(self._over))])
        self._send_soon()

    async def settle(self) -> None:
        """Wait until everything was sent, or given up."""
        if self._sending is not None:
            await asyncio.gather(self._sending, return_exceptions=True)

    async def close(self) -> None:
        """Send what can be sent at once, and stop."""
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=PAUSE / 2)
            self._sending.cancel()
            await self.settle()

    def _send_soon(self) -> None:
        if self._sending is None or self._sending.done():
            # With variables of its own: begun in a transaction, it must not take the transaction's connection along.
            self._sending = asyncio.get_running_loop().create_task(self._send(), context=Variables())

    async def _send(self) -> None:
        tries = 0
        while self._due or self._over:
            try:
                await self._send_batch()
                tries = 0
            except REDIS_AWAY as away:
                tries += 1
                if tries == 1:
                    log.warning("Redis is away; jobs are handed over later", error=told(away))
                if tries == TRIES:
                    self._due.clear()
                    self._over.clear()
                    return
                await asyncio.sleep(PAUSE)

    async def _send_batch(self) -> None:
        redis = redis_client()
        if redis is None:
            self._due.clear()
            self._over.clear()
            return
        due = [self._due[run] for run in list(self._due)[:LARGEST_BATCH]]
        over = list(self._over)[:LARGEST_BATCH]
        # Not arq's `enqueue_job`, which takes three round trips for each: the same keys, for the whole batch at once.
        async with redis.pipeline(transaction=True) as batch:
            for run in over:
                batch.zrem(QUEUE, run)
                batch.delete(job_key_prefix + run, in_progress_key_prefix + run, retry_key_prefix + run)
            for row, again in due:
                run = run_id(row.id, row.attempts)
                if again:
                    # The row is ready in the table, so no worker runs it: the mark is of one that died between taking
                    # the word and claiming the row.
                    batch.delete(in_progress_key_prefix + run)
                word = serialize_job(FUNCTION, (str(row.id), row.attempts), {}, None, timestamp_ms(), serializer=dump)
                batch.psetex(job_key_prefix + run, WORD_LIVES_MS, word)
                batch.zadd(QUEUE, {run: _score(row.run_at)}, nx=True)
            await batch.execute()
        self._over.difference_update(over)
        for row, _ in due:
            self._due.pop(run_id(row.id, row.attempts), None)


def _score(run_at: datetime) -> int:
    """When arq lets the run begin. By the machine's clock, which the house's may be ahead of in tests and demos."""
    delay = min(max(run_at - now(), timedelta()), HORIZON)
    return timestamp_ms() + round(delay.total_seconds() * 1000)


_courier = Courier()


def courier() -> Courier:
    """This process's courier."""
    return _courier


async def _hand_over(rows: list[Waiting]) -> None:
    _courier.tell(rows)


def connect_queue() -> None:
    """From now on, what this process commits is handed to the workers at once. Redis is the one of `kit.redis`."""
    set_hand_over(_hand_over)


async def disconnect_queue() -> None:
    """Stop handing over, and send what is still on its way."""
    set_hand_over(None)
    await _courier.close()
