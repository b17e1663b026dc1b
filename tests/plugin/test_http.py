"""Outbound HTTP leaves one line a call that cannot hold a secret, ends in time, and goes only where it was told."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
import structlog

from perkhub.kit.logging import configure_logging
from perkhub.kit.settings import Settings
from perkhub.plugin import HTTPError, outbound_client
from perkhub.plugin.http import never_left

SECRET = "s3cr3t-s3cr3t"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything logged, at the lowest level, as a process would write it."""
    root = logging.getLogger()
    kept, level, house = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    configure_logging(Settings(log_level="DEBUG"), stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)
    structlog.configure(**house)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "outbound"]


async def test_a_call_leaves_one_line_without_header_query_and_body(log: io.StringIO):
    async def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(201, json={"token": SECRET}, headers={"Set-Cookie": SECRET})

    async with outbound_client("https://acme.test/api", transport=httpx2.MockTransport(answer)) as client:
        response = await client.post(
            "/v1/codes", params={"key": SECRET}, headers={"Authorization": SECRET}, json={"password": SECRET}
        )
    assert response.json() == {"token": SECRET}
    (line,) = lines(log)
    assert {name: line[name] for name in ("method", "host", "path", "status")} == {
        "method": "POST", "host": "acme.test", "path": "/api/v1/codes", "status": 201,
    }  # fmt: skip
    assert isinstance(line["milliseconds"], float)
    assert SECRET not in log.getvalue()


async def test_a_failed_call_is_logged_by_its_kind(log: io.StringIO):
    async def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError(f"cannot reach {SECRET}", request=request)

    async with outbound_client("https://acme.test", transport=httpx2.MockTransport(refuse)) as client:
        with pytest.raises(HTTPError):
            await client.get("/stock")
    (line,) = lines(log)
    assert line["fault"] == "ConnectError"
    assert SECRET not in log.getvalue()


class Dripping(httpx2.AsyncByteStream):
    """A body that comes byte by byte, for ever: no pause is long enough for a timeout between two bytes."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b"."


async def test_a_dripping_answer_ends_at_the_deadline(log: io.StringIO):
    async def drip(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, stream=Dripping())

    async with outbound_client("https://acme.test", timeout=0.1, transport=httpx2.MockTransport(drip)) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.get("/drip")
    assert lines(log)[0]["fault"] == "Deadline"


async def test_redirects_are_not_followed(log: io.StringIO):
    async def elsewhere(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"Location": "https://evil.test/"})

    async with outbound_client("https://acme.test", transport=httpx2.MockTransport(elsewhere)) as client:
        assert (await client.get("/")).status_code == 302
    assert len(lines(log)) == 1


async def test_what_never_left_is_told_from_what_may_have_arrived():
    arrived = asyncio.Event()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        arrived.set()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, outbound_client(f"http://127.0.0.1:{port}") as client:
        with pytest.raises(HTTPError) as dropped:
            await client.post("/orders")
    assert arrived.is_set()
    assert not never_left(dropped.value)
    for nowhere in (f"http://127.0.0.1:{port}", "http://nowhere.invalid", f"https://127.0.0.1:{port}"):
        async with outbound_client(nowhere, timeout=5) as client:
            with pytest.raises(HTTPError) as refused:
                await client.post("/orders")
        assert never_left(refused.value), nowhere
