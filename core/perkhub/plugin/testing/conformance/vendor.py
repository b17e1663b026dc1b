"""The sandbox as a process of its own, and our address for its callbacks: nothing is shared but the protocol."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from perkhub.plugin.supplier import CallbackAnswer, Cost, FaceValue

COMMAND = "import sys; from perkhub.plugin.sandbox import run_sandbox; run_sandbox(sys.argv[1])"
BEFORE_REPETITION = 0.6  # seconds; a sandbox repeats what was not acknowledged within less


class NoSuchSwitch(Exception):
    """The sandbox does not know a fault or a deed that a rule needs."""


@dataclass(frozen=True)
class Sold:
    """An order in the vendor's own books: our reference, what was charged, the secrets of each code, how long they work; the
    account that was topped up, and the face value of one unit where it was bought by amount."""

    reference: str
    quantity: int
    cost: Cost
    secrets: tuple[tuple[str, ...], ...] = field(repr=False)
    expires_at: datetime | None
    target: str | None = field(default=None, repr=False)
    face_value: FaceValue | None = None


@dataclass
class RunningSandbox:
    """The process, by the addresses that its first line told."""

    line: Mapping[str, Any] = field(repr=False)
    http: httpx2.Client = field(repr=False)

    @property
    def settings(self) -> dict[str, str]:
        """What its plugin must be told to reach it."""
        return dict(self.line["settings"])

    def fault(self, **faults: float) -> None:
        """These faults and no others."""
        self._tell("put", self.line["faults_url"], faults)

    def act(self, **asked: str) -> None:
        """What the vendor's people do: {"notify_url"}, {"finish" | "fail" | "reverse": our reference}."""
        self._tell("post", self.line["vendor_url"], asked)

    def books(self) -> dict[str, Any]:
        """All that the vendor has."""
        return self._books({})

    def sold(self, reference: str) -> list[Sold]:
        """Every order under our reference, however it stands. More than one is one too many."""
        books = self._books({"reference": reference})  # a sandbox may leave out the others
        return [_sold(one) for one in books["sold"] if one["reference"] == reference]

    def _books(self, params: Mapping[str, str]) -> dict[str, Any]:
        books: dict[str, Any] = self.http.get(self.line["books_url"], params=params).raise_for_status().json()
        return books

    def _tell(self, method: str, url: str, told: Mapping[str, object]) -> None:
        answer = self.http.request(method, url, json=told)
        if answer.status_code == 400:
            raise NoSuchSwitch(f"the sandbox refused {dict(told)}: {answer.text[:300]}")
        answer.raise_for_status()


def _sold(told: Mapping[str, Any]) -> Sold:
    at, face = told.get("expires_at"), told.get("face_value")
    return Sold(
        reference=told["reference"],
        quantity=told["quantity"],
        cost=Cost(Decimal(told["cost"]["amount"]), told["cost"]["currency"]),
        secrets=tuple(tuple(code) for code in told["secrets"]),
        expires_at=None if at is None else datetime.fromisoformat(at),
        target=told.get("target"),
        face_value=None if face is None else FaceValue(Decimal(face["amount"]), face["currency"]),
    )


@contextmanager
def running_sandbox(name: str) -> Iterator[RunningSandbox]:
    """Start the process and stop it; it must stop cleanly, and have said nothing but its first line."""
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", COMMAND, name], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        if not first:
            raise RuntimeError(f"The sandbox {name!r} did not start; what it wrote stands above")
        with httpx2.Client(trust_env=False) as http:
            yield RunningSandbox(json.loads(first), http)
    finally:
        process.terminate()
        rest = process.communicate(timeout=20)[0]
    if (process.returncode, rest) != (0, ""):
        raise RuntimeError(f"The sandbox {name!r} ended with {process.returncode} and said {rest!r}")


@dataclass(frozen=True)
class Received:
    """A callback as it came; header names are lower-case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass
class Mailbox:
    """Where callbacks go, and what came there."""

    address: str
    came: list[Received] = field(default_factory=list)

    def wait_for(self, count: int, *, seconds: float = 10.0) -> list[Received]:
        """What came once there are so many; fewer when the time is over."""
        end = time.monotonic() + seconds
        while len(self.came) < count and time.monotonic() < end:
            time.sleep(0.01)
        return list(self.came)


@contextmanager
def mailbox(answer: Callable[[], CallbackAnswer] = CallbackAnswer) -> Iterator[Mailbox]:
    """An address for callbacks, answered in the supplier's own words."""
    box = Mailbox("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            _, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            box.came.append(Received(headers, dict(parse_qsl(query, keep_blank_values=True)), body))
            told = answer()
            self.send_response(told.status)
            self.send_header("content-type", told.content_type)
            self.send_header("content-length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST  # noqa: N815 - the library's name; some vendors call back with a query alone

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    box.address = f"http://127.0.0.1:{server.server_port}/callbacks"
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
