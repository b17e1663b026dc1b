"""Supplier orders, what people propose to do about them, and purchases ahead, on the wire."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.fulfilment import (
    Decision,
    Settlement,
    SettlementState,
    StockPurchase,
    settlements_of,
    stock_purchases_by_ids,
)
from perkhub.kit.money import Money
from perkhub.suppliers import SupplierOrder, SupplierOrderState
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import ExactDecimal, MoneyType, to_money, unit_price
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.suppliers.types import (
    SupplierAccountType,
    SupplierOfferType,
    SuppliesEnum,
    load_accounts,
    load_offers,
    to_account,
    to_offer,
)

SupplierOrderStateEnum = described(
    SupplierOrderState,
    "What became of one attempt to buy from a supplier.",
    {
        SupplierOrderState.SUBMITTED: "Written down, and about to be sent.",
        SupplierOrderState.UNKNOWN: "Nobody knows: it is looked up, and never ordered again until that is settled.",
        SupplierOrderState.ACCEPTED: "The supplier has it, and will tell how it ends.",
        SupplierOrderState.DELIVERED: "All of it is ours.",
        SupplierOrderState.PARTIAL: "A part of it is ours, and no more will come of it.",
        SupplierOrderState.NOT_SENT: "Nothing left this server.",
        SupplierOrderState.REJECTED: "No such order exists there, or it failed and its money is back.",
        SupplierOrderState.REVERSED: "It was ours, and was taken back: its codes are frozen.",
        SupplierOrderState.ABANDONED: "Given up at our risk while nobody knew.",
        SupplierOrderState.LATE: "Given up, and delivered after all: its codes are in quarantine.",
    },
)
DecisionEnum = described(
    Decision,
    "What people can do about a supplier order.",
    {
        Decision.DELIVERED: "It came another way: these are its codes.",
        Decision.FAILED: "The supplier says that it does not exist: the next offer is asked, or the money goes back.",
        Decision.COST_ACCEPTED: "It costs more than agreed: it is looked up again, and believed up to this cost.",
        Decision.AT_OUR_RISK: "Whoever waits is refunded; what comes later is our loss.",
        Decision.CLOSED: "It was seen, and nothing more is to be done.",
    },
    name="SettlementDecision",
)
SettlementStateEnum = described(
    SettlementState,
    "What became of a proposal.",
    {
        SettlementState.PROPOSED: "It waits for a colleague's approval.",
        SettlementState.CARRIED_OUT: "It was approved, and done.",
        SettlementState.WITHDRAWN: "It was taken back.",
    },
)


@strawberry.type(name="SupplierSettlement", description="What somebody proposed to do about a supplier order.")
class SettlementType:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    decision: DecisionEnum = strawberry.field(description="What is to be done.")  # type: ignore[valid-type]
    state: SettlementStateEnum = strawberry.field(description="What became of it.")  # type: ignore[valid-type]
    reason: str = strawberry.field(description="Why.")
    cost: ExactDecimal | None = strawberry.field(description="What the whole order costs, where that was said.")
    returned: ExactDecimal | None = strawberry.field(description="What came back of its cost, where that was said.")
    codes: int = strawberry.field(description="How many codes were given; they are told to nobody.")
    proposed_by: str = strawberry.field(description="Who proposed it, as the activity log names them.")
    decided_by: str | None = strawberry.field(description="Who approved it, or took it back.")
    created_at: datetime = strawberry.field(description="When it was proposed.")
    decided_at: datetime | None = strawberry.field(description="When it was approved or taken back.")


def to_settlement(settlement: Settlement) -> SettlementType:
    """The proposal on the wire."""
    return SettlementType(
        id=global_id(Kind.SETTLEMENT, settlement.id),
        decision=settlement.decision,
        state=settlement.state,
        reason=settlement.reason,
        cost=None if settlement.cost is None else ExactDecimal(settlement.cost),
        returned=None if settlement.returned is None else ExactDecimal(settlement.returned),
        codes=settlement.codes,
        proposed_by=settlement.proposed_by,
        decided_by=settlement.decided_by,
        created_at=settlement.created_at,
        decided_at=settlement.decided_at,
    )


@strawberry.type(name="SupplierOrder", description="One attempt to buy from a supplier, under a reference of ours.")
class SupplierOrderType(Node):
    order: strawberry.Private[SupplierOrder]

    @strawberry.field(description="At whom.")
    async def account(self, info: Info) -> SupplierAccountType:
        return to_account(await info.context.loader(load_accounts).load(self.order.account_id))

    @strawberry.field(description="By which offer.")
    async def offer(self, info: Info) -> SupplierOfferType:
        return to_offer(await info.context.loader(load_offers).load(self.order.offer_id))

    @strawberry.field(description="What of ours.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.order.variant_id)

    @strawberry.field(description="Our reference, the same in every repetition.")
    def reference(self) -> str:
        return self.order.reference

    @strawberry.field(description="The supplier's own reference, once it told one.")
    def supplier_reference(self) -> str | None:
        return self.order.supplier_reference

    @strawberry.field(description="The supplier's name of what was ordered.")
    def sku(self) -> str:
        return self.order.sku

    @strawberry.field(description="The face value of one unit, where the SKU is sold by amount.")
    def face_value(self) -> MoneyType | None:
        face = self.order.face()
        return None if face is None else unit_price(face.amount, face.currency)

    @strawberry.field(description="What it delivers.")
    def supplies(self) -> SuppliesEnum:  # type: ignore[valid-type]
        return self.order.supplies

    @strawberry.field(description="The operator's own number of a top-up, where the supplier tells it.")
    def receipt(self) -> str | None:
        return self.order.receipt

    @strawberry.field(description="How many were ordered.")
    def quantity(self) -> int:
        return self.order.quantity

    @strawberry.field(description="How many came.")
    def received(self) -> int:
        return self.order.received

    @strawberry.field(description="What became of it.")
    def state(self) -> SupplierOrderStateEnum:  # type: ignore[valid-type]
        return self.order.state

    @strawberry.field(description="One word of why it is as it is: `timeout`, `mismatch_cost`, `not_found` …")
    def cause(self) -> str | None:
        return self.order.cause

    @strawberry.field(description="The most that the whole order may cost.")
    def maximum_cost(self) -> MoneyType:
        return unit_price(self.order.maximum_cost, self.order.currency)

    @strawberry.field(description="What was booked for what came.")
    def cost(self) -> MoneyType | None:
        return None if self.order.cost is None else to_money(Money(self.order.cost, self.order.currency))

    @strawberry.field(description="What came back of that, once the supplier took it back; null until anybody said.")
    def returned(self) -> MoneyType | None:
        return None if self.order.returned is None else to_money(Money(self.order.returned, self.order.currency))

    @strawberry.field(description="The attempt of which this one buys the rest.")
    def parent_id(self) -> strawberry.ID | None:
        return None if self.order.parent_id is None else global_id(Kind.SUPPLIER_ORDER, self.order.parent_id)

    @strawberry.field(description="How often it was sent, always under the same reference.")
    def sends(self) -> int:
        return self.order.sends

    @strawberry.field(description="How often it was looked up.")
    def looks(self) -> int:
        return self.order.looks

    @strawberry.field(description="When it is looked up next.")
    def next_look_at(self) -> datetime | None:
        return self.order.next_look_at

    @strawberry.field(description="Since when it waits for a person; null if it does not.")
    def review_since(self) -> datetime | None:
        return self.order.review_since

    @strawberry.field(description="When it was written down.")
    def placed_at(self) -> datetime:
        return self.order.placed_at

    @strawberry.field(description="When it ended.")
    def settled_at(self) -> datetime | None:
        return self.order.settled_at

    @strawberry.field(description="What people proposed to do about it, oldest first.")
    async def settlements(self, info: Info) -> list[SettlementType]:
        return [to_settlement(one) for one in await info.context.loader(load_settlements).load(self.order.id)]


def to_supplier_order(order: SupplierOrder) -> SupplierOrderType:
    """The attempt on the wire."""
    return SupplierOrderType(id=global_id(Kind.SUPPLIER_ORDER, order.id), order=order)


@strawberry.type(name="StockPurchase", description="Codes bought into the pool ahead of their sale, in parts of a hundred.")
class StockPurchaseType(Node):
    purchase: strawberry.Private[StockPurchase]

    @strawberry.field(description="What is bought.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.purchase.variant_id)

    @strawberry.field(description="How many were asked for.")
    def quantity(self) -> int:
        return self.purchase.quantity

    @strawberry.field(description="How many are in the pool.")
    def obtained(self) -> int:
        return self.purchase.obtained

    @strawberry.field(description="Parts that are under way.")
    def open_parts(self) -> int:
        return self.purchase.open

    @strawberry.field(description="Parts that were given up: nobody sold the rest of them.")
    def failed_parts(self) -> int:
        return self.purchase.failed

    @strawberry.field(description="When it was asked for.")
    def created_at(self) -> datetime:
        return self.purchase.created_at


def to_stock_purchase(purchase: StockPurchase) -> StockPurchaseType:
    """The purchase on the wire."""
    return StockPurchaseType(id=global_id(Kind.STOCK_PURCHASE, purchase.id), purchase=purchase)


async def load_settlements(ids: list[UUID]) -> list[list[Settlement]]:
    """Proposals by supplier order."""
    found = await settlements_of(ids)
    return [found[key] for key in ids]


async def load_stock_purchases(ids: list[UUID]) -> list[StockPurchase | None]:
    """Purchases by id."""
    found = await stock_purchases_by_ids(ids)
    return [found.get(key) for key in ids]
