"""What customers see of themselves, and what staff see and do about them, through HTTP."""

import asyncio
from datetime import timedelta

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.ledger import balances
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import PASSWORD, Person, Shop
from tests.orders import desk
from tests.schema.accounts.operations import ERRORS, REFRESH, SIGN_IN, given, payload, refusal
from tests.schema.conftest import Api

BLOCK = f"mutation ($input: CustomerInput!) {{ customerBlock(input: $input) {{ customer {{ blockedAt }} {ERRORS} }} }}"
UNBLOCK = f"mutation ($input: CustomerInput!) {{ customerUnblock(input: $input) {{ customer {{ blockedAt }} {ERRORS} }} }}"
ERASE = f"""mutation ($input: CustomerEraseInput!) {{
    customerErase(input: $input) {{ customer {{ erasedAt hasPassword contacts {{ id }} }} {ERRORS} }} }}"""
UNMASK = f"mutation ($input: ContactUnmaskInput!) {{ contactUnmask(input: $input) {{ kind value {ERRORS} }} }}"
ADJUST = f"""mutation ($input: WalletAdjustInput!) {{
    walletAdjust(input: $input) {{ wallet {{ balance {{ amount currency }} frozen }} {ERRORS} }} }}"""
PAY_OUT = f"""mutation ($input: WalletPayOutInput!) {{
    walletPayOut(input: $input) {{ wallet {{ balance {{ amount currency }} frozen }} {ERRORS} }} }}"""
WALLET = "wallet { balance { amount } spendable { amount } frozen } walletMovements { nodes { kind amount { amount } reason } }"
BOUGHT = "orders { nodes { id } } entitlements { nodes { id } }"
BUY = """mutation ($input: OrderPlaceInput!) {
    orderPlace(input: $input) { order { id lines { entitlements { id } } } errors { message } } }"""


def cid(person: Person) -> str:
    return global_id(Kind.CUSTOMER, person.party_id)


def adjustment(
    person: Person, amount: str, *, key: str = "key", reason: str = "sorry", currency: str = "CNY"
) -> dict[str, object]:
    money = {"amount": amount, "currency": currency}
    return {"idempotencyKey": key, "customerId": cid(person), "amount": money, "reason": reason}


def paid_out(person: Person, amount: str) -> dict[str, object]:
    money = {"amount": amount, "currency": "CNY"}
    return {"idempotencyKey": f"payout {amount}", "customerId": cid(person), "amount": money, "evidence": "ICBC-2026/0001"}


async def test_a_customer_sees_what_is_theirs(api: Api, shop: Shop):
    one, other = await shop.customers(2, wallet="50.00")
    variant = await shop.variant(price="19.90")
    line = {"variantId": global_id(Kind.VARIANT, variant.id), "quantity": 2}
    told = {"idempotencyKey": "one", "lines": [line], "pay": {"wallet": {}}}
    order = (await payload(api, BUY, told, token=one.token))["order"]
    me = (await api(f"{{ me {{ {BOUGHT} {WALLET} }} }}", token=one.token))["data"]["me"]
    assert me["orders"]["nodes"] == [{"id": order["id"]}]
    assert {unit["id"] for unit in me["entitlements"]["nodes"]} == {unit["id"] for unit in order["lines"][0]["entitlements"]}
    assert me["wallet"] == [{"balance": {"amount": "10.20"}, "spendable": {"amount": "10.20"}, "frozen": False}]
    assert [node["amount"]["amount"] for node in me["walletMovements"]["nodes"]] == ["-39.80", "50.00"]
    theirs = (await api(f"{{ me {{ {BOUGHT} }} }}", token=other.token))["data"]["me"]
    assert theirs == {"orders": {"nodes": []}, "entitlements": {"nodes": []}}
    states = "orders(states: [REFUNDED]) { nodes { id } } entitlements(states: [ISSUED]) { nodes { id } }"
    some = (await api(f"{{ me {{ {states} }} }}", token=one.token))["data"]["me"]
    assert (len(some["orders"]["nodes"]), len(some["entitlements"]["nodes"])) == (0, 2)


async def test_movements_are_read_page_by_page(api: Api, shop: Shop):
    person = await shop.customer()
    for amount in ("1.00", "2.00", "3.00"):
        await shop.wallet(person, amount)
    seen, after = [], None
    query = """query ($after: String) { me { walletMovements(first: 2, after: $after) {
        nodes { amount { amount } } pageInfo { hasNextPage endCursor } } } }"""
    for _ in range(2):
        page = (await api(query, {"after": after}, token=person.token))["data"]["me"]["walletMovements"]
        seen += [node["amount"]["amount"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["3.00", "2.00", "1.00"]
    assert page["pageInfo"]["hasNextPage"] is False
    bad = await api(query, {"after": "9" * 40}, token=person.token)
    assert bad["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_me_is_null_for_everybody_else(api: Api, shop: Shop):
    for token in (None, (await shop.staff(*Permission)).token):
        assert await api("{ me { id } }", token=token) == {"data": {"me": None}, "extensions": {"cost": 1}}


@pytest.mark.parametrize(
    ("field", "needs"), [(BOUGHT, Permission.READ_ORDERS), (WALLET, Permission.READ_LEDGER), ("contacts { masked }", None)]
)
async def test_what_staff_see_of_a_customer_needs_permission(api: Api, shop: Shop, field: str, needs: Permission | None):
    person = await shop.customer(wallet="5.00")
    query = f"query ($id: ID) {{ customer(id: $id) {{ id {field} }} customers {{ nodes {{ id {field} }} }} }}"
    for given_too in ([], [needs] if needs else []):
        member = await shop.staff(Permission.READ_CUSTOMERS, *given_too)
        answer = await api(query, {"id": cid(person)}, token=member.token)
        assert answer["data"]["customer"]["id"] == cid(person)
        allowed = needs is None or given_too
        values = [answer["data"]["customer"], *answer["data"]["customers"]["nodes"]]
        assert all((value is not None) == bool(allowed) for node in values for name, value in node.items() if name != "id")
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        assert codes == (set() if allowed else {"NOT_ALLOWED"})


async def test_staff_find_a_customer_by_a_contact_in_any_spelling(api: Api, shop: Shop):
    person = await shop.customer()
    member = await shop.staff(Permission.READ_CUSTOMERS)
    query = "query ($contact: ContactInput) { customer(contact: $contact) { id contacts { masked } } }"
    found = await api(query, {"contact": {"email": f"  {person.contact.value.upper()} "}}, token=member.token)
    assert found["data"]["customer"] == {"id": cid(person), "contacts": [{"masked": person.contact.masked}]}
    assert (await api(query, {"contact": {"email": "nobody@example.com"}}, token=member.token))["data"] == {"customer": None}
    assert (await api("{ customer { id } }", token=member.token))["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    foreign = global_id(Kind.ORDER, person.party_id)
    wrong = await api("query ($id: ID) { customer(id: $id) { id } }", {"id": foreign}, token=member.token)
    assert wrong["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_customers_are_read_page_by_page_in_few_statements(api: Api, shop: Shop):
    people = await shop.customers(5, wallet="1.00")
    member = await shop.staff(Permission.READ_CUSTOMERS, Permission.READ_LEDGER)
    query = """query ($after: String) { customers(first: 3, after: $after) {
        nodes { id contacts { masked } wallet { balance { amount } } } pageInfo { endCursor hasNextPage } } }"""
    await api(query, token=member.token)
    answer = await api.send(query, token=member.token)
    assert answer.headers["perkhub-statements"] == "3"
    first = answer.json()["data"]["customers"]
    second = (await api(query, {"after": first["pageInfo"]["endCursor"]}, token=member.token))["data"]["customers"]
    assert [node["id"] for node in first["nodes"] + second["nodes"]] == [cid(person) for person in reversed(people)]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_block_ends_sessions_and_freezes_the_wallet_until_it_is_lifted(api: Api, shop: Shop):
    person = await shop.customer(wallet="50.00", password=PASSWORD)
    member = await shop.staff(Permission.MANAGE_CUSTOMERS)
    variant = await shop.variant()
    blocked = await payload(api, BLOCK, {"customerId": cid(person)}, token=member.token)
    assert blocked["customer"]["blockedAt"] is not None
    told = {"contact": given(person.contact), "password": PASSWORD}
    assert (await refusal(api, REFRESH, {"refreshToken": person.refresh_token}))["code"] == "SESSION_ENDED"
    assert (await refusal(api, SIGN_IN, told))["code"] == "SIGN_IN_FAILED"
    line = {"variantId": global_id(Kind.VARIANT, variant.id), "quantity": 1}
    buying = {"idempotencyKey": "one", "lines": [line], "pay": {"wallet": {}}}
    assert (await api(BUY, {"input": buying}, token=person.token))["data"]["orderPlace"]["order"] is None
    assert (await balances(person.party_id))[0].frozen
    assert await db.value("SELECT count(*) FROM orders") == 0
    lifted = await payload(api, UNBLOCK, {"customerId": cid(person)}, token=member.token)
    assert lifted == {"customer": {"blockedAt": None}, "errors": []}
    assert not (await balances(person.party_id))[0].frozen
    assert (await payload(api, SIGN_IN, told))["errors"] == []


async def test_each_change_of_one_request_tells_what_it_left(api: Api, shop: Shop):
    person, member = await shop.customer(wallet="5.00"), await shop.staff(Permission.MANAGE_CUSTOMERS, Permission.READ_LEDGER)
    shown = "customer { blockedAt wallet { frozen } }"
    both = f"""mutation ($input: CustomerInput!) {{
        block: customerBlock(input: $input) {{ {shown} }} unblock: customerUnblock(input: $input) {{ {shown} }} }}"""
    told = (await api(both, {"input": {"customerId": cid(person)}}, token=member.token))["data"]
    assert [told[name]["customer"]["wallet"] for name in ("block", "unblock")] == [[{"frozen": True}], [{"frozen": False}]]
    assert [bool(told[name]["customer"]["blockedAt"]) for name in ("block", "unblock")] == [True, False]


async def test_who_never_had_money_is_blocked_all_the_same(api: Api, shop: Shop):
    person, member = await shop.customer(), await shop.staff(Permission.MANAGE_CUSTOMERS)
    blocked = await payload(api, BLOCK, {"customerId": cid(person)}, token=member.token)
    assert blocked["customer"]["blockedAt"] is not None


async def test_erasing_leaves_no_name_and_owes_nobody_anything(api: Api, shop: Shop):
    person, member = await shop.customer(wallet="5.00", password=PASSWORD), await shop.staff(Permission.ERASE_PERSONAL_DATA)
    teller = await shop.staff(Permission.ADJUST_WALLETS)
    assert (await refusal(api, ERASE, {"customerId": cid(person)}, token=member.token))["code"] == "WALLET_NOT_EMPTY"
    await payload(api, PAY_OUT, paid_out(person, "5.00"), token=teller.token)
    erased = await payload(api, ERASE, {"customerId": cid(person)}, token=member.token)
    assert erased["customer"]["erasedAt"] is not None
    assert (erased["customer"]["hasPassword"], erased["customer"]["contacts"]) == (False, [])
    assert (await balances(person.party_id))[0].balance.minor == 0
    assert await db.value("SELECT count(*) FROM contact") == 0


async def test_what_was_sent_is_recorded_once_with_its_evidence(api: Api, shop: Shop):
    person, teller = await shop.customer(wallet="5.00"), await shop.staff(Permission.ADJUST_WALLETS)
    member = await shop.staff(Permission.MANAGE_CUSTOMERS)
    await payload(api, BLOCK, {"customerId": cid(person)}, token=member.token)
    given = paid_out(person, "3.00")
    for _ in range(2):
        told = await payload(api, PAY_OUT, given, token=teller.token)
        assert told["wallet"] == {"balance": {"amount": "2.00", "currency": "CNY"}, "frozen": True}
    row = await db.row(
        "SELECT t.kind, p.evidence, t.actor FROM wallet_payout p JOIN ledger_transfer t ON t.reference_id = p.id"
    )
    assert row is not None
    assert tuple(row) == ("wallet.pay_out", "ICBC-2026/0001", teller.identity.actor)
    error = await refusal(api, PAY_OUT, {**given, "evidence": "ICBC-2026/0002"}, token=teller.token)
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await db.value("SELECT count(*) FROM wallet_payout") == 1
    await desk.assert_clean()


@pytest.mark.parametrize(
    ("amount", "evidence", "code", "path"),
    [
        ("5.01", "x", "INSUFFICIENT_FUNDS", ["input", "amount"]),
        ("0.00", "x", "INVALID_INPUT", ["input", "amount", "amount"]),
        ("-1.00", "x", "INVALID_INPUT", ["input", "amount", "amount"]),
        ("1.00", "", "INVALID_INPUT", ["input", "evidence"]),
        ("1.00", "to 李雷", "INVALID_INPUT", ["input", "evidence"]),
        ("1.00", "person@example.com", "INVALID_INPUT", ["input", "evidence"]),
        ("1.00", "x" * 65, "INVALID_INPUT", ["input", "evidence"]),
    ],
)
async def test_no_more_is_paid_out_than_is_there(api: Api, shop: Shop, amount: str, evidence: str, code: str, path: list[str]):
    person, teller = await shop.customer(wallet="5.00"), await shop.staff(Permission.ADJUST_WALLETS)
    error = await refusal(api, PAY_OUT, {**paid_out(person, amount), "evidence": evidence}, token=teller.token)
    assert (error["code"], error["path"]) == (code, path)
    assert (await balances(person.party_id))[0].balance.minor == 500


async def test_of_many_payouts_at_once_none_takes_what_is_not_there(api: Api, shop: Shop):
    person, teller = await shop.customer(wallet="5.00"), await shop.staff(Permission.ADJUST_WALLETS)
    tries = [{**paid_out(person, "2.00"), "idempotencyKey": f"payout {number}"} for number in range(10)]
    told = await asyncio.gather(*(api(PAY_OUT, {"input": one}, token=teller.token) for one in tries))
    assert sum(not answer["data"]["walletPayOut"]["errors"] for answer in told) == 2
    assert (await balances(person.party_id))[0].balance.minor == 100
    await desk.assert_clean()


async def test_a_wallet_is_named_by_what_its_owner_is(api: Api, shop: Shop):
    """The id of one kind of party does not name another's wallet."""
    house, person = await shop.organisation(wallet="5.00"), await shop.customer(wallet="5.00")
    teller = await shop.staff(Permission.ADJUST_WALLETS)
    for operation, rest in ((PAY_OUT, {"evidence": "x"}), (ADJUST, {"reason": "x"})):
        money = {"amount": "1.00", "currency": "CNY"}
        for wrong in (
            {"customerId": global_id(Kind.CUSTOMER, house)},
            {"organisationId": global_id(Kind.ORGANISATION, person.party_id)},
        ):
            told = {"idempotencyKey": next(iter(wrong)), "amount": money, **wrong, **rest}
            error = await refusal(api, operation, told, token=teller.token)
            assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", *wrong])


@pytest.mark.parametrize("operation", [BLOCK, UNBLOCK, ERASE])
async def test_there_must_be_such_a_customer(api: Api, shop: Shop, operation: str):
    member = await shop.staff(Permission.MANAGE_CUSTOMERS, Permission.ERASE_PERSONAL_DATA)
    error = await refusal(api, operation, {"customerId": global_id(Kind.CUSTOMER, member.id)}, token=member.token)
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "customerId"])
    for wrong in ("", "cus_1", global_id(Kind.STAFF, member.id)):
        error = await refusal(api, operation, {"customerId": wrong}, token=member.token)
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "customerId"])


async def test_reading_a_contact_in_clear_leaves_a_trace(api: Api, shop: Shop):
    person = await shop.customer()
    member = await shop.staff(Permission.READ_CUSTOMERS, Permission.UNMASK_PERSONAL_DATA)
    query = "query ($id: ID) { customer(id: $id) { contacts { id } } }"
    [contact] = (await api(query, {"id": cid(person)}, token=member.token))["data"]["customer"]["contacts"]
    shown = await payload(api, UNMASK, {"contactId": contact["id"], "reason": "help"}, token=member.token)
    assert shown == {"kind": "EMAIL", "value": person.contact.value, "errors": []}
    traces = await db.rows("SELECT actor, party_id FROM unmask_log")
    assert [tuple(row) for row in traces] == [(member.identity.actor, person.party_id)]
    gone = await refusal(api, UNMASK, {"contactId": global_id(Kind.CONTACT, member.id), "reason": "help"}, token=member.token)
    assert (gone["code"], gone["path"]) == ("NOT_FOUND", ["input", "contactId"])


async def test_a_wallet_is_corrected_once_for_a_key(api: Api, shop: Shop):
    person, member = await shop.customer(), await shop.staff(Permission.ADJUST_WALLETS)
    told = adjustment(person, "12.50")
    answers = await asyncio.gather(*(payload(api, ADJUST, told, token=member.token) for _ in range(20)))
    told_wallet = {"balance": {"amount": "12.50", "currency": "CNY"}, "frozen": False}
    assert [answer["wallet"] for answer in answers] == [told_wallet] * 20
    other = await refusal(api, ADJUST, adjustment(person, "99.00"), token=member.token)
    assert (other["code"], other["path"]) == ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    debited = await payload(api, ADJUST, adjustment(person, "-2.50", key="other"), token=member.token)
    assert debited["wallet"]["balance"]["amount"] == "10.00"
    too_much = await refusal(api, ADJUST, adjustment(person, "-10.01", key="third"), token=member.token)
    assert too_much["__typename"] == "InsufficientFunds"
    assert (await balances(person.party_id))[0].balance.minor == 1000


async def test_the_reason_is_kept_for_staff_and_never_shown_to_the_customer(api: Api, shop: Shop):
    person = await shop.customer()
    member = await shop.staff(Permission.ADJUST_WALLETS, Permission.READ_CUSTOMERS, Permission.READ_LEDGER)
    await payload(api, ADJUST, adjustment(person, "5.00", reason="客户投诉"), token=member.token)
    seen = await api(f"query ($id: ID) {{ customer(id: $id) {{ {WALLET} }} }}", {"id": cid(person)}, token=member.token)
    assert seen["data"]["customer"]["walletMovements"]["nodes"][0]["reason"] == "客户投诉"
    own = await api(f"{{ me {{ {WALLET} }} }}", token=person.token)
    assert own["data"]["me"]["walletMovements"]["nodes"][0]["reason"] is None


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"amount": {"amount": "0", "currency": "CNY"}}, "INVALID_INPUT", ["amount", "amount"]),
        ({"amount": {"amount": "0.001", "currency": "CNY"}}, "INVALID_INPUT", ["amount", "amount"]),
        ({"amount": {"amount": "1e30", "currency": "CNY"}}, "INVALID_INPUT", ["amount", "amount"]),
        ({"amount": {"amount": "1", "currency": "XXQ"}}, "CURRENCY_MISMATCH", ["amount", "currency"]),
        ({"reason": "  "}, "INVALID_INPUT", ["reason"]),
        ({"reason": "x" * 301}, "INVALID_INPUT", ["reason"]),
        ({"reason": "a\x00b"}, "INVALID_INPUT", ["reason"]),
        ({"idempotencyKey": ""}, "INVALID_INPUT", ["idempotencyKey"]),
        ({"idempotencyKey": "a\x00b"}, "INVALID_INPUT", ["idempotencyKey"]),
        ({"customerId": "cus_" + "0" * 32}, "NOT_FOUND", ["customerId"]),
    ],
)
async def test_a_bad_correction_changes_nothing(api: Api, shop: Shop, changed: dict[str, object], code: str, path: list[str]):
    person, member = await shop.customer(), await shop.staff(Permission.ADJUST_WALLETS)
    error = await refusal(api, ADJUST, {**adjustment(person, "5.00"), **changed}, token=member.token)
    assert (error["code"], error["path"]) == (code, ["input", *path])
    assert await db.value("SELECT count(*) FROM ledger_transfer") == 0
    assert await db.value("SELECT count(*) FROM party_account") == 0


async def test_an_access_token_ends(api: Api, shop: Shop):
    person = await shop.customer()
    with travel(timedelta(minutes=11)):
        answer = await api("{ me { id } }", token=person.token)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
