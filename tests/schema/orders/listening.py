"""Clients of subscriptions as front ends have them: over a websocket, and over server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect

from tests.processes.installation import Web

PROTOCOL = "graphql-transport-ws"
WATCH = "subscription ($id: ID!) { orderChanged(id: $id) { id state refunded { amount } } }"
PATIENCE = 15.0


class Socket:
    """One connection; what it says is told operation by operation."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def hear(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next message."""
        said: dict[str, Any] = json.loads(await asyncio.wait_for(self.connection.recv(), seconds))
        return said

    async def begin(self, token: str | None = None) -> None:
        """The handshake, with the token where browsers can put it."""
        given = {} if token is None else {"authorization": f"Bearer {token}"}
        await self.say({"type": "connection_init", "payload": given})
        assert (await self.hear())["type"] == "connection_ack"

    async def ask(self, query: str, variables: dict[str, Any], name: str = "1") -> None:
        await self.say({"type": "subscribe", "id": name, "payload": {"query": query, "variables": variables}})

    async def state(self, seconds: float = PATIENCE) -> str:
        """Where the watched order stands, by the next message."""
        message = await self.hear(seconds)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return str(message["payload"]["data"]["orderChanged"]["state"])

    async def refusal(self) -> str:
        """The code by which the operation ends, and that it ends."""
        message = await self.hear()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        if message["type"] != "error":
            assert (await self.hear())["type"] == "complete"
        return str(errors[0]["extensions"]["code"])

    async def closed(self) -> int | None:
        """The code with which the server ends the connection."""
        await asyncio.wait_for(self.connection.wait_closed(), PATIENCE)
        return self.connection.close_code


@asynccontextmanager
async def socket(web: Web, *, token: str | None = None) -> AsyncIterator[Socket]:
    """A websocket to the server; the token, if one is given, in its header."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    address = web.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL], additional_headers=headers, max_size=None) as connection:  # type: ignore[list-item]
        yield Socket(connection)


@asynccontextmanager
async def watching(web: Web, order: str, token: str) -> AsyncIterator[Socket]:
    """A websocket that watches the order, its first message still unread."""
    async with socket(web) as opened:
        await opened.begin(token)
        await opened.ask(WATCH, {"id": order})
        yield opened


class Stream:
    """Server-sent events of one operation."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def event(self, seconds: float = PATIENCE) -> tuple[str, dict[str, Any]]:
        """The next event's name and data; comments are passed over."""
        name = ""
        async with asyncio.timeout(seconds):
            async for line in self.response.content:
                text = line.decode().strip()
                if text.startswith("event:"):
                    name = text.removeprefix("event:").strip()
                elif text.startswith("data:"):
                    data = text.removeprefix("data:").strip()
                    return name, json.loads(data) if data else {}
        return "ended", {}

    async def state(self, seconds: float = PATIENCE) -> str:
        """Where the watched order stands, by the next event."""
        name, data = await self.event(seconds)
        assert (name, "errors" in data) == ("next", False), data
        return str(data["data"]["orderChanged"]["state"])


@asynccontextmanager
async def stream(web: Web, order: str, token: str | None) -> AsyncIterator[Stream]:
    """The order's events, asked for by POST."""
    headers = {"Accept": "text/event-stream", **({} if token is None else {"Authorization": f"Bearer {token}"})}
    asked = {"query": WATCH, "variables": {"id": order}}
    async with aiohttp.ClientSession() as http, http.post(f"{web.url}/graphql", json=asked, headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield Stream(response)
