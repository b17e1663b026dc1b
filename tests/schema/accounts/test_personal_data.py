"""Personal data through HTTP: masked for staff, read in clear for a reason that is kept, handed out, found and erased."""

from typing import Any

import pytest

from perkhub.accounts import CustomerGroupDraft, Permission, add_group_members, block_customer, create_customer_group
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.kit.settings import settings
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop, a_phone
from tests.schema.accounts.operations import ERRORS, payload, refusal
from tests.schema.conftest import Api

UPDATE = (
    f"mutation ($input: CustomerUpdateInput!) {{ customerUpdate(input: $input) {{ customer {{ name locale }} {ERRORS} }} }}"
)
UNMASK = f"mutation ($input: CustomerUnmaskInput!) {{ customerUnmask(input: $input) {{ name emails phones {ERRORS} }} }}"
EXPORT = f"mutation ($input: CustomerUnmaskInput!) {{ customerExport(input: $input) {{ document {ERRORS} }} }}"
MINE = "mutation { personalDataExport { document errors { code } } }"
ERASE = f"mutation ($input: CustomerEraseInput!) {{ customerErase(input: $input) {{ customer {{ erasedAt }} {ERRORS} }} }}"
SHOWN = "query ($id: ID!) { customer(id: $id) { name email phone contacts { masked } } }"
LOG = """
    query ($where: UnmaskingWhere) {
      unmaskings(where: $where) { nodes { actor purpose customerId reason correlationId at } }
    }
"""
FIND = "query ($where: CustomerWhere) { customers(where: $where) { nodes { id } } }"


def cid(person: Person) -> str:
    return global_id(Kind.CUSTOMER, person.party_id)


async def named(api: Api, shop: Shop, name: str = "李雷") -> Person:
    person = await shop.customer()
    await payload(api, UPDATE, {"name": name}, token=person.token)
    return person


async def test_one_sees_oneself_in_clear_and_staff_see_a_mask(api: Api, shop: Shop):
    person, reader = await named(api, shop), await shop.staff(Permission.READ_CUSTOMERS)
    mine = (await api("{ me { name email phone } }", token=person.token))["data"]["me"]
    assert mine == {"name": "李雷", "email": person.contact.value, "phone": None}
    answer = await api(SHOWN, {"id": cid(person)}, token=reader.token)
    assert answer["data"]["customer"] == {
        "name": "李••••",
        "email": person.contact.masked,
        "phone": None,
        "contacts": [{"masked": person.contact.masked}],
    }
    assert "李雷" not in str(answer)
    assert await db.value("SELECT count(*) FROM unmask_log") == 0


@pytest.mark.parametrize("name", ["x" * 81, "a\nb", "\x1b[31m"])
async def test_a_name_is_one_short_line(api: Api, shop: Shop, name: str):
    person = await named(api, shop)
    error = await refusal(api, UPDATE, {"name": name}, token=person.token)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "name"])
    assert await payload(api, UPDATE, {"locale": "en"}, token=person.token) == {
        "customer": {"name": "李雷", "locale": "en"},
        "errors": [],
    }
    assert (await payload(api, UPDATE, {"name": None}, token=person.token))["customer"]["name"] is None


async def test_reading_in_clear_is_logged_with_its_reason_and_the_log_stays(api: Api, shop: Shop):
    person, reader = await named(api, shop), await shop.staff(Permission.UNMASK_PERSONAL_DATA)
    why = f"called back {person.contact.value}"
    shown = await payload(api, UNMASK, {"customerId": cid(person), "reason": why}, token=reader.token)
    assert shown == {"name": "李雷", "emails": [person.contact.value], "phones": [], "errors": []}
    auditor = await shop.staff(Permission.READ_ACTIVITY)
    for where in (None, {"customerId": cid(person)}, {"staffId": global_id(Kind.STAFF, reader.id)}):
        [row] = (await api(LOG, {"where": where}, token=auditor.token))["data"]["unmaskings"]["nodes"]
        assert (row["actor"], row["purpose"], row["customerId"]) == (reader.identity.actor, "customer", cid(person))
        assert row["reason"] == "called back [redacted]"
    assert (await api(LOG, {"where": {"staffId": global_id(Kind.STAFF, auditor.id)}}, token=auditor.token))["data"][
        "unmaskings"
    ]["nodes"] == []
    for change in ("UPDATE unmask_log SET reason = ''", "DELETE FROM unmask_log", "TRUNCATE unmask_log"):
        with pytest.raises(Exception, match="append-only"):
            await db.value(change)
    assert await db.value("SELECT count(*) FROM unmask_log") == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301, "a\nb"])
async def test_without_a_reason_nothing_is_shown(api: Api, shop: Shop, reason: str):
    person, reader = await named(api, shop), await shop.staff(Permission.UNMASK_PERSONAL_DATA)
    error = await refusal(api, UNMASK, {"customerId": cid(person), "reason": reason}, token=reader.token)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "reason"])
    assert await db.value("SELECT count(*) FROM unmask_log") == 0


async def test_nobody_reads_a_whole_shop_in_an_hour(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PERKHUB_UNMASKINGS_PER_HOUR", "2")
    settings.cache_clear()
    person, reader = await named(api, shop), await shop.staff(Permission.UNMASK_PERSONAL_DATA)
    given = {"input": {"customerId": cid(person), "reason": "help"}}
    answers = [await api(UNMASK, given, token=reader.token) for _ in range(3)]
    assert [answer.get("errors", [{}])[0].get("extensions", {}).get("code") for answer in answers] == [None, None, "TOO_FAST"]
    assert await db.value("SELECT count(*) FROM unmask_log") == 2


async def test_all_of_it_is_handed_out_to_themselves_and_for_a_reason_to_staff(api: Api, shop: Shop):
    person, clerk = await named(api, shop), await shop.staff(Permission.EXPORT_PERSONAL_DATA)
    mine = (await api(MINE, token=person.token))["data"]["personalDataExport"]
    assert mine["document"]["profile"]["name"] == "李雷"
    theirs = await payload(api, EXPORT, {"customerId": cid(person), "reason": "by letter"}, token=clerk.token)
    assert theirs["document"]["contacts"][0]["value"] == person.contact.value
    assert [one["reason"] for one in theirs["document"]["readInClear"]] == ["by letter", ""]
    error = await refusal(api, EXPORT, {"customerId": cid(person), "reason": ""}, token=clerk.token)
    assert error["path"] == ["input", "reason"]
    rows = await db.rows("SELECT actor, purpose FROM unmask_log ORDER BY id")
    assert [tuple(row) for row in rows] == [(person.identity.actor, "export"), (clerk.identity.actor, "export")]


async def test_an_erased_customer_is_gone_for_staff_and_for_themselves(api: Api, shop: Shop):
    person, clerk = await named(api, shop), await shop.staff(Permission.ERASE_PERSONAL_DATA, Permission.READ_CUSTOMERS)
    await shop.wallet(person, "5.00")
    error = await refusal(api, ERASE, {"customerId": cid(person)}, token=clerk.token)
    assert (error["code"], error["path"]) == ("WALLET_NOT_EMPTY", ["input", "customerId"])
    await shop.wallet(person, "-5.00")
    erased = await payload(api, ERASE, {"customerId": cid(person)}, token=clerk.token)
    assert erased["customer"]["erasedAt"] is not None
    await drain()
    shown = (await api(SHOWN, {"id": cid(person)}, token=clerk.token))["data"]["customer"]
    assert shown == {"name": None, "email": None, "phone": None, "contacts": []}
    # The access token is still good for a while, and worth nothing.
    error = await refusal(api, UPDATE, {"name": "again"}, token=person.token)
    assert error["code"] == "NOT_FOUND"
    manager = await shop.staff(Permission.MANAGE_CUSTOMERS)
    lift = f"mutation ($input: CustomerInput!) {{ customerUnblock(input: $input) {{ {ERRORS} }} }}"
    assert (await refusal(api, lift, {"customerId": cid(person)}, token=manager.token))["code"] == "NOT_FOUND"


async def test_customers_are_found_by_what_is_known_of_them(api: Api, shop: Shop):
    one, two, three = await shop.customer(), await shop.customer(contact=a_phone()), await shop.customer()
    group = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft("Gold")))
    await transact(lambda tx: add_group_members(tx, group, [one.party_id, three.party_id], actor="staff:x"))
    house = await shop.organisation(owner=two)
    await transact(lambda tx: block_customer(tx, three.party_id))
    reader = await shop.staff(Permission.READ_CUSTOMERS)
    born = await db.value("SELECT created_at FROM party WHERE id = $1", two.party_id)

    async def found(**where: Any) -> list[str]:
        answer = await api(FIND, {"where": where}, token=reader.token)
        return [node["id"] for node in answer["data"]["customers"]["nodes"]]

    assert await found(contact={"email": one.contact.value.upper()}) == [cid(one)]
    assert await found(contact={"phone": two.contact.value.removeprefix("+86")}) == [cid(two)]
    assert await found(contact={"email": "nobody@example.com"}) == []
    assert await found(groupId=global_id(Kind.CUSTOMER_GROUP, group)) == [cid(three), cid(one)]
    assert await found(groupId=global_id(Kind.CUSTOMER_GROUP, group), blocked=False) == [cid(one)]
    assert await found(organisationId=global_id(Kind.ORGANISATION, house)) == [cid(two)]
    assert await found(blocked=True) == [cid(three)]
    assert cid(two) in await found(createdFrom=born.isoformat())
    assert await found(createdUntil=born.isoformat()) == [cid(one)]
    assert await found(erased=True) == []
    answer = await api(FIND, {"where": {"groupId": "x"}}, token=reader.token)
    assert answer["data"] is None
