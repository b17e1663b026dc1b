"""A competitor at an exact point: between two steps of the one who is watched, on a connection of its own."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any

import pytest

from perkhub.kit import db


def apart(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """A task with variables of its own: one that inherited an open transaction would work inside it."""
    return asyncio.get_running_loop().create_task(work, context=Context())


def interrupt(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, competitor: Callable[[], Awaitable[None]], *, after: bool = False
) -> list[str]:
    """Before (or after) the first call of `owner.name`, do what the competitor does. Tells by its length whether it came."""
    original = getattr(owner, name)
    came: list[str] = []

    @functools.wraps(original)
    async def interrupted(*given: Any, **named: Any) -> Any:
        first = not came
        if first:
            came.append(name)
            if not after:
                await competitor()
        answer = await original(*given, **named)
        if first and after:
            await competitor()
        return answer

    monkeypatch.setattr(owner, name, interrupted)
    return came


async def waits_for_a_lock(task: asyncio.Task[Any], *, many: int = 1) -> None:
    """Return once so many in the database wait for a lock, or the task is over."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while not task.done() and await apart(db.value(waiting)) < many:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.005)


def watch(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[str]:
    """Note each time `owner.name` has ended, whichever way."""
    original = getattr(owner, name)
    ended: list[str] = []

    @functools.wraps(original)
    async def watched(*given: Any, **named: Any) -> Any:
        try:
            return await original(*given, **named)
        finally:
            ended.append(name)

    monkeypatch.setattr(owner, name, watched)
    return ended


async def comes_to(ended: list[str], task: asyncio.Task[Any]) -> None:
    """Return once the watched step was taken, or the task is over without it."""
    while not ended and not task.done():  # noqa: ASYNC110 - the step must stay as it is
        await asyncio.sleep(0.005)
