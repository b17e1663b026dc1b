"""Suppliers' own statements and in what they differ from our books, on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from perkhub.kit.db import transact
from perkhub.kit.money import Money
from perkhub.suppliers import (
    Difference,
    DifferenceKind,
    SupplierOrder,
    account_by_id,
    close_difference,
    differences_by_ids,
    list_differences,
    request_statement,
    statements_by_ids,
    supplier_orders_by_ids,
)
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.kept import TOLD
from perkhub_schema.graphql.money import MoneyType, to_money
from perkhub_schema.graphql.mutations import mutation, query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.suppliers.inputs import account_id
from perkhub_schema.suppliers.orders import SupplierOrderType, to_supplier_order
from perkhub_schema.suppliers.queries import MANAGE_SUPPLIERS, OfAccount
from perkhub_schema.suppliers.types import StatementType, SupplierAccountType, load_accounts, to_account, to_statement

DifferenceKindEnum = described(
    DifferenceKind,
    "How a supplier's statement and our books differ.",
    {
        DifferenceKind.UNKNOWN_HERE: "The supplier charges for what is no order of ours.",
        DifferenceKind.MISSING_THERE: "We booked an order that the supplier does not list.",
        DifferenceKind.AMOUNT: "Both have the order, with another amount.",
    },
    name="SupplierDifferenceKind",
)
Open = Annotated[
    bool | None, strawberry.argument(description="Only those that wait for a person; false: only those that do not.")
]


@strawberry.type(
    name="SupplierDifference",
    description="In what a supplier's statement differs from our books; it closes by itself when both agree.",
)
class DifferenceType(Node):
    difference: strawberry.Private[Difference]

    @strawberry.field(description="At whom.")
    async def account(self, info: Info) -> SupplierAccountType:
        return to_account(await info.context.loader(load_accounts).load(self.difference.account_id))

    @strawberry.field(description="How they differ.")
    def kind(self) -> DifferenceKindEnum:  # type: ignore[valid-type]
        return self.difference.kind

    @strawberry.field(description="Our reference of the order; the supplier's, where it is none of ours.")
    def subject(self) -> str:
        return self.difference.subject

    @strawberry.field(description="Our order, which waits in the review queue too; null where it is none of ours.")
    async def supplier_order(self, info: Info) -> SupplierOrderType | None:
        order = self.difference.order_id
        return None if order is None else to_supplier_order(await info.context.loader(load_orders).load(order))

    @strawberry.field(description="What we booked, refunds taken off.")
    def ours(self) -> MoneyType:
        return to_money(Money(self.difference.ours, self.difference.currency))

    @strawberry.field(description="What the supplier charges, refunds taken off.")
    def theirs(self) -> MoneyType:
        return to_money(Money(self.difference.theirs, self.difference.currency))

    @strawberry.field(description="What a person said when closing it.")
    def reason(self) -> str | None:
        return self.difference.reason

    @strawberry.field(description="Who closed it, as the activity log names them; `system` where both agreed.")
    def closed_by(self) -> str | None:
        return self.difference.closed_by

    @strawberry.field(description="When it was found.")
    def created_at(self) -> datetime:
        return self.difference.created_at

    @strawberry.field(description="When it was closed; null while it waits for a person.")
    def closed_at(self) -> datetime | None:
        return self.difference.closed_at


def to_difference(difference: Difference) -> DifferenceType:
    """The difference on the wire."""
    return DifferenceType(id=global_id(Kind.SUPPLIER_DIFFERENCE, difference.id), difference=difference)


@strawberry.input(description="A day of a supplier's statement.")
class SupplierStatementReadInput:
    account_id: strawberry.ID = strawberry.field(description="Whose.")
    day: date = strawberry.field(description="Which day, by the supplier's calendar.")


@strawberry.input(description="A difference that was cleared up.")
class SupplierDifferenceCloseInput:
    difference_id: strawberry.ID = strawberry.field(description="Which.")
    reason: str = strawberry.field(description="How, at most 500 characters.", metadata=TOLD)


@strawberry.type(description="The accepted reading; a worker carries it out.")
class SupplierStatementPayload:
    statement: StatementType | None = strawberry.field(default=None, description="The reading as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The difference after the change.")
class SupplierDifferencePayload:
    difference: DifferenceType | None = strawberry.field(default=None, description="The difference as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_SUPPLIERS, "Read a day of a supplier's statement, and compare it; yesterday's is read by itself.")
async def supplier_statement_read(info: Info, input: SupplierStatementReadInput) -> SupplierStatementPayload:
    account = await account_by_id(account_id(input.account_id), "accountId")
    made = await transact(lambda tx: request_statement(tx, account, input.day))
    return SupplierStatementPayload(statement=to_statement((await statements_by_ids([made]))[made]))


@mutation(MANAGE_SUPPLIERS, "Close a difference that was cleared up with the supplier; the same one is not raised again.")
async def supplier_difference_close(info: Info, input: SupplierDifferenceCloseInput) -> SupplierDifferencePayload:
    difference, by = local_id(Kind.SUPPLIER_DIFFERENCE, input.difference_id, "differenceId"), info.context.identity.actor
    await transact(lambda tx: close_difference(tx, difference, reason=input.reason, by=by))
    return SupplierDifferencePayload(difference=to_difference((await differences_by_ids([difference]))[0]))


async def load_orders(ids: list[UUID]) -> list[SupplierOrder | None]:
    """Supplier orders by id."""
    found = {order.id: order for order in await supplier_orders_by_ids(ids)}
    return [found.get(key) for key in ids]


@strawberry.type
class StatementMutations:
    supplier_statement_read = supplier_statement_read
    supplier_difference_close = supplier_difference_close


@strawberry.type
class StatementQueries:
    @query(MANAGE_SUPPLIERS, "In what suppliers' statements differ from our books, newest first.")
    async def supplier_differences(
        self, account_id: OfAccount = None, open: Open = None, first: int | None = None, after: str | None = None
    ) -> Connection[DifferenceType]:
        before = cursor_id(after)
        account = None if account_id is None else local_id(Kind.SUPPLIER_ACCOUNT, account_id, "accountId")
        return await connect(
            first,
            after,
            read=lambda limit: list_differences(before=before, limit=limit, account=account, is_open=open),
            to_node=to_difference,
            to_cursor=lambda difference: difference.id.hex,
        )
