"""Waking subscribers when what they watch may have changed: over Redis between processes, and without it by looking now and
then."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from perkhub.campaigns import CAMPAIGN_KIND
from perkhub.campaigns.bargains import BARGAIN_KIND
from perkhub.campaigns.circles import CIRCLE_KIND
from perkhub.kit.errors import AccessError
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told
from perkhub.kit.redis import REDIS_AWAY, TIMEOUT, open_client, redis_url
from perkhub.orders import ORDER_KIND

log = get_logger(__name__)

LOOK_AGAIN_SECONDS = 5.0
MOST_PER_VIEWER = 50
# What can be watched, as those who wake us name it.
ORDER, CAMPAIGN, CIRCLE, BARGAIN = ORDER_KIND, CAMPAIGN_KIND, CIRCLE_KIND, BARGAIN_KIND


class TooManyWatched(AccessError):
    """Each subscription is looked after for as long as it lasts."""

    code = "TOO_MANY_WATCHED"
    en = "You watch {limit} things already. Stop watching one of them first."
    zh = "您已同时关注 {limit} 项内容,请先停止关注其中一项。"

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class _Watchers:
    """All subscriptions of this process. They share one connection to Redis, which is there while anybody watches."""

    def __init__(self) -> None:
        self.of_thing: dict[str, set[asyncio.Event]] = {}
        self.of_viewer: Counter[str] = Counter()
        self.listener: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()

    async def enter(self, thing: str, viewer: str) -> asyncio.Event:
        if self.of_viewer[viewer] >= MOST_PER_VIEWER:
            raise TooManyWatched(limit=MOST_PER_VIEWER)
        changed = asyncio.Event()
        self.of_viewer[viewer] += 1
        self.of_thing.setdefault(thing, set()).add(changed)
        if self.listener is None:
            self.listening.clear()
            self.listener = asyncio.create_task(self._listen(redis_url()))
        # Whoever looks before anybody listens could miss what happens in between.
        with suppress(TimeoutError):
            await asyncio.wait_for(self.listening.wait(), 2 * TIMEOUT)
        return changed

    async def leave(self, thing: str, viewer: str, changed: asyncio.Event) -> None:
        self.of_viewer -= Counter({viewer: 1})  # keeps nobody who watches nothing
        self.of_thing[thing].discard(changed)
        if not self.of_thing[thing]:
            del self.of_thing[thing]
        if not self.of_thing and self.listener is not None:
            listener, self.listener = self.listener, None
            listener.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await listener

    async def _listen(self, url: str | None) -> None:
        while url is not None:
            try:
                await self._listen_at(url)
            except REDIS_AWAY as away:
                log.warning("subscriptions go on without Redis", error=told(away))
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _listen_at(self, url: str) -> None:
        client = open_client(url, timeout=None)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as heard:
                await heard.psubscribe(*(f"{kind}:*" for kind in (ORDER, CAMPAIGN, CIRCLE, BARGAIN)))
                self.listening.set()
                async for message in heard.listen():
                    self._wake(message["channel"].decode())
        finally:
            await client.aclose()

    def _wake(self, thing: str) -> None:
        for changed in self.of_thing.get(thing, ()):
            changed.set()


_watchers = _Watchers()


@asynccontextmanager
async def changes(kind: str, id: UUID, *, viewer: str) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """Waits, each time it is called, until the thing may have changed; a few seconds at most, so that a lost message is only
    a delay, and no longer than it is told to: until its window moves.

    Raises:
        TooManyWatched.
    """
    thing = f"{kind}:{id.hex}"
    changed = await _watchers.enter(thing, viewer)

    async def wait(at_most: float = LOOK_AGAIN_SECONDS) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), min(at_most, LOOK_AGAIN_SECONDS))
        changed.clear()

    try:
        yield wait
    finally:
        await _watchers.leave(thing, viewer, changed)
