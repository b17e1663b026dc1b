"""What can befall any request over HTTP, to be switched on in a sandbox: around its app, whatever protocol that speaks.

    app = TransportFaults(app, switches, creates=lambda path, body: b"order.card.add" in body)

`PUT /_faults {"accept_then_drop": 1}` arms a fault for so many of the next requests that create something, or of all requests
while `any_request` is on; `slow_seconds` and `clock_ahead_seconds` are seconds and stay until they are switched off. A sandbox
adds faults of its own by name.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Counted: so many of the next creating requests suffer it. "after" ones reach the app first: what they ask for is done.
BEFORE = {
    "drop_before_accept": "Break off without doing anything",
    "refuse_429": "Answer 429 without doing anything",
    "redirect": "Answer with a redirect to elsewhere without doing anything",
}
AFTER = {
    "accept_then_drop": "Do it, then break off instead of answering",
    "error_500_then_accepted": "Do it, then answer 500",
    "html_error_page": "Do it, then answer with a page for people",
    "malformed_json": "Do it, then answer with JSON that ends in the middle",
    "empty_body": "Do it, then answer 200 with nothing",
    "wrong_charset": "Do it, then answer in GBK",
    "huge_body": "Do it, then answer with 5 MB",
}
TRANSPORT_FAULTS = {**BEFORE, **AFTER}
LASTING = {
    "slow_seconds": "Wait before every answer",
    "clock_ahead_seconds": "How far the sandbox's clock is ahead of ours",
    "any_request": "The counted faults befall any request, not only one that creates something",
}


class FaultSwitches:
    """Which faults are on: by name, each a number. 0 is off."""

    def __init__(self, own: Iterable[str] = ()) -> None:
        self.names = {*TRANSPORT_FAULTS, *LASTING, *own}
        self.struck: Counter[str] = Counter()  # how often each counted one was due, since the start
        self._on: dict[str, float] = {}

    def strikes(self, name: str) -> bool:
        """Whether a counted fault is due; takes one from its count."""
        left = self._on.get(name, 0)
        if left:
            self._on[name] = left - 1
            self.struck[name] += 1
        return left > 0

    def value(self, name: str) -> float:
        """How much of a lasting fault is on."""
        return self._on.get(name, 0)

    async def endpoint(self, request: Request) -> Response:
        """GET shows the faults, PUT sets those it names and switches the others off, POST adds, DELETE switches all off."""
        if request.method in ("PUT", "POST"):
            try:
                named = json.loads(await request.body())
                unknown = set(named) - self.names
                values = {name: float(value) for name, value in named.items()}
            except (ValueError, TypeError, AttributeError):
                return JSONResponse({"error": "a JSON object of numbers by the faults' names"}, status_code=400)
            if unknown:
                return JSONResponse({"error": f"no such fault: {sorted(unknown)}", "faults": sorted(self.names)}, 400)
            self._on = values if request.method == "PUT" else {**self._on, **values}
        elif request.method == "DELETE":
            self._on = {}
        return JSONResponse({name: self._on.get(name, 0) for name in sorted(self.names)})


class TransportFaults:
    """Plain ASGI: what befalls a request before it is read, and an answer before it arrives."""

    def __init__(self, app: ASGIApp, switches: FaultSwitches, *, creates: Callable[[str, bytes], bool]) -> None:
        self.app = app
        self.switches = switches
        self.creates = creates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; those to paths that begin with an underscore (switches, books) suffer nothing."""
        if scope["type"] != "http" or scope["path"].startswith("/_"):
            await self.app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        counted = bool(self.switches.value("any_request")) or self.creates(scope["path"], body)
        for name in BEFORE if counted else ():
            if self.switches.strikes(name):
                await _instead(name)(scope, receive, send)
                return
        struck = next((name for name in AFTER if counted and self.switches.strikes(name)), None)
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self.app(scope, _again(body), keep)
        await asyncio.sleep(self.switches.value("slow_seconds"))
        if struck is not None:
            await _instead(struck)(scope, receive, send)
            return
        for message in sent:
            await send(message)


class BrokenOff(Response):
    """An answer that ends in the middle: the connection closes before the announced length has come."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Announce much, send little, stop."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _instead(name: str) -> Response:
    """What is answered in the place of the true answer."""
    match name:
        case "refuse_429":
            return JSONResponse({"message": "Too many requests"}, status_code=429, headers={"Retry-After": "1"})
        case "redirect":
            return RedirectResponse("http://127.0.0.1:9/elsewhere", status_code=302)
        case "error_500_then_accepted":
            return JSONResponse({"message": "Internal Server Error"}, status_code=500)
        case "html_error_page":
            return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", status_code=200)
        case "malformed_json":
            return Response(b'{"code": 0, "result": "{\\"order', media_type="application/json")
        case "empty_body":
            return Response(b"", media_type="application/json")
        case "wrong_charset":
            return Response('{"message": "下单成功"}'.encode("gbk"), media_type="application/json; charset=gbk")
        case "huge_body":
            return Response(b'{"message": "' + b"x" * 5_000_000 + b'"}', media_type="application/json")
    return BrokenOff()


def _again(body: bytes) -> Receive:
    told: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return told.pop() if told else {"type": "http.disconnect"}

    return receive
