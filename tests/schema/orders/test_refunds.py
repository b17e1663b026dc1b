"""refundRequest and orderRefund through HTTP: what was not seen goes back on the buyer's word, what was on an operator's."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission, refresh_session
from perkhub.catalog import RefundKind, RefundPolicy, Validity, ValidityKind
from perkhub.entitlements import expire_units
from perkhub.kit.clock import travel
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.orders import desk
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, payload, refusal, top_level
from tests.schema.orders.till import PLACE, REFUND, REVEAL, STAFF_REFUND, WALLET, about, basket, counted, line

# Statements, transaction control left out.
REFUNDED = 29


@pytest.fixture
async def helper(shop: Shop) -> Person:
    """Whoever refunds for the shop."""
    return await shop.staff(Permission.MANAGE_ORDERS)


async def bought(api: Api, shop: Shop, buyer: Person, quantity: int = 3, **more: Any) -> tuple[dict[str, Any], list[str]]:
    """A paid order, and the ids of its benefits."""
    given = basket(line(await shop.variant(codes=quantity), quantity), pay=WALLET, **more)
    order = (await done(api, PLACE, given, buyer))["order"]
    return order, [unit["id"] for unit in order["lines"][0]["entitlements"]]


async def test_one_goes_back_and_then_the_others(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="59.70")
    order, units = await bought(api, shop, buyer)
    answer, statements = await counted(api, REFUND, {"input": about(order, entitlementIds=units[:1], reason="不喜欢")}, buyer)
    assert (answer["order"]["state"], answer["order"]["refunded"]["amount"]) == ("PARTLY_REFUNDED", "19.90")
    assert statements <= REFUNDED
    assert [unit["state"] for unit in answer["order"]["lines"][0]["entitlements"]] == ["REVOKED", "ISSUED", "ISSUED"]
    rest = await done(api, REFUND, about(order), buyer)
    assert (rest["order"]["state"], rest["order"]["refunded"]["amount"]) == ("REFUNDED", "59.70")
    assert await desk.wallet_of(buyer) == 5970
    error = await refusal(api, REFUND, about(order), buyer)
    assert (error["code"], error["path"]) == ("NOTHING_TO_REFUND", ["input", "orderId"])
    await desk.assert_clean()


async def test_one_key_refunds_once(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="59.70")
    order, units = await bought(api, shop, buyer)
    given = about(order, entitlementIds=units[:1])
    answers = await asyncio.gather(*(done(api, REFUND, given, buyer) for _ in range(10)))
    assert {answer["order"]["refunded"]["amount"] for answer in answers} == {"19.90"}
    for other in ({"entitlementIds": units[1:2]}, {"entitlementIds": None}, {"reason": "another"}):
        assert (await refusal(api, REFUND, {**given, **other}, buyer))["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await desk.wallet_of(buyer) == 1990


async def test_what_was_seen_stays_with_the_buyer(api: Api, shop: Shop, helper: Person):
    buyer = await shop.customer(wallet="59.70")
    order, units = await bought(api, shop, buyer)
    await done(api, REVEAL, {"entitlementId": units[0]}, buyer)
    for language, word in (("en", "shown already"), ("zh-CN", "已被查看")):
        error = await refusal(api, REFUND, about(order, entitlementIds=units), buyer, language=language)
        assert (error["code"], error["path"]) == ("ENTITLEMENT_ALREADY_SEEN", ["input", "entitlementIds"])
        assert word in error["message"]
    # Without saying which, what can go back goes back.
    assert (await done(api, REFUND, about(order), buyer))["order"]["refunded"]["amount"] == "39.80"
    assert (await refusal(api, STAFF_REFUND, about(order), helper))["code"] == "NOTHING_TO_REFUND"
    given = about(order, evenIfSeen=True, reason="goodwill")
    assert (await done(api, STAFF_REFUND, given, helper))["order"]["state"] == "REFUNDED"
    assert (await done(api, STAFF_REFUND, given, helper))["order"]["refunded"]["amount"] == "59.70"
    assert await desk.wallet_of(buyer) == 5970
    await desk.assert_clean()


async def test_of_a_look_and_a_refund_at_once_one_happens(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="199.00")
    order, units = await bought(api, shop, buyer, quantity=10)
    looks = [payload(api, REVEAL, {"entitlementId": unit}, buyer) for unit in units]
    refunds = [payload(api, REFUND, about(order, entitlementIds=[unit]), buyer) for unit in units]
    answers = await asyncio.gather(*(one for pair in zip(looks, refunds, strict=True) for one in pair))
    seen = [answer for answer in answers if answer.get("revealed")]
    refunded = [answer for answer in answers if answer.get("order")]
    assert len(seen) + len(refunded) == 10
    assert await desk.wallet_of(buyer) == 1990 * len(refunded)
    await desk.assert_clean()


async def test_anothers_benefits_are_not_refunded(api: Api, shop: Shop, helper: Person):
    owner, other = await shop.customers(2, wallet="100.00")
    order, units = await bought(api, shop, owner, quantity=1)
    mine, _ = await bought(api, shop, other, quantity=1)
    theirs = await refusal(api, REFUND, about(order), other)
    assert (theirs["code"], theirs["path"]) == ("NOT_FOUND", ["input", "orderId"])
    assert theirs == await refusal(api, REFUND, about(UUID(int=1)), other)
    error = await refusal(api, REFUND, about(mine, entitlementIds=units), other)
    assert (error["code"], error["path"]) == ("NOTHING_TO_REFUND", ["input", "entitlementIds"])
    # Not even for staff does a benefit belong to another order.
    error = await refusal(api, STAFF_REFUND, about(mine, entitlementIds=units), helper)
    assert error["code"] == "NOTHING_TO_REFUND"
    never = [global_id(Kind.ENTITLEMENT, UUID(int=1))]
    assert (await refusal(api, STAFF_REFUND, about(mine, entitlementIds=never), helper))["code"] == "NOTHING_TO_REFUND"
    assert (await top_level(api, STAFF_REFUND, {"input": about(mine)}, other))["extensions"]["code"] == "NOT_ALLOWED"


async def test_a_reason_has_an_end(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order, _ = await bought(api, shop, buyer, quantity=1)
    for reason in ("x" * 501, "a\x07b"):
        error = await refusal(api, REFUND, about(order, reason=reason), buyer)
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "reason"])
    await done(api, REFUND, about(order, reason="第一行\n" * 100), buyer)


PROMISED = """query Promised($id: ID!) { node(id: $id) { ... on Order { lines {
    validity { kind days until } refundPolicy { kind days } entitlements { id state expiresAt } } } } }"""


async def test_a_policy_is_shown_on_the_line_and_kept(api: Api, shop: Shop):
    policies = {
        "REFUND_NOT_OFFERED": RefundPolicy(RefundKind.NEVER),
        "REFUND_WINDOW_CLOSED": RefundPolicy(RefundKind.WITHIN_DAYS, 1),
    }
    until = {"REFUND_NOT_OFFERED": False, "REFUND_WINDOW_CLOSED": True}
    for code, policy in policies.items():
        buyer, helper = await shop.customer(wallet="59.70"), await shop.staff(Permission.MANAGE_ORDERS)
        variant = await shop.variant(codes=1, refund_policy=policy, validity=Validity(ValidityKind.FROM_DELIVERY, days=30))
        order = (await done(api, PLACE, basket(line(variant), pay=WALLET), buyer))["order"]
        [told] = (await api(PROMISED, {"id": order["id"]}, token=buyer.token))["data"]["node"]["lines"]
        assert told["refundPolicy"] == {"kind": policy.kind.name, "days": policy.days}
        assert told["validity"] == {"kind": "FROM_DELIVERY", "days": 30, "until": None}
        [unit] = told["entitlements"]
        assert unit["expiresAt"] is not None
        with travel(timedelta(days=3)):
            later = replace(buyer, token=(await refresh_session(buyer.refresh_token)).access_token)
            error = await refusal(api, REFUND, about(order), later)
            assert (error["code"], error["path"]) == (code, ["input", "orderId"])
            assert ("until" in error) is until[code]
            clerk = replace(helper, token=(await refresh_session(helper.refresh_token)).access_token)
            assert (await refusal(api, STAFF_REFUND, about(order), clerk))["code"] == code
            silent = await refusal(api, STAFF_REFUND, about(order, againstPolicy=True), clerk)
            assert (silent["code"], silent["path"]) == ("INVALID_INPUT", ["input", "reason"])
            told = await done(api, STAFF_REFUND, about(order, againstPolicy=True, reason="好评客户"), clerk)
            assert told["order"]["state"] == "REFUNDED"
    await desk.assert_clean()


async def test_what_is_over_is_shown_so_and_its_code_not_even_on_a_repetition(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="59.70")
    variant = await shop.variant(codes=1, validity=Validity(ValidityKind.FROM_DELIVERY, days=1))
    given = basket(line(variant), pay=WALLET, reveal=True)
    [bought_unit] = (await done(api, PLACE, given, buyer))["revealed"]
    assert bought_unit["credentials"]
    with travel(timedelta(days=3)):
        later = replace(buyer, token=(await refresh_session(buyer.refresh_token)).access_token)
        error = await refusal(api, REVEAL, {"entitlementId": bought_unit["entitlement"]["id"]}, later)
        assert (error["code"], error["path"]) == ("ENTITLEMENT_NOT_REVEALABLE", ["input", "entitlementId"])
        again = await payload(api, PLACE, given, later)
        assert again["order"]["lines"][0]["entitlements"][0]["state"] == "EXPIRED"
        assert [one["credentials"] for one in again["revealed"]] == [[]]
        await expire_units()
        assert (await payload(api, PLACE, given, later))["revealed"] == again["revealed"]
