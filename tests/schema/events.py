"""Server-sent events out of the application itself: the first one of a subscription, after which its reader goes away."""

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message

PATIENCE = 20.0


async def first_event(app: ASGIApp, query: str, variables: dict[str, Any], token: str | None) -> dict[str, Any]:
    """What the subscription says first."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    heard: asyncio.Queue[str] = asyncio.Queue()
    gone = asyncio.Event()
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            heard.put_nowait(message.get("body", b"").decode())

    async with asyncio.timeout(PATIENCE):
        serving = asyncio.ensure_future(app(_scope(token), receive, send))
        told = await _data(heard)
        gone.set()
        await serving
    return told


async def _data(heard: asyncio.Queue[str]) -> dict[str, Any]:
    text = ""
    while "event: next" not in text or "\n\n" not in text.partition("event: next")[2]:
        text += (await heard.get()).replace("\r\n", "\n")  # either ends a line, by the standard of server-sent events
    line = next(line for line in text.split("\n") if line.startswith("data: {"))
    told: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return told


def _scope(token: str | None) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"accept", b"text/event-stream"), (b"host", b"shop.example.com")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("shop.example.com", 443),
    }
