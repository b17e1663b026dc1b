"""Topping up a wallet, and deciding about money that did not fit, through HTTP."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.jobs import drain
from perkhub.payments import settle_payment
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.factories import Person, Shop
from tests.plugins.gateway import RunningGateway
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, refusal, top_level

MONEY = "amount currency"
TOP_UP = f"""mutation ($input: WalletTopUpInput!) {{ walletTopUp(input: $input) {{
    topUp {{ id state amount {{ {MONEY} }} }}
    paymentAction {{ redirectUrl payment {{ id payableId state }} }} {ERRORS} }} }}"""
FOLLOW = f"query ($id: ID!) {{ topUp(id: $id) {{ state amount {{ {MONEY} }} }} }}"
WALLET = f"{{ me {{ wallet {{ balance {{ {MONEY} }} }} }} }}"
REVIEWS = f"""query ($first: Int, $after: String) {{ paymentsInReview(first: $first, after: $after) {{
    nodes {{ id payableId state amount {{ {MONEY} }} received {{ {MONEY} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
SETTLE = f"""mutation ($input: PaymentReviewSettleInput!) {{ paymentReviewSettle(input: $input) {{
    payment {{ id state }} {ERRORS} }} }}"""
GATEWAY = {"name": "sandbox_gateway", "returnUrl": "https://shop.example.com/wallet"}


def amount(value: str, currency: str = "CNY") -> dict[str, Any]:
    return {"amount": {"amount": value, "currency": currency}}


def a_top_up(**more: Any) -> dict[str, Any]:
    return {"idempotencyKey": "1", **amount("50.00"), "gateway": GATEWAY, **more}


async def reference_of(payment: str) -> str:
    """What we told the gateway."""
    found: str = await db.value("SELECT our_reference FROM payment WHERE id = $1", local_id(Kind.PAYMENT, payment))
    return found


async def paid(gateway: RunningGateway, payment: str, action: str = "pay") -> None:
    """The customer presses a button at the gateway, and the house looks the payment up."""
    reference = await reference_of(payment)
    await asyncio.to_thread(gateway.customer, action, reference=reference)
    await settle_payment(local_id(Kind.PAYMENT, payment))
    await drain()


async def balance(api: Api, who: Person) -> list[dict[str, str]]:
    found = (await read(api, WALLET, None, who))["wallet"]
    return [one["balance"] for one in found]


async def test_money_comes_into_the_wallet_once_it_is_paid(gateway: RunningGateway, api: Api, shop: Shop):
    buyer = await shop.customer()
    begun = await done(api, TOP_UP, a_top_up(), buyer)
    top_up, payment = begun["topUp"], begun["paymentAction"]["payment"]
    assert (top_up["state"], top_up["amount"]) == ("PENDING", {"amount": "50.00", "currency": "CNY"})
    assert (payment["state"], payment["payableId"]) == ("PENDING", top_up["id"])
    assert "/pay/" in begun["paymentAction"]["redirectUrl"]
    assert await balance(api, buyer) == []
    await paid(gateway, payment["id"])
    assert (await read(api, FOLLOW, {"id": top_up["id"]}, buyer))["state"] == "DONE"
    assert await balance(api, buyer) == [{"amount": "50.00", "currency": "CNY"}]
    # Whoever asks again is told how it stands, and pays nothing twice.
    again = await done(api, TOP_UP, a_top_up(), buyer)
    assert again == {"topUp": {**top_up, "state": "DONE"}, "paymentAction": None, "errors": []}
    await settle_payment(local_id(Kind.PAYMENT, payment["id"]))
    await drain()
    assert await balance(api, buyer) == [{"amount": "50.00", "currency": "CNY"}]


async def test_the_browser_comes_back_to_what_was_made(gateway: RunningGateway, api: Api, shop: Shop):
    back = {**GATEWAY, "returnUrl": "https://shop.example.com/top-ups/{id}?again={id}"}
    begun = await done(api, TOP_UP, a_top_up(gateway=back), await shop.customer())
    named = begun["topUp"]["id"]
    assert await db.value("SELECT return_url FROM payment") == f"https://shop.example.com/top-ups/{named}?again={named}"


async def test_an_address_that_would_grow_too_long_is_refused(gateway: RunningGateway, api: Api, shop: Shop):
    back = {**GATEWAY, "returnUrl": "https://shop.example.com/" + "{id}" * 6}
    error = await refusal(api, TOP_UP, a_top_up(gateway=back), await shop.customer())
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "gateway", "returnUrl"])
    assert await db.value("SELECT count(*) FROM payment") == 0


async def test_one_key_begins_one_payment(gateway: RunningGateway, api: Api, shop: Shop):
    buyer = await shop.customer()
    answers = await asyncio.gather(*(done(api, TOP_UP, a_top_up(), buyer) for _ in range(10)))
    assert len({answer["topUp"]["id"] for answer in answers}) == 1
    assert len({answer["paymentAction"]["redirectUrl"] for answer in answers}) == 1
    assert await db.value("SELECT count(*) FROM payment") == 1
    assert await db.value("SELECT count(*) FROM top_up") == 1
    error = await refusal(api, TOP_UP, a_top_up(**amount("50.01")), buyer)
    assert (error["code"], error["path"]) == ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    # A key is its owner's alone.
    other = await shop.customer()
    assert (await done(api, TOP_UP, a_top_up(**amount("50.01")), other))["topUp"]["id"] != answers[0]["topUp"]["id"]


def at_gateway(**changes: str) -> dict[str, Any]:
    return {"gateway": {**GATEWAY, **changes}}


ODD: list[tuple[dict[str, Any], str, str]] = [
    (amount("0"), "amount", "INVALID_INPUT"),
    (amount("-50.00"), "amount", "INVALID_INPUT"),
    (amount("50000.01"), "amount", "INVALID_INPUT"),
    (amount("0.001"), "amount.amount", "INVALID_INPUT"),
    (amount("9" * 40), "amount.amount", "INVALID_INPUT"),
    (amount("1", "XQX"), "amount.currency", "CURRENCY_MISMATCH"),
    (amount("1", "KWD"), "gateway.name", "PAYMENT_METHOD_UNKNOWN"),
    (at_gateway(name="wallet"), "gateway.name", "PAYMENT_METHOD_UNKNOWN"),
    (at_gateway(name=""), "gateway.name", "PAYMENT_METHOD_UNKNOWN"),
    (at_gateway(name="\x00"), "gateway.name", "INVALID_INPUT"),
    (at_gateway(returnUrl=""), "gateway.returnUrl", "INVALID_INPUT"),
    (at_gateway(returnUrl="http://shop.example.com"), "gateway.returnUrl", "INVALID_INPUT"),
    (at_gateway(returnUrl="javascript:alert(1)"), "gateway.returnUrl", "INVALID_INPUT"),
    (at_gateway(returnUrl="https://[::1"), "gateway.returnUrl", "INVALID_INPUT"),
    (at_gateway(returnUrl="https://"), "gateway.returnUrl", "INVALID_INPUT"),
    (at_gateway(returnUrl="https://a b"), "gateway.returnUrl", "INVALID_INPUT"),
    (at_gateway(returnUrl="https://a/" + "x" * 500), "gateway.returnUrl", "INVALID_INPUT"),
    ({"idempotencyKey": ""}, "idempotencyKey", "INVALID_INPUT"),
]


async def test_an_odd_top_up_begins_nothing(gateway: RunningGateway, api: Api, shop: Shop):
    buyer = await shop.customer()
    known = len(gateway.books()["payments"])
    for number, (given, path, code) in enumerate(ODD):
        asked = a_top_up(**{"idempotencyKey": str(number), **given})
        error = await refusal(api, TOP_UP, asked, buyer)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")]), given
        assert await refusal(api, TOP_UP, asked, buyer) == error, given
    assert len(gateway.books()["payments"]) == known


async def test_what_is_no_top_up_input_ends_the_operation(api: Api, shop: Shop):
    buyer = await shop.customer()
    for given in (
        {"amount": "50"},
        {"amount": {"amount": 50.5, "currency": "CNY"}},
        {"amount": {"amount": "1e999999999", "currency": "CNY"}},
        {"amount": {"amount": "50"}},
        {"gateway": "sandbox_gateway"},
        {"gateway": {"name": "sandbox_gateway"}},
        {"gateway": None},
        {"idempotencyKey": None},
    ):
        assert "invalid value" in (await top_level(api, TOP_UP, {"input": a_top_up(**given)}, buyer))["message"], given


async def test_a_gateway_that_does_not_answer_is_asked_again_by_the_same_key(gateway: RunningGateway, api: Api, shop: Shop):
    buyer = await shop.customer()
    gateway.fault(accept_then_drop=1)
    answer = await payload(api, TOP_UP, a_top_up(), buyer)
    assert answer["topUp"] is None
    assert [(error["code"], error["path"]) for error in answer["errors"]] == [("PAYMENT_NOT_STARTED", ["input", "gateway"])]
    begun = await done(api, TOP_UP, a_top_up(), buyer)
    payment = begun["paymentAction"]["payment"]["id"]
    assert len(gateway.payments(await reference_of(payment))) == 1
    await paid(gateway, payment)
    assert await balance(api, buyer) == [{"amount": "50.00", "currency": "CNY"}]


async def test_a_failed_payment_brings_nothing_and_is_told_as_failed(gateway: RunningGateway, api: Api, shop: Shop):
    buyer = await shop.customer()
    begun = await done(api, TOP_UP, a_top_up(), buyer)
    await paid(gateway, begun["paymentAction"]["payment"]["id"], "fail")
    assert await balance(api, buyer) == []
    error = await refusal(api, TOP_UP, a_top_up(), buyer)
    assert (error["code"], error["path"]) == ("PAYMENT_NOT_STARTED", ["input", "gateway"])


async def test_a_top_up_is_its_owners_alone(gateway: RunningGateway, api: Api, shop: Shop):
    buyer, other = await shop.customer(), await shop.customer()
    top_up = {"id": (await done(api, TOP_UP, a_top_up(), buyer))["topUp"]["id"]}
    assert await read(api, FOLLOW, top_up, other) is None
    assert await read(api, FOLLOW, {"id": global_id(Kind.TOP_UP, UUID(int=1))}, buyer) is None
    assert (await top_level(api, FOLLOW, {"id": "top_"}, buyer))["extensions"]["code"] == "INVALID_INPUT"
    everything = await shop.staff(*Permission)
    for who, code in ((None, "NOT_SIGNED_IN"), (everything, "NOT_ALLOWED")):
        assert (await top_level(api, FOLLOW, top_up, who))["extensions"]["code"] == code
        assert (await top_level(api, TOP_UP, {"input": a_top_up(idempotencyKey="2")}, who))["extensions"]["code"] == code


async def in_review(gateway: RunningGateway, api: Api, buyer: Person, *, key: str = "1") -> str:
    """The id of a payment of which a wrong amount came."""
    begun = await done(api, TOP_UP, a_top_up(idempotencyKey=key), buyer)
    payment: str = begun["paymentAction"]["payment"]["id"]
    await paid(gateway, payment, "pay_wrong_amount")
    return payment


@pytest.fixture
async def reviewer(gateway: RunningGateway, shop: Shop) -> Person:
    """Whoever decides about odd payments."""
    return await shop.staff(Permission.REVIEW_PAYMENTS)


async def test_a_wrong_amount_waits_for_a_person_and_goes_where_they_say(
    gateway: RunningGateway, api: Api, shop: Shop, reviewer: Person
):
    buyer = await shop.customer()
    first, second = await in_review(gateway, api, buyer), await in_review(gateway, api, buyer, key="2")
    page = await read(api, REVIEWS, {"first": 1}, reviewer)
    assert [one["id"] for one in page["nodes"]] == [second]
    rest = await read(api, REVIEWS, {"first": 1, "after": page["pageInfo"]["endCursor"]}, reviewer)
    [waiting] = rest["nodes"]
    assert (waiting["id"], waiting["state"]) == (first, "REVIEW")
    received = waiting["received"]
    assert received != waiting["amount"] == {"amount": "50.00", "currency": "CNY"}
    assert waiting["payableId"].startswith("top_")
    assert await balance(api, buyer) == []

    into = {"idempotencyKey": "a", "paymentId": first, "decision": "INTO_WALLET"}
    assert (await done(api, SETTLE, into, reviewer))["payment"] == {"id": first, "state": "RETURNED"}
    assert await balance(api, buyer) == [received]
    back = {"idempotencyKey": "b", "paymentId": second, "decision": "GIVE_BACK"}
    assert (await done(api, SETTLE, back, reviewer))["payment"]["state"] == "RETURNED"
    await drain()
    assert [one["status"] for one in gateway.refunds(await reference_of(second))] == ["done"]
    assert await balance(api, buyer) == [received]
    assert (await read(api, REVIEWS, None, reviewer))["nodes"] == []


async def test_of_many_decisions_one_counts(gateway: RunningGateway, api: Api, shop: Shop, reviewer: Person):
    buyer = await shop.customer()
    payment = await in_review(gateway, api, buyer)
    given = {"paymentId": payment, "decision": "INTO_WALLET"}
    same = await asyncio.gather(*(done(api, SETTLE, {**given, "idempotencyKey": "a"}, reviewer) for _ in range(6)))
    assert {answer["payment"]["state"] for answer in same} == {"RETURNED"}
    once = await balance(api, buyer)
    others = await asyncio.gather(*(payload(api, SETTLE, {**given, "idempotencyKey": str(n)}, reviewer) for n in range(6)))
    assert {answer["errors"][0]["code"] for answer in others} == {"PAYMENT_NOT_IN_REVIEW"}
    error = await refusal(api, SETTLE, {**given, "idempotencyKey": "a", "decision": "GIVE_BACK"}, reviewer)
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await balance(api, buyer) == once


async def test_an_odd_decision_changes_nothing(gateway: RunningGateway, api: Api, shop: Shop, reviewer: Person):
    buyer = await shop.customer()
    pending = (await done(api, TOP_UP, a_top_up(), buyer))["paymentAction"]["payment"]["id"]
    given = {"idempotencyKey": "a", "paymentId": pending, "decision": "GIVE_BACK"}
    error = await refusal(api, SETTLE, given, reviewer)
    assert (error["code"], error["path"]) == ("PAYMENT_NOT_IN_REVIEW", ["input", "paymentId"])
    for number, wrong in enumerate(("pay_", "", global_id(Kind.ORDER, UUID(int=1)), "x" * 9999)):
        error = await refusal(api, SETTLE, {**given, "idempotencyKey": str(number), "paymentId": wrong}, reviewer)
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "paymentId"])
    unknown = {**given, "idempotencyKey": "b", "paymentId": global_id(Kind.PAYMENT, UUID(int=1))}
    assert (await refusal(api, SETTLE, unknown, reviewer))["code"] == "NOT_FOUND"
    for odd in ({"decision": "KEEP"}, {"decision": None}, {"decision": "give_back"}):
        assert "invalid value" in (await top_level(api, SETTLE, {"input": {**given, **odd}}, reviewer))["message"]
    others = await shop.staff(*(set(Permission) - {Permission.REVIEW_PAYMENTS}))
    for who, code in ((None, "NOT_SIGNED_IN"), (buyer, "NOT_ALLOWED"), (others, "NOT_ALLOWED")):
        assert (await top_level(api, SETTLE, {"input": given}, who))["extensions"]["code"] == code
        assert (await top_level(api, REVIEWS, None, who))["extensions"]["code"] == code
