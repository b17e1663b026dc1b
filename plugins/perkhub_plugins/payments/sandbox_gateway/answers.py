"""What the gateway's answers mean: its bodies, checked strictly, and its error codes, as data."""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from perkhub.plugin import (
    Failed,
    Paid,
    PaymentOutcome,
    Pending,
    RefundDone,
    RefundOutcome,
    RefundPending,
    RefundRejected,
    RefundUnknown,
    Response,
    Unknown,
)

# The protocol page says of these: they lie in the request itself, so that no repetition was or will be accepted. Refused
# credentials are not among them: they tell nothing about an earlier attempt under the same reference.
FINAL = {(400, "request_invalid"), (422, "amount_invalid"), (422, "currency_unsupported"), (422, "already_expired")}
NOT_FOUND = (404, "not_found")

Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Reference = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
Minor = Annotated[int, Field(ge=0, le=10**15)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Answer(BaseModel):
    """Strict: a number in a string or a missing field is an answer that we do not understand."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)


class PaymentAnswer(Answer):
    """A payment as the gateway tells it."""

    payment_id: Reference
    merchant_reference: Reference
    status: Literal["pending", "paid", "failed"]
    amount: Minor
    currency: Currency
    pay_url: Annotated[str, Field(max_length=2000, pattern=r"^https?://")]
    paid_amount: Minor | None = None
    paid_at: datetime | None = None
    reason: Word | None = None


class RefundAnswer(Answer):
    """A refund as the gateway tells it."""

    refund_id: Reference
    refund_reference: Reference
    merchant_reference: Reference
    status: Literal["pending", "done", "rejected"]
    amount: Minor
    currency: Currency
    settled_at: datetime | None = None
    reason: Word | None = None


class Refusal(Answer):
    """Any answer that is no success."""

    error: Word


A = TypeVar("A", bound=Answer)


def read(kind: type[A], response: Response) -> A | None:
    """The body as a `kind`, or None when it is not one. What it held instead goes nowhere: it may be anything."""
    try:
        return kind.model_validate_json(response.content)
    except ValidationError:
        return None


def error_code(response: Response) -> tuple[int, str]:
    """Status and error word of a refusal; the word is `unreadable` when there is none."""
    refusal = read(Refusal, response)
    return response.status_code, "unreadable" if refusal is None else refusal.error


def cause(response: Response) -> str:
    """One word for the log about an answer that settles nothing."""
    return f"http_{response.status_code}_{error_code(response)[1]}"


def payment_outcome(answer: PaymentAnswer) -> PaymentOutcome:
    """What a payment's answer says about money."""
    match answer.status:
        case "pending":
            return Pending()
        case "failed":
            return Failed(answer.reason or "failed")
        case "paid":
            if answer.paid_amount is None or answer.paid_at is None or answer.paid_at.tzinfo is None:
                return Unknown("answer_incomplete")
            return Paid(answer.paid_amount, answer.currency, answer.payment_id, answer.paid_at)


def refund_outcome(answer: RefundAnswer) -> RefundOutcome:
    """What a refund's answer says about money."""
    match answer.status:
        case "pending":
            return RefundPending()
        case "rejected":
            return RefundRejected(answer.reason or "rejected")
        case "done":
            if answer.settled_at is None or answer.settled_at.tzinfo is None:
                return RefundUnknown("answer_incomplete")
            return RefundDone(answer.amount, answer.currency, answer.refund_id, answer.settled_at)
