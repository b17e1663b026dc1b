"""Buying and what follows: each resolver calls the domain once and maps what comes back."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.entitlements import reveal
from perkhub.kit.db import Transaction, transact
from perkhub.kit.idempotency import once
from perkhub.kit.metrics import count_reveals
from perkhub.orders import Order, cancel_order, order_by_id, pay_from_wallet, refund_units, start_order_payment
from perkhub.payments import Payment, payment_by_id
from perkhub.vault import OutOfStock
from perkhub_schema.graphql.access import CUSTOMER, requires_in_channel
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import (
    EntitlementRevealInput,
    OrderCancelInput,
    OrderPayInput,
    OrderPlaceInput,
    OrderRefundInput,
    RefundRequestInput,
    fingerprint,
)
from perkhub_schema.orders.payloads import EntitlementRevealPayload, OrderPayload, OrderPayPayload, OrderPlacePayload
from perkhub_schema.orders.place import PAID_BY_WALLET, WALLET_REFUSED, place, take_look
from perkhub_schema.orders.types import to_order, to_revealed
from perkhub_schema.payments.begin import begin, chosen_gateway, return_address


@mutation(CUSTOMER, "Place an order; with `pay`, also pay it; with `reveal`, also hand over the codes.")
async def order_place(info: Info, input: OrderPlaceInput) -> OrderPlacePayload:
    return await place(info.context, input)


@mutation(CUSTOMER, "Pay a placed order from the wallet, or begin its payment at a payment service.")
async def order_pay(info: Info, input: OrderPayInput) -> OrderPayPayload:
    context = info.context
    order_id = local_id(Kind.ORDER, input.order_id, "orderId")
    gateway = chosen_gateway(input.pay, "pay")
    buyer, viewer = context.buyer, await context.viewer()

    async def work(tx: Transaction, result: UUID) -> Order | Payment:
        if gateway is None:
            return await pay_from_wallet(tx, order_id, buyer, actor=context.identity.actor, viewer=viewer)
        order = await order_by_id(order_id, party=buyer, tx=tx)
        way = {"method": gateway.name, "return_url": return_address(gateway, Kind.ORDER, order.id)}
        return await start_order_payment(tx, order, **way, payment=result, viewer=viewer)

    async def replay(result: UUID) -> Order | Payment:
        payment = await payment_by_id(result)
        return payment or await order_by_id(order_id, party=buyer)

    request = {"buyer": buyer.hex, **fingerprint(input)}
    actor = context.identity.actor
    try:
        outcome = await once(actor, "orderPay", key=input.idempotency_key, request=request, work=work, replay=replay)
    except OutOfStock as refused:
        refused.path = ("orderId",)  # the variant that is short stands in no input here
        raise
    except WALLET_REFUSED as refused:
        refused.path = PAID_BY_WALLET
        raise
    if isinstance(outcome, Order):
        return OrderPayPayload(order=to_order(outcome))
    action = await begin(context, outcome)
    return OrderPayPayload(order=to_order(await order_by_id(order_id)), payment_action=action)


@mutation(CUSTOMER, "Give up an unpaid order; what it held is free for others at once.")
async def order_cancel(info: Info, input: OrderCancelInput) -> OrderPayload:
    order_id, buyer = local_id(Kind.ORDER, input.order_id, "orderId"), info.context.buyer
    order = await transact(lambda tx: cancel_order(tx, order_id, party=buyer))
    return OrderPayload(order=to_order(order))


@mutation(
    CUSTOMER,
    "Give back benefits whose codes were not seen, as their line's `refundPolicy` says; the money returns the way it came.",
)
async def refund_request(info: Info, input: RefundRequestInput) -> OrderPayload:
    return await _refund(info.context, input, "refundRequest", party=info.context.buyer)


@mutation(
    requires_in_channel(Permission.MANAGE_ORDERS),
    "Refund benefits as staff: with `evenIfSeen`, also those whose codes were seen; with `againstPolicy`, more than promised.",
)
async def order_refund(info: Info, input: OrderRefundInput) -> OrderPayload:
    order = await order_by_id(local_id(Kind.ORDER, input.order_id, "orderId"))
    ensure_permission(info.context.identity, Permission.MANAGE_ORDERS, channel=order.channel_id)
    beyond = {"even_if_seen": input.even_if_seen, "against_policy": input.against_policy}
    return await _refund(info.context, input, "orderRefund", party=None, **beyond)


@mutation(CUSTOMER, "Show the code of a benefit. Every look is logged, and looks are limited per minute.")
async def entitlement_reveal(info: Info, input: EntitlementRevealInput) -> EntitlementRevealPayload:
    entitlement = local_id(Kind.ENTITLEMENT, input.entitlement_id, "entitlementId")
    party = info.context.buyer
    await take_look(info.context)
    unit, credentials = await reveal(party, entitlement, actor=info.context.identity.actor)
    count_reveals()
    shown = to_revealed(unit, credentials)
    return EntitlementRevealPayload(entitlement=shown.entitlement, revealed=shown)


async def _refund(
    context: Context, given: RefundRequestInput, operation: str, *, party: UUID | None, **beyond: bool
) -> OrderPayload:
    order_id = local_id(Kind.ORDER, given.order_id, "orderId")
    units = None
    if given.entitlement_ids is not None:
        units = [local_id(Kind.ENTITLEMENT, unit, "entitlementIds") for unit in given.entitlement_ids]

    async def work(tx: Transaction, result: UUID) -> Order:
        return await refund_units(
            tx,
            order_id,
            party=party,
            units=units,
            reason=given.reason,
            actor=context.identity.actor,
            refund=result,
            **beyond,
        )

    async def replay(_: UUID) -> Order:
        return await order_by_id(order_id, party=party)

    request = {"buyer": None if party is None else party.hex, **fingerprint(given)}
    actor = context.identity.actor
    order = await once(actor, operation, key=given.idempotency_key, request=request, work=work, replay=replay)
    return OrderPayload(order=to_order(order))


@strawberry.type
class OrderMutations:
    order_place = order_place
    order_pay = order_pay
    order_cancel = order_cancel
    refund_request = refund_request
    order_refund = order_refund
    entitlement_reveal = entitlement_reveal
