"""Living through restarts of PostgreSQL: what counts as "away for a moment", and trying a step again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from perkhub.kit.db import DATABASE_AWAY

__all__ = ["DATABASE_AWAY", "despite_restarts"]

T = TypeVar("T")

PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)


async def despite_restarts(step: Callable[[], Awaitable[T]]) -> T:
    """Run a step that may safely be repeated, again while the database is away, for about eight seconds in all."""
    for pause in PAUSES:
        try:
            return await step()
        except DATABASE_AWAY:
            await asyncio.sleep(pause)
    return await step()
