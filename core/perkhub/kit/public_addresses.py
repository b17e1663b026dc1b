"""Outbound connections to addresses that an operator typed in: to the public internet, and not to what stands beside us.

The name is resolved here and the connection is made to what was looked at: a name that resolves otherwise a moment later
leads nowhere. In development this very machine is allowed, too; networks of one's own are, once the setting names the host.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2

from perkhub.kit.errors import InvalidInput
from perkhub.kit.settings import Environment, settings

LONGEST = 500
LARGEST_ANSWER = 256 * 1024
# Addresses in which another one is wrapped: what is inside may be anything.
WRAPPED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"), IPv6Network("2001::/32"))


class AddressRefused(httpx2.ConnectError):
    """The host stands in a network that is not to be reached."""


class AnswerRefused(httpx2.ReadError):
    """The answer is larger than such an answer ever is, or packed."""


def parse_remote_url(text: str, *path: str) -> str:
    """An address that may be called, as it was given: https, and in development http on this machine. Asks no name server.

    Raises:
        InvalidInput: with the path.
    """
    reason = "An https address such as https://login.example.com, without user, query or fragment."
    refused = InvalidInput(path=path, reason=reason, reason_zh="须为 https 地址,不得包含用户信息、查询参数或片段。")
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise refused
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if not host or parts.query or parts.fragment or "@" in parts.netloc or "?" in text or "#" in text:
        raise refused
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(host)):
        raise refused
    if (address := _literal(host)) is not None and not is_reachable(address, host):
        raise refused
    return text


def is_reachable(address: IPv4Address | IPv6Address, host: str) -> bool:
    """Whether a connection to this address, which the host's name stands for, may be made."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None:
        return is_reachable(mapped, host)
    if host.lower() in settings().private_hosts:
        return True
    if address.is_loopback:
        return settings().environment is Environment.DEVELOPMENT
    wrapped = isinstance(address, IPv6Address) and any(address in network for network in WRAPPED)
    return address.is_global and not address.is_multicast and not wrapped


class PublicTransport(httpx2.AsyncHTTPTransport):
    """Connects to reachable addresses alone, whatever their name says a moment later; reads answers of a bounded size."""

    def __init__(self, *, largest: int = LARGEST_ANSWER, **options: Any) -> None:
        super().__init__(**options)
        self.largest = largest

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Resolve, look, connect to what was looked at."""
        host = request.url.host
        address = await _resolved(host, request)
        headers = httpx2.Headers(request.headers)
        headers["Accept-Encoding"] = "identity"
        pinned = httpx2.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        response = await super().handle_async_request(pinned)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise AnswerRefused("A packed answer", request=request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, request, self.largest)
        return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, request: httpx2.Request, largest: int) -> None:
        self.inner, self.request, self.largest = inner, request, largest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for piece in self.inner:
            seen += len(piece)
            if seen > self.largest:
                raise AnswerRefused("Too large an answer", request=self.request)
            yield piece

    async def aclose(self) -> None:
        await self.inner.aclose()


async def _resolved(host: str, request: httpx2.Request) -> IPv4Address | IPv6Address:
    """The first address, if all of them may be reached."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise httpx2.ConnectError("No such host", request=request) from fault
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(is_reachable(address, host) for address in addresses):
        raise AddressRefused("Not a public address", request=request)
    return addresses[0]


def _is_this_machine(host: str) -> bool:
    if settings().environment is not Environment.DEVELOPMENT:
        return False
    address = _literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
