"""What staff do about organisations: make them, decide about requests, shut them out, and name their owners."""

from contextlib import suppress
from uuid import UUID

import strawberry

from perkhub.accounts import (
    ContactKind,
    ContactPoint,
    InvitationSentTooOften,
    OrganisationChanges,
    Permission,
    Role,
    add_owner,
    create_organisation,
    decide_organisation,
    invite_member,
    organisations_by_id,
    parse_contact,
    resume_organisation,
    suspend_organisation,
    update_organisation,
)
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import NotFound
from perkhub.ledger import freeze_wallet
from perkhub_schema.accounts.organisations import OrganisationType, shown_organisation
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT, MASKED, TOLD
from perkhub_schema.graphql.mutations import mutation

MANAGE_CUSTOMERS = requires(Permission.MANAGE_CUSTOMERS)


@strawberry.input(one_of=True, description="Who shall own an organisation: exactly one.")
class OrganisationOwnerInput:
    customer_id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="A customer, who owns it at once.")
    email: strawberry.Maybe[str] = strawberry.field(description="Where an invitation to own it is sent.", metadata=MASKED)
    phone: strawberry.Maybe[str] = strawberry.field(description="The same by text message.", metadata=MASKED)

    def to_owner(self, *path: str) -> UUID | ContactPoint:
        """A customer, or whom to invite; refusals name `path`.

        Raises:
            InvalidInput.
        """
        if self.customer_id is not None:
            return local_id(Kind.CUSTOMER, self.customer_id.value, *path, "customerId")
        if self.email is not None:
            return parse_contact(ContactKind.EMAIL, self.email.value, path=(*path, "email"))
        assert self.phone is not None
        return parse_contact(ContactKind.PHONE, self.phone.value, path=(*path, "phone"))


@strawberry.input(description="A new organisation.")
class OrganisationCreateInput:
    name: str = strawberry.field(description="As it shall stand on orders and bills, at most 120 characters.", metadata=KEPT)
    external_reference: str | None = strawberry.field(
        default=None, description="What another system knows it by, at most 120 characters.", metadata=KEPT
    )
    owner: OrganisationOwnerInput = strawberry.field(description="Who shall own it.")


@strawberry.input(description="What shall be otherwise of an organisation; what is left out stays.")
class OrganisationUpdateInput:
    organisation_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description="The version that was read.")
    name: strawberry.Maybe[str] = strawberry.field(description="At most 120 characters.", metadata=KEPT)
    external_reference: strawberry.Maybe[str | None] = strawberry.field(
        description="At most 120 characters; null takes it away.", metadata=KEPT
    )


@strawberry.input(description="A decision about an organisation.")
class OrganisationDecideInput:
    organisation_id: strawberry.ID = strawberry.field(description="Which.")
    reason: str = strawberry.field(default="", description="At most 300 characters; its members read it too.", metadata=TOLD)


@strawberry.input(description="An organisation.")
class OrganisationInput:
    organisation_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="A further owner of an organisation, by staff's word.")
class OrganisationOwnerAddInput:
    organisation_id: strawberry.ID = strawberry.field(description="Which.")
    customer_id: strawberry.ID = strawberry.field(description="Who.")


@strawberry.type(description="The organisation after the change.")
class OrganisationPayload:
    organisation: OrganisationType | None = strawberry.field(default=None, description="The organisation as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_CUSTOMERS, "Make an organisation, and name its owner or send them an invitation.")
async def organisation_create(info: Info, input: OrganisationCreateInput) -> OrganisationPayload:
    owner, actor = input.owner.to_owner("owner"), info.context.identity.actor
    locale = "zh-CN" if info.context.language == "zh" else "en"

    async def work(tx: Transaction) -> UUID:
        made = await create_organisation(tx, name=input.name, external_reference=input.external_reference)
        if isinstance(owner, ContactPoint):
            await invite_member(tx, made, owner, Role.OWNER, by=None, actor=actor, locale=locale)
        else:
            await add_owner(tx, made, owner)
        return made

    try:
        return await _told(await transact(work))
    except NotFound as nobody:
        nobody.path = ("owner", "customerId")
        raise
    except InvitationSentTooOften as refused:
        refused.path = ("owner",)
        raise


@mutation(MANAGE_CUSTOMERS, "Name an organisation anew, or give it another reference.")
async def organisation_update(input: OrganisationUpdateInput) -> OrganisationPayload:
    organisation, changes = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId"), OrganisationChanges()
    if input.name is not None:
        changes["name"] = input.name.value
    if input.external_reference is not None:
        changes["external_reference"] = input.external_reference.value
    await transact(lambda tx: update_organisation(tx, organisation, changes, expected_version=input.expected_version))
    return await _told(organisation)


@mutation(MANAGE_CUSTOMERS, "Say yes to an organisation that a customer asked for: they own it, and can act for it.")
async def organisation_approve(input: OrganisationDecideInput) -> OrganisationPayload:
    organisation = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId")
    await transact(lambda tx: decide_organisation(tx, organisation, approved=True, reason=input.reason))
    return await _told(organisation)


@mutation(MANAGE_CUSTOMERS, "Say no to an organisation that a customer asked for.")
async def organisation_decline(input: OrganisationDecideInput) -> OrganisationPayload:
    organisation = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId")
    await transact(lambda tx: decide_organisation(tx, organisation, approved=False, reason=input.reason))
    return await _told(organisation)


@mutation(MANAGE_CUSTOMERS, "Shut an organisation out: nobody acts for it, and its wallet is frozen.")
async def organisation_suspend(input: OrganisationDecideInput) -> OrganisationPayload:
    organisation = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId")

    async def work(tx: Transaction) -> None:
        await suspend_organisation(tx, organisation, reason=input.reason)
        await _freeze(tx, organisation, frozen=True)

    await transact(work)
    return await _told(organisation)


@mutation(MANAGE_CUSTOMERS, "Let a suspended organisation act again, and its wallet be spent from.")
async def organisation_resume(input: OrganisationInput) -> OrganisationPayload:
    organisation = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId")

    async def work(tx: Transaction) -> None:
        await resume_organisation(tx, organisation)
        await _freeze(tx, organisation, frozen=False)

    await transact(work)
    return await _told(organisation)


@mutation(MANAGE_CUSTOMERS, "Make a customer an owner of an organisation: where its owners are gone, say.")
async def organisation_owner_add(input: OrganisationOwnerAddInput) -> OrganisationPayload:
    organisation = local_id(Kind.ORGANISATION, input.organisation_id, "organisationId")
    customer = local_id(Kind.CUSTOMER, input.customer_id, "customerId")
    await transact(lambda tx: add_owner(tx, organisation, customer))
    return await _told(organisation)


async def _freeze(tx: Transaction, organisation: UUID, *, frozen: bool) -> None:
    """After the organisation's own row; whoever never had money has no wallet to freeze."""
    with suppress(NotFound):
        await freeze_wallet(tx, organisation, frozen=frozen)


async def _told(organisation: UUID) -> OrganisationPayload:
    record = (await organisations_by_id([organisation]))[organisation]
    return OrganisationPayload(organisation=shown_organisation(record))


@strawberry.type
class OrganisationStaffMutations:
    organisation_create = organisation_create
    organisation_update = organisation_update
    organisation_approve = organisation_approve
    organisation_decline = organisation_decline
    organisation_suspend = organisation_suspend
    organisation_resume = organisation_resume
    organisation_owner_add = organisation_owner_add
