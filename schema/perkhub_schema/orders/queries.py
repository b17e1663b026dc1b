"""Quotes, and orders for staff; a customer's own orders hang on `me`."""

from collections.abc import AsyncIterator

import strawberry

from perkhub.accounts import IdentityKind, Permission, ensure_permission, ensure_permission_somewhere
from perkhub.campaigns import offer_basket
from perkhub.campaigns.coupons import count_guesses
from perkhub.entitlements import entitlements_of_sources
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.orders import Order, lines_of, order_by_id, order_by_number
from perkhub_schema.graphql.access import PUBLIC, SignedInOnly, requires_in_channel
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.orders.inputs import QuoteInput, to_basket, to_codes
from perkhub_schema.orders.quotes import QuotePayload, to_quote
from perkhub_schema.orders.types import OrderType, to_order
from perkhub_schema.watching import ORDER, changes


@strawberry.type
class OrderQueries:
    @query(PUBLIC, "Price any basket as this viewer would pay it here and now. Changes nothing.")
    async def quote(self, info: Info, input: QuoteInput) -> QuotePayload:
        channel, viewer = await info.context.channel(), await info.context.viewer()
        basket, codes = to_basket(input.lines), to_codes(input.coupon_codes)
        await count_guesses(codes, guesser=str(viewer.party_id or info.context.who), holder=viewer.party_id)
        offered = await offer_basket(channel, basket, viewer, codes=codes)
        return QuotePayload(quote=to_quote(offered, info.context.language))

    @query(requires_in_channel(Permission.READ_ORDERS), "An order by id or number, for staff.")
    async def order(self, info: Info, id: strawberry.ID | None = None, number: str | None = None) -> OrderType | None:
        if (id is None) == (number is None):
            raise InvalidInput(path=("id",), reason="Give either an id or a number.")
        try:
            found = await (order_by_id(local_id(Kind.ORDER, id, "id")) if id else order_by_number(number or ""))
        except NotFound:
            return None
        ensure_permission(info.context.identity, Permission.READ_ORDERS, channel=found.channel_id)
        return to_order(found)


async def watched_order(context: Context, order_id: strawberry.ID) -> Order:
    """The order, if the viewer may watch it: its owner, or staff who may read orders."""
    if context.refused is not None:
        raise context.refused
    order = local_id(Kind.ORDER, order_id, "id")
    if context.identity.kind is IdentityKind.CUSTOMER:
        own = await order_by_id(order)
        if not await context.holds(own.party_id):
            raise NotFound("order", "订单", path=("orderId",))
        return own
    ensure_permission_somewhere(context.identity, Permission.READ_ORDERS)
    found = await order_by_id(order)
    ensure_permission(context.identity, Permission.READ_ORDERS, channel=found.channel_id)
    return found


async def watch(context: Context, order_id: strawberry.ID) -> AsyncIterator[OrderType]:
    """The order now, and again whenever it has changed."""
    watched = await watched_order(context, order_id)
    lines = [line.id for line in await lines_of([watched])]
    async with changes(ORDER, watched.id, viewer=context.identity.actor) as changed:
        seen = None
        while True:
            # The token may have expired meanwhile, or a right been taken away.
            await context.recognise_again()
            present = await watched_order(context, order_id)
            # What a supplier delivers moves the units, and nothing of the order itself.
            units = [(unit.id, unit.state) for unit in await entitlements_of_sources(lines)]
            if (present, units) != seen:
                seen = (present, units)
                context.forget_loaded()
                yield to_order(present)
            await changed()


@strawberry.type
class OrderSubscriptions:
    @strawberry.subscription(
        description="The order now, and again whenever it changes; for its owner, and for staff with READ_ORDERS.",
        # Which orders somebody may watch is looked at in `watch`.
        directives=[SignedInOnly()],
    )
    async def order_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[OrderType]:
        async for order in watch(info.context, id):
            yield order
