"""Sandboxes: remote parties to develop and test against, which speak their real protocol over real HTTP.

A distribution names them in the entry-point group `perkhub.sandboxes`. A sandbox shares no code with the plugin that
talks to it: one that did would repeat the plugin's mistakes instead of showing them.
"""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

GROUP = "perkhub.sandboxes"


@dataclass(frozen=True)
class SandboxApp:
    """A remote party ready to be served, and what its plugin must be told to reach it."""

    app: Callable[..., Any]  # ASGI
    settings: Mapping[str, str] = field(repr=False)  # the values of the plugin's `Settings`: made up, but they are secrets
    faults_path: str = "/_faults"
    books_path: str = "/_books"
    vendor_path: str = "/_vendor"


@dataclass(frozen=True)
class Sandbox:
    """What an entry point names. `build` takes the base URL under which the world will reach the sandbox."""

    description: str
    build: Callable[[str], SandboxApp]


class NoSuchSandbox(LookupError):
    """Says which there are."""


def find_sandboxes() -> dict[str, Sandbox]:
    """Every sandbox of every installed distribution, by name."""
    found = {point.name: point.load() for point in entry_points(group=GROUP)}
    return {name: sandbox for name, sandbox in sorted(found.items()) if isinstance(sandbox, Sandbox)}


def find_sandbox(name: str) -> Sandbox:
    """The sandbox of that name, or the one at `package.module:attribute`, which nothing needs to have installed.

    Raises:
        NoSuchSandbox.
    """
    if ":" not in name:
        sandboxes = find_sandboxes()
        if name in sandboxes:
            return sandboxes[name]
        raise NoSuchSandbox(f"No sandbox {name!r}; there are: {', '.join(sandboxes) or 'none'}")
    try:
        found = resolve_name(name)
    except (ImportError, AttributeError, ValueError) as fault:
        raise NoSuchSandbox(f"No sandbox {name!r}: {fault}") from None
    if not isinstance(found, Sandbox):
        raise NoSuchSandbox(f"No sandbox {name!r}: it is a {type(found).__name__}")
    return found


def run_sandbox(name: str, *, port: int = 0, host: str = "127.0.0.1") -> None:
    """Serve until told to stop. The first line on standard output is JSON: addresses, and settings for the plugin.

    Raises:
        NoSuchSandbox: no distribution brings one of that name, and nothing stands at that address.
        OSError: the port is taken.
    """
    asyncio.run(_serve(name, find_sandbox(name), host=host, port=_free_port(host, port)))


async def _serve(name: str, sandbox: Sandbox, *, host: str, port: int) -> None:
    base_url = f"http://{host}:{port}"
    built = sandbox.build(base_url)
    server = Server(built.app, host, port, interface=Interfaces.ASGI, log_enabled=False, websockets=False)
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told, server.stop)
    serving = asyncio.create_task(server.serve())
    if await _listens(host, port, serving):
        _announce(name, built, base_url)
    await serving
    # The server's own threads outlive `serve` by a moment; an interpreter that ends before them is aborted.
    await asyncio.sleep(0.2)


async def _listens(host: str, port: int, serving: asyncio.Task[None]) -> bool:
    """Wait until the server can be reached; False when it has ended instead. Its own start hook comes too early."""
    for _ in range(1000):
        await asyncio.sleep(0.01)
        if serving.done():
            return False
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            continue
        writer.close()
        return True
    return False


def _announce(name: str, built: SandboxApp, base_url: str) -> None:
    line = {
        "sandbox": name,
        "base_url": base_url,
        "faults_url": base_url + built.faults_path,
        "books_url": base_url + built.books_path,
        "vendor_url": base_url + built.vendor_path,
        "settings": dict(built.settings),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _free_port(host: str, wanted: int) -> int:
    """The wanted port, or any free one for 0; an OSError where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a stopped sandbox left behind is no obstacle
        probe.bind((host, wanted))
        port: int = probe.getsockname()[1]
        return port
