"""The doors of campaigns, as this process stands before them: many who come in a moment are asked for in one step of Redis.

Redis only turns away and lets wait. Where it does not answer in time it is left alone for a second, and the door stands open.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import cast
from uuid import UUID

from perkhub.campaigns.rush.script import SERVE, keys_of
from perkhub.campaigns.rush.tickets import PATIENCE_SECONDS
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told
from perkhub.kit.redis import REDIS_AWAY, TIMEOUT, redis_client
from perkhub.kit.settings import settings

log = get_logger(__name__)

# Who comes within it goes along with the next; under load that makes one step of Redis for several orders.
PAUSE_SECONDS = 0.003
REST_SECONDS = 1.0
# An order that takes longer still goes on; its place is another's by then.
LEASE_SECONDS = 10
# For so long all processes believe one of them that a variant is sold out.
GONE_SECONDS = 0.5
MOST_AT_ONCE = 500


class Word(StrEnum):
    """What the door says."""

    IN = "in"
    TURN = "turn"  # they may come in; they only looked
    WAIT = "wait"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody before the door. Without a place they only look; `since` is what their ticket says, or 0; `order` is what they
    would have carried out, the same for each repetition."""

    person: UUID
    variants: Sequence[UUID]
    place: str = ""
    since: int = 0
    order: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`since` is when they began to wait, in microseconds by the clock of Redis."""

    word: Word
    ahead: int
    since: int


class Door:
    """Of one campaign, while anybody stands before it."""

    def __init__(self, campaign: UUID) -> None:
        self.campaign = campaign
        self._asking: list[tuple[Ask, asyncio.Future[Answer | None]]] = []
        self._leaving: list[str] = []
        self._gone: set[UUID] = set()
        self._serving: asyncio.Task[None] | None = None

    async def ask(self, ask: Ask) -> Answer | None:
        """What the door says; None where nobody keeps it: it stands open."""
        if _Rest.is_on():
            return None
        waiter: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._asking.append((ask, waiter))
        self._serve_soon()
        return await waiter

    def leave(self, place: str) -> None:
        """Give a place back."""
        self._leaving.append(place)
        self._serve_soon()

    def say_gone(self, variant: UUID) -> None:
        """Let every process know that it is sold out."""
        self._gone.add(variant)
        self._serve_soon()

    async def close(self) -> None:
        """Finish what was begun."""
        if self._serving is not None:
            await self._serving

    def _serve_soon(self) -> None:
        if self._serving is None:
            self._serving = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        """Until nobody is there any more."""
        while self._asking or self._leaving or self._gone:
            asking, self._asking = self._asking[:MOST_AT_ONCE], self._asking[MOST_AT_ONCE:]
            leaving, self._leaving = self._leaving, []
            gone, self._gone = self._gone, set()
            answers = await self._step([ask for ask, _ in asking], leaving, gone)
            for (ask, waiter), answer in zip(asking, answers, strict=True):
                if not waiter.done():
                    waiter.set_result(answer)
                elif answer is not None and answer.word is Word.IN:
                    self._leaving.append(ask.place)  # whoever asked has gone away meanwhile
            await asyncio.sleep(PAUSE_SECONDS)
        self._serving = None
        _doors.pop(self.campaign, None)

    async def _step(self, asks: list[Ask], leaving: list[str], gone: set[UUID]) -> Sequence[Answer | None]:
        redis = redis_client()
        if redis is None or _Rest.is_on():
            return [None] * len(asks)
        wishes = [said for ask in asks for said in (ask.person.hex, ask.place, str(ask.since), ask.order, _named(ask.variants))]
        spans = (LEASE_SECONDS, PATIENCE_SECONDS, GONE_SECONDS)
        rules = [str(settings().campaign_orders_at_once), *(str(int(span * 1000)) for span in spans)]
        news = [str(len(leaving)), *leaving, str(len(gone)), *(variant.hex for variant in gone)]
        keys = keys_of(self.campaign.hex)
        try:
            # The client may wait for others who wait for a connection: the whole call has its limit.
            async with asyncio.timeout(2 * TIMEOUT):
                found = await cast(
                    "Awaitable[list[tuple[bytes, int, bytes]]]", redis.eval(SERVE, len(keys), *keys, *rules, *news, *wishes)
                )
        except Exception as away:  # whatever it is: whoever asked must not wait for ever
            _Rest.begin(away)
            return [None] * len(asks)
        return [Answer(Word(word.decode()), int(ahead), int(float(since))) for word, ahead, since in found]


class _Rest:
    """After a failure Redis is left alone for a while, lest every order waits for its timeout."""

    until = 0.0

    @classmethod
    def is_on(cls) -> bool:
        return monotonic() < cls.until

    @classmethod
    def begin(cls, away: Exception) -> None:
        if cls.until < monotonic() - 60:
            log.warning("Redis is away; campaigns admit everybody", error=told(away))
        cls.until = monotonic() + REST_SECONDS


_doors: dict[UUID, Door] = {}


def door_of(campaign: UUID) -> Door:
    """The campaign's door, opened where nobody stands before it yet."""
    found = _doors.get(campaign)
    if found is None:
        found = _doors[campaign] = Door(campaign)
    return found


async def close_doors() -> None:
    """Give back what this process still holds, before Redis is left."""
    for door in list(_doors.values()):
        with suppress(asyncio.CancelledError):
            await door.close()


async def forget_gone(campaign: UUID) -> None:
    """Units came back: nothing of the campaign counts as sold out any more, in any process."""
    redis = redis_client()
    if redis is None or _Rest.is_on():
        return
    try:
        async with asyncio.timeout(2 * TIMEOUT):
            await redis.delete(keys_of(campaign.hex)[-1])
    except REDIS_AWAY as away:
        _Rest.begin(away)


def forget_doors() -> None:
    """Between tests."""
    _doors.clear()
    _Rest.until = 0.0


def _named(variants: Sequence[UUID]) -> str:
    return " ".join(variant.hex for variant in variants)
