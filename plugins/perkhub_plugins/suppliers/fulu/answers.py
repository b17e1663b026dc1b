"""What Fulu's answers mean: its envelope, its orders, its states, as data."""

from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from perkhub.plugin import Response
from perkhub.plugin.supplier import (
    Accepted,
    Cost,
    CredentialKind,
    Delivered,
    Echo,
    LookupOutcome,
    Partial,
    Rejected,
    SuppliedCode,
    Unknown,
)
from perkhub_plugins.suppliers.fulu.ordering import BY_VALUE, kind_of
from perkhub_plugins.suppliers.fulu.signing import CardUnreadable, decrypt_card, is_signed

CURRENCY = "CNY"
ZONE = ZoneInfo("Asia/Shanghai")
MOST_BYTES = 2_000_000
STATES = Literal["success", "processing", "failed", "untreated"]
# order_type of an answer, and the word before the colon in our SKUs.
ORDER_KINDS = {1: "mobile", 2: "data", 3: "card", 4: "direct"}

A = TypeVar("A", bound=BaseModel)
# Identifiers and numbers come as numbers or as text, by endpoint.
Text = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class Answer(BaseModel):
    """Unknown fields are the vendor's future; a missing or odd one is an answer that we do not understand."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Envelope(Answer):
    """Every reply. `result` is JSON once more, and the only part that is signed."""

    code: int
    result: str | None = None
    sign: str | None = None


class Card(Answer):
    """One secret, encrypted."""

    card_number: str = Field(default="", repr=False)
    card_pwd: str = Field(default="", repr=False)
    card_deadline: str | None = None


class Order(Answer):
    """An order as `order.info.get` tells it, and the orders' own replies but for what they leave out."""

    order_id: Text
    customer_order_no: Text
    order_state: STATES
    product_id: Text | None = None
    buy_num: int | None = Field(None, ge=1, le=10**6)
    order_price: Decimal | None = Field(None, ge=0)  # of one
    order_type: int | None = None
    charge_account: str | None = Field(None, repr=False)
    operator_serial_number: str | None = None
    cards: list[Card] | None = Field(None, repr=False)


class Fault(Exception):
    """No answer that settles anything; `cause` is one word."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class Refusal(Exception):
    """A well-formed answer with a code other than 0."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(str(code))


def result_of(response: Response, secret: str) -> str:
    """The signed JSON of a reply.

    Raises:
        Fault: it cannot be read, or its signature does not fit.
        Refusal: its code is not 0.
    """
    if response.status_code != 200:
        raise Fault(f"http_{response.status_code}")
    if len(response.content) > MOST_BYTES:
        raise Fault("too_large")
    envelope = _read(Envelope, response.content)
    if envelope.code != 0:
        raise Refusal(envelope.code)
    if envelope.result is None or envelope.sign is None:
        raise Fault("incomplete")
    if not is_signed(envelope.result, envelope.sign, secret):
        raise Fault("signature")
    return envelope.result


def read(kind: type[A], result: str) -> A:
    """The result as a `kind`.

    Raises:
        Fault.
    """
    return _read(kind, result.encode())


def outcome(order: Order, sku: str, secret: str) -> LookupOutcome:
    """What an answer about an order of this SKU says."""
    echo = echo_of(order, sku)
    match order.order_state:
        case "processing" | "untreated":
            return Accepted(echo, order.order_id)
        case "failed":
            return Rejected("failed", elsewhere=True)
    if order.order_type != 3:
        return Delivered(echo, order.order_id, receipt=order.operator_serial_number or None)
    try:
        codes = tuple(_code(card, secret) for card in order.cards or ())
    except (CardUnreadable, ValueError):
        return Unknown("card_unreadable")
    if order.buy_num is None:
        return Unknown("incomplete")
    if not codes or len(codes) > order.buy_num:
        return Unknown("cards_mismatch")
    if len(codes) < order.buy_num:
        # The price is of one: what did not come is not paid for.
        came = None if order.order_price is None else Cost(order.order_price * len(codes), CURRENCY)
        return Partial(replace(echo, cost=came), len(codes), order.order_id, codes)
    return Delivered(echo, order.order_id, codes)


def echo_of(order: Order, sku: str) -> Echo:
    """What it says that we ordered; a unit price is of one."""
    cost = None
    if order.order_price is not None and order.buy_num is not None:
        cost = Cost(order.order_price * order.buy_num, CURRENCY)
    return Echo(order.customer_order_no, _sku_told(order, sku), order.buy_num, cost, order.charge_account)


def _sku_told(order: Order, sku: str) -> str | None:
    """What was ordered, as far as it is told. Of a value for a phone it is the kind alone: the answer names the product that
    the vendor chose by the number, and the value nowhere."""
    if order.order_type is None:
        return None
    kind = ORDER_KINDS.get(order.order_type, "other")
    if kind in BY_VALUE:
        return sku if kind_of(sku) == kind else kind
    return None if order.product_id is None else f"{kind}:{order.product_id}"


def _code(card: Card, secret: str) -> SuppliedCode:
    """Number and password, the one or the other alone, or both."""
    number = decrypt_card(card.card_number, secret) if card.card_number else ""
    password = decrypt_card(card.card_pwd, secret) if card.card_pwd else ""
    credentials: tuple[tuple[CredentialKind, str], ...]
    if number and password:
        credentials = ((CredentialKind.NUMBER, number), (CredentialKind.PIN, password))
    elif number or password:
        credentials = ((_kind_of(number or password), number or password),)
    else:
        raise CardUnreadable
    return SuppliedCode(credentials, _deadline(card.card_deadline))


def _kind_of(secret: str) -> CredentialKind:
    return CredentialKind.URL if secret.startswith(("https://", "http://")) else CredentialKind.CLAIM_CODE


def _deadline(given: str | None) -> datetime | None:
    """Beijing time; a day alone means to its end."""
    if not given or not given.strip():
        return None
    at = datetime.fromisoformat(given.strip())
    if len(given.strip()) == len("2026-01-02"):
        at = datetime.combine(at.date(), time(23, 59, 59))
    return at.replace(tzinfo=ZONE)


def _read(kind: type[A], content: bytes) -> A:
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        # What it held instead goes nowhere: it may be anything.
        raise Fault("unreadable") from None
