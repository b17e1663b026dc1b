"""Organisations: how they come to be, who belongs to them, and that nobody acts for one by naming it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.accounts import (
    RIGHTS,
    Identity,
    IdentityKind,
    OrganisationNotYours,
    OrganisationState,
    Right,
    Role,
    acting_for,
    add_owner,
    block_customer,
    create_organisation,
    decide_organisation,
    ensure_not_blocked,
    leave_organisation,
    members_of_organisation,
    memberships_of,
    organisations_by_id,
    remove_member,
    request_organisation,
    resume_organisation,
    set_member_role,
    suspend_organisation,
    update_organisation,
)
from perkhub.accounts.errors import CustomerBlocked
from perkhub.accounts.identity import ANONYMOUS
from perkhub.accounts.organisations import members
from perkhub.accounts.organisations.errors import AlreadyMember, LastOwner, OrganisationDecided
from perkhub.kit.clock import travel
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import AlreadyNamed, InvalidInput, NotAllowed, NotFound, NotSignedIn, VersionMoved
from perkhub.kit.ids import new_id
from tests.accounts.people import Person, a_customer, all_at_once, tally
from tests.factories import Shop

pytestmark = pytest.mark.usefixtures("accounts")


def signed_in(person: Person) -> Identity:
    return Identity(IdentityKind.CUSTOMER, id=person.party_id, party_id=person.party_id)


async def an_organisation(**people: Person) -> UUID:
    return await Shop().organisation(**people)  # type: ignore[arg-type]


async def roles(organisation: UUID) -> dict[UUID, Role]:
    return {one.customer_id: one.role for one in await members_of_organisation(organisation, limit=100)}


async def member_id(organisation: UUID, person: Person) -> UUID:
    return next(one.id for one in await members_of_organisation(organisation, limit=100) if one.customer_id == person.party_id)


async def set_role(organisation: UUID, person: Person, role: Role, *, by: Person) -> None:
    member = await member_id(organisation, person)
    await transact(lambda tx: set_member_role(tx, member, role, by=by.party_id))


async def test_who_asks_for_one_owns_it_and_waits():
    person = await a_customer()
    asked = await transact(lambda tx: request_organisation(tx, person.party_id, name="  阿里 & Söhne 🎁 "))
    assert (await organisations_by_id([asked]))[asked].name == "阿里 & Söhne 🎁"
    with pytest.raises(OrganisationNotYours):
        await acting_for(signed_in(person), asked)
    with pytest.raises(CustomerBlocked):
        await ensure_not_blocked(asked)
    await transact(lambda tx: decide_organisation(tx, asked, approved=True))
    acting = await acting_for(signed_in(person), asked)
    assert (acting.role, acting.organisation_id) == (Role.OWNER, asked)
    await ensure_not_blocked(asked)
    for approved in (True, False):
        with pytest.raises(OrganisationDecided):
            await transact(lambda tx, approved=approved: decide_organisation(tx, asked, approved=approved))


async def test_three_requests_wait_at_most_however_many_come_at_once():
    person = await a_customer()
    results = await all_at_once(
        transact(lambda tx, number=number: request_organisation(tx, person.party_id, name=f"Acme {number}"))
        for number in range(8)
    )
    assert tally(results) == {"UUID": 3, "InvalidInput": 5}
    declined = next(result for result in results if isinstance(result, UUID))
    await transact(lambda tx: decide_organisation(tx, declined, approved=False, reason="no licence"))
    await transact(lambda tx: request_organisation(tx, person.party_id, name="Another"))


@pytest.mark.parametrize("name", ["", " ", "x" * 121, "a\nb"])
async def test_a_name_is_one_line(name: str):
    with pytest.raises(InvalidInput) as refused:
        await transact(lambda tx: create_organisation(tx, name=name))
    assert refused.value.path == ("name",)


async def test_references_and_versions_are_kept():
    one = await transact(lambda tx: create_organisation(tx, name="One", external_reference="crm-1"))
    two = await transact(lambda tx: create_organisation(tx, name="Two"))
    for attempt in (
        lambda tx: create_organisation(tx, name="Three", external_reference="crm-1"),
        lambda tx: update_organisation(tx, two, {"external_reference": "crm-1"}, expected_version=1),
    ):
        with pytest.raises(AlreadyNamed) as refused:
            await transact(attempt)
        assert refused.value.path == ("externalReference",)
    await transact(lambda tx: update_organisation(tx, one, {"name": "Uno"}, expected_version=1))
    with pytest.raises(VersionMoved):
        await transact(lambda tx: update_organisation(tx, one, {"name": "Eins"}, expected_version=1))
    known = (await organisations_by_id([one]))[one]
    assert (known.name, known.external_reference, known.version) == ("Uno", "crm-1", 2)


async def test_nobody_acts_for_an_organisation_by_naming_it():
    owner, stranger = await a_customer(), await a_customer()
    mine, theirs = await an_organisation(owner=owner), await an_organisation(owner=stranger)
    assert (await acting_for(signed_in(owner), mine)).role is Role.OWNER
    staff = Identity(IdentityKind.STAFF, id=new_id())
    for identity, organisation in ((signed_in(owner), theirs), (signed_in(owner), new_id()), (staff, mine)):
        with pytest.raises(OrganisationNotYours):
            await acting_for(identity, organisation)
    with pytest.raises(NotSignedIn):
        await acting_for(ANONYMOUS, mine)


async def test_nobody_acts_for_a_suspended_one_and_no_blocked_member_for_any():
    owner, buyer = await a_customer(), await a_customer()
    organisation = await an_organisation(owner=owner, buyer=buyer)
    await transact(lambda tx: suspend_organisation(tx, organisation, reason="unpaid"))
    with pytest.raises(OrganisationNotYours):
        await acting_for(signed_in(buyer), organisation)
    [seen] = (await memberships_of([buyer.party_id]))[buyer.party_id]
    assert (seen.may(Right.SEE), seen.may(Right.BUY), seen.state) == (True, False, OrganisationState.SUSPENDED)
    await transact(lambda tx: resume_organisation(tx, organisation))
    await acting_for(signed_in(buyer), organisation)
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    with pytest.raises(OrganisationNotYours):
        await acting_for(signed_in(buyer), organisation)


def test_the_table_of_rights_says_of_every_role_what_it_may():
    assert set(RIGHTS) == set(Role)
    assert {role for role in Role if Right.BUY in RIGHTS[role]} == {Role.OWNER, Role.ADMIN, Role.BUYER}
    assert {role for role in Role if Right.MANAGE_MEMBERS in RIGHTS[role]} == {Role.OWNER, Role.ADMIN}
    assert {role for role in Role if Right.MANAGE_OWNERS in RIGHTS[role]} == {Role.OWNER}


@pytest.mark.parametrize(
    ("by", "whom", "to"),
    [
        ("admin", "owner", Role.BUYER),
        ("admin", "buyer", Role.OWNER),
        ("buyer", "viewer", Role.BUYER),
        ("viewer", "viewer", Role.OWNER),
    ],
)
async def test_nobody_gives_or_takes_a_role_above_their_own(by: str, whom: str, to: Role):
    people = {role: await a_customer() for role in ("owner", "admin", "buyer", "viewer")}
    organisation = await an_organisation(**people)
    before = await roles(organisation)
    with pytest.raises(NotAllowed):
        await set_role(organisation, people[whom], to, by=people[by])
    member = await member_id(organisation, people[whom])
    if by != "admin" or whom == "owner":
        with pytest.raises(NotAllowed):
            await transact(lambda tx: remove_member(tx, member, by=people[by].party_id))
    assert await roles(organisation) == before


async def test_an_admin_manages_all_but_owners():
    people = {role: await a_customer() for role in ("owner", "admin", "buyer")}
    organisation = await an_organisation(**people)
    await set_role(organisation, people["buyer"], Role.ADMIN, by=people["admin"])
    member = await member_id(organisation, people["buyer"])
    await transact(lambda tx: remove_member(tx, member, by=people["admin"].party_id))
    assert (await memberships_of([people["buyer"].party_id]))[people["buyer"].party_id] == []


async def test_a_stranger_finds_no_member_to_change():
    owner, stranger = await a_customer(), await a_customer()
    organisation = await an_organisation(owner=owner)
    await an_organisation(owner=stranger)
    member = await member_id(organisation, owner)
    for verb in (
        lambda tx: set_member_role(tx, member, Role.VIEWER, by=stranger.party_id),
        lambda tx: remove_member(tx, member, by=stranger.party_id),
        lambda tx: set_member_role(tx, new_id(), Role.VIEWER, by=stranger.party_id),
        lambda tx: leave_organisation(tx, organisation, stranger.party_id),
    ):
        with pytest.raises(NotFound):
            await transact(verb)
    assert await roles(organisation) == {owner.party_id: Role.OWNER}


async def test_the_last_owner_stays():
    owner, admin = await a_customer(), await a_customer()
    organisation = await an_organisation(owner=owner, admin=admin)
    member = await member_id(organisation, owner)
    for verb in (
        lambda tx: leave_organisation(tx, organisation, owner.party_id),
        lambda tx: remove_member(tx, member, by=owner.party_id),
        lambda tx: set_member_role(tx, member, Role.ADMIN, by=owner.party_id),
    ):
        with pytest.raises(LastOwner):
            await transact(verb)
    await set_role(organisation, admin, Role.OWNER, by=owner)
    await transact(lambda tx: leave_organisation(tx, organisation, owner.party_id))
    assert await roles(organisation) == {admin.party_id: Role.OWNER}


async def two_owners_unmake_each_other(ways: int) -> tuple[int, int]:
    """How many owners are left where each of two demotes the other, or leaves, at once; and how many did."""
    one, two = await a_customer(), await a_customer()
    organisation = await an_organisation(owner=one)
    await transact(lambda tx: add_owner(tx, organisation, two.party_id))
    if ways == 0:
        attempts = [set_role(organisation, two, Role.BUYER, by=one), set_role(organisation, one, Role.BUYER, by=two)]
    else:
        attempts = [
            transact(lambda tx, person=person: leave_organisation(tx, organisation, person.party_id)) for person in (one, two)
        ]
    results = await all_at_once(attempts)
    left = [role for role in (await roles(organisation)).values() if role is Role.OWNER]
    return len(left), tally(results)["NoneType"]


@pytest.mark.parametrize("ways", [0, 1])
async def test_two_owners_at_once_leave_one(ways: int):
    for _ in range(5):
        assert await two_owners_unmake_each_other(ways) == (1, 1)


async def test_without_its_turn_the_race_is_real(monkeypatch: pytest.MonkeyPatch):
    """With the lock taken out, and both looking before either commits, nobody is left: the test above can fail."""
    together = asyncio.Barrier(2)
    somebody_owns = members._ensure_somebody_owns

    async def no_turn(tx: Transaction, organisation: UUID) -> None:
        await asyncio.sleep(0)

    async def after_both_have_changed(tx: Transaction, organisation: UUID, path: tuple[str, ...]) -> None:
        await together.wait()
        await somebody_owns(tx, organisation, path)
        await together.wait()

    monkeypatch.setattr(members, "_take_turn", no_turn)
    monkeypatch.setattr(members, "_ensure_somebody_owns", after_both_have_changed)
    assert await two_owners_unmake_each_other(0) == (0, 2)


async def test_staff_name_an_owner_where_there_is_none():
    organisation, person = await transact(lambda tx: create_organisation(tx, name="Acme")), await a_customer()
    await transact(lambda tx: add_owner(tx, organisation, person.party_id))
    with pytest.raises(AlreadyMember):
        await transact(lambda tx: add_owner(tx, organisation, person.party_id))
    with pytest.raises(NotFound):
        await transact(lambda tx: add_owner(tx, organisation, new_id()))
    with travel(timedelta(days=1)):
        assert await roles(organisation) == {person.party_id: Role.OWNER}
