"""The plugin's side of Fulu: requests out, outcomes back. It decides nothing and remembers nothing."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from perkhub.plugin import HTTPError, OutboundClient, Title, now
from perkhub.plugin.http import never_left
from perkhub.plugin.supplier import (
    Accepted,
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
    QuoteRequest,
    Rejected,
    StockAnswer,
    Supplier,
    SupplierRefused,
    SupplierUnanswered,
    Supplies,
    Unknown,
)
from perkhub_plugins.suppliers.fulu import answers, goods, ordering
from perkhub_plugins.suppliers.fulu.answers import CURRENCY, ZONE, Fault, Order, Refusal
from perkhub_plugins.suppliers.fulu.ordering import Unsayable
from perkhub_plugins.suppliers.fulu.signing import Unsendable, is_signed, serialised, signature

# As a list, or as text with commas.
Codes = Annotated[
    frozenset[Annotated[int, Field(ge=0)]],
    BeforeValidator(lambda given: [code for code in given.split(",") if code] if isinstance(given, str) else given),
]


class Fulu(Supplier):
    """Our account at Fulu. What its SKUs are `ordering` says."""

    key = "fulu"
    title = Title(en="Fulu", zh="福禄")
    capabilities = Capabilities(
        supplies=frozenset({Supplies.CODES, Supplies.TOP_UPS}),
        # Whether a repeated order number is refused or bought again is not documented: it is never sent twice.
        idempotency=Idempotency.NONE,
        delivery=Delivery.CALLBACK,
        callbacks=True,
        max_quantity=ordering.MOST_AT_ONCE,
        # No limit is published: this is what one pool of connections carries.
        max_concurrency=40,
        poll_first=timedelta(seconds=1),
        partial=True,
        reversal=True,
    )

    class Settings(BaseModel):
        """What Fulu gave its merchant, and what its contract says of its codes: none of them is documented in public."""

        model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

        base_url: str = Field(
            "https://openapi.fulu.com/api/getway", pattern=r"^https?://[^?#]+$", description="Address of the gateway"
        )
        app_key: str = Field(min_length=1, max_length=100, description="Our name there")
        app_secret: SecretStr = Field(min_length=32, max_length=32, description="Signs, and opens the cards")
        final_codes: Codes = Field(frozenset(), description="Answer codes to an order that your contract calls a final refusal")
        halt_codes: Codes = Field(
            frozenset(), description="Those of them that refuse our account itself: no money, no access. Orders stop"
        )
        not_found_codes: Codes = Field(
            frozenset(), description="Answer codes to a look-up that your contract calls 'no such order'"
        )

    settings: Settings

    def __init__(self, settings: Settings, client: OutboundClient) -> None:
        super().__init__(settings, client)

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        """Order. The answer never holds the cards, and its success is none yet."""
        try:
            method, biz = ordering.said(request)
            order = answers.read(Order, await self._ask(method, biz))
        except Unsayable as unsayable:
            return NotSent(unsayable.cause)
        except Unsendable:
            return NotSent("characters")
        except HTTPError as fault:
            return NotSent(type(fault).__name__) if never_left(fault) else Unknown(type(fault).__name__)
        except Refusal as refusal:
            if refusal.code in self.settings.final_codes | self.settings.halt_codes:
                halt = refusal.code in self.settings.halt_codes
                return Rejected(f"code_{refusal.code}", elsewhere=True, halt=halt)
            return Unknown(f"code_{refusal.code}")
        except Fault as fault:
            return Unknown(fault.cause)
        return Accepted(answers.echo_of(order, request.sku), order.order_id)

    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        """Ask by our own order number."""
        try:
            result = await self._ask("fulu.order.info.get", {"customer_order_no": query.reference})
            order = answers.read(Order, result)
        except HTTPError as fault:
            return Unknown(type(fault).__name__)
        except Refusal as refusal:
            return NotFound() if refusal.code in self.settings.not_found_codes else Unknown(f"code_{refusal.code}")
        except Fault as fault:
            return Unknown(fault.cause)
        return answers.outcome(order, query.sku, self._secret)

    async def balance(self) -> Balance:
        """Our money there."""
        account = await self._told("fulu.user.info.get", {}, goods.Account)
        return Balance(account.balance, CURRENCY)

    async def stock(self, request: QuoteRequest) -> StockAnswer:
        """Whether so many can be had. Of values nobody can ask: the product depends on the phone."""
        kind, _, product = request.sku.partition(":")
        if kind in ordering.BY_VALUE:
            raise SupplierRefused("by_value")
        biz = {"product_id": int(product), "buy_num": request.quantity}
        stock = await self._told("fulu.goods.stock.check", biz, goods.Stock)
        return StockAnswer(stock.stock_status in goods.IN_STOCK)

    def most_at_once(self, sku: str) -> int:
        """One value goes to one phone."""
        return ordering.most_of(sku)

    async def catalog(self) -> AsyncIterator[CatalogItem]:
        """Everything on our price list; of top-ups with the form that their template asks for, of phones by value."""
        listed = await self._told("fulu.goods.list.get", {}, goods.Goods)
        templates: dict[str, goods.Template] = {}
        for good in listed.root:
            template = None
            if good.is_top_up and good.template_id:
                if good.template_id not in templates:
                    biz = {"template_id": good.template_id}
                    templates[good.template_id] = await self._told("fulu.goods.template.get", biz, goods.Template)
                template = templates[good.template_id]
            item = goods.item_of(good, template)
            if item is not None:
                yield item
        for item in goods.phone_items(listed.root):
            yield item

    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        """Check the signature over all fields; they come in the query, a form, or JSON."""
        fields = dict(query) or _fields_of(headers, body)
        sign = fields.pop("sign", "")
        if not sign or not is_signed(serialised(fields), sign, self._secret):
            raise CallbackForged("signature")
        reference, product = fields.get("customer_order_no"), fields.get("product_id")
        if reference is None and product is None:
            raise CallbackForged("body")
        nonce = hashlib.sha256(serialised(dict(sorted(fields.items()))).encode()).hexdigest()
        if reference is None:
            return CallbackHint(nonce, catalog_sku=product)
        return CallbackHint(nonce, reference=reference, supplier_reference=fields.get("order_id"))

    @property
    def _secret(self) -> str:
        return self.settings.app_secret.get_secret_value()

    async def _told(self, method: str, biz: Mapping[str, Any], kind: type[answers.A]) -> answers.A:
        """The answer to a question that changes nothing."""
        try:
            return answers.read(kind, await self._ask(method, biz))
        except HTTPError as fault:
            raise SupplierUnanswered(type(fault).__name__) from None
        except Fault as fault:
            raise SupplierUnanswered(fault.cause) from None
        except Refusal as refusal:
            raise SupplierRefused(f"code_{refusal.code}") from None

    async def _ask(self, method: str, biz: Mapping[str, Any]) -> str:
        """The signed result of one call. Nothing is sent twice: repeating is the host's decision.

        Raises:
            Unsendable, HTTPError, Fault, Refusal.
        """
        envelope = {
            "app_key": self.settings.app_key,
            "method": method,
            "timestamp": now().astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "2.0",
            "format": "json",
            "charset": "utf-8",
            "sign_type": "md5",
            "app_auth_token": "",
            "biz_content": serialised(biz),
        }
        signed = {**envelope, "sign": signature(serialised(envelope), self._secret)}
        content = serialised(signed).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        response = await self.client.post(self.settings.base_url, content=content, headers=headers)
        return answers.result_of(response, self._secret)


def _fields_of(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The fields of a body, all text.

    Raises:
        CallbackForged.
    """
    try:
        text = body.decode()
        if "json" in headers.get("content-type", ""):
            fields = json.loads(text)
        else:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=40)
            fields = dict(pairs)
            if len(fields) != len(pairs):
                raise CallbackForged("body")
    except (ValueError, RecursionError):
        raise CallbackForged("body") from None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise CallbackForged("body")
    return fields
