"""Organisations on the wire: as their members see them by role, and as staff see them."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import (
    RIGHTS,
    Invitation,
    Membership,
    OrganisationRecord,
    OrganisationState,
    Permission,
    Right,
    Role,
    ensure_permission,
    members_of_organisation,
    open_invitations,
    organisations_by_id,
)
from perkhub_schema.accounts.contacts import ContactType, to_contact
from perkhub_schema.accounts.holdings import Holdings
from perkhub_schema.accounts.loaders import load_contacts, load_organisations
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id

RoleEnum = described(
    Role,
    "What a member is in an organisation.",
    {
        Role.OWNER: "May do everything, and alone make and unmake owners. The last one stays.",
        Role.ADMIN: "Buys, and manages all members but owners.",
        Role.BUYER: "Buys for the organisation and sees its codes.",
        Role.VIEWER: "Sees orders, benefits, money and members; changes nothing and sees no code.",
    },
    name="OrganisationRole",
)
RightEnum = described(
    Right,
    "What a role allows in an organisation.",
    {
        Right.SEE: "See its orders, benefits, money and members.",
        Right.BUY: "Place, pay, cancel and give back its orders, top its wallet up, and see its codes.",
        Right.MANAGE_MEMBERS: "Invite members, take them out, and change their roles, but not owners.",
        Right.MANAGE_OWNERS: "The same for owners.",
    },
    name="OrganisationRight",
)
StateEnum = described(
    OrganisationState,
    "Where an organisation is in its life.",
    {
        OrganisationState.REQUESTED: "Asked for; staff have yet to decide.",
        OrganisationState.ACTIVE: "Its members can act for it.",
        OrganisationState.DECLINED: "Asked for in vain.",
        OrganisationState.SUSPENDED: "Shut out: its members see it, and nobody acts for it.",
    },
)


@strawberry.type(name="OrganisationMember", description="That a customer belongs to an organisation.")
class MemberType(Node):
    membership: strawberry.Private[Membership]

    @strawberry.field(description="Id of the customer.")
    def customer_id(self) -> strawberry.ID:
        return global_id(Kind.CUSTOMER, self.membership.customer_id)

    @strawberry.field(description="What they are in it.")
    def role(self) -> RoleEnum:  # type: ignore[valid-type]
        return self.membership.role

    @strawberry.field(description="What the role allows.")
    def rights(self) -> list[RightEnum]:  # type: ignore[valid-type]
        return [right for right in Right if right in RIGHTS[self.membership.role]]

    @strawberry.field(description="Since when.")
    def joined_at(self) -> datetime:
        return self.membership.joined_at

    @strawberry.field(description="Their e-mail addresses and phone numbers, masked.")
    async def contacts(self, info: Info) -> list[ContactType]:
        return [to_contact(one) for one in await info.context.loader(load_contacts).load(self.membership.customer_id)]

    @strawberry.field(description="Which organisation.")
    async def organisation(self, info: Info) -> "OrganisationType":
        record = await info.context.loader(load_organisations).load(self.membership.organisation_id)
        return await to_organisation(info.context, record)


@strawberry.type(name="OrganisationInvitation", description="An invitation that was sent and can still be accepted.")
class InvitationType(Node):
    role: RoleEnum = strawberry.field(description="What they will be.")  # type: ignore[valid-type]
    masked: str = strawberry.field(description='Where it was sent: "z••••@example.com".')
    sent_count: int = strawberry.field(description="How often it was sent, at most 5 times.")
    sent_at: datetime = strawberry.field(description="When it was last sent.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")


@strawberry.type(
    name="Organisation",
    description=(
        "A company that owns orders, benefits and a wallet. Members see them, and act for it by naming it in the "
        "`Perkhub-Organisation` header; staff see what their permissions allow."
    ),
)
class OrganisationType(Holdings, Node):
    record: strawberry.Private[OrganisationRecord]
    membership: strawberry.Private[Membership | None]

    @strawberry.field(description="As it stands on orders and bills.")
    def name(self) -> str:
        return self.record.name

    @strawberry.field(description="Whether one can act for it.")
    def state(self) -> StateEnum:  # type: ignore[valid-type]
        return self.record.state

    @strawberry.field(description="Why it was declined or suspended.")
    def reason(self) -> str | None:
        return self.record.reason

    @strawberry.field(description="What another system knows it by.")
    def external_reference(self) -> str | None:
        return self.record.external_reference

    @strawberry.field(description="Grows with each change; give it as `expectedVersion`.")
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="When it was made or asked for.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="The signed-in customer's membership; null for staff.")
    def my_membership(self) -> MemberType | None:
        return None if self.membership is None else to_member(self.membership)

    @strawberry.field(description="Who belongs to it, in the order of joining.")
    async def members(self, first: int | None = None, after: str | None = None) -> Connection[MemberType]:
        seen = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: members_of_organisation(self.party, limit=limit, after=seen),
            to_node=to_member,
            to_cursor=lambda membership: membership.id.hex,
        )

    @strawberry.field(description="Open invitations, the latest first. For members with MANAGE_MEMBERS, and for staff.")
    async def invitations(self, first: int | None = None, after: str | None = None) -> Connection[InvitationType] | None:
        if self.membership is not None:
            self.membership.ensure(Right.MANAGE_MEMBERS)
        seen = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: open_invitations(self.party, limit=limit, after=seen),
            to_node=to_invitation,
            to_cursor=lambda invitation: invitation.id.hex,
        )


def to_member(membership: Membership) -> MemberType:
    """The membership on the wire."""
    return MemberType(id=global_id(Kind.ORGANISATION_MEMBER, membership.id), membership=membership)


def to_invitation(invitation: Invitation) -> InvitationType:
    """The invitation on the wire."""
    return InvitationType(
        id=global_id(Kind.ORGANISATION_INVITATION, invitation.id),
        role=invitation.role,
        masked=invitation.masked,
        sent_count=invitation.sent_count,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
    )


async def to_organisation(context: Context, record: OrganisationRecord) -> OrganisationType:
    """The organisation on the wire, for this viewer: a member of it, or staff who may see every customer."""
    membership = await context.membership(record.id)
    if membership is None:
        ensure_permission(context.identity, Permission.READ_CUSTOMERS)
    return shown_organisation(record, membership)


def shown_organisation(record: OrganisationRecord, membership: Membership | None = None) -> OrganisationType:
    """The same where it is known whose membership it is seen by; none is staff's."""
    return OrganisationType(
        id=global_id(Kind.ORGANISATION, record.id),
        party=record.id,
        own=membership is not None,
        record=record,
        membership=membership,
    )


async def find_organisation(context: Context, organisation: UUID) -> OrganisationType | None:
    """The organisation, if this viewer may see it; one that is not theirs is not there."""
    if not context.identity.may(Permission.READ_CUSTOMERS) and await context.membership(organisation) is None:
        return None
    record = (await organisations_by_id([organisation])).get(organisation)
    return None if record is None else await to_organisation(context, record)
