"""Invitations: sent to one contact, good once, for a week, for whoever owns the contact."""

from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.accounts import (
    CodePurpose,
    ContactPoint,
    Role,
    accept_invitation,
    add_contact,
    forget_what_is_over,
    invite_member,
    memberships_of,
    open_invitation_for_delivery,
    open_invitations,
    resend_invitation,
    revoke_invitation,
    suspend_organisation,
)
from perkhub.accounts.organisations.errors import (
    AlreadyMember,
    InvitationEnded,
    InvitationForAnother,
    InvitationSentTooOften,
)
from perkhub.accounts.organisations.invitations import forget_old_invitations
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotAllowed, NotFound, TooFast
from tests.accounts.people import Person, a_code, a_customer, a_phone, all_at_once, an_email, tally
from tests.factories import Shop

pytestmark = pytest.mark.usefixtures("accounts")

MINUTE = timedelta(seconds=61)


async def an_organisation(owner: Person, **others: Person) -> UUID:
    return await Shop().organisation(owner=owner, **others)  # type: ignore[arg-type]


async def invite(organisation: UUID, contact: ContactPoint, by: Person, role: Role = Role.BUYER) -> UUID:
    return await transact(
        lambda tx: invite_member(tx, organisation, contact, role, by=by.party_id, actor=f"customer:{by.party_id}")
    )


async def token_of(invitation: UUID) -> str:
    opened = await open_invitation_for_delivery(invitation)
    assert opened is not None
    assert opened.token not in repr(opened)
    return opened.token


async def roles_of(person: Person) -> list[Role]:
    return [one.role for one in (await memberships_of([person.party_id]))[person.party_id]]


async def test_whoever_owns_the_contact_joins_once():
    owner, person = await a_customer(), await a_customer()
    organisation = await an_organisation(owner)
    token = await token_of(await invite(organisation, person.contact, owner, Role.ADMIN))
    assert await accept_invitation(token, customer=person.party_id) == organisation
    assert await roles_of(person) == [Role.ADMIN]
    with pytest.raises(InvitationEnded):
        await accept_invitation(token, customer=person.party_id)
    assert await open_invitations(organisation, limit=10) == []
    row = await db.row("SELECT sealed, sealed_token, token_hash FROM organisation_invitation")
    assert row is not None
    assert (row["sealed"], row["sealed_token"]) == (None, None)
    assert token.encode() not in row["token_hash"]


async def test_of_many_who_accept_at_once_one_joins():
    owner, person = await a_customer(), await a_customer()
    token = await token_of(await invite(await an_organisation(owner), person.contact, owner))
    results = await all_at_once(accept_invitation(token, customer=person.party_id) for _ in range(10))
    assert tally(results) == {"UUID": 1, "InvitationEnded": 9}
    assert await roles_of(person) == [Role.BUYER]


async def test_a_forwarded_invitation_says_for_whom_it_is_and_is_not_used_up():
    owner, thief, contact = await a_customer(), await a_customer(), an_email()
    token = await token_of(await invite(await an_organisation(owner), contact, owner))
    with pytest.raises(InvitationForAnother) as refused:
        await accept_invitation(token, customer=thief.party_id)
    assert contact.masked in str(refused.value)
    assert contact.value not in str(refused.value)
    assert await roles_of(thief) == []
    code = await a_code(contact, CodePurpose.VERIFY)
    await add_contact(thief.party_id, contact, code)  # it was theirs after all
    await accept_invitation(token, customer=thief.party_id)
    assert await roles_of(thief) == [Role.BUYER]


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 100_000, "权益" * 20, "a\x00b"])
async def test_what_is_no_token_says_no_more_than_an_old_one(token: str):
    person = await a_customer()
    with pytest.raises(InvitationEnded) as refused:
        await accept_invitation(token, customer=person.party_id)
    assert refused.value.path == ("token",)


async def test_guesses_are_limited():
    person = await a_customer()
    results = await all_at_once(accept_invitation("x" * 43, customer=person.party_id) for _ in range(25))
    assert tally(results) == {"InvitationEnded": 20, "TooFast": 5}
    assert any(isinstance(result, TooFast) for result in results)


async def test_it_ends_after_a_week_and_is_forgotten_later():
    owner, person = await a_customer(), await a_customer()
    organisation = await an_organisation(owner)
    token = await token_of(await invite(organisation, person.contact, owner))
    with travel(timedelta(days=7)):
        with pytest.raises(InvitationEnded):
            await accept_invitation(token, customer=person.party_id)
        assert await open_invitations(organisation, limit=10) == []
        assert await transact(forget_old_invitations) == 0
    with travel(timedelta(days=38)):
        await forget_what_is_over()
    assert await db.value("SELECT count(*) FROM organisation_invitation") == 0


async def test_sent_again_it_is_another_token():
    owner, person = await a_customer(), await a_customer()
    organisation = await an_organisation(owner)
    invitation = await invite(organisation, person.contact, owner)
    first = await token_of(invitation)
    with pytest.raises(InvitationSentTooOften):
        await transact(lambda tx: resend_invitation(tx, invitation, by=owner.party_id))
    with travel(MINUTE):
        await transact(lambda tx: resend_invitation(tx, invitation, by=owner.party_id))
        second = await token_of(invitation)
        with pytest.raises(InvitationEnded):
            await accept_invitation(first, customer=person.party_id)
        await accept_invitation(second, customer=person.party_id)


async def test_it_is_sent_five_times_at_most():
    owner = await a_customer()
    invitation = await invite(await an_organisation(owner), a_phone(), owner)
    for turn in range(1, 6):
        with travel(MINUTE * turn):
            if turn < 5:
                await transact(lambda tx: resend_invitation(tx, invitation, by=owner.party_id))
            else:
                with pytest.raises(InvalidInput):
                    await transact(lambda tx: resend_invitation(tx, invitation, by=owner.party_id))
    assert await db.value("SELECT sent_count FROM organisation_invitation") == 5


async def test_a_contact_is_not_flooded_by_whomever():
    owners, contact = [await a_customer() for _ in range(12)], an_email()
    houses = [await an_organisation(owner) for owner in owners]
    results = await all_at_once(invite(house, contact, owner) for house, owner in zip(houses, owners, strict=True))
    assert tally(results) == {"UUID": 10, "InvitationSentTooOften": 2}


async def test_invited_anew_the_older_one_is_void_and_taken_back_it_is_none():
    owner, person = await a_customer(), await a_customer()
    organisation = await an_organisation(owner)
    older = await token_of(await invite(organisation, person.contact, owner))
    newer = await invite(organisation, person.contact, owner, Role.VIEWER)
    token = await token_of(newer)
    assert [one.id for one in await open_invitations(organisation, limit=10)] == [newer]
    await transact(lambda tx: revoke_invitation(tx, newer, by=owner.party_id))
    for void in (older, token):
        with pytest.raises(InvitationEnded):
            await accept_invitation(void, customer=person.party_id)
    with pytest.raises(InvitationEnded):
        await transact(lambda tx: revoke_invitation(tx, newer, by=owner.party_id))
    assert await open_invitation_for_delivery(newer) is None


async def test_nobody_invites_above_their_role_nor_into_anothers_house():
    owner, admin, buyer, stranger = [await a_customer() for _ in range(4)]
    organisation = await an_organisation(owner, admin=admin, buyer=buyer)
    for by, role, error in (
        (admin, Role.OWNER, NotAllowed),
        (buyer, Role.VIEWER, NotAllowed),
        (stranger, Role.VIEWER, NotFound),
    ):
        with pytest.raises(error):
            await invite(organisation, an_email(), by, role)
    invitation = await invite(organisation, an_email(), owner, Role.OWNER)
    for by, error in ((admin, NotAllowed), (buyer, NotAllowed), (stranger, NotFound)):
        with pytest.raises(error):
            await transact(lambda tx, by=by: revoke_invitation(tx, invitation, by=by.party_id))
    assert await db.value("SELECT count(*) FROM organisation_invitation WHERE revoked_at IS NOT NULL") == 0


async def test_a_member_is_no_member_twice_and_nobody_joins_a_suspended_one():
    owner, person = await a_customer(), await a_customer()
    organisation = await an_organisation(owner, viewer=person)
    token = await token_of(await invite(organisation, person.contact, owner))
    with pytest.raises(AlreadyMember):
        await accept_invitation(token, customer=person.party_id)
    assert await roles_of(person) == [Role.VIEWER]
    other = await a_customer()
    theirs = await token_of(await invite(organisation, other.contact, owner))
    await transact(lambda tx: suspend_organisation(tx, organisation))
    with pytest.raises(InvitationEnded):
        await accept_invitation(theirs, customer=other.party_id)
