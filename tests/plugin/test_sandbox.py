"""Sandboxes are found by entry points, and one that runs says first how to reach it."""

import asyncio
import signal
import socket
import subprocess
import sys

import httpx2
import orjson
import pytest

from perkhub.plugin.sandbox import NoSuchSandbox, find_sandbox, find_sandboxes, run_sandbox
from tests.plugin.conformance.tiny.sandbox import tiny

COMMAND = "import sys; from perkhub.plugin.sandbox import run_sandbox; run_sandbox(sys.argv[1], port=int(sys.argv[2]))"


def test_sandboxes_are_found_and_described():
    found = find_sandboxes()
    assert "gateway" in found
    assert all(sandbox.description for sandbox in found.values())


def test_an_unknown_sandbox_is_refused_naming_those_there_are():
    with pytest.raises(NoSuchSandbox, match=r"No sandbox 'bank'; there are: .*gateway"):
        run_sandbox("bank")


def test_a_sandbox_is_found_where_it_stands_without_being_installed():
    assert find_sandbox("tests.plugin.conformance.tiny.sandbox:tiny") is tiny


@pytest.mark.parametrize(
    "name", ["no.such.module:tiny", "tests.plugin.conformance.tiny.sandbox:nothing", "json:dumps", ":", "a:"]
)
def test_an_address_of_none_is_refused(name: str):
    with pytest.raises(NoSuchSandbox, match="No sandbox"):
        find_sandbox(name)


def test_a_taken_port_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="Address already in use"):
        run_sandbox("gateway", port=taken.getsockname()[1])


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_a_sandbox_answers_once_its_line_is_out_and_stops_when_told(told: signal.Signals, unused_tcp_port: int):
    command = [sys.executable, "-W", "error", "-c", COMMAND, "gateway", str(unused_tcp_port)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    line = orjson.loads(await process.stdout.readline())
    base = f"http://127.0.0.1:{unused_tcp_port}"
    assert (line["sandbox"], line["base_url"]) == ("gateway", base)
    assert (line["faults_url"], line["books_url"]) == (f"{base}/_faults", f"{base}/_books")
    assert set(line["settings"]) == {"base_url", "merchant_id", "secret", "webhook_secret"}
    async with httpx2.AsyncClient() as client:
        assert (await client.get(line["books_url"])).json()["payments"] == []
        assert (await client.post(line["faults_url"], json={"nonsense": 1})).status_code == 400
    process.send_signal(told)
    assert await process.communicate() == (b"", b"")
    assert process.returncode == 0


def test_secrets_of_a_sandbox_are_new_each_time_and_hidden():
    gateway = find_sandboxes()["gateway"]
    first, second = gateway.build("http://one.test"), gateway.build("http://one.test")
    assert first.settings["secret"] != second.settings["secret"]
    assert first.settings["secret"] not in repr(first)
