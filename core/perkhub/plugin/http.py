"""Outbound HTTP for plugins: every call has a timeout and leaves one line in the log that cannot hold a secret."""

import asyncio
import logging
import time
from typing import Any

import httpx2
from httpx2 import HTTPError, Response

from perkhub.kit.logging import get_logger

__all__ = ["HTTPError", "OutboundClient", "Response", "never_left", "outbound_client"]

log = get_logger(__name__)

# The libraries' own lines hold whole addresses, and at DEBUG all headers: they stay silent whatever the root logger says.
for _library in ("httpx2", "httpcore2"):
    logging.getLogger(_library).setLevel(logging.WARNING)


class OutboundClient(httpx2.AsyncClient):
    """An httpx2 client whose log lines hold method, host, path, status and duration: no header, query or body, ever."""

    deadline: float = 10.0

    async def send(self, request: httpx2.Request, **options: Any) -> Response:
        """Send, within the deadline, and log how it ended."""
        begun = time.perf_counter()
        ended: dict[str, object] = {}
        try:
            # httpx2's own timeouts count between two bytes: a party that drips would hold us for ever.
            async with asyncio.timeout(self.deadline):
                response = await super().send(request, **options)
            ended = {"status": response.status_code}
            return response
        except TimeoutError:
            ended = {"fault": "Deadline"}
            raise httpx2.ReadTimeout("No complete answer within the deadline", request=request) from None
        except BaseException as fault:
            ended = {"fault": type(fault).__name__}
            raise
        finally:
            log.info(
                "outbound",
                method=request.method,
                host=request.url.host,
                path=request.url.path,
                milliseconds=round((time.perf_counter() - begun) * 1000, 1),
                **ended,
            )


def outbound_client(
    base_url: str, *, timeout: float = 10.0, transport: httpx2.AsyncBaseTransport | None = None
) -> OutboundClient:
    """A client for one remote party; a call ends within `timeout` seconds, its answer read to the end.

    Redirects are not followed: an answer from elsewhere is no answer.
    """
    client = OutboundClient(
        base_url=base_url,
        timeout=httpx2.Timeout(timeout),
        limits=httpx2.Limits(max_connections=50, max_keepalive_connections=10),
        transport=transport,
        follow_redirects=False,
    )
    client.deadline = timeout
    return client


def never_left(fault: BaseException) -> bool:
    """Whether the request failed before its first byte was sent: no address, no connection, no TLS, no free connection.

    Everything else may have been read at the other end, and acted on.
    """
    return isinstance(fault, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout | httpx2.UnsupportedProtocol)
