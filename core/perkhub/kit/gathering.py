"""Doing for many at once what many ask for at the same time: whoever comes while one batch is worked on is in the next.

In a crowd a statement serves them all, and a commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from perkhub.kit.db import DATABASE_AWAY, outside_transactions

A = TypeVar("A")
R = TypeVar("R")

LARGEST = 100
# So long a batch waits for company: what one run of the loop brings in comes in its next ones too.
MOMENT = 0.002
# A batch that waits for a lock must not hold up all others.
AT_ONCE = 2


class Gathered(Generic[A, R]):
    """`work` answers a batch, an answer for each in their order; what it commits, it commits for all of them or for none.

    A batch that fails is tried again one by one, so that each fails by itself alone; not where the database went away, for
    then nobody knows whether it was committed: that is for whoever asked.
    """

    def __init__(self, work: Callable[[Sequence[A]], Awaitable[Sequence[R]]], *, largest: int = LARGEST) -> None:
        self._work, self._largest = work, largest
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, asked: A) -> R:
        """The answer for this one, as if it had been asked alone."""
        if not outside_transactions():
            raise RuntimeError("what is done for many commits by itself, and must not be asked for inside a transaction")
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # One after another: tests have a loop each.
            self._loop, self._waiting, self._running = loop, [], set()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append((asked, answer))
        if len(self._running) < AT_ONCE:
            task = loop.create_task(self._serve(), name="gathered")
            self._running.add(task)
        return await answer

    async def _serve(self) -> None:
        try:
            await asyncio.sleep(MOMENT)
            while self._waiting:
                batch, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
                await self._answer(batch)
        finally:
            # In the same step as the last look at who waits, and not by a callback: whoever was just answered, and asks again
            # before that came, would count on us and wait for ever.
            self._running.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _answer(self, batch: list[tuple[A, asyncio.Future[R]]]) -> None:
        try:
            answers = await self._work([asked for asked, _ in batch])
        except Exception as failure:
            if len(batch) > 1 and not isinstance(failure, DATABASE_AWAY):
                await asyncio.gather(*(self._answer([one]) for one in batch))
                return
            for _, waits in batch:
                if not waits.done():
                    waits.set_exception(failure)
        else:
            for (_, waits), answer in zip(batch, answers, strict=True):
                if not waits.done():
                    waits.set_result(answer)
