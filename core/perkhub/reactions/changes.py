"""Following what readers can see: before a process uses anything it remembers, it asks what has changed since.

One look serves all who wait for it, and is always begun after they asked: whatever was committed before a request came
in is known before it is answered, by every process, with nothing to be waited for by the writer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final
from uuid import UUID

import asyncpg

from perkhub.channels import forget_channels
from perkhub.kit import db
from perkhub.kit.connecting import parse_url
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told
from perkhub.reactions.seen import KEPT_VERSIONS

log = get_logger(__name__)

LOOK = "SELECT sum(version)::bigint FROM reader_slot"
SLOTS = "SELECT slot, version FROM reader_slot"
CAUGHT_UP_WITH = """
    SELECT s.slot, s.version, c.version AS told, c.channel_id, c.product_id
    FROM reader_slot s JOIN unnest($1::int[], $2::bigint[]) AS known(slot, version) ON known.slot = s.slot
         LEFT JOIN reader_change c ON c.slot = s.slot AND c.version > known.version AND c.version <= s.version
    WHERE s.version <> known.version LIMIT $3
"""
PRUNE = f"DELETE FROM reader_change c USING reader_slot s WHERE s.slot = c.slot AND c.version <= s.version - {KEPT_VERSIONS}"
MOST_CHANGES = 2000
# Nobody waits longer to hear whether what is remembered may be used: reading it anew takes less.
PATIENCE = 0.5
REST = 0.5
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Change:
    """A product in a channel; None is every one."""

    channel: UUID | None = None
    product: UUID | None = None


EVERYTHING: Final = Change()
Hear = Callable[[Change], None]


class ChangesUnknown(Exception):
    """The database does not say what has changed: nothing that is remembered may be used."""


class Changes:
    """What one process knows of the feed."""

    def __init__(self) -> None:
        self._url: str | None = None
        self._listeners: list[Hear] = [_forget_channel]
        self._connection: asyncpg.Connection | None = None
        self._known: dict[int, int] = {}
        self._total = -1
        self._waiting: list[asyncio.Future[None]] = []
        self._looking: asyncio.Task[None] | None = None
        self._rest_until = 0.0

    def tell(self, hear: Hear) -> None:
        """Call `hear` with each change, before anybody who waits for it goes on."""
        self._listeners.append(hear)

    def follow(self, url: str) -> None:
        """Follow this database from now on; connects when first asked."""
        self._url = url
        self._rest_until = 0.0

    async def caught_up(self) -> None:
        """Whatever was committed before this call has been told.

        Raises:
            ChangesUnknown.
        """
        if self._url is None or monotonic() < self._rest_until:
            raise ChangesUnknown
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look_for_all())
        counted = db.statements.get()
        if counted is not None:
            counted.append(LOOK)
        await waiter

    async def close(self) -> None:
        """Stop following."""
        self._url = None
        if self._looking is not None:
            await asyncio.wait([self._looking])
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close(timeout=PATIENCE)
        self._connection = None

    async def _look_for_all(self) -> None:
        while self._waiting:
            # Whoever comes from here on waits for the next look: this one may have read before they asked.
            waiting, self._waiting = self._waiting, []
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._look()
            except AWAY as away:
                await self._give_up(away)
                waiting += self._waiting
                self._waiting = []
                for waiter in waiting:
                    if not waiter.done():
                        waiter.set_exception(ChangesUnknown())
            else:
                for waiter in waiting:
                    if not waiter.done():
                        waiter.set_result(None)
        self._looking = None

    async def _look(self) -> None:
        if self._connection is None or self._connection.is_closed():
            await self._begin()
        elif await self._connection.fetchval(LOOK) != self._total:
            await self._catch_up(self._connection)

    async def _begin(self) -> None:
        assert self._url is not None
        connection = await asyncpg.connect(**parse_url(self._url), server_settings={"application_name": "perkhub changes"})
        self._connection = connection
        self._now_at({row["slot"]: row["version"] for row in await connection.fetch(SLOTS)})
        self._say(EVERYTHING)

    async def _catch_up(self, connection: asyncpg.Connection) -> None:
        found = await connection.fetch(CAUGHT_UP_WITH, list(self._known), list(self._known.values()), MOST_CHANGES)
        moved = {row["slot"]: row["version"] for row in found}
        told_versions = {(row["slot"], row["told"]) for row in found if row["told"] is not None}
        steps = sum(version - self._known[slot] for slot, version in moved.items())
        self._now_at({**self._known, **moved})
        if len(found) >= MOST_CHANGES or len(told_versions) != steps:  # too many, or some are no longer kept
            if len(found) >= MOST_CHANGES:
                self._now_at({row["slot"]: row["version"] for row in await connection.fetch(SLOTS)})
            self._say(EVERYTHING)
            return
        for change in {Change(row["channel_id"], row["product_id"]) for row in found}:
            self._say(change)

    def _now_at(self, known: dict[int, int]) -> None:
        self._known, self._total = known, sum(known.values())

    def _say(self, change: Change) -> None:
        for hear in self._listeners:
            hear(change)

    async def _give_up(self, away: Exception) -> None:
        log.warning("nobody knows what readers see; nothing is remembered", error=told(away))
        self._rest_until = monotonic() + REST
        await self._hang_up()

    async def _hang_up(self) -> None:
        connection, self._connection, self._total = self._connection, None, -1
        if connection is not None:
            connection.terminate()


def _forget_channel(change: Change) -> None:
    if change.product is None:
        forget_channels()


_changes = Changes()


def reader_changes() -> Changes:
    """What this process follows."""
    return _changes


async def forget_old_changes() -> None:
    """Keep the feed short."""
    await db.value(PRUNE)
