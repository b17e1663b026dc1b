"""The tiny vendor's side: JSON over HTTP, a bearer key, a signed callback. `/{mode}/orders` chooses what a repetition does."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from perkhub.plugin import now
from perkhub.plugin.sandbox import Sandbox, SandboxApp
from perkhub.plugin.testing import FaultSwitches, TransportFaults
from tests.plugin.conformance.tiny.books import CURRENCY, GOODS, LEAST, MOST, Books, Order, Refused

OWN_FAULTS = (
    "stuck", "fail_order", "partial", "past_deadline", "malformed_code", "no_money", "unknown_code", "secret_rotated",
    "wrong_item", "wrong_quantity", "wrong_amount", "wrong_reference", "early_callback", "rate_limit",
    "wrong_target", "wrong_face_value",
)  # fmt: skip
CALLS, SECONDS = 10, 1.0
SKEW = timedelta(minutes=5)
ACKNOWLEDGED = b"noted"


class Vendor:
    """One vendor with one merchant."""

    def __init__(self) -> None:
        self.api_key, self.callback_secret = secrets.token_hex(16), secrets.token_hex(16)
        self.switches = FaultSwitches(OWN_FAULTS)
        self.books = Books(self.now)
        self.notify_url = ""
        self.calls: list[float] = []
        self.running: set[asyncio.Task[None]] = set()

    def now(self) -> datetime:
        return now() + timedelta(seconds=self.switches.value("clock_ahead_seconds"))

    def admit(self, request: Request) -> None:
        """Rate, key, clock."""
        if self.switches.value("rate_limit"):
            present = asyncio.get_running_loop().time()
            self.calls = [at for at in self.calls if at > present - SECONDS]
            if len(self.calls) >= CALLS:
                raise Refused(429, "TOO_FAST")
            self.calls.append(present)
        key = self.api_key[::-1] if self.switches.value("secret_rotated") else self.api_key
        if request.headers.get("authorization") != f"Bearer {key}":
            raise Refused(401, "KEY_UNKNOWN")
        if abs(self.now() - datetime.fromisoformat(request.headers["x-at"])) > SKEW:
            raise Refused(401, "CLOCK")

    async def order(self, request: Request) -> Response:
        self.admit(request)
        if self.switches.strikes("no_money"):
            raise Refused(402, "NO_MONEY")
        mode = request.path_params["mode"]
        order, new = self.books.place(mode, json.loads(await request.body()))
        if new and mode != "reserve":
            self.deliver(order)
        if self.switches.strikes("unknown_code"):
            raise Refused(400, "E-7781")
        return JSONResponse(self.told(order, inline=mode in ("reject", "none")))

    def deliver(self, order: Order) -> None:
        """At once, unless a fault holds it up."""
        if self.switches.strikes("early_callback"):
            self.call_back(order, "done")
        if self.switches.strikes("fail_order"):
            self.books.fail(order)
        elif not self.switches.strikes("stuck"):
            missing = int(self.switches.strikes("partial"))
            self.books.finish(order, missing=missing, past=self.switches.strikes("past_deadline"))
            self.call_back(order, order.state)

    async def confirm(self, request: Request) -> Response:
        self.admit(request)
        order = self.books.numbered(request.path_params["number"])
        if order.state == "reserved":
            order.state = "open"
            self.deliver(order)
        return JSONResponse(self.told(order, inline=True))

    async def cancel(self, request: Request) -> Response:
        self.admit(request)
        order = self.books.find(request.path_params["number"])
        if order is None or order.state != "open":
            raise Refused(400, "NOT_OPEN")
        self.books.fail(order)
        return JSONResponse(self.told(order))

    async def search(self, request: Request) -> Response:
        self.admit(request)
        order = self.books.find(request.query_params["reference"])
        inline = request.query_params.get("codes") == "1"
        return JSONResponse({"orders": [] if order is None else [self.told(order, inline=inline)]})

    async def codes(self, request: Request) -> Response:
        self.admit(request)
        return JSONResponse(self.shown_codes(self.books.numbered(request.path_params["number"])))

    def told(self, order: Order, *, inline: bool = False) -> dict[str, Any]:
        """An order, in all the wrong ways that are switched on."""
        strikes = self.switches.strikes
        return {
            "number": order.number,
            "reference": "0" * 24 if strikes("wrong_reference") else order.reference,
            "sku": "GIFT-99" if strikes("wrong_item") else order.sku,
            "quantity": order.quantity + strikes("wrong_quantity"),
            "cost": str(order.cost + 5 * strikes("wrong_amount")),
            "currency": CURRENCY,
            "account": "13800000099" if strikes("wrong_target") else order.account,
            "amount": None if order.amount is None else str(order.amount + 5 * strikes("wrong_face_value")),
            "state": order.state,
            "came": len(order.codes),
            "codes": self.shown_codes(order) if inline and order.codes else None,
        }

    def shown_codes(self, order: Order) -> list[dict[str, Any]]:
        deadline = "" if order.expires_at is None else order.expires_at.isoformat()
        shown = [{"number": number, "pin": pin, "until": deadline} for number, pin in order.codes]
        return [{**one, "pin": [one["pin"]]} for one in shown] if self.switches.strikes("malformed_code") else shown

    async def ask(self, request: Request) -> Response:
        """Questions: catalog, balance, price, stock, statement, code."""
        self.admit(request)
        answers: dict[str, Callable[[], Any]] = {
            "catalog": lambda: [{"sku": sku, "price": str(price), "asks": ["account"] if sku == "TOP-10" else [],
                                 "least": str(LEAST if sku == "RANGE" else 10), "most": str(MOST if sku == "RANGE" else 10)}
                                for sku, price in GOODS.items()],
            "balance": lambda: {"amount": "1000000.00", "currency": CURRENCY},
            "price": lambda: {"amount": str(GOODS[request.query_params["sku"]]), "currency": CURRENCY},
            "stock": lambda: {"left": 1000},
            "statement": lambda: [{"number": order.number, "reference": order.reference, "cost": str(order.cost),
                                   "at": order.placed_at.isoformat()} for order in self.books.orders],
            "code": lambda: {"used": False},
        }  # fmt: skip
        return JSONResponse(answers[request.path_params["what"]]())

    def call_back(self, order: Order, state: str) -> None:
        if self.notify_url:
            told = {"number": order.number, "reference": order.reference, "state": state, "at": self.now().isoformat()}
            body = json.dumps(told).encode()
            sign = hmac.new(self.callback_secret.encode(), body, hashlib.sha256).hexdigest()
            task = asyncio.get_running_loop().create_task(self.post(self.notify_url, body, {"x-sign": sign}))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        async with httpx2.AsyncClient(timeout=5, trust_env=False) as client:
            for _ in range(3):
                try:
                    answer = await client.post(url, content=body, headers=headers)
                except httpx2.HTTPError:
                    return
                if answer.content == ACKNOWLEDGED:
                    return
                await asyncio.sleep(0.2)

    async def act(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        self.notify_url = asked.get("notify_url", self.notify_url)
        for word in ("finish", "fail", "reverse"):
            order = self.books.find(asked.get(word, ""))
            if order is not None:
                getattr(self.books, word)(order)
        return JSONResponse({})

    async def show_books(self, request: Request) -> Response:
        wanted = request.query_params.get("reference")
        bought = [order for order in self.books.orders if order.state != "reserved" and wanted in (None, order.reference)]
        return JSONResponse({"sold": [order.sold() for order in bought]})

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)


async def refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    return JSONResponse({"code": refusal.code, "text": "The vendor's own words, for people"}, status_code=refusal.status)


async def invalid(_: Request, __: Exception) -> Response:
    return JSONResponse({"code": "INVALID"}, status_code=400)


def build(base_url: str) -> SandboxApp:
    """A vendor with one merchant."""
    vendor = Vendor()
    app = Starlette(
        lifespan=vendor.lifespan,
        exception_handlers={Refused: refused, ValueError: invalid, KeyError: invalid},
        routes=[
            Route("/{mode}/orders", vendor.order, methods=["POST"]),
            Route("/orders", vendor.search),
            Route("/orders/{number}/codes", vendor.codes),
            Route("/orders/{number}/confirm", vendor.confirm, methods=["POST"]),
            Route("/orders/{number}/cancel", vendor.cancel, methods=["POST"]),
            Route("/ask/{what}", vendor.ask),
            Route("/_faults", vendor.switches.endpoint, methods=["GET", "PUT", "POST", "DELETE"]),
            Route("/_vendor", vendor.act, methods=["POST"]),
            Route("/_books", vendor.show_books),
        ],
    )
    faulty = TransportFaults(app, vendor.switches, creates=lambda path, _: path.count("/") == 2 and path.endswith("/orders"))
    settings = {"base_url": base_url, "api_key": vendor.api_key, "callback_secret": vendor.callback_secret}
    return SandboxApp(faulty, settings)


tiny = Sandbox("A vendor for testing the kit itself", build)
