"""A supplier's sandbox as the kit runs it, and the merchant's address for its callbacks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

from perkhub.plugin.testing.conformance.vendor import RunningSandbox, running_sandbox

Vendor, running_vendor = RunningSandbox, running_sandbox


@dataclass
class Received:
    """A callback as it came."""

    headers: dict[str, str]
    query: str
    body: bytes


@contextmanager
def callback_address(answer: Callable[[Received], bytes]) -> Iterator[tuple[str, "Queue[Received]"]]:
    """Where callbacks go, and what came."""
    came: Queue[Received] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            _, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers["content-length"]))
            received = Received({name.lower(): value for name, value in self.headers.items()}, query, body)
            came.put(received)
            told = answer(received)
            self.send_response(200)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/callbacks", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
