"""Running the demo: servers, tables, gateway, suppliers, worker, web, a filled shop; and everything down again at the end."""

import asyncio
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from perkhub.domains import model_modules
from perkhub.kit.embedded import EmbeddedServersRefused, Servers, embedded_servers
from perkhub.kit.embedded.places import data_folder
from perkhub.kit.errors import DomainError
from perkhub.kit.key_encryption import KeyTrouble
from perkhub.kit.migrations import migrate
from perkhub.kit.settings import Settings
from perkhub_schema.demo.campaigns import ensure_campaigns
from perkhub_schema.demo.children import Child, ChildEnded, Children, children
from perkhub_schema.demo.ending import ToldToStop, Word, listening
from perkhub_schema.demo.environment import DemoRefused, demo_settings
from perkhub_schema.demo.faces import show_pictures
from perkhub_schema.demo.shop import ensure_shop
from perkhub_schema.demo.stocking import StockingFailed, Told, stock_shop
from perkhub_schema.demo.supplied import SANDBOXES, sell_from_suppliers
from perkhub_schema.demo.welcome import farewell, welcome
from perkhub_schema.runtime import connected

GATEWAY = "PERKHUB_SANDBOX_GATEWAY_"
READY_SECONDS = 60.0
LOOK_EVERY = 0.1
REFUSALS = (DemoRefused, ChildEnded, StockingFailed, EmbeddedServersRefused, KeyTrouble)


def run_demo() -> None:
    """Run until told to stop. Exits with 1, and says why, where it cannot run."""
    began = time.monotonic()
    with listening() as word:
        try:
            using = demo_settings(os.environ)
            folder = data_folder(using.data_folder)
            with only_demo_in(folder, using.public_url):
                _run(using, folder, word, began=began)
        except ToldToStop:
            _say(farewell(folder))
        except DomainError as refused:
            sys.exit(f"The demo wants a database of its own. {refused.message('en')}")
        except REFUSALS as refused:
            # A Ctrl-C reaches what PostgreSQL is set up with as well: then its failing is no news.
            sys.exit(0 if word.given else str(refused))


def _run(using: Settings, folder: Path, word: Word, *, began: float) -> None:
    logs = folder / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    _say("Starting PostgreSQL and Redis, where no others are configured …\n")
    with embedded_servers(using) as servers, children(logs) as family:

        def go_on() -> None:
            word.heed()
            family.ensure_alive()

        go_on()
        gateway = _start_gateway(family)
        vendors = {name: family.start(name, "sandbox", name, environment=os.environ) for name in SANDBOXES}
        asyncio.run(migrate(servers.database_url, model_modules()))
        _say("Starting the payment gateway, two suppliers, the worker and the web server …\n")
        environment = {**os.environ, **_announced(gateway)}
        for name, command in (("worker", "worker"), ("web", "serve")):
            family.start(name, command, environment=environment).relay()
        announced = {name: _announcement(vendor) for name, vendor in vendors.items()}
        with _progress(go_on) as told:
            asyncio.run(_fill(servers, using, told, announced))
        _await_ready(using, go_on, logs)
        _say(welcome(using, folder, gateway=environment[f"{GATEWAY}BASE_URL"], seconds=time.monotonic() - began))
        while True:
            go_on()
            time.sleep(LOOK_EVERY)


def _start_gateway(family: Children) -> Child | None:
    """Start the sandbox gateway, unless the environment names one."""
    if f"{GATEWAY}BASE_URL" in os.environ:
        return None
    return family.start("gateway", "sandbox", "gateway", environment=os.environ)


def _announced(gateway: Child | None) -> dict[str, str]:
    """The variables by which web and worker reach it. They are secrets, and new each time."""
    if gateway is None:
        return {}
    return {f"{GATEWAY}{field}".upper(): value for field, value in _announcement(gateway)["settings"].items()}


def _announcement(sandbox: Child) -> dict[str, Any]:
    """What a sandbox says of itself when it is ready."""
    said: dict[str, Any] = json.loads(sandbox.await_line(b"{"))
    sandbox.relay()
    return said


async def _fill(servers: Servers, using: Settings, told: Told, announced: Mapping[str, Mapping[str, Any]]) -> None:
    async with connected(servers, using, application="perkhub demo"):
        await ensure_shop()
        await sell_from_suppliers(announced)
        # Stocking is mostly waiting for the worker.
        await asyncio.gather(stock_shop(told), show_pictures(lambda: told(0, 0)))
        await ensure_campaigns()


def _await_ready(using: Settings, go_on: Callable[[], None], logs: Path) -> None:
    address = f"http://{using.host}:{using.port}/readyz"
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(address):
        go_on()
        if time.monotonic() > deadline:
            raise DemoRefused(f"The web server is not ready after {READY_SECONDS:.0f} seconds; see {logs}")
        time.sleep(LOOK_EVERY)


def _is_ready(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=2.0, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


@contextmanager
def _progress(go_on: Callable[[], None]) -> Iterator[Told]:
    """A bar while codes come in; it is also when one looks whether to go on."""
    columns = (TextColumn("Codes on their way into the vault"), BarColumn(), MofNCompleteColumn(), TextColumn("deliveries"))
    with Progress(*columns) as bar:
        task = bar.add_task("codes", total=None, visible=False)

        def told(done: int, total: int) -> None:
            go_on()
            if total > 0:
                bar.update(task, completed=done, total=total, visible=True)

        yield told


@contextmanager
def only_demo_in(folder: Path, address: str) -> Iterator[None]:
    """Keep a second demo out of the same folder: it would bring a gateway of its own, with other secrets.

    Raises:
        DemoRefused: one runs already; says where.
    """
    with (folder / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DemoRefused(f"The demo runs in {folder} already: {lock.read().strip()}/graphql") from None
        lock.truncate(0)
        lock.write(address)
        lock.flush()
        yield


def _say(text: str) -> None:
    with suppress(OSError):  # a terminal that was closed
        sys.stdout.write(text)
        sys.stdout.flush()
