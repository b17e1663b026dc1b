"""A worker process for tests: `python -m tests.kit.worker_process DATABASE_URL REDIS_URL TIMING`, with jobs that keep a log."""

import asyncio
import json
import os
import sys

from perkhub.domains import model_modules
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.jobs import Context, Timing, every, job, run_worker
from perkhub.kit.logging import configure_logging
from perkhub.kit.redis import close_redis, set_redis
from perkhub.kit.settings import Settings

RUN_LOG = "CREATE TABLE run_log (id serial PRIMARY KEY, thing text, attempt int, what text, at timestamptz)"


async def write(thing: str, attempt: int, what: str) -> None:
    await db.value(
        "INSERT INTO run_log (thing, attempt, what, at) VALUES ($1, $2, $3, $4) RETURNING id", thing, attempt, what, now()
    )


@job("test.worker.note")
async def note(context: Context, thing: str, seconds: float = 0) -> None:
    await write(thing, context.attempt, "begun")
    await asyncio.sleep(seconds)
    await write(thing, context.attempt, "ended")


@job("test.worker.steps")
async def steps(context: Context, upto: int) -> None:
    for step in range(context.progress.get("next", 0), upto):
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO run_log (thing, attempt, what, at) VALUES ($1, $2, 'step', $3)", str(step), context.attempt, now()
            )
            await context.save_progress(tx, {"next": step + 1})
        await asyncio.sleep(0.02)


@every(seconds=0.5, name="test.worker.tick")
async def tick() -> None:
    await write("tick", 0, "begun")
    await asyncio.sleep(0.2)
    await write("tick", 0, "ended")


async def main(database_url: str, redis_url: str, timing: str) -> None:
    configure_logging(Settings())
    await db.connect(database_url, models=model_modules(), application="perkhub worker")
    await write(f"worker {os.getpid()}", 0, "up")
    set_redis(redis_url or None)
    try:
        await run_worker(Settings(), timing=Timing(**json.loads(timing)))
    finally:
        await close_redis()
        await db.disconnect()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
