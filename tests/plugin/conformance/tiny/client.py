"""The tiny vendor's plugins: they keep every rule, in three ways of ordering. What is broken derives from them."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from perkhub.plugin import HTTPError, OutboundClient, Response, Title, now
from perkhub.plugin.http import never_left
from perkhub.plugin.supplier import (
    Accepted,
    Balance,
    CallbackAnswer,
    CallbackForged,
    CallbackHint,
    CancelOutcome,
    Capabilities,
    CatalogItem,
    Cost,
    CredentialKind,
    Delivered,
    Delivery,
    Echo,
    FaceValue,
    Idempotency,
    InputField,
    LookupOutcome,
    NotFound,
    NotSent,
    OrderQuery,
    Partial,
    PlaceOutcome,
    PlaceRequest,
    QuoteRequest,
    Rate,
    Rejected,
    Reversed,
    StatementLine,
    StockAnswer,
    SuppliedCode,
    Supplier,
    SupplierRefused,
    SupplierUnanswered,
    Supplies,
    Unknown,
)

FINAL = {"SKU_UNKNOWN", "ACCOUNT_MISSING", "AMOUNT_WRONG", "TOO_DEAR", "INVALID"}
HALT = {"NO_MONEY", "KEY_UNKNOWN", "CLOCK"}
WINDOW = timedelta(minutes=5)
MOST_BYTES = 1_000_000


class Told(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="ignore")


class ToldCode(Told):
    number: str = Field(repr=False)
    pin: str = Field(repr=False)
    until: datetime


class ToldOrder(Told):
    number: str
    reference: str
    sku: str
    quantity: int
    cost: Decimal
    currency: str
    account: str | None = Field(repr=False)
    amount: Decimal | None = None
    state: Literal["open", "reserved", "done", "partial", "failed", "reversed"]
    came: int
    codes: list[ToldCode] | None = Field(None, repr=False)


class Found(Told):
    orders: list[ToldOrder]


class Doubt(Exception):
    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class Refusal(Exception):
    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Tiny(Supplier):
    """Replays, hands codes out by a second call, and has every other capability but two phases."""

    key = "tiny"
    title = Title(en="Tiny", zh="小")
    mode = "replay"
    capabilities = Capabilities(
        supplies=frozenset({Supplies.CODES, Supplies.TOP_UPS}),
        idempotency=Idempotency.REPLAY,
        delivery=Delivery.SECOND_CALL,
        replay_window=timedelta(days=1),
        max_quantity=50,
        max_rate=Rate(10, 1.0),
        price_guard=True,
        partial=True,
        by_amount=True,
        reversal=True,
        callbacks=True,
    )

    class Settings(BaseModel):
        model_config = ConfigDict(hide_input_in_errors=True)

        base_url: str
        api_key: SecretStr
        callback_secret: SecretStr

    settings: Settings

    def __init__(self, settings: Settings, client: OutboundClient) -> None:
        super().__init__(settings, client)

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        try:
            return self.outcome(read(ToldOrder, await self.send("POST", f"/{self.mode}/orders", self.body(request))))
        except HTTPError as fault:
            return NotSent(type(fault).__name__) if never_left(fault) else Unknown(type(fault).__name__)
        except Refusal as refusal:
            return self.refused(refusal.code)
        except Doubt as doubt:
            return Unknown(doubt.cause)

    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        inline = "&codes=1" if self.capabilities.delivery is not Delivery.SECOND_CALL else ""
        try:
            found = read(Found, await self.send("GET", f"/orders?reference={query.reference}{inline}"))
            return self.outcome(found.orders[0]) if found.orders else NotFound()
        except HTTPError as fault:
            return Unknown(type(fault).__name__)
        except Refusal as refusal:
            return Unknown(refusal.code)
        except Doubt as doubt:
            return Unknown(doubt.cause)

    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        return codes_of(await self.asked(list[ToldCode], f"/orders/{query.supplier_reference}/codes"))

    async def cancel(self, query: OrderQuery) -> CancelOutcome:
        try:
            read(ToldOrder, await self.send("POST", f"/orders/{query.reference}/cancel", {}))
        except (HTTPError, Doubt) as fault:
            return Unknown(type(fault).__name__)
        except Refusal as refusal:
            return Rejected(refusal.code, elsewhere=False)
        return Rejected("cancelled", elsewhere=True)

    async def catalog(self) -> AsyncIterator[CatalogItem]:
        for item in await self.asked(list[dict[str, Any]], "/ask/catalog"):
            inputs = tuple(InputField(key, key, target=True) for key in item["asks"])
            least, most = (FaceValue(Decimal(item[end]), "CNY") for end in ("least", "most"))
            supplies = Supplies.TOP_UPS if inputs else Supplies.CODES
            cost = Cost(Decimal(item["price"]), "CNY")
            yield CatalogItem(
                item["sku"],
                item["sku"],
                cost,
                available=True,
                face_least=least,
                face_greatest=most,
                inputs=inputs,
                supplies=supplies,
            )

    async def balance(self) -> Balance:
        told = await self.asked(dict[str, str], "/ask/balance")
        return Balance(Decimal(told["amount"]), told["currency"])

    async def quote(self, request: QuoteRequest) -> Cost:
        told = await self.asked(dict[str, str], f"/ask/price?sku={request.sku}")
        return Cost(Decimal(told["amount"]) * request.quantity, told["currency"])

    async def stock(self, request: QuoteRequest) -> StockAnswer:
        told = await self.asked(dict[str, int], f"/ask/stock?sku={request.sku}")
        return StockAnswer(told["left"] >= request.quantity, told["left"])

    async def statement(self, day: str) -> AsyncIterator[StatementLine]:
        for line in await self.asked(list[dict[str, str]], f"/ask/statement?day={day}"):
            cost = Cost(Decimal(line["cost"]), "CNY")
            yield StatementLine(line["reference"], line["number"], datetime.fromisoformat(line["at"]), cost, "purchase")

    async def code_status(self, code: SuppliedCode) -> str:
        told = await self.asked(dict[str, bool], "/ask/code")
        return "used" if told["used"] else "unused"

    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        secret = self.settings.callback_secret.get_secret_value().encode()
        due = hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(due.encode(), headers.get("x-sign", "").encode()):
            raise CallbackForged("signature")
        try:
            told = json.loads(body)
            reference, number, at = told["reference"], told["number"], datetime.fromisoformat(told["at"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise CallbackForged("body") from None
        if abs(now() - at) > WINDOW:
            raise CallbackForged("window")
        return CallbackHint(hashlib.sha256(body).hexdigest(), reference=reference, supplier_reference=number)

    def acknowledge(self) -> CallbackAnswer:
        return CallbackAnswer(body=b"noted")

    # --- what the broken ones change ---

    def body(self, request: PlaceRequest) -> dict[str, Any]:
        """An order in the vendor's words."""
        return {"reference": request.reference, "sku": request.sku, "quantity": request.quantity,
                "maximum": str(request.maximum_cost.amount), "account": request.inputs.get("account"),
                "amount": None if request.face_value is None else str(request.face_value.amount)}  # fmt: skip

    def refused(self, code: str) -> PlaceOutcome:
        """What a refusal of an order means, by the vendor's table."""
        if code in FINAL | HALT:
            return Rejected(code, elsewhere=True, halt=code in HALT)
        return Unknown(code)

    def outcome(self, told: ToldOrder) -> Any:
        """What an order says."""
        cost = Cost(told.cost, told.currency)
        face = None if told.amount is None else FaceValue(told.amount, told.currency)
        echo = Echo(told.reference, told.sku, told.quantity, cost, told.account, face)
        codes = codes_of(told.codes or [])
        fetch = self.capabilities.delivery is Delivery.SECOND_CALL and told.account is None
        match told.state:
            case "open" | "reserved":
                return Accepted(echo, told.number)
            case "failed":
                return Rejected("failed", elsewhere=True)
            case "reversed":
                return Reversed("reversed", returned=cost)
            case "partial":
                return Partial(echo, told.came, told.number, codes, fetch=fetch)
            case "done":
                return Delivered(echo, told.number, codes, fetch=fetch)

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.settings.api_key.get_secret_value()}", "x-at": now().isoformat()}

    async def send(self, method: str, path: str, body: object = None) -> Response:
        content = None if body is None else json.dumps(body).encode()
        return await self.client.request(method, self.settings.base_url + path, content=content, headers=self.headers())

    async def asked(self, kind: Any, path: str) -> Any:
        try:
            return read(kind, await self.send("GET", path))
        except HTTPError as fault:
            raise SupplierUnanswered(type(fault).__name__) from None
        except Doubt as doubt:
            raise SupplierUnanswered(doubt.cause) from None
        except Refusal as refusal:
            raise SupplierRefused(refusal.code) from None


def read(kind: Any, response: Response) -> Any:
    """The body, or why there is none."""
    if response.status_code in (400, 401, 402, 409):
        raise Refusal(parsed(dict[str, str], response)["code"])
    if response.status_code != 200:
        raise Doubt(f"http_{response.status_code}")
    return parsed(kind, response)


def parsed(kind: Any, response: Response) -> Any:
    if len(response.content) > MOST_BYTES:
        raise Doubt("too_large")
    try:
        return TypeAdapter(kind, config=None).validate_json(response.content)
    except ValidationError:
        raise Doubt("unreadable") from None


def codes_of(told: Sequence[ToldCode]) -> tuple[SuppliedCode, ...]:
    return tuple(SuppliedCode(((CredentialKind.NUMBER, one.number), (CredentialKind.PIN, one.pin)), one.until) for one in told)


class TinyRejecting(Tiny):
    """Refuses a repetition, and has its codes in the answer."""

    mode = "reject"
    capabilities = replace(
        Tiny.capabilities,
        idempotency=Idempotency.REJECT_DUPLICATE,
        replay_window=None,
        delivery=Delivery.INLINE,
        max_rate=None,
    )
    fetch_codes = Supplier.fetch_codes


class TinyReserving(Tiny):
    """Reserves first, and would order twice."""

    mode = "reserve"
    capabilities = replace(
        Tiny.capabilities, idempotency=Idempotency.NONE, replay_window=None, delivery=Delivery.POLL, two_phase=True
    )
    fetch_codes = Supplier.fetch_codes

    async def confirm(self, query: OrderQuery, *, maximum_cost: Cost) -> PlaceOutcome:
        try:
            return self.outcome(read(ToldOrder, await self.send("POST", f"/orders/{query.supplier_reference}/confirm", {})))
        except (HTTPError, Doubt, Refusal) as fault:
            return Unknown(type(fault).__name__)
