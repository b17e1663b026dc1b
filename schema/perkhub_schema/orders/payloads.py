"""What order mutations answer: the changed object, and why it was refused if it was."""

import strawberry

from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.orders.types import EntitlementType, OrderType, RevealedEntitlement
from perkhub_schema.payments.types import PaymentActionType


@strawberry.type(description="A placed order, its benefits if they were to be shown, and the next step if one is due.")
class OrderPlacePayload:
    order: OrderType | None = strawberry.field(default=None, description="The order as it stands.")
    revealed: list[RevealedEntitlement] = strawberry.field(
        default_factory=list, description="The credentials, where `reveal` asked for them."
    )
    payment_action: PaymentActionType | None = strawberry.field(
        default=None, description="What the customer has to do at the payment service."
    )
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The order after a payment, and the next step if one is due.")
class OrderPayPayload:
    order: OrderType | None = strawberry.field(default=None, description="The order as it stands.")
    payment_action: PaymentActionType | None = strawberry.field(
        default=None, description="What the customer has to do at the payment service."
    )
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The changed order.")
class OrderPayload:
    order: OrderType | None = strawberry.field(default=None, description="The order as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The benefit with its plain credentials.")
class EntitlementRevealPayload:
    entitlement: EntitlementType | None = strawberry.field(default=None, description="The benefit as it stands.")
    revealed: RevealedEntitlement | None = strawberry.field(default=None, description="The benefit with its credentials.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")
