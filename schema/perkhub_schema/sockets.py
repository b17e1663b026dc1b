"""GraphQL over websockets: text frames, messages of the protocol's shape, each operation asked for anew."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived

# Operations that may be under way at once over one connection.
MOST_OPERATIONS = 50


class Frames(ASGIWebSocketAdapter):
    """orjson gives bytes, which would go out as binary frames that clients do not expect."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """One text frame."""
        await self.ws.send_text(orjson.dumps(message).decode())

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """What comes in; Strawberry's handler trusts its shape, so what has another ends the connection here."""
        async for message in super().iter_json(ignore_parsing_errors=ignore_parsing_errors):
            if not is_message(message):
                raise NonJsonMessageReceived
            yield message


def is_message(given: Any) -> bool:
    """Whether it has the shape of a message of graphql-transport-ws."""
    if not isinstance(given, dict) or not isinstance(given.get("type"), str) or not isinstance(given.get("id", ""), str):
        return False
    payload = given.get("payload")
    if given["type"] != "subscribe":
        return isinstance(payload, dict | None)
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
