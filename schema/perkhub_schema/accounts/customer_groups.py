"""Customer groups on the wire: what staff see of them. Customers are never told in which groups they are."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import (
    CustomerGroupMembership,
    CustomerGroupRecord,
    PartyKind,
    PartyRef,
    Permission,
    customer_group_by_reference,
    customer_groups_by_id,
    list_customer_groups,
    members_of_group,
)
from perkhub.kit.errors import InvalidInput
from perkhub_schema.accounts.customers import CustomerType, to_customer
from perkhub_schema.accounts.loaders import load_customers, load_group_sizes, load_organisations
from perkhub_schema.accounts.organisations import OrganisationType, shown_organisation
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id

KINDS = {PartyKind.CUSTOMER: Kind.CUSTOMER, PartyKind.ORGANISATION: Kind.ORGANISATION}


def party_id(party: PartyRef) -> strawberry.ID:
    """A party's global id: a customer's, or an organisation's."""
    return global_id(KINDS[party.kind], party.id)


@strawberry.type(name="CustomerGroupMembership", description="That a customer or an organisation is in a group.")
class MembershipType:
    membership: strawberry.Private[CustomerGroupMembership]

    @strawberry.field(description="The customer's or the organisation's id.")
    def party_id(self) -> strawberry.ID:
        return party_id(self.membership.party)

    @strawberry.field(description="The customer; null where it is an organisation.")
    async def customer(self, info: Info) -> CustomerType | None:
        if self.membership.party.kind is not PartyKind.CUSTOMER:
            return None
        return to_customer(await info.context.loader(load_customers).load(self.membership.party.id))

    @strawberry.field(description="The organisation; null where it is a customer.")
    async def organisation(self, info: Info) -> OrganisationType | None:
        if self.membership.party.kind is not PartyKind.ORGANISATION:
            return None
        return shown_organisation(await info.context.loader(load_organisations).load(self.membership.party.id))

    @strawberry.field(description="When it ends; null when it does not.")
    def until(self) -> datetime | None:
        return self.membership.until

    @strawberry.field(description="When they were put in.")
    def added_at(self) -> datetime:
        return self.membership.added_at


@strawberry.type(
    name="CustomerGroup", description="Customers and organisations that prices and channels can be meant for. Staff's alone."
)
class CustomerGroupType(Node):
    record: strawberry.Private[CustomerGroupRecord]

    @strawberry.field(description="No two groups have the same.")
    def name(self) -> str:
        return self.record.name

    @strawberry.field(description="What it is for.")
    def description(self) -> str:
        return self.record.description

    @strawberry.field(description="What another system knows it by.")
    def external_reference(self) -> str | None:
        return self.record.external_reference

    @strawberry.field(description="Grows with each change; give it as `expectedVersion`.")
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="Since when it counts for nothing; null when it counts.")
    def archived_at(self) -> datetime | None:
        return self.record.archived_at

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="How many are in it now.")
    async def size(self, info: Info) -> int:
        return int(await info.context.loader(load_group_sizes).load(self.record.id))

    @strawberry.field(description="Who is in it now, the latest first.")
    async def members(self, first: int | None = None, after: str | None = None) -> Connection[MembershipType]:
        before, group = cursor_id(after), self.record.id
        return await connect(
            first,
            after,
            read=lambda limit: members_of_group(group, limit=limit, before=before),
            to_node=lambda membership: MembershipType(membership=membership),
            to_cursor=lambda membership: membership.id.hex,
        )


def to_customer_group(record: CustomerGroupRecord) -> CustomerGroupType:
    """The group on the wire."""
    return CustomerGroupType(id=global_id(Kind.CUSTOMER_GROUP, record.id), record=record)


async def find_customer_group(group: UUID) -> CustomerGroupType | None:
    """The group with this id."""
    record = (await customer_groups_by_id([group])).get(group)
    return None if record is None else to_customer_group(record)


@strawberry.input(description="Which customer groups.")
class CustomerGroupWhere:
    archived: bool | None = strawberry.field(default=None, description="Only archived ones, or only those that count.")


@strawberry.type
class CustomerGroupQueries:
    @query(requires(Permission.READ_CUSTOMERS), "A customer group by id or external reference; null when there is none.")
    async def customer_group(
        self, id: strawberry.ID | None = None, external_reference: str | None = None
    ) -> CustomerGroupType | None:
        if (id is None) == (external_reference is None):
            raise InvalidInput(
                path=("id",), reason="Give either an id or an external reference.", reason_zh="请提供 id 或外部编号之一。"
            )
        if id is not None:
            return await find_customer_group(local_id(Kind.CUSTOMER_GROUP, id, "id"))
        record = await customer_group_by_reference(external_reference or "")
        return None if record is None else to_customer_group(record)

    @query(requires(Permission.READ_CUSTOMERS), "Customer groups, newest first.")
    async def customer_groups(
        self, first: int | None = None, after: str | None = None, where: CustomerGroupWhere | None = None
    ) -> Connection[CustomerGroupType]:
        before, archived = cursor_id(after), None if where is None else where.archived
        return await connect(
            first,
            after,
            read=lambda limit: list_customer_groups(limit=limit, after=before, archived=archived),
            to_node=to_customer_group,
            to_cursor=lambda record: record.id.hex,
        )
