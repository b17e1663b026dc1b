"""The plugin's side of Reloadly: requests out, outcomes back. It decides nothing and remembers nothing but its token."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from perkhub.plugin import HTTPError, OutboundClient, Response, Title, now
from perkhub.plugin.http import never_left
from perkhub.plugin.supplier import (
    Balance,
    CallbackForged,
    CallbackHint,
    Capabilities,
    CatalogItem,
    Delivery,
    Idempotency,
    LookupOutcome,
    NotFound,
    NotSent,
    OrderQuery,
    PlaceOutcome,
    PlaceRequest,
    Rejected,
    StatementLine,
    SuppliedCode,
    Supplier,
    SupplierRefused,
    SupplierUnanswered,
    Supplies,
    Unknown,
)
from perkhub_plugins.suppliers.reloadly import answers
from perkhub_plugins.suppliers.reloadly.answers import Fault, plain
from perkhub_plugins.suppliers.reloadly.catalog import Products, items_of

JSON_V1 = "application/com.reloadly.giftcards-v1+json"
JSON_V2 = "application/com.reloadly.giftcards-v2+json"
EARLY = timedelta(minutes=1)  # before its end, a token is not used any more
WINDOW = timedelta(minutes=5)
PAGE = 200
CARDS = TypeAdapter(list[answers.Card])


class NoToken(Exception):
    """The order has not been sent; `refused` when our credentials are no good, rather than the server away."""

    def __init__(self, cause: str, *, refused: bool = False) -> None:
        self.cause, self.refused = cause, refused
        super().__init__(cause)


class Reloadly(Supplier):
    """Our account at Reloadly. SKUs are `<product id>:<denomination>`, and `<product id>` alone for a range."""

    key = "reloadly"
    title = Title(en="Reloadly gift cards", zh="Reloadly 礼品卡")
    capabilities = Capabilities(
        supplies=frozenset({Supplies.CODES}),
        idempotency=Idempotency.REJECT_DUPLICATE,
        delivery=Delivery.SECOND_CALL,
        callbacks=True,
        max_quantity=100,
        # No limit is published: this is what one pool of connections carries.
        max_concurrency=40,
        by_amount=True,
        reversal=True,
    )

    class Settings(BaseModel):
        """What Reloadly gave its client."""

        model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

        auth_url: str = Field(
            "https://auth.reloadly.com/oauth/token", pattern=r"^https?://[^?#]+$", description="Address that gives tokens"
        )
        base_url: str = Field(
            "https://giftcards.reloadly.com",
            pattern=r"^https?://[^?#]+[^/?#]$",
            description="Address of the gift card API, and the audience of its tokens",
        )
        client_id: str = Field(min_length=1, max_length=200, description="Our name there")
        client_secret: SecretStr = Field(min_length=8, description="Gets tokens")
        webhook_secret: SecretStr = Field(min_length=8, description="Signs its callbacks; not the client secret")
        sender_name: str = Field("Perkhub", min_length=1, max_length=100, description="Who the gift is from")

    settings: Settings

    def __init__(self, settings: Settings, client: OutboundClient) -> None:
        super().__init__(settings, client)
        self._token: tuple[str, datetime] | None = None
        self._asking = asyncio.Lock()

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        """Order. A success has no codes yet."""
        body = self._order(request)
        if body is None:
            return NotSent("sku")
        try:
            response = await self._send("POST", "/orders", body=body)
        except NoToken as missing:
            return Rejected("credentials", elsewhere=True, halt=True) if missing.refused else NotSent(missing.cause)
        except HTTPError as fault:
            return NotSent(type(fault).__name__) if never_left(fault) else Unknown(type(fault).__name__)
        refused = answers.refusal(response)
        if refused is not None:
            return refused
        try:
            return answers.outcome(answers.read(answers.Transaction, response), sku=request.sku)
        except Fault as fault:
            return Unknown(fault.cause)

    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        """Ask by our own identifier: it is known even when the order was never answered."""
        try:
            params = {"customIdentifier": query.reference, "size": "5"}
            page = answers.read(answers.Page, await self._send("GET", "/reports/transactions", params=params))
        except (NoToken, Fault) as fault:
            return Unknown(fault.cause)
        except HTTPError as fault:
            return Unknown(type(fault).__name__)
        ours = [one for one in page.content if one.customIdentifier == query.reference]
        if len(ours) > 1:
            return Unknown("several")
        if page.content and not ours:
            return Unknown("mismatch")  # an answer to another question does not say that ours is not there
        return answers.outcome(ours[0], sku=query.sku) if ours else NotFound()

    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        """The cards of a success."""
        path = f"/orders/transactions/{query.supplier_reference}/cards"
        try:
            response = await self._asked("GET", path, accept=JSON_V2)
            return [answers.code_of(card) for card in answers.read(CARDS, response)]
        except Fault as fault:
            raise SupplierUnanswered(fault.cause) from None

    async def balance(self) -> Balance:
        """Our money there."""
        try:
            told = answers.read(answers.Balance, await self._asked("GET", "/accounts/balance"))
        except Fault as fault:
            raise SupplierUnanswered(fault.cause) from None
        return Balance(told.balance, told.currencyCode)

    async def catalog(self) -> AsyncIterator[CatalogItem]:
        """Every product, page by page."""
        page = 1
        while True:
            params = {"size": str(PAGE), "page": str(page), "includeRange": "true", "includeFixed": "true"}
            try:
                found = answers.read(Products, await self._asked("GET", "/products", params=params))
            except Fault as fault:
                raise SupplierUnanswered(fault.cause) from None
            for product in found.content:
                for item in items_of(product):
                    yield item
            if found.last or not found.content:
                return
            page += 1

    async def statement(self, day: str) -> AsyncIterator[StatementLine]:
        """Every transaction of the day, page by page; what was refunded is told as bought and as given back."""
        page = 1
        while True:
            params = {"startDate": f"{day} 00:00:00", "endDate": f"{day} 23:59:59", "size": str(PAGE), "page": str(page)}
            try:
                found = answers.read(answers.Page, await self._asked("GET", "/reports/transactions", params=params))
                lines = [line for one in found.content for line in answers.lines_of(one)]
            except Fault as fault:
                raise SupplierUnanswered(fault.cause) from None
            for line in lines:
                yield line
            if found.last or not found.content:
                return
            page += 1

    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        """Check the signature over the raw body and the timestamp, and the window."""
        sign, timestamp = headers.get("x-reloadly-signature", ""), headers.get("x-reloadly-request-timestamp", "")
        secret = self.settings.webhook_secret.get_secret_value().encode()
        due = hmac.new(secret, body + b":" + timestamp.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(due.encode(), sign.lower().encode()):
            raise CallbackForged("signature")
        if not _is_recent(timestamp):
            raise CallbackForged("window")
        try:
            told = json.loads(body, parse_float=Decimal)
            data = told["data"]
            reference, transaction = data.get("customIdentifier"), data.get("transactionId")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise CallbackForged("body") from None
        if not isinstance(reference, str):
            raise CallbackForged("body")
        nonce = hashlib.sha256(due.encode()).hexdigest()
        return CallbackHint(nonce, reference=reference, supplier_reference=None if transaction is None else str(transaction))

    def _order(self, request: PlaceRequest) -> dict[str, Any] | None:
        product, _, denomination = request.sku.partition(":")
        unit = denomination or (plain(request.face_value.amount) if request.face_value is not None else "")
        if not product.isdecimal() or not unit:
            return None
        order: dict[str, Any] = {
            "productId": int(product),
            "quantity": request.quantity,
            "unitPrice": float(unit) if "." in unit else int(unit),
            "customIdentifier": request.reference,
            "senderName": self.settings.sender_name,
        }
        if "userId" in request.inputs:
            order["productAdditionalRequirements"] = {"userId": request.inputs["userId"]}
        return order

    async def _asked(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, accept: str = JSON_V1
    ) -> Response:
        """The answer to a question that changes nothing.

        Raises:
            SupplierUnanswered, SupplierRefused.
        """
        try:
            response = await self._send(method, path, params=params, accept=accept)
        except NoToken as missing:
            raise (SupplierRefused if missing.refused else SupplierUnanswered)(missing.cause) from None
        except HTTPError as fault:
            raise SupplierUnanswered(type(fault).__name__) from None
        refused = answers.refusal(response)
        if refused is not None:
            raise SupplierRefused(refused.reason)
        return response

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        accept: str = JSON_V1,
    ) -> Response:
        """One call; sent again only where the first was refused for an old token, which did nothing.

        Raises:
            NoToken, HTTPError.
        """
        token = await self._valid_token()
        response = await self._send_with(token, method, path, body=body, params=params, accept=accept)
        if response.status_code == 401:
            token = await self._valid_token(unless=token)
            response = await self._send_with(token, method, path, body=body, params=params, accept=accept)
        return response

    async def _send_with(
        self,
        token: str,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None,
        params: Mapping[str, str] | None,
        accept: str,
    ) -> Response:
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        return await self.client.request(method, self.settings.base_url + path, params=params, content=content, headers=headers)

    async def _valid_token(self, *, unless: str | None = None) -> str:
        """A token that holds; a new one where the known one is `unless`. One asks for all who wait."""
        async with self._asking:
            if self._token is not None and self._token[0] != unless and self._token[1] > now():
                return self._token[0]
            self._token = await self._new_token()
            return self._token[0]

    async def _new_token(self) -> tuple[str, datetime]:
        body = {
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret.get_secret_value(),
            "grant_type": "client_credentials",
            "audience": self.settings.base_url,
        }
        try:
            response = await self.client.post(self.settings.auth_url, json=body)
            if response.status_code in (400, 401, 403):
                raise NoToken("credentials", refused=True)
            told = answers.read(answers.Token, response)
        except HTTPError as fault:
            raise NoToken(type(fault).__name__) from None
        except Fault as fault:
            raise NoToken(fault.cause) from None
        return told.access_token, now() + timedelta(seconds=told.expires_in) - EARLY


def _is_recent(timestamp: str) -> bool:
    """Seconds or milliseconds since 1970; the vendor does not say which."""
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 16:
        return False
    seconds = int(timestamp) / (1000 if len(timestamp) > 11 else 1)
    return abs(now().timestamp() - seconds) <= WINDOW.total_seconds()
