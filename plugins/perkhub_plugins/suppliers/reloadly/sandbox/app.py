"""The vendor's HTTP face: tokens, orders, reports, cards, switches for faults, the open books."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from perkhub.plugin import now
from perkhub.plugin.testing import FaultSwitches, TransportFaults
from perkhub_plugins.suppliers.reloadly.sandbox.books import ACCOUNT_CURRENCY, Books, Product, Refused, Transaction

TOKEN_SECONDS = 3600
OWN_FAULTS = (
    "no_callback",
    "duplicate_callbacks",
    "forged_callback",
    "body_only_callback",
    "other_order_callback",
    "old_callback",
    "early_callback",
    "pending",
    "fail_order",
    "stuck",
    "wrong_product",
    "wrong_quantity",
    "wrong_amount",
    "wrong_reference",
    "wrong_face_value",
    "fewer_cards",
    "malformed_code",
    "revoke_tokens",
    "no_money",
    "unknown_code",
    "secret_rotated",
    "delay_seconds",
)
TIMES = 3


class Vendor:
    """One running vendor with one client."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.client_id = "sandbox-client"
        self.client_secret, self.webhook_secret = secrets.token_hex(20), secrets.token_hex(20)
        self.switches = FaultSwitches(OWN_FAULTS)
        self.books = Books(self.now)
        self.notify_url = ""
        self.tokens: set[str] = set()
        self.sent: list[dict[str, Any]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._http: httpx2.AsyncClient | None = None

    def now(self) -> datetime:
        """The vendor's clock."""
        return now() + timedelta(seconds=self.switches.value("clock_ahead_seconds"))

    async def token(self, request: Request) -> Response:
        """POST /oauth/token"""
        asked = json.loads(await request.body())
        wanted = (self.client_id, self.client_secret, "client_credentials", self.base_url)
        given = tuple(asked.get(name) for name in ("client_id", "client_secret", "grant_type", "audience"))
        if given != wanted or self.switches.value("secret_rotated"):
            return JSONResponse({"message": "Access Denied", "errorCode": "INVALID_CREDENTIALS"}, status_code=401)
        token = secrets.token_urlsafe(40)
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": ""})

    def admit(self, request: Request) -> None:
        """Who shows no token of ours is refused."""
        if self.switches.strikes("revoke_tokens") or self.switches.value("secret_rotated"):
            self.tokens.clear()
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            raise Refused(401, "INVALID_TOKEN", "Full authentication is required to access this resource")

    async def order(self, request: Request) -> Response:
        """POST /orders"""
        self.admit(request)
        asked = json.loads(await request.body(), parse_float=Decimal)
        if not asked.get("senderName"):
            raise Refused(400, "SENDER_NAME_REQUIRED", "senderName is required")
        if self.switches.strikes("no_money"):
            raise Refused(400, "INSUFFICIENT_BALANCE", "The account balance is not enough for this order")
        made = self.books.place(
            int(asked["productId"]), int(asked["quantity"]), Decimal(asked["unitPrice"]), str(asked["customIdentifier"])
        )
        if self.switches.strikes("early_callback") and self.notify_url:
            self.post(self.message(made.transaction_id, made.custom_identifier, "SUCCESSFUL"))
        if self.switches.strikes("fail_order"):
            self.books.fail(made)
            self.begin(self.refund_later(made))
        elif self.switches.strikes("pending"):
            self.later(made)
        elif not self.switches.strikes("stuck"):
            self.books.finish(made)
            self.tell(made)
        if self.switches.strikes("unknown_code"):
            raise Refused(423, "ORDER_LOCKED", "The order is locked")
        return JSONResponse(self.told(made))

    async def refund_later(self, made: Transaction) -> None:
        """The money of a failure comes back in a moment."""
        await asyncio.sleep(self.switches.value("delay_seconds") or 0.05)
        self.books.reverse(made)
        self.tell(made)

    def later(self, made: Transaction) -> None:
        """Finish it in a moment."""

        async def work() -> None:
            await asyncio.sleep(self.switches.value("delay_seconds") or 0.05)
            self.books.finish(made)
            self.tell(made)

        self.begin(work())

    async def report(self, request: Request) -> Response:
        """GET /reports/transactions"""
        self.admit(request)
        asked = request.query_params
        if "customIdentifier" in asked:
            found = self.books.identifiers.get(asked["customIdentifier"])
            made = [] if found is None else [self.books.transactions[found]]
        else:
            made = self.books.between(asked.get("startDate", ""), asked.get("endDate", "9999"))
        start, size = (int(asked.get("page", 1)) - 1) * int(asked.get("size", 10)), int(asked.get("size", 10))
        told = [self.told(one) for one in made[start : start + size]]
        return JSONResponse({"content": told, "totalElements": len(made), "last": start + size >= len(made)})

    async def cards(self, request: Request) -> Response:
        """GET /orders/transactions/{id}/cards"""
        self.admit(request)
        made = self.books.transactions.get(int(request.path_params["id"]))
        if made is None or made.status != "SUCCESSFUL":
            raise Refused(404, "TRANSACTION_CARDS_NOT_FOUND", "No cards for this transaction")
        cards = made.cards[:-1] if self.switches.strikes("fewer_cards") else made.cards
        if self.switches.strikes("malformed_code"):
            cards = [{**card, "cardNumber": [card["cardNumber"]]} for card in cards]
        return JSONResponse(cards)

    async def products(self, request: Request) -> Response:
        """GET /products"""
        self.admit(request)
        return JSONResponse({"content": [self.shown(product) for product in self.books.products.values()], "last": True})

    async def balance(self, request: Request) -> Response:
        """GET /accounts/balance"""
        self.admit(request)
        told = {"balance": float(self.books.balance), "currencyCode": ACCOUNT_CURRENCY, "updatedAt": f"{self.now():%F %T}"}
        return JSONResponse(told)

    def told(self, made: Transaction, *, true: bool = False) -> dict[str, Any]:
        """A transaction as the vendor tells it; as it is, when it must be `true`."""

        def strikes(name: str) -> bool:
            return not true and self.switches.strikes(name)

        product = 999 if strikes("wrong_product") else made.product.product_id
        return {
            "transactionId": made.transaction_id,
            "amount": float(made.amount) + 5 * strikes("wrong_amount"),
            "discount": 0.0,
            "fee": 0.0,
            "smsFee": 0.0,
            "currencyCode": ACCOUNT_CURRENCY,
            "customIdentifier": "0" * 24 if strikes("wrong_reference") else made.custom_identifier,
            "status": made.status,
            "product": {
                "productId": product,
                "productName": made.product.name,
                "countryCode": made.product.country,
                "quantity": made.quantity + strikes("wrong_quantity"),
                "unitPrice": float(made.unit) + 5 * strikes("wrong_face_value"),
                "totalPrice": float(made.unit * made.quantity),
                "currencyCode": made.product.currency,
            },
            "transactionCreatedTime": f"{made.placed_at:%F %T}",
        }

    def shown(self, product: Product) -> dict[str, Any]:
        """A product as the catalog tells it."""
        fixed = bool(product.fixed)
        costs = {f"{float(face)}": float(face * product.rate) for face in product.fixed}
        return {
            "productId": product.product_id,
            "productName": product.name,
            "denominationType": "FIXED" if fixed else "RANGE",
            "senderCurrencyCode": ACCOUNT_CURRENCY,
            "recipientCurrencyCode": product.currency,
            "senderFee": 0.0,
            "discountPercentage": float(product.discount),
            "recipientCurrencyToSenderCurrencyExchangeRate": float(product.rate),
            "minRecipientDenomination": None if product.least is None else float(product.least),
            # The vendor spells it in two ways; here the odd one.
            "maxrecipientDenomination": None if product.greatest is None else float(product.greatest),
            "fixedRecipientDenominations": [float(face) for face in product.fixed],
            "fixedRecipientToSenderDenominationsMap": costs if fixed else None,
            "status": "ACTIVE" if product.active else "INACTIVE",
            "brand": {"brandId": product.product_id, "brandName": product.brand},
            "country": {"isoName": product.country, "name": product.country},
            "redeemInstruction": {"concise": "Redeem online.", "verbose": "Visit the brand's page and enter the number."},
        }

    # --- callbacks ---

    def tell(self, made: Transaction) -> None:
        """Tell the client that a transaction's status changed, in all the wrong ways that are switched on."""
        if not self.notify_url or self.switches.value("no_callback"):
            return
        body = self.message(made.transaction_id, made.custom_identifier, made.status)
        for _ in range(1 + int(self.switches.value("duplicate_callbacks"))):
            self.post(body)
        if self.switches.strikes("forged_callback"):
            self.post(body, secret="0" * 40)
        if self.switches.strikes("body_only_callback"):
            self.post(body, only_body=True)
        if self.switches.strikes("old_callback"):
            self.post(body, age=3600)
        if self.switches.strikes("other_order_callback"):
            self.post(self.message(made.transaction_id, "0" * 24, "SUCCESSFUL"))

    def message(self, transaction: int, identifier: str, status: str) -> bytes:
        """The body of a callback."""
        data = {"transactionId": transaction, "customIdentifier": identifier, "status": status}
        return json.dumps({"type": "giftcard_transaction.status", "data": data}).encode()

    def post(self, body: bytes, *, secret: str | None = None, only_body: bool = False, age: int = 0) -> None:
        """Send in the background, signed as is said."""
        timestamp = str(int(now().timestamp()) - age)
        signed = body if only_body else body + b":" + timestamp.encode()
        sign = hmac.new((secret or self.webhook_secret).encode(), signed, hashlib.sha256).hexdigest()
        headers = {"X-Reloadly-Signature": sign, "X-Reloadly-Request-Timestamp": timestamp, "Content-Type": "application/json"}
        self.begin(self._post(body, headers))

    async def _post(self, body: bytes, headers: dict[str, str]) -> None:
        # One client for all: making one reads every certificate of the machine.
        client = self._http = self._http or httpx2.AsyncClient(timeout=3, trust_env=False)
        for _ in range(TIMES):
            try:
                answer = await client.post(self.notify_url, content=body, headers=headers)
            except httpx2.HTTPError as fault:
                self.sent.append({"fault": type(fault).__name__})
            else:
                self.sent.append({"status": answer.status_code})
                if answer.is_success:
                    return
            await asyncio.sleep(0.2)

    def begin(self, work: Any) -> None:
        """Work in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    # --- for tests and development ---

    async def act(self, request: Request) -> Response:
        """POST /_vendor: what its people do. {"notify_url"}, {"rotate_secret"}, {"reverse"|"finish"|"fail": identifier}."""
        asked = json.loads(await request.body())
        self.notify_url = asked.get("notify_url", self.notify_url)
        if "rotate_secret" in asked:
            self.client_secret = asked["rotate_secret"]
            self.tokens.clear()
        for word in ("reverse", "finish", "fail"):
            found = self.books.identifiers.get(asked.get(word, ""))
            if found is not None:
                made = self.books.transactions[found]
                getattr(self.books, word)(made)
                self.tell(made)
        return JSONResponse({"notify_url": self.notify_url})

    async def show_books(self, request: Request) -> Response:
        """GET /_books: everything, as the vendor has it; with `?reference=` of that order alone."""
        wanted = request.query_params.get("reference")
        shown = [one for one in self.books.transactions.values() if wanted in (None, one.custom_identifier)]
        made = [{**self.told(one, true=True), "cards": one.cards} for one in shown]
        told = {"transactions": made, "balance": str(self.books.balance), "struck": self.switches.struck}
        called = self.sent if wanted is None else []
        return JSONResponse({**told, "callbacks": called, "sold": [one.sold() for one in shown]})

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """What is under way ends with the vendor."""
        yield
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()


def build_app(vendor: Vendor) -> ASGIApp:
    """The vendor as an ASGI application."""
    app = Starlette(
        lifespan=vendor.lifespan,
        exception_handlers={Refused: _refused, ValueError: _invalid, KeyError: _invalid},
        routes=[
            Route("/oauth/token", vendor.token, methods=["POST"]),
            Route("/orders", vendor.order, methods=["POST"]),
            Route("/orders/transactions/{id:int}/cards", vendor.cards, methods=["GET"]),
            Route("/reports/transactions", vendor.report, methods=["GET"]),
            Route("/products", vendor.products, methods=["GET"]),
            Route("/accounts/balance", vendor.balance, methods=["GET"]),
            Route("/_faults", vendor.switches.endpoint, methods=["GET", "PUT", "POST", "DELETE"]),
            Route("/_vendor", vendor.act, methods=["POST"]),
            Route("/_books", vendor.show_books, methods=["GET"]),
        ],
    )
    return TransportFaults(app, vendor.switches, creates=lambda path, _: path == "/orders")


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    told: dict[str, Any] = {"timeStamp": f"{now():%F %T}", "message": refusal.message, "path": request.url.path,
            "errorCode": refusal.code, "infoLink": None, "details": []}  # fmt: skip
    return JSONResponse(told, status_code=refusal.status)


async def _invalid(request: Request, _: Exception) -> Response:
    return await _refused(request, Refused(400, "INVALID_REQUEST", "The request cannot be read"))
