"""Forgetting what is done: rows of the outbox are kept for a week, the activity log for as long as the settings say."""

from datetime import datetime, timedelta
from uuid import UUID

from perkhub.kit.activity import forget_activity
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.jobs.registry import every
from perkhub.kit.jobs.sql import FORGET
from perkhub.kit.settings import settings

KEPT = timedelta(days=7)
CHUNK = 1000
# Of one turn, so that it never runs for long; the next one is soon.
CHUNKS = 200


@every(seconds=300, name="outbox.forget")
async def forget_done() -> None:
    """Delete what was done a week ago. Dead letters stay."""
    before = now() - KEPT
    for _ in range(CHUNKS):
        if await transact(lambda tx: tx.execute(FORGET, _first_id_of(before), before, CHUNK)) < CHUNK:
            return


@every(seconds=3600, name="activity.forget")
async def forget_old_activity() -> None:
    """Delete what operators did longer ago than the log is kept."""
    before = now() - timedelta(days=settings().activity_days)
    for _ in range(CHUNKS):
        if not await transact(lambda tx: forget_activity(tx, before, limit=CHUNK)):
            return


def _first_id_of(moment: datetime) -> UUID:
    """No UUIDv7 made after the moment sorts before this."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
