"""Who am I, and whom may I see."""

from datetime import datetime

import strawberry

from perkhub.accounts import (
    CustomersAsked,
    IdentityKind,
    Permission,
    all_groups,
    customers_by_id,
    find_customer,
    list_customers,
    list_staff,
)
from perkhub.kit.errors import InvalidInput
from perkhub_schema.accounts.colleagues import PermissionGroupType, StaffMemberType, to_group, to_staff
from perkhub_schema.accounts.contacts import ContactInput
from perkhub_schema.accounts.customers import CustomerType, to_customer
from perkhub_schema.accounts.loaders import load_customers, load_staff
from perkhub_schema.graphql.access import PUBLIC, STAFF, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id


@strawberry.input(description="Which customers; all that is said must hold.")
class CustomerWhere:
    contact: ContactInput | None = strawberry.field(
        default=None, description="Whoever has this e-mail address or phone number, in any spelling."
    )
    group_id: strawberry.ID | None = strawberry.field(default=None, description="Those who are in this customer group now.")
    organisation_id: strawberry.ID | None = strawberry.field(default=None, description="Members of this organisation.")
    created_from: datetime | None = strawberry.field(default=None, description="Registered at this moment or later.")
    created_until: datetime | None = strawberry.field(default=None, description="Registered before this moment.")
    blocked: bool | None = strawberry.field(default=None, description="Only those who are shut out, or who are not.")
    erased: bool | None = strawberry.field(default=None, description="Only those who were erased, or who were not.")

    def to_asked(self) -> CustomersAsked:
        """As the domain takes it.

        Raises:
            InvalidInput.
        """
        group, organisation = self.group_id, self.organisation_id
        return CustomersAsked(
            contact=None if self.contact is None else self.contact.to_contact("where", "contact"),
            group=None if group is None else local_id(Kind.CUSTOMER_GROUP, group, "where", "groupId"),
            organisation=None if organisation is None else local_id(Kind.ORGANISATION, organisation, "where", "organisationId"),
            created_from=self.created_from,
            created_until=self.created_until,
            blocked=self.blocked,
            erased=self.erased,
        )


@strawberry.type
class AccountQueries:
    @query(PUBLIC, "The signed-in customer; null for everybody else.")
    async def me(self, info: Info) -> CustomerType | None:
        if info.context.identity.kind is not IdentityKind.CUSTOMER:
            return None
        record = await info.context.loader(load_customers).load(info.context.party)
        return None if record is None else to_customer(record, own=True)

    @query(STAFF, "The signed-in member of staff.")
    async def my_staff(self, info: Info) -> StaffMemberType:
        return to_staff(await info.context.loader(load_staff).load(info.context.identity.id))

    @query(requires(Permission.MANAGE_STAFF), "Everybody who runs the shop, in the order of joining.")
    async def staff(self, first: int | None = None, after: str | None = None) -> Connection[StaffMemberType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_staff(first=limit, after=before),
            to_node=to_staff,
            to_cursor=lambda member: member.id.hex,
        )

    @query(requires(Permission.MANAGE_STAFF), "Every permission group, by name.")
    async def permission_groups(self) -> list[PermissionGroupType]:
        return [to_group(group) for group in await all_groups()]

    @query(requires(Permission.READ_CUSTOMERS), "A customer by id or by a contact in any spelling; null when there is none.")
    async def customer(self, id: strawberry.ID | None = None, contact: ContactInput | None = None) -> CustomerType | None:
        if (id is None) == (contact is None):
            raise InvalidInput(path=("id",), reason="Give either an id or a contact.", reason_zh="请提供 id 或联系方式之一。")
        party = local_id(Kind.CUSTOMER, id, "id") if id is not None else None
        if contact is not None:
            party = await find_customer(contact.to_contact("contact"))
        found = await customers_by_id([party]) if party is not None else {}
        return next((to_customer(record) for record in found.values()), None)

    @query(requires(Permission.READ_CUSTOMERS), "Customers, newest first.")
    async def customers(
        self, first: int | None = None, after: str | None = None, where: CustomerWhere | None = None
    ) -> Connection[CustomerType]:
        before, asked = cursor_id(after), None if where is None else where.to_asked()
        return await connect(
            first,
            after,
            read=lambda limit: list_customers(asked, first=limit, after=before),
            to_node=to_customer,
            to_cursor=lambda customer: customer.party_id.hex,
        )
