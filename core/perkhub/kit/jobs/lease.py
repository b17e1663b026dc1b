"""The sign of life of a run: a heartbeat that renews its lease, and ends the run once the lease is another's."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.jobs.context import Context, LeaseLost
from perkhub.kit.jobs.restarts import DATABASE_AWAY
from perkhub.kit.jobs.sql import EXTEND_LEASE


async def under_lease(context: Context, work: Coroutine[Any, Any, None]) -> None:
    """Run the work while a heartbeat renews its lease.

    Raises:
        LeaseLost: the lease went to another run, or could not be renewed until it lapsed; the work was cancelled.
    """
    # Tasks of their own, begun outside any transaction: the heartbeat must never share the work's connection.
    running = asyncio.create_task(work, name=context.name)
    heartbeat = asyncio.create_task(_beat(context), name=f"lease of {context.name}")
    try:
        await asyncio.wait({running, heartbeat}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise LeaseLost(context.name) from heartbeat.exception()
        await running
    finally:
        for task in (running, heartbeat):
            task.cancel()
        await asyncio.gather(running, heartbeat, return_exceptions=True)


async def _beat(context: Context) -> None:
    """Renew until the lease is lost."""
    timing, loop = context.timing, asyncio.get_running_loop()
    lapses = loop.time() + timing.lease
    while loop.time() < lapses:
        await asyncio.sleep(timing.beat)
        begun = loop.time()
        try:
            extended = await db.value(EXTEND_LEASE, context.row_id, context.attempt, now() + timing.leased_for)
        except TimeoutError:
            # The run's own transaction holds the row: it is alive, and the sweeper passes over locked rows.
            lapses = loop.time() + timing.lease
        except DATABASE_AWAY:
            continue
        else:
            if extended is None:
                return
            lapses = begun + timing.lease
