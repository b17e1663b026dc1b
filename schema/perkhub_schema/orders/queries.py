"""Quotes, and orders for staff; a customer's own orders hang on `me`."""

from collections.abc import AsyncIterator

import strawberry

from perkhub.accounts import IdentityKind, Permission, ensure_permission, ensure_permission_somewhere
from perkhub.campaigns import offer_basket
from perkhub.entitlements import entitlements_of_sources
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.orders import Order, lines_of, order_by_id, order_by_number
from perkhub.pricing import QuotedLine
from perkhub_schema.catalog.face_values import FaceValue, to_face_value
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.access import PUBLIC, requires_in_channel
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.money import MoneyType, to_money, unit_price
from perkhub_schema.graphql.mutations import query
from perkhub_schema.orders.inputs import QuoteInput, to_basket
from perkhub_schema.orders.live import order_changes
from perkhub_schema.orders.types import OrderType, to_order
from perkhub_schema.pricing.types import PriceStepType, to_steps


@strawberry.type(name="QuoteLine", description="A priced line.")
class QuoteLineType:
    line: strawberry.Private[QuotedLine]
    quantity: int = strawberry.field(description="How many.")
    unit: MoneyType = strawberry.field(description="Unit price.")
    total: MoneyType = strawberry.field(description="Unit price times quantity, rounded once.")

    @strawberry.field(description="What.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.line.offered.variant_id)

    @strawberry.field(description="Of each unit; the value that was chosen, where there is a choice.")
    def face_value(self) -> FaceValue | None:
        return to_face_value(self.line.face_value, self.line.offered.face.currency)

    @strawberry.field(description="How the unit price came about.")
    def trace(self) -> list[PriceStepType]:
        return to_steps(self.line.trace, self.line.total.currency)


@strawberry.type(name="Quote", description="A priced basket; it holds nothing.")
class QuoteType:
    lines: list[QuoteLineType] = strawberry.field(description="In the order of the input.")
    total: MoneyType = strawberry.field(description="Give it as `expectedTotal` when placing the order.")


@strawberry.type(description="A quote, or why there is none.")
class QuotePayload:
    quote: QuoteType | None = strawberry.field(default=None, description="The priced basket.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why not; empty if it is.")


@strawberry.type
class OrderQueries:
    @query(PUBLIC, "Price any basket as this viewer would pay it here and now. Changes nothing.")
    async def quote(self, info: Info, input: QuoteInput) -> QuotePayload:
        channel = await info.context.channel()
        priced = (await offer_basket(channel, to_basket(input.lines), await info.context.viewer())).quote
        lines = [
            QuoteLineType(
                line=line,
                quantity=line.quantity,
                unit=unit_price(line.unit, channel.currency),
                total=to_money(line.total),
            )
            for line in priced.lines
        ]
        return QuotePayload(quote=QuoteType(lines=lines, total=to_money(priced.total)))

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
    async with order_changes(watched.id, viewer=context.identity.actor) as changed:
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
