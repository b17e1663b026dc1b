"""Documents of others that are needed again and again: fetched, remembered, and for a bounded time kept on where they cannot
be fetched."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import orjson

from perkhub.accounts.federation.errors import ProviderUnavailable
from perkhub.kit.clock import now
from perkhub.kit.logging import get_logger
from perkhub.kit.public_addresses import PublicTransport
from perkhub.kit.redaction import told
from perkhub.plugin.http import HTTPError, outbound_client

log = get_logger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 5.0
AT_MOST_EVERY = timedelta(minutes=1)
# As often while there is nothing at all: a service that starts up shall not be waited for longer than it needs.
WITHOUT_ANY_EVERY = timedelta(seconds=5)
MOST_DOCUMENTS = 500


@dataclass
class _Kept(Generic[T]):
    value: T | None = None
    fetched_at: datetime | None = None
    tried_at: datetime | None = None
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)


class RemoteDocuments(Generic[T]):
    """One kind of document, by address. `read` makes of its JSON what is remembered, or raises ValueError.

    It is fetched anew when it is no longer `fresh`, and when it `lacks` what the caller needs, but at most once a minute;
    where that fails, the one before goes on until it is as old as `lasts`.
    """

    def __init__(self, read: Callable[[Any], T], *, fresh: timedelta, lasts: timedelta) -> None:
        self.read, self.fresh, self.lasts = read, fresh, lasts
        self._kept: dict[str, _Kept[T]] = {}

    async def get(self, url: str, *, lacks: Callable[[T], bool] = lambda _: False) -> T:
        """The document.

        Raises:
            ProviderUnavailable: there is none, or only one that is too old.
        """
        kept = self._kept.get(url) or self._begin(url)
        serves, under_way = self._serves(kept, lacks), kept.fetching.locked()
        if (self._is_due(kept, lacks) and not (serves and under_way)) or (under_way and not serves):
            async with kept.fetching:
                if self._is_due(kept, lacks):
                    await self._fetch(url, kept)
        if kept.value is None or kept.fetched_at is None or now() - kept.fetched_at > self.lasts:
            raise ProviderUnavailable
        return kept.value

    def forget(self) -> None:
        """Know nothing any more; for tests."""
        self._kept.clear()

    def _begin(self, url: str) -> _Kept[T]:
        if len(self._kept) >= MOST_DOCUMENTS:
            self._kept.clear()
        return self._kept.setdefault(url, _Kept())

    def _serves(self, kept: _Kept[T], lacks: Callable[[T], bool]) -> bool:
        """Whether what is there will do while somebody else fetches."""
        return kept.value is not None and not lacks(kept.value)

    def _is_due(self, kept: _Kept[T], lacks: Callable[[T], bool]) -> bool:
        at = now()
        pause = AT_MOST_EVERY if kept.value is not None else WITHOUT_ANY_EVERY
        if kept.tried_at is not None and at - kept.tried_at < pause:
            return False
        return kept.value is None or kept.fetched_at is None or at - kept.fetched_at > self.fresh or lacks(kept.value)

    async def _fetch(self, url: str, kept: _Kept[T]) -> None:
        kept.tried_at = now()
        try:
            kept.value, kept.fetched_at = self.read(await fetch_json(url)), kept.tried_at
        except (HTTPError, ValueError, RecursionError) as fault:
            log.warning("remote_document", url=url, error=told(fault))


async def fetch_json(url: str) -> Any:
    """What stands at this address. No redirect is followed: an answer from elsewhere is no answer.

    Raises:
        HTTPError, ValueError.
    """
    async with outbound_client("", timeout=PATIENCE_SECONDS, transport=PublicTransport()) as client:
        answer = await client.get(url, headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise ValueError(f"status {answer.status_code}")
        return orjson.loads(answer.content)
