"""Orders, their lines, and the benefits they gave, as their owner and the staff see them."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.entitlements import Entitlement, EntitlementState
from perkhub.orders import Order, OrderLine, OrderState
from perkhub.pricing import PriceSource
from perkhub.vault import Credential, CredentialKind
from perkhub_schema.accounts.loaders import load_organisations
from perkhub_schema.campaigns.circles import CircleType, load_circles, to_circle
from perkhub_schema.campaigns.consents import ConsentGivenType, load_consents, to_given
from perkhub_schema.campaigns.draws import DrawType, load_draws
from perkhub_schema.campaigns.types import CampaignType, campaign_of
from perkhub_schema.catalog.face_values import FaceValue, to_face_value
from perkhub_schema.catalog.policies import RefundPolicyType, ValidityType, to_refund_policy, to_validity
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import MoneyType, to_money, unit_price
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.loaders import (
    load_inputs,
    load_lines,
    load_payments,
    load_products,
    load_refunds,
    load_units,
    load_variants,
)
from perkhub_schema.payments.types import PaymentType, RefundType, to_payment, to_refund
from perkhub_schema.pricing.types import PriceStepType, to_steps

OrderStateEnum = described(
    OrderState,
    "The money side of an order; what was delivered is told by its entitlements.",
    {
        OrderState.PLACED: "Not paid yet; its units are held until `expiresAt`.",
        OrderState.PAID: "Paid in full.",
        OrderState.PARTLY_REFUNDED: "Some of its money was given back.",
        OrderState.REFUNDED: "All of its money was given back.",
        OrderState.CANCELLED: "Given up before it was paid.",
        OrderState.EXPIRED: "Not paid in time.",
    },
)
EntitlementStateEnum = described(
    EntitlementState,
    "The life of one unit that a party holds.",
    {
        EntitlementState.PENDING: "It is still to be obtained.",
        EntitlementState.DELAYED: "It is still to be obtained, and takes longer than was promised.",
        EntitlementState.ISSUED: "Its code is there, and nobody has seen it.",
        EntitlementState.REVEALED: "Its holder has seen the code.",
        EntitlementState.DELIVERED: "It was done to the account that its buyer named; there is nothing to show.",
        EntitlementState.FAILED: "It could not be delivered; its price is given back.",
        EntitlementState.FROZEN: "It may not be used for now.",
        EntitlementState.EXPIRED: "Its time is over; its code is not shown any more.",
        EntitlementState.REVOKED: "It was taken back.",
    },
)
CredentialKindEnum = described(
    CredentialKind,
    "What kind of secret a credential is.",
    {
        CredentialKind.NUMBER: "A card's number.",
        CredentialKind.CLAIM_CODE: "What the holder types in to get the benefit.",
        CredentialKind.URL: "The address where the holder gets the benefit.",
        CredentialKind.BARCODE: "The digits of a barcode.",
        CredentialKind.PIN: "The secret that belongs to a number.",
        CredentialKind.SECURITY_CODE: "A further secret, such as the digits on a card's back.",
    },
)


@strawberry.type(name="Credential", description="One secret of a code. Never store it; show it and forget it.")
class CredentialType:
    kind: CredentialKindEnum = strawberry.field(description="What it is.")  # type: ignore[valid-type]
    value: str = strawberry.field(description="The plain secret.")


@strawberry.type(name="Entitlement", description="One benefit that a party holds.")
class EntitlementType(Node):
    unit: strawberry.Private[Entitlement]

    @strawberry.field(description="Where it is in its life.")
    def state(self) -> EntitlementStateEnum:  # type: ignore[valid-type]
        return self.unit.state

    @strawberry.field(description="What it is one of.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.unit.variant_id)

    @strawberry.field(description="What was paid for this unit.")
    def price(self) -> MoneyType:
        return to_money(self.unit.price)

    @strawberry.field(description="What is printed on it; the value that its buyer chose, where there was a choice.")
    def face_value(self) -> FaceValue | None:
        return to_face_value(self.unit.face_value, self.unit.face_currency)

    @strawberry.field(description="Where it goes, masked: the phone, account or e-mail that its buyer gave; else null.")
    async def target(self, info: Info) -> str | None:
        said = await info.context.loader(load_inputs).load(self.unit.source_id)
        return next((one.masked for one in said if one.target), None)

    @strawberry.field(description='The end of the code, such as "•••• 7421"; the secret comes only by entitlementReveal.')
    def masked(self) -> str | None:
        return self.unit.masked

    @strawberry.field(description="When it was given.")
    def issued_at(self) -> datetime | None:
        return self.unit.issued_at

    @strawberry.field(description="When its holder first saw the code.")
    def revealed_at(self) -> datetime | None:
        return self.unit.revealed_at

    @strawberry.field(
        description="Its last moment: the code's own, or by the line's `validity` if that is sooner; null when it never ends."
    )
    def expires_at(self) -> datetime | None:
        return self.unit.expires_at

    @strawberry.field(description="What to do with it, in the request's language.")
    async def how_to_use(self, info: Info) -> str | None:
        variant = await info.context.loader(load_variants).load(self.unit.variant_id)
        product = await info.context.loader(load_products).load(variant.product_id)
        return info.context.say(product.how_to_use) or None


def to_entitlement(unit: Entitlement) -> EntitlementType:
    """The unit on the wire."""
    return EntitlementType(id=global_id(Kind.ENTITLEMENT, unit.id), unit=unit)


@strawberry.type(description="A benefit with its plain credentials: the answer to a reveal.")
class RevealedEntitlement:
    entitlement: EntitlementType = strawberry.field(description="The benefit.")
    credentials: list[CredentialType] = strawberry.field(description="Its secrets.")


def to_revealed(unit: Entitlement, credentials: list[Credential]) -> RevealedEntitlement:
    """A reveal on the wire."""
    shown = [CredentialType(kind=one.kind, value=one.value) for one in credentials]
    return RevealedEntitlement(entitlement=to_entitlement(unit), credentials=shown)


@strawberry.type(description="What a buyer said to one of the `product.buyerInputs`. Nobody is shown it in clear.")
class BuyerInputValue:
    key: str = strawberry.field(description="Of which input.")
    masked: str = strawberry.field(description='Enough to know it again: "138••••8000"; of a choice its value.')
    target: bool = strawberry.field(description="Whether it says where the benefit goes.")


@strawberry.type(name="OrderLine", description="So many of a variant, as priced and promised when the order was placed.")
class OrderLineType(Node):
    line: strawberry.Private[OrderLine]
    units: strawberry.Private[list[Entitlement] | None] = None

    @strawberry.field(description="What was bought.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.line.variant_id)

    @strawberry.field(description="How many.")
    def quantity(self) -> int:
        return self.line.quantity

    @strawberry.field(description="Unit price when the order was placed.")
    def unit(self) -> MoneyType:
        return unit_price(self.line.unit, self.line.total.currency)

    @strawberry.field(description="Unit price times quantity, rounded once, less what campaigns took off.")
    def total(self) -> MoneyType:
        return to_money(self.line.total)

    @strawberry.field(description="Of each unit; the value that the buyer chose, where there was a choice.")
    def face_value(self) -> FaceValue | None:
        return to_face_value(self.line.face_value, self.line.face_currency)

    @strawberry.field(description="What the buyer said for it, masked; empty where nothing was asked, or it was erased.")
    async def buyer_inputs(self, info: Info) -> list[BuyerInputValue]:
        said = await info.context.loader(load_inputs).load(self.line.id)
        return [BuyerInputValue(key=one.key, masked=one.masked, target=one.target) for one in said]

    @strawberry.field(description="How long its units are good for, as it was promised.")
    def validity(self) -> ValidityType:
        return to_validity(self.line.validity)

    @strawberry.field(description="When its money may be asked back by `refundRequest`, as it was promised.")
    def refund_policy(self) -> RefundPolicyType:
        return to_refund_policy(self.line.refund_policy)

    @strawberry.field(description="How the price came about.")
    def trace(self) -> list[PriceStepType]:
        return to_steps(self.line.trace, self.line.total.currency)

    @strawberry.field(description="The campaign that made its price, the first where there are several; else null.")
    async def campaign(self, info: Info) -> CampaignType | None:
        taken = (step.source_id for step in self.line.trace if step.source is PriceSource.CAMPAIGN)
        return await campaign_of(info, next(taken, None))

    @strawberry.field(description="The group of its campaign that it has a place in, or had; invite others by its id.")
    async def circle(self, info: Info) -> CircleType | None:
        if not self.line.waits:
            return None
        found = await info.context.loader(load_circles).load((self.line.order_id, self.line.position))
        return None if found is None else to_circle(found)

    @strawberry.field(description="What whoever ordered agreed to for its campaign; empty once they were erased.")
    async def consents(self, info: Info) -> list[ConsentGivenType]:
        found = await info.context.loader(load_consents).load((self.line.order_id, self.line.position))
        return [to_given(one) for one in found]

    @strawberry.field(description="What was drawn for it, unit by unit; empty until it is paid, and where nothing is drawn.")
    async def draws(self, info: Info) -> list[DrawType]:
        return [DrawType(made=one) for one in await info.context.loader(load_draws).load(self.line.id)]

    @strawberry.field(description="The units given for this line; empty until the order is paid.")
    async def entitlements(self, info: Info) -> list[EntitlementType]:
        units = self.units if self.units is not None else await info.context.loader(load_units).load(self.line.id)
        return [to_entitlement(unit) for unit in units]


def to_line(line: OrderLine, units: list[Entitlement] | None = None) -> OrderLineType:
    """The line on the wire."""
    return OrderLineType(id=global_id(Kind.ORDER_LINE, line.id), line=line, units=units)


@strawberry.type(name="Order", description="An order. Its state is money only.")
class OrderType(Node):
    order: strawberry.Private[Order]
    known_lines: strawberry.Private[list[OrderLineType] | None] = None

    @strawberry.field(description="For people: on receipts, in calls.")
    def number(self) -> str:
        return self.order.number

    @strawberry.field(
        description="Id of the customer who placed it: the owner themselves, or the member who bought for an organisation."
    )
    def placed_by_id(self) -> strawberry.ID | None:
        kind, _, placed_by = self.order.placed_by.partition(":")
        return global_id(Kind.CUSTOMER, UUID(placed_by)) if kind == "customer" else None

    @strawberry.field(description="The organisation that owns it; null where a customer bought for themselves.")
    async def organisation_id(self, info: Info) -> strawberry.ID | None:
        organisation = await info.context.loader(load_organisations).load(self.order.party_id)
        return None if organisation is None else global_id(Kind.ORGANISATION, organisation.id)

    @strawberry.field(description="The money side.")
    def state(self) -> OrderStateEnum:  # type: ignore[valid-type]
        return self.order.state

    @strawberry.field(description="When it was placed.")
    def placed_at(self) -> datetime:
        return self.order.placed_at

    @strawberry.field(description="Until when it must be paid; null once it is.")
    def expires_at(self) -> datetime | None:
        return self.order.expires_at if self.order.state is OrderState.PLACED else None

    @strawberry.field(description="When it was paid.")
    def paid_at(self) -> datetime | None:
        return self.order.paid_at

    @strawberry.field(description="The sum of its lines.")
    def total(self) -> MoneyType:
        return to_money(self.order.total)

    @strawberry.field(description="How much of it was refunded.")
    def refunded(self) -> MoneyType:
        return to_money(self.order.refunded)

    @strawberry.field(description="What was bought.")
    async def lines(self, info: Info) -> list[OrderLineType]:
        if self.known_lines is not None:
            return self.known_lines
        return [to_line(line) for line in await info.context.loader(load_lines).load(self.order)]

    @strawberry.field(description="Payments for it, oldest first.")
    async def payments(self, info: Info) -> list[PaymentType]:
        return [to_payment(one) for one in await info.context.loader(load_payments).load(self.order.id)]

    @strawberry.field(description="Refunds of it, oldest first.")
    async def refunds(self, info: Info) -> list[RefundType]:
        return [to_refund(one) for one in await info.context.loader(load_refunds).load(self.order.id)]


def to_order(order: Order, lines: list[OrderLineType] | None = None) -> OrderType:
    """The order on the wire."""
    return OrderType(id=global_id(Kind.ORDER, order.id), order=order, known_lines=lines)


def lines_with_units(lines: list[OrderLine], units: list[Entitlement]) -> list[OrderLineType]:
    """Lines whose units are known already, so that nothing is read again."""
    grouped: dict[UUID, list[Entitlement]] = {line.id: [] for line in lines}
    for unit in units:
        grouped[unit.source_id].append(unit)
    return [to_line(line, grouped[line.id]) for line in lines]
