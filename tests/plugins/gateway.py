"""A sandbox gateway as a process of its own, the merchant's callback address, and what a customer does at the pay page."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx2

from perkhub.kit.clock import now
from perkhub.kit.ids import outbound_reference
from perkhub.plugin import PaymentRequest, RefundRequest

COMMAND = "from perkhub.plugin.sandbox import run_sandbox; run_sandbox('gateway')"


@dataclass
class RunningGateway:
    """The process, by its addresses."""

    line: dict[str, Any]
    process: subprocess.Popen[str] = field(repr=False)
    http: httpx2.Client = field(repr=False)

    @property
    def settings(self) -> dict[str, str]:
        return dict(self.line["settings"])

    def fault(self, **faults: float) -> None:
        self.http.post(self.line["faults_url"], json=faults).raise_for_status()

    def no_faults(self) -> None:
        self.http.delete(self.line["faults_url"]).raise_for_status()

    def books(self) -> dict[str, Any]:
        books: dict[str, Any] = self.http.get(self.line["books_url"]).raise_for_status().json()
        return books

    def payments(self, reference: str) -> list[dict[str, Any]]:
        return [one for one in self.books()["payments"] if one["merchant_reference"] == reference]

    def refunds(self, payment_reference: str) -> list[dict[str, Any]]:
        return [one for one in self.books()["refunds"] if one["merchant_reference"] == payment_reference]

    def customer(self, action: str, *, reference: str) -> httpx2.Response:
        """Press a button of the pay page."""
        (payment,) = self.payments(reference)
        return self.http.post(f"{self.line['base_url']}/pay/{payment['payment_id']}", data={"action": action})

    def callbacks_are_done(self) -> dict[str, Any]:
        """The books, once no callback is under way any more."""
        for _ in range(500):
            books = self.books()
            if not books["callbacks_under_way"]:
                return books
            time.sleep(0.02)
        raise AssertionError("callbacks are still under way")


@contextmanager
def running_gateway() -> Iterator[RunningGateway]:
    """Start the process and stop it; it must stop cleanly."""
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", COMMAND], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        with httpx2.Client() as http:
            yield RunningGateway(json.loads(process.stdout.readline()), process, http)
    finally:
        process.terminate()
        rest = process.communicate(timeout=10)[0]
    assert (process.returncode, rest) == (0, "")


@dataclass(frozen=True)
class Received:
    """A callback as it came over the wire."""

    headers: dict[str, str]
    body: bytes


class Shop:
    """The merchant's callback address; `refuse` says how many of the next callbacks are answered with 503."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.refuse = 0
        shop = self

        class Door(BaseHTTPRequestHandler):
            timeout: ClassVar[float] = 5

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                shop.received.append(Received({name.lower(): value for name, value in self.headers.items()}, body))
                refused, shop.refuse = shop.refuse > 0, max(0, shop.refuse - 1)
                self.send_response(503 if refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def notify_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/callbacks/sandbox_gateway"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def payment(
    notify_url: str = "http://127.0.0.1:9/none", *, amount: int = 1234, expires_at: datetime | None = None
) -> PaymentRequest:
    """A payment request with a reference of its own."""
    return PaymentRequest(
        our_reference=outbound_reference(),
        amount_minor=amount,
        currency="CNY",
        subject="Order 8F2K",
        locale="zh-CN",
        return_url="http://127.0.0.1:9/orders/8F2K",
        notify_url=notify_url,
        expires_at=expires_at or now() + timedelta(minutes=15),
    )


def refund_of(paid: PaymentRequest, amount: int | None = None) -> RefundRequest:
    """A refund request with a reference of its own."""
    return RefundRequest(outbound_reference(), paid.our_reference, None, amount or paid.amount_minor, paid.currency)
