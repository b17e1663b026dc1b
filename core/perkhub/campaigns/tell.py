"""Telling whoever watches a campaign that it has changed: once in a while of a rush, and always once more at its end."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.redis import REDIS_AWAY, redis_client

CAMPAIGN_KIND = "campaign"
QUIET_SECONDS = 0.5
CLOSING_SECONDS = 2.0


class _Told:
    """Until when each is not told again, and what is told then."""

    quiet_until: dict[UUID, float] = {}
    waiting: dict[UUID, asyncio.TimerHandle] = {}
    telling: set[asyncio.Task[None]] = set()


def tell_after_commit(tx: Transaction, campaigns: Iterable[UUID]) -> None:
    """Wake the watchers of these once the change can be read. Of many changes in a moment they hear one, and the last."""
    told = frozenset(campaigns)
    if not told:
        return

    async def tell() -> None:
        for campaign in told:
            _soon(campaign)

    tx.after_commit(tell)


def _soon(campaign: UUID) -> None:
    if campaign in _Told.waiting:
        return
    wait = _Told.quiet_until.get(campaign, 0.0) - time.monotonic()
    _Told.waiting[campaign] = asyncio.get_running_loop().call_later(max(0.0, wait), _tell, campaign)


def _tell(campaign: UUID) -> None:
    _Told.waiting.pop(campaign, None)
    at = time.monotonic()
    if len(_Told.quiet_until) > 1000:
        _Told.quiet_until = {known: until for known, until in _Told.quiet_until.items() if until > at}
    _Told.quiet_until[campaign] = at + QUIET_SECONDS
    task = asyncio.get_running_loop().create_task(_publish(campaign))
    _Told.telling.add(task)
    task.add_done_callback(_Told.telling.discard)


async def close_telling() -> None:
    """End what is still to be told, before Redis is left: whoever watches looks by itself now and then."""
    for handle in _Told.waiting.values():
        handle.cancel()
    _Told.waiting.clear()
    _Told.quiet_until.clear()
    if telling := list(_Told.telling):
        await asyncio.wait(telling, timeout=CLOSING_SECONDS)


async def _publish(campaign: UUID) -> None:
    client = redis_client()
    if client is not None:
        with suppress(*REDIS_AWAY):
            await client.publish(f"{CAMPAIGN_KIND}:{campaign.hex}", b"")
