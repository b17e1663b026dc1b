"""The gateway's HTTP face: the merchant's API, the customer's pay page, the switches for faults, the open books."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from perkhub_plugins.payments.sandbox_gateway.sandbox.books import Books, Payment, Refund, Refused, new_id
from perkhub_plugins.payments.sandbox_gateway.sandbox.callbacks import Callbacks
from perkhub_plugins.payments.sandbox_gateway.sandbox.clock import Clock
from perkhub_plugins.payments.sandbox_gateway.sandbox.faults import BrokenOff, Faults
from perkhub_plugins.payments.sandbox_gateway.sandbox.page import ACTIONS, pay_page
from perkhub_plugins.payments.sandbox_gateway.sandbox.signatures import Merchant, RequestGate, Unsigned

Reference = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{8,64}$")]
Address = Annotated[str, Field(max_length=2000, pattern=r"^https?://")]


class PaymentAsked(BaseModel):
    """The body of POST /v1/payments."""

    model_config = ConfigDict(strict=True)

    merchant_reference: Reference
    amount: int
    currency: str
    subject: Annotated[str, Field(max_length=200)]
    locale: Annotated[str, Field(max_length=20)] = "en"
    return_url: Address
    notify_url: Address
    expires_at: AwareDatetime


class RefundAsked(BaseModel):
    """The body of POST /v1/refunds."""

    model_config = ConfigDict(strict=True)

    refund_reference: Reference
    merchant_reference: Reference
    amount: int
    currency: str


class Gateway:
    """One running gateway."""

    def __init__(self, base_url: str, merchant: Merchant) -> None:
        self.base_url = base_url
        self.clock = Clock()
        self.gate = RequestGate(merchant, self.clock)
        self.books = Books(self.clock)
        self.callbacks = Callbacks(merchant, self.clock)
        self.faults = Faults()

    # --- the merchant's API ---

    async def create_payment(self, request: Request) -> Response:
        """POST /v1/payments"""

        def record(body: bytes) -> Response:
            asked = PaymentAsked.model_validate_json(body)
            fresh = asked.merchant_reference not in self.books.payments
            payment = self.books.open_payment(Payment(payment_id=new_id("pay"), **asked.model_dump()))
            if fresh:
                self.callbacks.tell(payment, self.faults, began=True)
            return JSONResponse(self.told_payment(payment), status_code=201 if fresh else 200)

        return await self.creating(request, record)

    async def create_refund(self, request: Request) -> Response:
        """POST /v1/refunds"""

        def record(body: bytes) -> Response:
            asked = RefundAsked.model_validate_json(body)
            fresh = asked.refund_reference not in self.books.refunds
            refund = self.books.open_refund(**asked.model_dump(), pending=self.faults.refund_pending)
            return JSONResponse(as_json(refund), status_code=201 if fresh else 200)

        return await self.creating(request, record)

    async def show_payment(self, request: Request) -> Response:
        """GET /v1/payments/{reference}"""

        def read(_: bytes) -> Response:
            payment = self.books.payments.get(request.path_params["reference"])
            return JSONResponse(self.told_payment(payment)) if payment else error(404, "not_found")

        return await self.admitted(request, read)

    async def show_refund(self, request: Request) -> Response:
        """GET /v1/refunds/{reference}"""

        def read(_: bytes) -> Response:
            refund = self.books.refunds.get(request.path_params["reference"])
            if refund is None:
                return error(404, "not_found")
            if not self.faults.refund_pending:
                self.books.settle_refund(refund)
            return JSONResponse(as_json(refund))

        return await self.admitted(request, read)

    async def creating(self, request: Request, record: Callable[[bytes], Response]) -> Response:
        """A request that records something, with the faults that may befall it."""
        if self.faults.strikes("drop_before_accept"):
            return BrokenOff()
        answer = await self.admitted(request, record)
        if answer.status_code >= 400:
            return answer
        if self.faults.strikes("accept_then_drop"):
            return BrokenOff()
        if self.faults.strikes("error_500_then_accepted"):
            return error(500, "internal")
        return answer

    async def admitted(self, request: Request, answer: Callable[[bytes], Response]) -> Response:
        """A request of the merchant: signature first, then its content."""
        body = await request.body()
        try:
            self.gate.admit(request.method, request.url.path, request.headers, body)
            answered = answer(body)
        except Unsigned as refusal:
            answered = error(401, str(refusal))
        except ValidationError:
            answered = error(400, "request_invalid")
        except Refused as refusal:
            answered = error(refusal.status, refusal.error)
        await asyncio.sleep(self.faults.slow_seconds)
        return answered

    def told_payment(self, payment: Payment) -> dict[str, Any]:
        """A payment as the merchant sees it."""
        self.close_if_expired(payment)
        shown = as_json(payment)
        kept = ("payment_id", "merchant_reference", "status", "amount", "currency", "paid_amount", "paid_at", "reason")
        return {name: shown[name] for name in kept} | {"pay_url": f"{self.base_url}/pay/{payment.payment_id}"}

    # --- the customer's page ---

    async def pay(self, request: Request) -> Response:
        """GET and POST /pay/{payment_id}"""
        payment = self.books.payment_by_id(request.path_params["payment_id"])
        if payment is None:
            return HTMLResponse("No such payment / 没有该支付", status_code=404)
        self.close_if_expired(payment)
        if request.method == "GET":
            return HTMLResponse(pay_page(payment))
        async with request.form(max_files=0, max_fields=4) as form:
            action = form.get("action")
        if action not in ACTIONS:
            return HTMLResponse(pay_page(payment), status_code=400)
        if payment.status != "pending":
            return HTMLResponse(pay_page(payment), status_code=409)
        if action == "fail":
            payment.fail()
        else:
            wrong = action == "pay_wrong_amount" or self.faults.wrong_amount
            payment.settle(payment.amount - wrong, self.clock.now())
        self.callbacks.tell(payment, self.faults)
        return RedirectResponse(payment.return_url, status_code=303)

    def close_if_expired(self, payment: Payment) -> None:
        """A gateway that is `late` takes money after the merchant's deadline too."""
        if not self.faults.late:
            payment.close_if_expired(self.clock.now())

    # --- for tests ---

    async def switch_faults(self, request: Request) -> Response:
        """GET shows the faults, POST sets those it names, PUT sets those and switches the others off, DELETE all off."""
        if request.method != "GET":
            kept = self.faults.model_dump() if request.method == "POST" else {}
            try:
                named = {} if request.method == "DELETE" else await request.json()
                self.faults = Faults.model_validate({**kept, **named})
            except (ValueError, TypeError) as invalid:
                return JSONResponse({"error": "faults_invalid", "detail": str(invalid)}, status_code=400)
            self.clock.ahead_seconds = self.faults.clock_ahead_seconds
        return JSONResponse(self.faults.model_dump())

    async def show_books(self, request: Request) -> Response:
        """GET /_books: everything, as the gateway has it."""
        return JSONResponse(
            {
                "payments": [as_json(payment) for payment in self.books.payments.values()],
                "refunds": [as_json(refund) for refund in self.books.refunds.values()],
                "callbacks": [asdict(delivery) for delivery in self.callbacks.deliveries],
                "callbacks_under_way": len(self.callbacks.under_way),
            }
        )

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Callbacks end with the gateway."""
        yield
        await self.callbacks.stop()


def build_app(base_url: str, merchant: Merchant) -> Starlette:
    """The gateway as an ASGI application, reached by the world under `base_url`."""
    gateway = Gateway(base_url.rstrip("/"), merchant)
    return Starlette(
        lifespan=gateway.lifespan,
        routes=[
            Route("/v1/payments", gateway.create_payment, methods=["POST"]),
            Route("/v1/payments/{reference}", gateway.show_payment, methods=["GET"]),
            Route("/v1/refunds", gateway.create_refund, methods=["POST"]),
            Route("/v1/refunds/{reference}", gateway.show_refund, methods=["GET"]),
            Route("/pay/{payment_id}", gateway.pay, methods=["GET", "POST"]),
            Route("/_faults", gateway.switch_faults, methods=["GET", "PUT", "POST", "DELETE"]),
            Route("/_books", gateway.show_books, methods=["GET"]),
        ],
    )


def as_json(recorded: Payment | Refund) -> dict[str, Any]:
    """A record of the books, times as ISO 8601."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(recorded).items()}


def error(status: int, word: str) -> JSONResponse:
    """Every answer that is no success looks like this."""
    return JSONResponse({"error": word}, status_code=status)
