"""Topping up a wallet, and deciding about money that did not fit."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.kit.db import Transaction
from perkhub.kit.errors import DomainError
from perkhub.kit.idempotency import once
from perkhub.kit.ids import new_id
from perkhub.payments import (
    Payment,
    PaymentMethodUnknown,
    PaymentNotStarted,
    PaymentState,
    payment_by_id,
    settle_review,
    start_top_up,
    top_up_by_id,
)
from perkhub_schema.graphql.access import CUSTOMER, requires
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import fingerprint
from perkhub_schema.payments.begin import begin, fit_gateway, return_address
from perkhub_schema.payments.inputs import PaymentReviewSettleInput, WalletTopUpInput
from perkhub_schema.payments.top_ups import TopUpType, to_top_up
from perkhub_schema.payments.types import PaymentActionType, PaymentType, to_payment


@strawberry.type(description="The top-up, and what the customer has to do for it.")
class WalletTopUpPayload:
    top_up: TopUpType | None = strawberry.field(default=None, description="The top-up as it stands.")
    payment_action: PaymentActionType | None = strawberry.field(
        default=None, description="What the customer has to do at the payment service; null once it is paid."
    )
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The payment after the decision.")
class PaymentPayload:
    payment: PaymentType | None = strawberry.field(default=None, description="The payment as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(CUSTOMER, "Put money into one's wallet through a payment service.")
async def wallet_top_up(info: Info, input: WalletTopUpInput) -> WalletTopUpPayload:
    context, amount = info.context, input.amount.to_money("amount")
    gateway, buyer = fit_gateway(input.gateway, "gateway"), context.buyer

    async def work(tx: Transaction, result: UUID) -> Payment | None:
        top_up = new_id()
        chosen = {"method": gateway.name, "return_url": return_address(gateway, Kind.TOP_UP, top_up)}
        return await start_top_up(tx, top_up, buyer, amount, payment=result, **chosen)

    request = {"buyer": buyer.hex, **fingerprint(input)}
    try:
        payment = await once(
            context.identity.actor, "walletTopUp", key=input.idempotency_key, request=request, work=work, replay=payment_by_id
        )
        assert payment is not None
        action = await _next_step(context, payment)
    except (PaymentMethodUnknown, PaymentNotStarted) as refused:
        raise _outside_of_pay(refused) from None
    top_up = await top_up_by_id(payment.payable.id)
    return WalletTopUpPayload(top_up=None if top_up is None else to_top_up(top_up), payment_action=action)


async def _next_step(context: Context, payment: Payment) -> PaymentActionType | None:
    if payment.state is PaymentState.FAILED:
        raise PaymentNotStarted(reason="it was refused before")
    return await begin(context, payment) if payment.state is PaymentState.PENDING else None


def _outside_of_pay(refused: DomainError) -> DomainError:
    """The domain names the gateway as an order's payment does, inside of `pay`."""
    refused.path = refused.path[1:]
    return refused


@mutation(requires(Permission.REVIEW_PAYMENTS), "Decide about a payment whose money did not fit.")
async def payment_review_settle(info: Info, input: PaymentReviewSettleInput) -> PaymentPayload:
    actor, payment = info.context.identity.actor, local_id(Kind.PAYMENT, input.payment_id, "paymentId")

    async def work(tx: Transaction, _: UUID) -> None:
        await settle_review(tx, payment, input.decision, actor=actor)

    async def replay(_: UUID) -> None:
        """The payment is read below."""

    request = fingerprint(input)
    await once(actor, "paymentReviewSettle", key=input.idempotency_key, request=request, work=work, replay=replay)
    settled = await payment_by_id(payment)
    return PaymentPayload(payment=None if settled is None else to_payment(settled))


@strawberry.type
class PaymentMutations:
    wallet_top_up = wallet_top_up
    payment_review_settle = payment_review_settle
