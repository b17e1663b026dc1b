"""Whose turn it is: every periodic task has one row, which waits for its next turn for ever.

So it has what every row has: of several workers one gets the turn, a heartbeat says that it is alive, and the turn of a
dead worker goes to another. It never goes through Redis.
"""

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.jobs.context import Context
from perkhub.kit.jobs.registry import periodic_tasks
from perkhub.kit.jobs.run import claim
from perkhub.kit.jobs.sql import DUE_PERIODIC, SEED_PERIODIC
from perkhub.kit.jobs.timing import USUAL, Timing


async def seed_periodic() -> None:
    """See to it that every task has its row; the first turn is at once."""
    tasks = periodic_tasks()
    ids, names = [task.row_id for task in tasks], [task.name for task in tasks]
    await transact(lambda tx: tx.execute(SEED_PERIODIC, ids, names, now()))


async def take_turns(limit: int, *, timing: Timing = USUAL) -> list[Context]:
    """Claim up to `limit` tasks whose turn it is."""
    due = await db.rows(DUE_PERIODIC, [task.row_id for task in periodic_tasks()], now())
    taken: list[Context] = []
    for row in due:
        if len(taken) >= limit:
            break
        context = await claim(row["id"], row["attempts"], timing=timing)
        if context is not None:
            taken.append(context)
    return taken
