"""Staff signing in with a provider: new colleagues with the groups it was set up with; nobody else's account, ever."""

from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission, create_group, deactivate_staff, parse_contact, staff_by_id
from perkhub.accounts.contacts import ContactKind
from perkhub.kit import db
from perkhub.kit.db import transact
from tests.factories import Shop
from tests.schema.sign_in.browser import Browser, outcome, set_up

STAFF = "SELECT count(*) FROM staff"


@pytest.fixture
async def group(shop: Shop) -> UUID:
    return await transact(lambda tx: create_group(tx, name="Readers", permissions=[Permission.READ_ORDERS], by=None))


async def set_up_for_staff(browser: Browser, group: UUID) -> Any:
    return await set_up(browser.provider, audience="staff", email_domains=["example.com"], group_ids=[group])


async def test_a_new_colleague_gets_the_groups_of_the_first_day_and_no_more_of_them_later(browser: Browser, group: UUID):
    await set_up_for_staff(browser, group)
    assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}
    assert "perkhub_staff_refresh" in browser.http.cookies
    told = await browser.refreshed(staff=True)
    assert (told["customer"], bool(told["staff"])) == (None, True)
    mine = await browser.api("{ myStaff { name permissions identities { provider label } } }", token=told["accessToken"])
    assert mine["data"]["myStaff"] == {
        "name": "Alice",
        "permissions": ["READ_ORDERS"],
        "identities": [{"provider": "acme", "label": "a••••@example.com"}],
    }
    await db.value("DELETE FROM staff_group")
    assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}
    [member] = (await staff_by_id([row["id"] for row in await db.rows("SELECT id FROM staff")])).values()
    assert member.group_ids == ()


async def test_a_colleagues_account_is_never_opened_by_its_email(browser: Browser, group: UUID, shop: Shop):
    await set_up_for_staff(browser, group)
    admin = await shop.staff(*Permission)
    browser.provider.spoil = {"email": admin.contact.value}
    sessions = await db.value("SELECT count(*) FROM sign_in_session")
    assert outcome(await browser.sign_in())[1] == {"sign_in_error": "ACCOUNT_EXISTS"}
    assert [await db.value(STAFF), await db.value("SELECT count(*) FROM sign_in_session")] == [1, sessions]


@pytest.mark.parametrize("said", [{"email": "alice@elsewhere.example"}, {"email_verified": False}, {"email": None}], ids=str)
async def test_nobody_from_elsewhere_is_staff(browser: Browser, group: UUID, said: dict[str, Any]):
    await set_up_for_staff(browser, group)
    browser.provider.spoil = said
    assert outcome(await browser.sign_in())[1] == {"sign_in_error": "EMAIL_NOT_ACCEPTED"}
    assert await db.value(STAFF) == 0


async def test_who_has_left_stays_out(browser: Browser, group: UUID, shop: Shop):
    await set_up_for_staff(browser, group)
    await shop.staff(Permission.MANAGE_STAFF)
    await browser.sign_in()
    member = await db.value("SELECT staff_id FROM external_identity")
    await transact(lambda tx: deactivate_staff(tx, member, by=None))
    assert outcome(await browser.sign_in())[1] == {"sign_in_error": "SIGN_IN_FAILED"}


async def test_a_provider_for_customers_makes_no_staff(browser: Browser):
    await set_up(browser.provider)
    await browser.sign_in()
    assert await db.value(STAFF) == 0
    assert parse_contact(ContactKind.EMAIL, "alice@example.com").masked == "a••••@example.com"
