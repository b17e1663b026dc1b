"""Reading people: masked unless one may, every unmasking logged, and erasure that leaves the trade standing."""

from datetime import timedelta

import pytest

from perkhub.accounts import (
    ANONYMOUS,
    CodePurpose,
    Identity,
    IdentityKind,
    Permission,
    contacts_of,
    customers_by_id,
    erase_customer,
    find_customer,
    list_customers,
    refresh_session,
    request_code,
    sign_in_with_password,
    unmask_contact,
)
from perkhub.accounts.errors import SessionEnded, SignInFailed
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.correlation import begin_correlation
from perkhub.kit.db import transact
from perkhub.kit.errors import NotAllowed, NotFound, NotSignedIn
from perkhub.kit.ids import new_id
from perkhub.kit.sealing import Unsealable
from tests.accounts.people import PASSWORD, Person, a_customer, an_email, staff_with

pytestmark = pytest.mark.usefixtures("accounts")


def signed_in(person: Person) -> Identity:
    return Identity(IdentityKind.CUSTOMER, id=person.party_id, party_id=person.party_id)


async def contact_id(person: Person) -> object:
    return (await contacts_of([person.party_id]))[person.party_id][0].id


async def log_rows() -> int:
    found: int = await db.value("SELECT count(*) FROM unmask_log")
    return found


async def test_contacts_are_read_masked():
    person, other = await a_customer(), new_id()
    contacts = await contacts_of([person.party_id, other])
    assert [contact.masked for contact in contacts[person.party_id]] == [person.contact.masked]
    assert contacts[other] == []
    assert person.contact.value not in str(contacts)


async def test_unmasking_needs_the_permission_and_is_logged():
    person = await a_customer()
    contact = await contact_id(person)
    reader = await staff_with(Permission.READ_CUSTOMERS, Permission.UNMASK_PERSONAL_DATA)
    other = signed_in(await a_customer())
    for identity, error in [
        (ANONYMOUS, NotSignedIn),
        (await staff_with(Permission.READ_CUSTOMERS), NotAllowed),
        (other, NotAllowed),
    ]:
        with pytest.raises(error):
            await transact(lambda tx, identity=identity: unmask_contact(tx, identity, contact, reason="help"))
    assert await log_rows() == 0
    trail = begin_correlation()
    assert await transact(lambda tx: unmask_contact(tx, reader, contact, reason="help")) == person.contact
    logged = await db.row("SELECT actor, contact_id, party_id, correlation_id FROM unmask_log")
    assert logged is not None
    assert tuple(logged) == (reader.actor, contact, person.party_id, trail)


async def test_one_sees_ones_own_contact_and_it_is_logged():
    person = await a_customer()
    contact = await contact_id(person)
    assert await transact(lambda tx: unmask_contact(tx, signed_in(person), contact, reason="help")) == person.contact
    assert await log_rows() == 1


async def test_what_does_not_exist_is_not_told_from_what_one_may_not_see():
    with pytest.raises(NotAllowed):
        await transact(
            lambda tx: unmask_contact(
                tx, Identity(IdentityKind.CUSTOMER, id=new_id(), party_id=new_id()), new_id(), reason="help"
            )
        )
    reader = await staff_with(Permission.UNMASK_PERSONAL_DATA)
    with pytest.raises(NotFound):
        await transact(lambda tx: unmask_contact(tx, reader, new_id(), reason="help"))
    assert await log_rows() == 0


async def test_a_sealed_contact_does_not_open_in_another_row():
    one, two = await a_customer(), await a_customer()
    await db.value(
        "UPDATE contact SET sealed = (SELECT sealed FROM contact WHERE party_id = $1) WHERE party_id = $2",
        one.party_id,
        two.party_id,
    )
    reader = await staff_with(Permission.UNMASK_PERSONAL_DATA)
    moved = await contact_id(two)
    with pytest.raises(Unsealable):
        await transact(lambda tx: unmask_contact(tx, reader, moved, reason="help"))


async def test_customers_are_found_and_listed():
    people = [await a_customer() for _ in range(5)]
    assert await find_customer(people[2].contact) == people[2].party_id
    assert await find_customer(an_email()) is None
    newest_first = [person.party_id for person in reversed(people)]
    assert [record.party_id for record in await list_customers()] == newest_first
    assert [record.party_id for record in await list_customers(first=2, after=newest_first[1])] == newest_first[2:4]
    assert await list_customers(first=-1) == []
    assert set(await customers_by_id([people[0].party_id, new_id()])) == {people[0].party_id}


async def test_erasure_leaves_the_party_and_nothing_that_names_it():
    person, other = await a_customer(password=PASSWORD), await a_customer(password=PASSWORD)
    session = await sign_in_with_password(person.contact, PASSWORD)
    await request_code(person.contact, CodePurpose.RESET)
    await transact(lambda tx: erase_customer(tx, person.party_id))
    record = (await customers_by_id([person.party_id]))[person.party_id]
    assert record.erased_at is not None
    assert not record.has_password
    assert (await contacts_of([person.party_id]))[person.party_id] == []
    assert await find_customer(person.contact) is None
    assert await db.value("SELECT count(*) FROM one_time_code") == 0
    with pytest.raises(SessionEnded):
        await refresh_session(session.refresh_token)
    with pytest.raises(SignInFailed):
        await sign_in_with_password(person.contact, PASSWORD)
    await sign_in_with_password(other.contact, PASSWORD)
    with travel(timedelta(minutes=1)):
        again = await a_customer(contact=person.contact)  # the contact is free again, for somebody new to us
    assert again.party_id != person.party_id
    with pytest.raises(NotFound):
        await transact(lambda tx: erase_customer(tx, new_id()))
