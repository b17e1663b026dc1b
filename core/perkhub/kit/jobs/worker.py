"""The worker process: runs what the queue brings, sweeps, keeps the periodic tasks going, and does without Redis if it must."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import orjson
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix
from arq.typing import WorkerCoroutine
from arq.worker import Worker as ArqWorker
from arq.worker import func
from redis.asyncio import ConnectionPool

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.gathering import Gathered
from perkhub.kit.jobs.context import Context
from perkhub.kit.jobs.periodic import seed_periodic, take_turns
from perkhub.kit.jobs.queue import FUNCTION, QUEUE, connect_queue, courier, dump
from perkhub.kit.jobs.restarts import DATABASE_AWAY, despite_restarts
from perkhub.kit.jobs.run import claim, claim_soon, run
from perkhub.kit.jobs.sql import DUE
from perkhub.kit.jobs.sweep import sweep
from perkhub.kit.jobs.timing import USUAL, Timing
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told
from perkhub.kit.redis import REDIS_AWAY, redis_client, redis_url
from perkhub.kit.settings import SPARE_CONNECTIONS, Settings

log = get_logger(__name__)

POLL = 0.05
# Not the handler's limit: that is its lease, which it may renew for ever. Large, for the only harm of a job of a killed
# worker that arq holds to be in progress until then is to the same id, and the id carries the attempt: the next attempt
# has another one. The sweeper clears the few that never got as far as an attempt.
ARQ_TIMEOUT = 3600
# arq reads this many of the oldest entries, those in progress among them: all workers together must run fewer at once.
ARQ_READS = 1000
QUEUE_TIMEOUT = 5.0
RECONNECT = 0.2
# What went well for this long has not failed again, but anew.
STEADY = 10.0
TURNS_AT_ONCE = 4
LOOK_FOR_REDIS = 0.5
FIND_REDIS_AGAIN = 1.0


async def run_worker(settings: Settings, *, timing: Timing = USUAL, stop: asyncio.Event | None = None) -> None:
    """Work until `stop` is set, or SIGTERM or SIGINT comes where none is given.

    The database must be connected, Redis be set (`kit.redis`), and every module with jobs be imported.
    """
    concurrency = settings.jobs_at_once
    stop = stop or _stop_on_signals()
    worker = _Worker(concurrency, timing)
    db.leave_free(SPARE_CONNECTIONS)
    connect_queue()
    loops = [asyncio.create_task(loop) for loop in worker.loops()]
    log.info("worker is ready", concurrency=concurrency, redis=redis_url() is not None)
    try:
        await stop.wait()
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await worker.finish()
        await courier().close()
        log.info("worker has stopped")


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


class _Worker:
    def __init__(self, concurrency: int, timing: Timing) -> None:
        self.concurrency = concurrency
        self.timing = timing
        self.running: set[asyncio.Task[Any]] = set()  # rows that were taken without the queue
        self.turns: set[asyncio.Task[Any]] = set()  # of periodic tasks
        self.leaving: set[asyncio.Task[Any]] = set()  # jobs of a queue connection that was lost, and its closing
        self.seeded = False
        self.redis_seen = asyncio.get_running_loop().time()

    def loops(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on side by side, each for ever."""
        loops = [
            _keep_going("sweep", self._sweep, self.timing.sweep),
            _keep_going("periodic tasks", self._take_turns, self.timing.periodic),
            _keep_going("without Redis", self._do_without_redis, LOOK_FOR_REDIS),
        ]
        url = redis_url()
        return loops if url is None else [*loops, _keep_going("queue", lambda: self._serve_queue(url), RECONNECT)]

    async def finish(self) -> None:
        """Leave running jobs a while; what is still running then goes on elsewhere once its lease has lapsed."""
        left = self.running | self.turns | self.leaving
        if left:
            _, left = await asyncio.wait(left, timeout=self.timing.grace)
        for task in left:
            log.warning("a job is left to its lease", task=task.get_name())
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _sweep(self) -> None:
        await sweep(timing=self.timing)

    async def _take_turns(self) -> None:
        if not self.seeded:
            await seed_periodic()
            self.seeded = True
        free = TURNS_AT_ONCE - len(self.turns)
        if free > 0:
            for context in await take_turns(free, timing=self.timing):
                _begin(context, self.turns)

    async def _do_without_redis(self) -> None:
        """After a while without Redis, take due rows from the table itself. Claims keep workers out of each other's way."""
        loop = asyncio.get_running_loop()
        if await _redis_answers():
            self.redis_seen = loop.time()
            return
        if redis_url() is not None and loop.time() - self.redis_seen < self.timing.outage:
            return
        until = loop.time() + FIND_REDIS_AGAIN
        while loop.time() < until:
            free = self.concurrency - len(self.running)
            if free <= 0:
                await asyncio.wait(self.running, timeout=LOOK_FOR_REDIS, return_when=asyncio.FIRST_COMPLETED)
                continue
            due = await db.rows(DUE, now(), free)
            if not due:
                return
            for row in due:
                context = await claim(row["id"], row["attempts"], timing=self.timing)
                if context is not None:
                    _begin(context, self.running)

    async def _serve_queue(self, url: str) -> None:
        """Run arq's worker, which ends with an error whenever Redis is lost. Jobs that it began go on all the same."""
        redis = ArqRedis(
            ConnectionPool.from_url(url, socket_connect_timeout=1.0, socket_timeout=QUEUE_TIMEOUT),
            job_serializer=dump,
            job_deserializer=orjson.loads,
            default_queue_name=QUEUE,
        )
        queue = self._arq_worker(redis)
        try:
            await queue.async_run()
        finally:
            leaving = asyncio.create_task(_leave(queue, redis), name="jobs of a lost queue")
            self.leaving.add(leaving)
            leaving.add_done_callback(self.leaving.discard)

    def _arq_worker(self, redis: ArqRedis) -> ArqWorker:
        return BatchingWorker(
            [func(cast("WorkerCoroutine", self._run_row), name=FUNCTION, keep_result=0, timeout=ARQ_TIMEOUT)],
            queue_name=QUEUE,
            redis_pool=redis,
            handle_signals=False,
            max_jobs=self.concurrency,
            poll_delay=POLL,
            queue_read_limit=ARQ_READS,
            job_serializer=dump,
            job_deserializer=orjson.loads,
            log_results=False,
        )

    async def _run_row(self, _arq: dict[Any, Any], row_id: str, attempts: int) -> None:
        """The one function of the queue."""
        try:
            context = await despite_restarts(lambda: claim_soon(UUID(row_id), attempts, timing=self.timing))
        except DATABASE_AWAY as away:
            # Still ready, or leased to nobody: the sweeper's in either case.
            log.warning("a row could not be claimed", row=row_id, error=told(away))
            return
        if context is not None:
            await run(context)


class BatchingWorker(ArqWorker):
    """arq's worker, which begins whatever is due in two round trips.

    arq's own `start_jobs` takes four for each job, one after another, and three more at each poll for each that runs already.
    The marks are the same.
    """

    def __init__(self, *functions: Any, **options: Any) -> None:
        super().__init__(*functions, **options)
        self._ended = Gathered(self._take_off)

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Mark those that nobody has marked, and run them."""
        due = await self._free(job_ids)
        if not due:
            return
        async with self.pool.pipeline(transaction=False) as calls:
            for job_id in due:
                calls.set(in_progress_key_prefix + job_id, b"1", nx=True, px=int(self.in_progress_timeout_s * 1000))
                calls.zscore(self.queue_name, job_id)
            answers = await calls.execute()
        over = []
        for job_id, marked, score in zip(due, answers[::2], answers[1::2], strict=True):
            if marked and score is None:
                # Done elsewhere between the two looks.
                over.append(in_progress_key_prefix + job_id)
            elif marked:
                await self._start(job_id, int(score))
        if over:
            await self.pool.delete(*over)

    async def _free(self, job_ids: list[bytes]) -> list[str]:
        """The oldest that nobody runs, as many as there is room for: whatever runs elsewhere must not stand before them."""
        room = self.max_jobs - self.job_counter
        known = [job_id.decode() for job_id in job_ids]
        others = [job_id for job_id in known if job_id not in self.tasks]
        if room <= 0 or not others:
            return []
        marks = await self.pool.mget([in_progress_key_prefix + job_id for job_id in others])
        return [job_id for job_id, mark in zip(others, marks, strict=True) if mark is None][:room]

    async def finish_job(
        self,
        job_id: str,
        finish: bool,
        result_data: bytes | None,
        result_timeout_s: float | None,
        keep_result_forever: bool,
        incr_score: int | None,
        keep_in_progress: float | None,
    ) -> None:
        """Those that have simply ended are taken off the queue together."""
        if finish and result_data is None and keep_in_progress is None:
            await self._ended(job_id)
        else:
            how = (result_timeout_s, keep_result_forever, incr_score, keep_in_progress)
            await super().finish_job(job_id, finish, result_data, *how)

    async def _take_off(self, job_ids: Sequence[str]) -> list[None]:
        async with self.pool.pipeline(transaction=True) as calls:
            calls.zrem(self.queue_name, *job_ids)
            prefixes = (in_progress_key_prefix, retry_key_prefix, job_key_prefix)
            calls.delete(*(prefix + job_id for job_id in job_ids for prefix in prefixes))
            await calls.execute()
        return [None] * len(job_ids)

    async def _start(self, job_id: str, score: int) -> None:
        await self.sem.acquire()
        self.job_counter += 1
        task = self.loop.create_task(self.run_job(job_id, score))
        task.add_done_callback(lambda _: self._release_sem_dec_counter_on_complete())
        self.tasks[job_id] = task


def _begin(context: Context, among: set[asyncio.Task[Any]]) -> None:
    task = asyncio.create_task(run(context), name=context.name)
    among.add(task)
    task.add_done_callback(among.discard)


async def _leave(queue: ArqWorker, redis: ArqRedis) -> None:
    """Let the jobs of a lost connection end by themselves. What arq wanted to tell Redis of them does not matter."""
    tasks = list(queue.tasks.values())
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        with suppress(*REDIS_AWAY):
            await redis.aclose(close_connection_pool=True)


async def _redis_answers() -> bool:
    redis = redis_client()
    if redis is None:
        return False
    try:
        await redis.ping()
    except REDIS_AWAY:
        return False
    return True


async def _keep_going(what: str, step: Callable[[], Awaitable[None]], pause: float) -> None:
    """Take the step again and again, more slowly while it fails: PostgreSQL or Redis may be restarting."""
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        begun = loop.time()
        try:
            await step()
            failures = 0
        except Exception as error:
            failures = 1 if loop.time() - begun > STEADY else failures + 1
            if failures == 1 or failures % 60 == 0:
                log.warning("a step of the worker failed; trying again", step=what, failures=failures, exc_info=error)
        await asyncio.sleep(pause * min(failures + 1, 5))
