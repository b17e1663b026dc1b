"""The first thing a GraphQL request meets: an answer that is remembered is given here, before any of it is parsed.

Only readers who have not signed in are served here. The key is the request as it came, byte by byte, with all else that
an anonymous reader's answer depends on; so nobody can be given what another wording would have brought.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perkhub.kit.errors import TooFast
from perkhub.kit.rates import take
from perkhub.kit.settings import settings
from perkhub.reactions import ChangesUnknown, reader_changes
from perkhub_schema.graphql.context import DEFAULT_CHANNEL
from perkhub_schema.reads.answers import JSON, PRIVATE, Answer, Headers, answers, shared_headers
from perkhub_schema.reads.reading import SCOPE, Key, Reading

LONGEST = 20_000


@dataclass(slots=True)
class _Asked:
    channel: bytes = DEFAULT_CHANNEL.encode()
    language: bytes = b"en"
    unchanged_since: bytes = b""


class Remembered:
    """Plain ASGI, around the GraphQL endpoint."""

    def __init__(self, graphql: ASGIApp) -> None:
        self.graphql = graphql
        self.on = settings().response_cache_megabytes > 0
        self._making: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope) if self.on else None
        if asked is None:
            await self.graphql(scope, receive, send)
            return
        if scope["method"] == "GET":
            raw = scope["query_string"]
        else:
            raw, receive = await whole_body(receive)
        if not raw or len(raw) > LONGEST:
            await self.graphql(scope, receive, send)
            return
        key = Key(scope["method"], asked.channel, asked.language, raw)
        if answers().get(key) is None:
            await self._make(key, scope, receive, send)
        else:
            await self._give(key, asked, scope, receive, send)

    async def _give(self, key: Key, asked: _Asked, scope: Scope, receive: Receive, send: Send) -> None:
        found = await self._found(key)
        if found is None:
            await self.graphql(scope, receive, send)
            return
        if not found.holds():
            # One reads it anew for all who want it now.
            making = self._making.get(key)
            if making is None:
                self._making[key] = making = asyncio.Event()
                try:
                    await self._make(key, scope, receive, send)
                finally:
                    del self._making[key]
                    making.set()
                return
            await making.wait()
            found = answers().get(key)
            if found is None or not found.holds():
                await self._make(key, scope, receive, send)
                return
        try:
            await take(f"requests:address:{_address(scope)}", limit=settings().requests_per_minute, seconds=60, lenient=True)
        except TooFast:
            await self.graphql(scope, receive, send)  # which tells it
            return
        await give(found, send, shared=key.method == "GET", unchanged_since=asked.unchanged_since)

    async def _found(self, key: Key) -> Answer | None:
        """What is kept, once everything is known that was committed before the request came; None: nobody knows."""
        try:
            await reader_changes().caught_up()
        except ChangesUnknown:
            return None
        return answers().get(key)

    async def _make(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        reading = scope[SCOPE] = Reading(key)
        await self.graphql(scope, receive, send)
        if reading.kept is not None:
            answers().put(key, reading.kept)


async def give(answer: Answer, send: Send, *, shared: bool, unchanged_since: bytes = b"") -> None:
    """An answer, or the word that the caller has it already."""
    headers: Headers = shared_headers(answer) if shared else [JSON, PRIVATE]
    if shared and matches(unchanged_since, answer.etag):
        await send({"type": "http.response.start", "status": 304, "headers": headers[1:]})
        await send({"type": "http.response.body", "body": b""})
        return
    headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def matches(given: bytes, etag: bytes) -> bool:
    """Whether an If-None-Match header names this validator; a proxy may have weakened it."""
    return bool(given) and (given.strip() == b"*" or etag in [one.strip().removeprefix(b"W/") for one in given.split(b",")])


def _asked(scope: Scope) -> _Asked | None:
    """What the headers say; None where the request is not one of a plain anonymous reader. Of each, the first counts."""
    asked, seen = _Asked(), set()
    for name, value in scope["headers"]:
        if name in seen:
            continue
        seen.add(name)
        if name in (b"authorization", b"content-encoding"):
            return None
        if name == b"perkhub-channel":
            asked.channel = value
        elif name == b"accept-language":
            asked.language = b"zh" if value[:2].lower() == b"zh" else b"en"
        elif name == b"if-none-match":
            asked.unchanged_since = value
        elif (name == b"accept" and (b"event-stream" in value or b"multipart" in value)) or (
            name == b"content-type" and not value.startswith(b"application/json")
        ):
            return None
    return asked


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client is not None else "unknown"


async def whole_body(receive: Receive) -> tuple[bytes, Receive]:
    """The body, if it is all there and short; and the same request for who reads it after us."""
    messages: deque[Message] = deque()
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= LONGEST:
        messages.append(message := await receive())
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)

    async def receive_again() -> Message:
        return messages.popleft() if messages else await receive()

    return b"" if more else b"".join(parts), receive_again
