"""Running whatever is due right now, in this process and without Redis: for tests and for commands that must not wait."""

import asyncio

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.jobs.run import claim, run
from perkhub.kit.jobs.sql import DUE

AT_ONCE = 500


class NeverEnds(Exception):
    """Rows kept making rows that were due at once."""


async def drain(*, max_rounds: int = 50, strict: bool = True) -> int:
    """Run every due event and job, and those that they cause, one after another; how many runs that took.

    Failures are noted in the rows as ever. With `strict` the first one is raised as well, so that a test cannot
    overlook it. Rows that back off or postpone themselves are due later: move the clock to reach them.
    """
    runs = 0
    for _ in range(max_rounds):
        due = await db.rows(DUE, now(), AT_ONCE)
        if not due:
            return runs
        for row in due:
            context = await claim(row["id"], row["attempts"])
            if context is None:
                continue
            runs += 1
            # A task of its own, so that the row's correlation id does not become the caller's.
            _, failure = await asyncio.create_task(run(context))
            if strict and failure is not None:
                raise failure
    raise NeverEnds(f"still rows due after {max_rounds} rounds and {runs} runs")
