"""Becoming a customer: only by a proved contact, once per contact, with nothing stored in clear."""

from datetime import timedelta

import pytest

from perkhub.accounts import (
    CodePurpose,
    IdentityKind,
    add_contact,
    contacts_of,
    find_customer,
    identify,
    register_customer,
    request_code,
    sign_in_with_password,
)
from perkhub.accounts.errors import CodeExpired, CodeWrong, ContactTaken, PasswordTooWeak
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from tests.accounts.people import PASSWORD, a_code, a_customer, a_phone, all_at_once, an_email, another_than, tally

pytestmark = pytest.mark.usefixtures("accounts")

COUNTS = """
    SELECT (SELECT count(*) FROM party) AS parties, (SELECT count(*) FROM customer) AS customers,
           (SELECT count(*) FROM contact) AS contacts, (SELECT count(*) FROM sign_in_session) AS sessions
"""


async def rows() -> tuple[int, ...]:
    found = await db.row(COUNTS)
    assert found is not None
    return tuple(found)


async def test_a_customer_registers_and_is_signed_in():
    contact = a_phone()
    code = await a_code(contact, CodePurpose.VERIFY)
    signed_in = await register_customer(contact, code, password=PASSWORD, locale="en")
    identity = await identify(signed_in.access_token)
    assert identity.kind is IdentityKind.CUSTOMER
    assert identity.party_id == identity.id == signed_in.subject_id == await find_customer(contact)
    assert identity.actor == f"customer:{identity.id}"
    assert await rows() == (1, 1, 1, 1)
    assert await db.value("SELECT payload->>'party_id' FROM outbox WHERE name = 'customer.registered'") == str(identity.id)
    assert (await sign_in_with_password(contact, PASSWORD)).subject_id == identity.id


async def test_without_the_right_code_nobody_is_made():
    contact = an_email()
    with pytest.raises(CodeExpired):
        await register_customer(contact, "000000")
    code = await a_code(contact, CodePurpose.VERIFY)
    with pytest.raises(CodeWrong):
        await register_customer(contact, another_than(code))
    assert await rows() == (0, 0, 0, 0)


async def test_what_is_wrong_by_itself_costs_no_guess():
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    with pytest.raises(PasswordTooWeak):
        await register_customer(contact, code, password="short")
    with pytest.raises(InvalidInput):
        await register_customer(contact, code, locale="nowhere at all")
    assert await db.value("SELECT attempts FROM one_time_code") == 0
    await register_customer(contact, code, password=PASSWORD)


async def test_that_a_contact_is_taken_is_told_only_to_its_owner():
    contact = (await a_customer()).contact
    code = await a_code(contact, CodePurpose.VERIFY)
    with pytest.raises(CodeWrong):
        await register_customer(contact, another_than(code))
    with pytest.raises(ContactTaken):
        await register_customer(contact, code)
    assert await rows() == (1, 1, 1, 0)


async def test_of_ten_registrations_at_once_one_is_made():
    """More than five guesses: at most five get as far as the code, and one of them uses it."""
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    results = tally(await all_at_once(register_customer(contact, code, password=PASSWORD) for _ in range(10)))
    assert results == {"SignedIn": 1, "CodeExpired": 9}
    assert await rows() == (1, 1, 1, 1)


async def test_a_second_contact_leads_to_the_same_customer():
    person, phone = await a_customer(), a_phone()
    await add_contact(person.party_id, phone, await a_code(phone, CodePurpose.VERIFY))
    assert await find_customer(phone) == person.party_id
    contacts = (await contacts_of([person.party_id]))[person.party_id]
    assert [contact.masked for contact in contacts] == [person.contact.masked, phone.masked]


async def test_a_contact_of_another_customer_cannot_be_added():
    person, other = await a_customer(), await a_customer()
    code = await a_code(other.contact, CodePurpose.VERIFY)
    with pytest.raises(ContactTaken):
        await add_contact(person.party_id, other.contact, code)
    assert await find_customer(other.contact) == other.party_id


async def test_contacts_are_bounded():
    person = await a_customer()
    for _ in range(9):
        contact = an_email()
        await add_contact(person.party_id, contact, await a_code(contact, CodePurpose.VERIFY))
    one_more = an_email()
    with pytest.raises(InvalidInput):
        await add_contact(person.party_id, one_more, await a_code(one_more, CodePurpose.VERIFY))
    assert len((await contacts_of([person.party_id]))[person.party_id]) == 10


async def test_a_contact_needs_a_customer():
    contact = an_email()
    with pytest.raises(NotFound):
        await add_contact(new_id(), contact, await a_code(contact, CodePurpose.VERIFY))
    assert await rows() == (0, 0, 0, 0)


async def test_no_row_holds_a_contact_or_a_password():
    contact = an_email()
    await register_customer(contact, await a_code(contact, CodePurpose.VERIFY), password=PASSWORD)
    with travel(timedelta(minutes=2)):
        await request_code(contact, CodePurpose.RESET)
    tables = await db.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    dump = "".join([str(await db.rows(f'SELECT t::text FROM "{table["relname"]}" t')) for table in tables])
    assert len(dump) > 1000
    for secret in (contact.value, PASSWORD):
        assert secret not in dump
        assert secret.encode().hex() not in dump
