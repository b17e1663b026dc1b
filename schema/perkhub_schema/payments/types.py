"""Payments, refunds and what a customer must do at a payment service."""

from datetime import datetime

import strawberry

from perkhub.orders import ORDER_KIND
from perkhub.payments import TOP_UP_KIND, Payment, PaymentState, Refund, RefundState
from perkhub.plugin.payment import PaymentAction, Redirect
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import MoneyType, to_money
from perkhub_schema.graphql.nodes import Node

PaymentStateEnum = described(
    PaymentState,
    "Where one attempt to pay stands.",
    {
        PaymentState.PENDING: "Begun; the payment service has not said how it ended.",
        PaymentState.SUCCEEDED: "The money came, and fitted.",
        PaymentState.FAILED: "No money came.",
        PaymentState.REVIEW: "Money came that does not fit; a person decides.",
        PaymentState.RETURNED: "It did not fit, and was given back or put into the wallet.",
    },
)
RefundStateEnum = described(
    RefundState,
    "Whether money has gone back.",
    {
        RefundState.PENDING: "On its way.",
        RefundState.DONE: "It has.",
        RefundState.REJECTED: "The payment service would not take it back; it is in the wallet instead.",
    },
)


PAYABLES = {ORDER_KIND: Kind.ORDER, TOP_UP_KIND: Kind.TOP_UP}


@strawberry.type(name="Payment", description="One attempt to pay.")
class PaymentType(Node):
    payable_id: strawberry.ID = strawberry.field(description="What it pays for: an order or a top-up.")
    method: str = strawberry.field(description="The payment method's key.")
    state: PaymentStateEnum = strawberry.field(description="Where it stands.")  # type: ignore[valid-type]
    amount: MoneyType = strawberry.field(description="What was asked.")
    received: MoneyType | None = strawberry.field(description="What really came.")
    created_at: datetime = strawberry.field(description="When it began.")
    settled_at: datetime | None = strawberry.field(description="When it was decided.")


def to_payment(payment: Payment) -> PaymentType:
    """The payment on the wire."""
    return PaymentType(
        id=global_id(Kind.PAYMENT, payment.id),
        payable_id=global_id(PAYABLES[payment.payable.kind], payment.payable.id),
        method=payment.method,
        state=payment.state,
        amount=to_money(payment.amount),
        received=None if payment.received is None else to_money(payment.received),
        created_at=payment.created_at,
        settled_at=payment.settled_at,
    )


@strawberry.type(name="Refund", description="Money that goes back the way it came.")
class RefundType(Node):
    state: RefundStateEnum = strawberry.field(description="Whether it has gone back.")  # type: ignore[valid-type]
    amount: MoneyType = strawberry.field(description="How much.")
    reason: str = strawberry.field(description="Why.")
    created_at: datetime = strawberry.field(description="When it was decided.")
    settled_at: datetime | None = strawberry.field(description="When the money had gone back.")


def to_refund(refund: Refund) -> RefundType:
    """The refund on the wire."""
    return RefundType(
        id=global_id(Kind.REFUND, refund.id),
        state=refund.state,
        amount=to_money(refund.amount),
        reason=refund.reason,
        created_at=refund.created_at,
        settled_at=refund.settled_at,
    )


@strawberry.type(name="PaymentAction", description="What the customer has to do: follow a link, or scan a code.")
class PaymentActionType:
    payment: PaymentType = strawberry.field(description="The payment that waits.")
    redirect_url: str | None = strawberry.field(description="Send the browser there.")
    qr_text: str | None = strawberry.field(description="Show it as a QR code.")


def to_action(payment: Payment, action: PaymentAction) -> PaymentActionType:
    """The next step on the wire."""
    if isinstance(action, Redirect):
        return PaymentActionType(payment=to_payment(payment), redirect_url=action.url, qr_text=None)
    return PaymentActionType(payment=to_payment(payment), redirect_url=None, qr_text=action.text)
