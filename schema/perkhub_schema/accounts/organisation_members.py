"""What members do about their organisation: ask for one, invite, accept, change roles, take out and leave."""

from uuid import UUID

import strawberry

from perkhub.accounts import (
    accept_invitation,
    invitation_by_id,
    invite_member,
    leave_organisation,
    remove_member,
    request_organisation,
    resend_invitation,
    revoke_invitation,
    set_member_role,
)
from perkhub.kit.db import transact
from perkhub_schema.accounts.contacts import ContactInput
from perkhub_schema.accounts.organisation_mutations import OrganisationInput, OrganisationPayload
from perkhub_schema.accounts.organisations import (
    InvitationType,
    MemberType,
    RoleEnum,
    find_organisation,
    to_invitation,
    to_member,
)
from perkhub_schema.graphql.access import CUSTOMER
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation


@strawberry.input(description="An organisation that one asks for, to own it.")
class OrganisationRequestInput:
    name: str = strawberry.field(description="As it shall stand on orders and bills, at most 120 characters.")


@strawberry.input(description="Somebody to be invited.")
class OrganisationInviteInput:
    organisation_id: strawberry.ID = strawberry.field(description="To which organisation.")
    contact: ContactInput = strawberry.field(description="Where the invitation is sent.")
    role: RoleEnum = strawberry.field(description="What they shall be; owners alone invite owners.")  # type: ignore[valid-type]
    locale: str | None = strawberry.field(
        default=None, description="Language of the message, such as zh-CN; the request's if left out."
    )


@strawberry.input(description="An invitation.")
class OrganisationInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="An invitation that one says yes to.")
class OrganisationInvitationAcceptInput:
    token: str = strawberry.field(description="What stood in the message.")


@strawberry.input(description="A member's new role.")
class OrganisationMemberRoleSetInput:
    member_id: strawberry.ID = strawberry.field(description="Whose.")
    role: RoleEnum = strawberry.field(description="What they shall be.")  # type: ignore[valid-type]


@strawberry.input(description="A member.")
class OrganisationMemberInput:
    member_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The invitation after the change; null once it is taken back.")
class OrganisationInvitationPayload:
    invitation: InvitationType | None = strawberry.field(default=None, description="The invitation as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The member after the change; as they were, where they are none any more.")
class OrganisationMemberPayload:
    member: MemberType | None = strawberry.field(default=None, description="The member.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="That one belongs to it no more.")
class OrganisationLeavePayload:
    organisation_id: strawberry.ID | None = strawberry.field(default=None, description="Which one has left.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(CUSTOMER, "Ask for an organisation that one owns; nobody can act for it until staff have said yes.")
async def organisation_request(info: Info, input: OrganisationRequestInput) -> OrganisationPayload:
    customer = info.context.party
    made = await transact(lambda tx: request_organisation(tx, customer, name=input.name))
    return OrganisationPayload(organisation=await find_organisation(info.context, made))


@mutation(CUSTOMER, "Send somebody an invitation; an older one to the same contact is void. Needs the right to manage members.")
async def organisation_invite(info: Info, input: OrganisationInviteInput) -> OrganisationInvitationPayload:
    context = info.context
    organisation = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId")
    contact = input.contact.to_contact("contact")
    locale = input.locale or ("zh-CN" if context.language == "zh" else "en")
    by, actor = context.party, context.identity.actor
    made = await transact(lambda tx: invite_member(tx, organisation, contact, input.role, by=by, actor=actor, locale=locale))
    return await _invitation(made)


@mutation(CUSTOMER, "Send an invitation again, with a new token, at most five times in all. Needs the right to manage members.")
async def organisation_invitation_resend(info: Info, input: OrganisationInvitationInput) -> OrganisationInvitationPayload:
    invitation, by = local_id(Kind.ORGANISATION_INVITATION, input.invitation_id, "invitationId"), info.context.party
    await transact(lambda tx: resend_invitation(tx, invitation, by=by))
    return await _invitation(invitation)


@mutation(CUSTOMER, "Take an invitation back; its token is void. Needs the right to manage members.")
async def organisation_invitation_revoke(info: Info, input: OrganisationInvitationInput) -> OrganisationInvitationPayload:
    invitation, by = local_id(Kind.ORGANISATION_INVITATION, input.invitation_id, "invitationId"), info.context.party
    await transact(lambda tx: revoke_invitation(tx, invitation, by=by))
    return OrganisationInvitationPayload()


@mutation(CUSTOMER, "Become a member by an invitation that was sent to a contact of one's account.")
async def organisation_invitation_accept(info: Info, input: OrganisationInvitationAcceptInput) -> OrganisationMemberPayload:
    joined = await accept_invitation(input.token, customer=info.context.party)
    membership = await info.context.membership(joined)
    return OrganisationMemberPayload(member=None if membership is None else to_member(membership))


@mutation(CUSTOMER, "Give a member another role; owners alone make and unmake owners.")
async def organisation_member_role_set(info: Info, input: OrganisationMemberRoleSetInput) -> OrganisationMemberPayload:
    member, by = local_id(Kind.ORGANISATION_MEMBER, input.member_id, "memberId"), info.context.party
    changed = await transact(lambda tx: set_member_role(tx, member, input.role, by=by))
    return OrganisationMemberPayload(member=to_member(changed))


@mutation(CUSTOMER, "Take a member out; they act for the organisation no more from now on.")
async def organisation_member_remove(info: Info, input: OrganisationMemberInput) -> OrganisationMemberPayload:
    member, by = local_id(Kind.ORGANISATION_MEMBER, input.member_id, "memberId"), info.context.party
    gone = await transact(lambda tx: remove_member(tx, member, by=by))
    return OrganisationMemberPayload(member=to_member(gone))


@mutation(CUSTOMER, "Belong to an organisation no more; its last owner stays.")
async def organisation_leave(info: Info, input: OrganisationInput) -> OrganisationLeavePayload:
    organisation, customer = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId"), info.context.party
    await transact(lambda tx: leave_organisation(tx, organisation, customer))
    return OrganisationLeavePayload(organisation_id=input.organisation_id)


async def _invitation(invitation: UUID) -> OrganisationInvitationPayload:
    found = await invitation_by_id(invitation)
    return OrganisationInvitationPayload(invitation=None if found is None else to_invitation(found))


@strawberry.type
class OrganisationMemberMutations:
    organisation_request = organisation_request
    organisation_invite = organisation_invite
    organisation_invitation_resend = organisation_invitation_resend
    organisation_invitation_revoke = organisation_invitation_revoke
    organisation_invitation_accept = organisation_invitation_accept
    organisation_member_role_set = organisation_member_role_set
    organisation_member_remove = organisation_member_remove
    organisation_leave = organisation_leave
