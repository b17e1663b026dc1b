"""What staff do to customer groups: make, change and archive them, put customers and organisations in and take them out."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import (
    MEMBERS_AT_ONCE,
    ContactKind,
    CustomerGroupChanges,
    CustomerGroupDraft,
    MemberKey,
    PartyRef,
    Permission,
    add_group_members,
    archive_customer_group,
    create_customer_group,
    parse_contact,
    remove_group_members,
    update_customer_group,
)
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub_schema.accounts.customer_groups import CustomerGroupType, find_customer_group, party_id
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface, to_error
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.mutations import mutation

MANAGE_CUSTOMERS = requires(Permission.MANAGE_CUSTOMERS)


@strawberry.input(description="A new customer group.")
class CustomerGroupCreateInput:
    name: str = strawberry.field(description="At most 80 characters; no two groups have the same.", metadata=KEPT)
    description: str = strawberry.field(default="", description="What it is for, at most 300 characters.")
    external_reference: str | None = strawberry.field(
        default=None, description="What another system knows it by, at most 120 characters.", metadata=KEPT
    )


@strawberry.input(description="What shall be otherwise of a customer group; what is left out stays.")
class CustomerGroupUpdateInput:
    group_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description="The version that was read.")
    name: strawberry.Maybe[str] = strawberry.field(description="At most 80 characters.", metadata=KEPT)
    description: strawberry.Maybe[str] = strawberry.field(description="At most 300 characters.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(
        description="At most 120 characters; null takes it away.", metadata=KEPT
    )

    def to_changes(self) -> CustomerGroupChanges:
        """As the domain takes them."""
        changes = CustomerGroupChanges()
        if self.name is not None:
            changes["name"] = self.name.value
        if self.description is not None:
            changes["description"] = self.description.value
        if self.external_reference is not None:
            changes["external_reference"] = self.external_reference.value
        return changes


@strawberry.input(description="A customer group to be archived, or revived.")
class CustomerGroupArchiveInput:
    group_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description="The version that was read.")
    archived: bool = strawberry.field(default=True, description="False lets it count again, with the members it has.")


@strawberry.input(one_of=True, description="A customer or an organisation: named in exactly one way.")
class GroupMemberInput:
    customer_id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A customer's id.")
    organisation_id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="An organisation's id.")
    email: strawberry.Maybe[str] = strawberry.field(description="A customer's e-mail address, in any spelling.")
    phone: strawberry.Maybe[str] = strawberry.field(description="A customer's mobile phone number, in any spelling.")

    def to_key(self, *path: str) -> MemberKey:
        """As the domain takes it.

        Raises:
            InvalidInput: it is no such id, address or number.
        """
        if self.customer_id is not None:
            return local_id(Kind.CUSTOMER, self.customer_id.value, *path, "customerId")
        if self.organisation_id is not None:
            return local_id(Kind.ORGANISATION, self.organisation_id.value, *path, "organisationId")
        if self.email is not None:
            return parse_contact(ContactKind.EMAIL, self.email.value, path=(*path, "email"))
        assert self.phone is not None
        return parse_contact(ContactKind.PHONE, self.phone.value, path=(*path, "phone"))


@strawberry.input(description="Members to be taken out of a group.")
class CustomerGroupMembersRemoveInput:
    group_id: strawberry.ID = strawberry.field(description="Which.")
    members: list[GroupMemberInput] = strawberry.field(description="Who, 1 to 1,000.")
    skip_unknown: bool = strawberry.field(
        default=False, description="Go on with the others where an entry is nobody's; `results` tells which."
    )


@strawberry.input(description="Members to be put into a group; who is in it already gets the new `until`.")
class CustomerGroupMembersAddInput(CustomerGroupMembersRemoveInput):
    until: datetime | None = strawberry.field(default=None, description="When their membership ends; null is never.")


@strawberry.type(description="The customer group after the change.")
class CustomerGroupPayload:
    group: CustomerGroupType | None = strawberry.field(default=None, description="The group as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="What came of one entry of `members`.")
class GroupMemberResult:
    position: int = strawberry.field(description="Which entry, counted from 0.")
    party_id: strawberry.ID | None = strawberry.field(description="The customer's or the organisation's id; null if nobody's.")
    error: ErrorInterface | None = strawberry.field(description="Why nothing was done for this entry.")


@strawberry.type(description="The customer group after the change, and what came of each entry.")
class CustomerGroupMembersPayload:
    group: CustomerGroupType | None = strawberry.field(default=None, description="The group as it stands.")
    results: list[GroupMemberResult] = strawberry.field(default_factory=list, description="One for each entry, in order.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_CUSTOMERS, "Make a customer group, without members.")
async def customer_group_create(input: CustomerGroupCreateInput) -> CustomerGroupPayload:
    draft = CustomerGroupDraft(input.name, input.description, input.external_reference)
    made = await transact(lambda tx: create_customer_group(tx, draft))
    return CustomerGroupPayload(group=await find_customer_group(made))


@mutation(MANAGE_CUSTOMERS, "Change what is said of a customer group; its members stay.")
async def customer_group_update(input: CustomerGroupUpdateInput) -> CustomerGroupPayload:
    group, changes = local_id(Kind.CUSTOMER_GROUP, input.group_id, "groupId"), input.to_changes()
    await transact(lambda tx: update_customer_group(tx, group, changes, expected_version=input.expected_version))
    return CustomerGroupPayload(group=await find_customer_group(group))


@mutation(MANAGE_CUSTOMERS, "Let a customer group count for nothing, wherever a price or a channel is meant for it.")
async def customer_group_archive(input: CustomerGroupArchiveInput) -> CustomerGroupPayload:
    group, version = local_id(Kind.CUSTOMER_GROUP, input.group_id, "groupId"), input.expected_version
    await transact(lambda tx: archive_customer_group(tx, group, archived=input.archived, expected_version=version))
    return CustomerGroupPayload(group=await find_customer_group(group))


@mutation(MANAGE_CUSTOMERS, "Put customers and organisations into a group: one, or a thousand at once. All of them or none.")
async def customer_group_members_add(info: Info, input: CustomerGroupMembersAddInput) -> CustomerGroupMembersPayload:
    group, members, actor = local_id(Kind.CUSTOMER_GROUP, input.group_id, "groupId"), _keys(input), info.context.identity.actor
    found = await transact(
        lambda tx: add_group_members(tx, group, members, until=input.until, actor=actor, skip_unknown=input.skip_unknown)
    )
    return await _told(info.context, group, found)


@mutation(MANAGE_CUSTOMERS, "Take customers and organisations out of a group; who is not in it stays out.")
async def customer_group_members_remove(info: Info, input: CustomerGroupMembersRemoveInput) -> CustomerGroupMembersPayload:
    group, members = local_id(Kind.CUSTOMER_GROUP, input.group_id, "groupId"), _keys(input)
    found = await transact(lambda tx: remove_group_members(tx, group, members, skip_unknown=input.skip_unknown))
    return await _told(info.context, group, found)


def _keys(given: CustomerGroupMembersRemoveInput) -> list[MemberKey]:
    if len(given.members) > MEMBERS_AT_ONCE:  # before each of them is looked at
        reason_zh = f"最多 {MEMBERS_AT_ONCE} 个成员。"
        raise InvalidInput(path=("members",), reason=f"At most {MEMBERS_AT_ONCE} members.", reason_zh=reason_zh)
    return [one.to_key("members", str(place)) for place, one in enumerate(given.members)]


async def _told(context: Context, group: UUID, found: list[PartyRef | None]) -> CustomerGroupMembersPayload:
    return CustomerGroupMembersPayload(
        group=await find_customer_group(group),
        results=[_result(context, place, party) for place, party in enumerate(found)],
    )


def _result(context: Context, place: int, party: PartyRef | None) -> GroupMemberResult:
    if party is not None:
        return GroupMemberResult(position=place, party_id=party_id(party), error=None)
    nobody = NotFound("customer or organisation", "客户或组织", path=("members", str(place)))
    return GroupMemberResult(position=place, party_id=None, error=to_error(nobody, context.language))


@strawberry.type
class CustomerGroupMutations:
    customer_group_create = customer_group_create
    customer_group_update = customer_group_update
    customer_group_archive = customer_group_archive
    customer_group_members_add = customer_group_members_add
    customer_group_members_remove = customer_group_members_remove
