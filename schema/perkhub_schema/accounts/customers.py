"""A customer as they see themselves, and as staff see them."""

from datetime import datetime

import strawberry

from perkhub.accounts import ContactKind, CustomerRecord, InClear
from perkhub_schema.accounts.contacts import ContactType, to_contact
from perkhub_schema.accounts.holdings import Holdings
from perkhub_schema.accounts.links import LinkedIdentityType, linked_of
from perkhub_schema.accounts.loaders import load_contacts, load_in_clear
from perkhub_schema.accounts.organisations import MemberType, to_member
from perkhub_schema.graphql.context import Info, load_memberships
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.nodes import Node


@strawberry.type(
    name="Customer",
    description="A customer. Orders, benefits and the wallet are for themselves, and for staff with the permission named.",
)
class CustomerType(Holdings, Node):
    record: strawberry.Private[CustomerRecord]

    @strawberry.field(description='Their name: in clear for themselves, for staff masked: "张••••".')
    async def name(self, info: Info) -> str | None:
        if not self.own:
            return self.record.masked_name
        shown: InClear = await info.context.loader(load_in_clear).load(self.record.party_id)
        return shown.name

    @strawberry.field(description='Their first e-mail address: in clear for themselves, for staff masked: "z••••@example.com".')
    async def email(self, info: Info) -> str | None:
        return await self._first(info, ContactKind.EMAIL)

    @strawberry.field(description='Their first phone number: in clear for themselves, for staff masked: "+86138••••8000".')
    async def phone(self, info: Info) -> str | None:
        return await self._first(info, ContactKind.PHONE)

    async def _first(self, info: Info, kind: ContactKind) -> str | None:
        if not self.own:
            contacts = await info.context.loader(load_contacts).load(self.record.party_id)
            return next((one.masked for one in contacts if one.kind is kind), None)
        shown: InClear = await info.context.loader(load_in_clear).load(self.record.party_id)
        return next((one.value for one in shown.contacts if one.kind is kind), None)

    @strawberry.field(description="The language of their messages: zh-CN, en.")
    def locale(self) -> str:
        return self.record.locale

    @strawberry.field(description="Whether they can sign in by password.")
    def has_password(self) -> bool:
        return self.record.has_password

    @strawberry.field(description="When they registered.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="Since when they are shut out; null when they are not.")
    def blocked_at(self) -> datetime | None:
        return self.record.blocked_at

    @strawberry.field(description="When their personal data was erased.")
    def erased_at(self) -> datetime | None:
        return self.record.erased_at

    @strawberry.field(description="The organisations they belong to.")
    async def memberships(self, info: Info) -> list[MemberType]:
        return [to_member(one) for one in await info.context.loader(load_memberships).load(self.record.party_id)]

    @strawberry.field(description="The providers that they can sign in with, and the host applications they come from.")
    async def identities(self, info: Info) -> list[LinkedIdentityType]:
        return await linked_of(info.context, self.record.party_id)

    @strawberry.field(description="Their e-mail addresses and phone numbers, masked.")
    async def contacts(self, info: Info) -> list[ContactType]:
        return [to_contact(one) for one in await info.context.loader(load_contacts).load(self.record.party_id)]


def to_customer(record: CustomerRecord, *, own: bool = False) -> CustomerType:
    """The customer on the wire; `own` where the request has just proved to be theirs."""
    return CustomerType(id=global_id(Kind.CUSTOMER, record.party_id), party=record.party_id, record=record, own=own)
