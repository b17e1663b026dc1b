"""Waking subscribers when an order may have changed: over Redis between processes, and without it by looking now and then."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from perkhub.kit.errors import AccessError
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told
from perkhub.kit.redis import REDIS_AWAY, TIMEOUT, open_client, redis_url
from perkhub.orders import CHANNEL

log = get_logger(__name__)

LOOK_AGAIN_SECONDS = 5.0
MOST_PER_VIEWER = 50


class TooManyWatched(AccessError):
    """Each subscription is looked after for as long as it lasts."""

    code = "TOO_MANY_WATCHED"
    en = "You watch {limit} orders already. Stop watching one of them first."
    zh = "您已同时关注 {limit} 个订单,请先停止关注其中一个。"

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class _Watchers:
    """All subscriptions of this process. They share one connection to Redis, which is there while anybody watches."""

    def __init__(self) -> None:
        self.of_order: dict[str, set[asyncio.Event]] = {}
        self.of_viewer: Counter[str] = Counter()
        self.listener: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()

    async def enter(self, order: UUID, viewer: str) -> asyncio.Event:
        if self.of_viewer[viewer] >= MOST_PER_VIEWER:
            raise TooManyWatched(limit=MOST_PER_VIEWER)
        changed = asyncio.Event()
        self.of_viewer[viewer] += 1
        self.of_order.setdefault(order.hex, set()).add(changed)
        if self.listener is None:
            self.listening.clear()
            self.listener = asyncio.create_task(self._listen(redis_url()))
        # Whoever looks at the order before anybody listens could miss what happens in between.
        with suppress(TimeoutError):
            await asyncio.wait_for(self.listening.wait(), 2 * TIMEOUT)
        return changed

    async def leave(self, order: UUID, viewer: str, changed: asyncio.Event) -> None:
        self.of_viewer -= Counter({viewer: 1})  # keeps nobody who watches nothing
        self.of_order[order.hex].discard(changed)
        if not self.of_order[order.hex]:
            del self.of_order[order.hex]
        if not self.of_order and self.listener is not None:
            listener, self.listener = self.listener, None
            listener.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await listener

    async def _listen(self, url: str | None) -> None:
        while url is not None:
            try:
                await self._listen_at(url)
            except REDIS_AWAY as away:
                log.warning("orders are watched without Redis", error=told(away))
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _listen_at(self, url: str) -> None:
        client = open_client(url, timeout=None)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as heard:
                await heard.psubscribe(f"{CHANNEL}*")
                self.listening.set()
                async for message in heard.listen():
                    self._wake(message["channel"].decode().removeprefix(CHANNEL))
        finally:
            await client.aclose()

    def _wake(self, order: str) -> None:
        for changed in self.of_order.get(order, ()):
            changed.set()


_watchers = _Watchers()


@asynccontextmanager
async def order_changes(order: UUID, *, viewer: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Waits, each time it is called, until the order may have changed; a few seconds at most, so that a lost message is
    only a delay.

    Raises:
        TooManyWatched.
    """
    changed = await _watchers.enter(order, viewer)

    async def wait() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), LOOK_AGAIN_SECONDS)
        changed.clear()

    try:
        yield wait
    finally:
        await _watchers.leave(order, viewer, changed)
