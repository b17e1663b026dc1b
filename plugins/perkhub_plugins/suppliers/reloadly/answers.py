"""What Reloadly's answers mean: transactions, cards, errors. Numbers are read as decimals or text, never as floats."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from perkhub.plugin import Response
from perkhub.plugin.supplier import (
    Accepted,
    Cost,
    CredentialKind,
    Delivered,
    Echo,
    FaceValue,
    Rejected,
    Reversed,
    StatementLine,
    SuppliedCode,
)

MOST_BYTES = 4_000_000
# Validation, credentials, money, permission, product: what is documented as a no. Any other 4xx (too busy, too early, held by
# another request, or named nowhere) says nothing about the order.
FINAL = frozenset({400, 401, 402, 403, 404, 422})
NO_MONEY = frozenset({"INSUFFICIENT_BALANCE"})

T = TypeVar("T")
Text = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | Decimal) else value)]


class Fault(Exception):
    """No answer that settles anything; `cause` is one word."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class Answer(BaseModel):
    """Unknown fields are the vendor's future; a missing or odd one is an answer that we do not understand."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Ordered(Answer):
    """What a transaction is of."""

    productId: Text  # noqa: N815 - the vendor's names
    quantity: int = Field(ge=1, le=10**6)
    unitPrice: Decimal  # noqa: N815
    currencyCode: str | None = None  # noqa: N815


class Transaction(Answer):
    """An order as the vendor tells it; `amount` is what it cost our account, fees included."""

    transactionId: Text  # noqa: N815
    amount: Decimal = Field(ge=0)
    currencyCode: str = Field(pattern=r"^[A-Z]{3}$")  # noqa: N815
    status: Literal["SUCCESSFUL", "PENDING", "PROCESSING", "FAILED", "REFUNDED"]
    customIdentifier: str | None = None  # noqa: N815
    transactionCreatedTime: str | None = None  # noqa: N815
    product: Ordered


class Page(Answer):
    """A page of transactions."""

    content: list[Transaction]
    last: bool = True


class Card(Answer):
    """One gift card. The vendor's samples show numbers as JSON integers."""

    cardNumber: Text | None = Field(None, repr=False)  # noqa: N815
    pinCode: Text | None = Field(None, repr=False)  # noqa: N815
    redemptionUrl: str | None = Field(None, repr=False)  # noqa: N815


class Token(Answer):
    """What the authorisation server gives."""

    access_token: str = Field(min_length=1, repr=False)
    expires_in: int = Field(gt=0)


class Balance(Answer):
    """Our account."""

    balance: Decimal
    currencyCode: str  # noqa: N815


class Refusal(Answer):
    """An error's body; texts are for people and decide nothing but one doubt."""

    message: str = ""
    errorCode: str | None = None  # noqa: N815


def read(kind: type[T] | TypeAdapter[T], response: Response) -> T:
    """The body of a success.

    Raises:
        Fault.
    """
    if response.status_code != 200:
        raise Fault(f"http_{response.status_code}")
    return parse(kind, response)


def parse(kind: type[T] | TypeAdapter[T], response: Response) -> T:
    """The body, whatever the status.

    Raises:
        Fault.
    """
    if len(response.content) > MOST_BYTES:
        raise Fault("too_large")
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    try:
        # Card numbers of sixteen digits and more lose their last ones as floats.
        parsed: Any = json.loads(response.content, parse_float=Decimal)
        return adapter.validate_python(parsed)
    except (ValueError, RecursionError, ValidationError):
        # What it held instead goes nowhere: it may be anything.
        raise Fault("unreadable") from None


def outcome(transaction: Transaction, *, sku: str) -> Delivered | Accepted | Reversed:
    """What a transaction says of an order of this SKU. The codes of a success are fetched apart."""
    echo, reference = echo_of(transaction, ranged=":" not in sku), transaction.transactionId
    match transaction.status:
        case "SUCCESSFUL":
            return Delivered(echo, reference, fetch=True)
        case "PENDING" | "PROCESSING" | "FAILED":
            # Of a failure the money is not back yet: bought elsewhere now, it could be paid twice. REFUNDED says when it is.
            return Accepted(echo, reference)
        case "REFUNDED":
            return Reversed("refunded", returned=Cost(transaction.amount, transaction.currencyCode))


def echo_of(transaction: Transaction, *, ranged: bool) -> Echo:
    """What it says that we ordered; a ranged SKU names no denomination, which is told apart."""
    ordered = transaction.product
    face = None
    if ranged and ordered.currencyCode is not None:
        face = FaceValue(ordered.unitPrice, ordered.currencyCode)
    return Echo(
        transaction.customIdentifier,
        ordered.productId if ranged else f"{ordered.productId}:{plain(ordered.unitPrice)}",
        ordered.quantity,
        Cost(transaction.amount, transaction.currencyCode),
        face_value=face,
    )


def refusal(response: Response) -> Rejected | None:
    """A documented, final no; None where it may mean anything.

    The status decides. One doubt is left to the text: a refusal of our identifier means that an order of it may exist.
    """
    status = response.status_code
    if status not in FINAL:
        return None
    try:
        told = parse(Refusal, response)
    except Fault:
        return None
    text = told.message.lower()
    if "identifier" in text and any(word in text for word in ("unique", "duplicate", "already", "exist")):
        return None
    reason = told.errorCode or f"http_{status}"
    return Rejected(reason[:40], elsewhere=True, halt=status in (401, 402, 403) or told.errorCode in NO_MONEY)


def code_of(card: Card) -> SuppliedCode:
    """A card's secrets, in our kinds.

    Raises:
        Fault: it has none.
    """
    named = (
        (CredentialKind.NUMBER, card.cardNumber),
        (CredentialKind.URL, card.redemptionUrl),
        (CredentialKind.PIN, card.pinCode),
    )
    credentials = tuple((kind, value.strip()) for kind, value in named if value and value.strip())
    if credentials and credentials[0][0] is CredentialKind.PIN:
        # Some brands give one secret, and call it a PIN: it is what identifies the card.
        credentials = ((CredentialKind.CLAIM_CODE, credentials[0][1]),)
    if not credentials:
        raise Fault("card_empty")
    return SuppliedCode(credentials)


def plain(number: Decimal) -> str:
    """Without exponent and trailing zeros: 25.00 is 25."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def lines_of(made: Transaction) -> list[StatementLine]:
    """What a transaction is on the account. The vendor names no zone: its times are taken as UTC.

    Raises:
        Fault: it says no time.
    """
    try:
        at = datetime.strptime(made.transactionCreatedTime or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Fault("time") from None
    kinds = {"SUCCESSFUL": ("purchase",), "FAILED": ("purchase",), "REFUNDED": ("purchase", "refund")}
    cost = Cost(made.amount, made.currencyCode)
    return [
        StatementLine(made.customIdentifier, made.transactionId, at, cost, kind)
        for kind in kinds.get(made.status, (made.status.lower(),))
    ]
