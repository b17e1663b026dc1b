"""A host's key server: a real one, which can misbehave."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class KeyServer:
    """Answers with `keys`, counts how often it was `asked`, and fails in the ways of the world."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self.keys, self.asked, self.status, self.delay = keys, 0, 200, 0.0
        self.fault: str | None = None
        here = self

        class Door(BaseHTTPRequestHandler):
            timeout: ClassVar[float] = 5

            def do_GET(self) -> None:
                here.asked += 1
                time.sleep(here.delay)
                if here.fault == "closed":
                    self.connection.close()
                    return
                self._send(*here.answer())

            def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    return  # nobody reads that much

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/keys"

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        good = json.dumps(self.keys).encode()
        answers: dict[str | None, tuple[int, dict[str, str], bytes]] = {
            "status": (500, {}, good),
            "text": (200, {}, b"<html>"),
            "no set": (200, {}, b'{"keys": 7}'),
            "redirect": (302, {"Location": f"{self.url}?again"}, b""),
            "huge": (200, {}, b" " * 2_000_000 + good),
            "packed": (200, {"Content-Encoding": "gzip"}, gzip.compress(good)),
        }
        return answers.get(self.fault, (self.status, {}, good))

    def misbehave(self, fault: str) -> None:
        self.fault = fault

    def behave(self) -> None:
        self.fault = None

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def key_server(keys: dict[str, Any]) -> Iterator[KeyServer]:
    """Started, and stopped at the end."""
    running = KeyServer(keys)
    try:
        yield running
    finally:
        running.close()
