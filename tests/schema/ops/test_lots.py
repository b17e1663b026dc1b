"""Lots and recalls through HTTP."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop, StockedVariant
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, refusal, top_level
from tests.vault.desk import ensure_counters_agree

LOT = "id state quantity recalledReason issuer unitCost { amount } counts { available sold frozen expired burnt }"
READ = f"query ($id: ID!) {{ lot(id: $id) {{ {LOT} variant {{ id stock }} }} }}"
LIST = """query ($variantId: ID, $first: Int, $after: String) { lots(variantId: $variantId, first: $first, after: $after) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
RECALL = f"mutation ($input: LotRecallInput!) {{ lotRecall(input: $input) {{ lot {{ {LOT} }} {ERRORS} }} }}"
HOLDERS = """query ($id: ID!, $first: Int, $after: String) { lot(id: $id) { holders(first: $first, after: $after) {
    nodes { entitlementId customerId organisationId contacts { id masked } } pageInfo { hasNextPage endCursor } } } }"""
BUY = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {
    order { lines { entitlements { id } } } errors { code } } }"""


@pytest.fixture
async def keeper(shop: Shop) -> Person:
    """Whoever keeps the vault."""
    return await shop.staff(Permission.READ_CODES, Permission.RECALL_CODES)


def the_lot(sold: StockedVariant) -> str:
    assert sold.lot is not None
    return global_id(Kind.LOT, sold.lot.id)


async def bought(api: Api, buyer: Person, sold: StockedVariant, quantity: int, *, key: str = "1") -> list[str]:
    """The ids of the units."""
    line = {"variantId": global_id(Kind.VARIANT, sold.id), "quantity": quantity}
    answer = await done(api, BUY, {"idempotencyKey": key, "lines": [line], "pay": {"wallet": {}}}, buyer)
    return [unit["id"] for unit in answer["order"]["lines"][0]["entitlements"]]


async def test_a_recall_freezes_the_unsold_and_lists_who_holds_the_rest(api: Api, shop: Shop, keeper: Person):
    sold = await shop.variant(codes=10, price="1.00")
    first, second = await shop.customer(wallet="10.00"), await shop.customer(wallet="10.00")
    units = dict.fromkeys(await bought(api, first, sold, 2), first)
    units |= dict.fromkeys(await bought(api, second, sold, 1), second)
    before = await read(api, READ, {"id": the_lot(sold)}, keeper)
    counts = {"available": 7, "sold": 3, "frozen": 0, "expired": 0, "burnt": 0}
    assert before["counts"] == counts
    assert before["unitCost"] == {"amount": "10.00"}
    assert (await read(api, HOLDERS, {"id": the_lot(sold)}, keeper))["holders"] is None

    given = {"idempotencyKey": "r", "lotId": the_lot(sold), "reason": "Printed twice"}
    recalled = (await done(api, RECALL, given, keeper))["lot"]
    assert recalled["counts"] == {**counts, "available": 0, "frozen": 7}
    assert (recalled["state"], recalled["quantity"], recalled["recalledReason"]) == ("RECALLED", 10, "Printed twice")
    assert (await read(api, READ, {"id": the_lot(sold)}, keeper))["variant"]["stock"] == 0

    page = (await read(api, HOLDERS, {"id": the_lot(sold), "first": 2}, keeper))["holders"]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = {"id": the_lot(sold), "first": 2, "after": page["pageInfo"]["endCursor"]}
    last = (await read(api, HOLDERS, rest, keeper))["holders"]
    assert last["pageInfo"]["hasNextPage"] is False
    holders = [*page["nodes"], *last["nodes"]]
    assert {one["entitlementId"] for one in holders} == set(units)
    for one in holders:
        holder = units[one["entitlementId"]]
        assert (one["customerId"], one["organisationId"]) == (global_id(Kind.CUSTOMER, holder.party_id), None)
        assert [contact["masked"] for contact in one["contacts"]] == [holder.contact.masked]
        assert holder.contact.value not in str(one)
    await ensure_counters_agree()


async def test_a_recalled_lot_is_sold_no_more(api: Api, shop: Shop, keeper: Person):
    sold = await shop.variant(codes=10, price="1.00")
    await done(api, RECALL, {"idempotencyKey": "r", "lotId": the_lot(sold), "reason": "Stolen"}, keeper)
    buyer = await shop.customer(wallet="10.00")
    line = {"variantId": global_id(Kind.VARIANT, sold.id), "quantity": 1}
    error = await refusal(api, BUY, {"idempotencyKey": "1", "lines": [line], "pay": {"wallet": {}}}, buyer)
    assert error["code"] == "OUT_OF_STOCK"


async def test_a_lot_is_recalled_once_whatever_is_repeated(api: Api, shop: Shop, keeper: Person):
    sold = await shop.variant(codes=10)
    given = {"idempotencyKey": "r", "lotId": the_lot(sold), "reason": "Printed twice"}
    answers = await asyncio.gather(*(done(api, RECALL, given, keeper) for _ in range(8)))
    assert {answer["lot"]["counts"]["frozen"] for answer in answers} == {10}
    assert await db.value("SELECT count(*) FROM custody WHERE action = 'frozen'") == 10
    error = await refusal(api, RECALL, {**given, "reason": "Another"}, keeper)
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    error = await refusal(api, RECALL, {**given, "idempotencyKey": "r2"}, keeper)
    assert (error["code"], error["path"]) == ("LOT_NOT_OPEN", ["input", "lotId"])
    colleague = await shop.staff(Permission.RECALL_CODES)
    assert (await refusal(api, RECALL, given, colleague))["code"] == "LOT_NOT_OPEN"


async def test_many_recalls_at_once_by_many_people_are_one(api: Api, shop: Shop, keeper: Person):
    sold = await shop.variant(codes=10)
    given = {"lotId": the_lot(sold), "reason": "Printed twice"}
    answers = await asyncio.gather(*(payload(api, RECALL, {**given, "idempotencyKey": str(n)}, keeper) for n in range(8)))
    assert sorted(len(answer["errors"]) for answer in answers) == [0, 1, 1, 1, 1, 1, 1, 1]
    assert await db.value("SELECT count(*) FROM custody WHERE action = 'frozen'") == 10


ODD: list[tuple[dict[str, Any], str, str]] = [
    ({"lotId": global_id(Kind.LOT, UUID(int=1))}, "lotId", "NOT_FOUND"),
    ({"lotId": global_id(Kind.VARIANT, UUID(int=1))}, "lotId", "INVALID_INPUT"),
    ({"lotId": ""}, "lotId", "INVALID_INPUT"),
    ({"reason": ""}, "reason", "INVALID_INPUT"),
    ({"reason": "   "}, "reason", "INVALID_INPUT"),
    ({"reason": "x" * 501}, "reason", "INVALID_INPUT"),
    ({"reason": "nul\x00"}, "reason", "INVALID_INPUT"),
    ({"idempotencyKey": " "}, "idempotencyKey", "INVALID_INPUT"),
]


async def test_an_odd_recall_changes_nothing(api: Api, shop: Shop, keeper: Person):
    sold = await shop.variant(codes=10)
    for number, (given, path, code) in enumerate(ODD):
        asked = {"idempotencyKey": str(number), "lotId": the_lot(sold), "reason": "Printed twice", **given}
        error = await refusal(api, RECALL, asked, keeper)
        assert (error["code"], error["path"]) == (code, ["input", path]), given


async def test_lots_are_listed_newest_first_and_by_variant(api: Api, shop: Shop, keeper: Person):
    one, other = await shop.variant(codes=1), await shop.variant(codes=1)
    more = [global_id(Kind.LOT, (await shop.lot(one.id, codes=1)).id) for _ in range(2)]
    everything = (await read(api, LIST, None, keeper))["nodes"]
    assert [lot["id"] for lot in everything] == [more[1], more[0], the_lot(other), the_lot(one)]
    given = {"variantId": global_id(Kind.VARIANT, one.id), "first": 2}
    page = await read(api, LIST, given, keeper)
    assert [lot["id"] for lot in page["nodes"]] == [more[1], more[0]]
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, False)
    last = await read(api, LIST, {**given, "after": page["pageInfo"]["endCursor"]}, keeper)
    assert [lot["id"] for lot in last["nodes"]] == [the_lot(one)]
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    none = await read(api, LIST, {"variantId": global_id(Kind.VARIANT, UUID(int=1))}, keeper)
    assert none["nodes"] == []


async def test_only_who_may_sees_lots_and_recalls_them(api: Api, shop: Shop):
    sold = await shop.variant(codes=3)
    recall = {"input": {"idempotencyKey": "r", "lotId": the_lot(sold), "reason": "Printed twice"}}
    everyone_but = await shop.staff(*(set(Permission) - {Permission.READ_CODES, Permission.RECALL_CODES}))
    for who, code in ((None, "NOT_SIGNED_IN"), (await shop.customer(), "NOT_ALLOWED"), (everyone_but, "NOT_ALLOWED")):
        assert (await top_level(api, READ, {"id": the_lot(sold)}, who))["extensions"]["code"] == code
        assert (await top_level(api, LIST, None, who))["extensions"]["code"] == code
        assert (await top_level(api, RECALL, recall, who))["extensions"]["code"] == code
    # Who sees lots does not see their holders for that.
    reader = await shop.staff(Permission.READ_CODES)
    assert (await top_level(api, RECALL, recall, reader))["extensions"]["code"] == "NOT_ALLOWED"
    answer = await api(HOLDERS, {"id": the_lot(sold)}, reader.token)
    assert answer["data"]["lot"] == {"holders": None}
    assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
