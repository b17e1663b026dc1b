"""entitlementReveal through HTTP: each look is logged, looks are limited, and nobody sees what is not theirs."""

from uuid import UUID

from perkhub.accounts import block_customer
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, refusal, top_level, unchanged
from tests.schema.orders.till import PLACE, REVEAL, WALLET, about, basket, counted, shown

# Statements, transaction control left out; two of them read what `howToUse` is taken from.
REVEALED = 8
LOOKS = "SELECT count(*) FROM custody WHERE action = 'revealed' AND entitlement_id = $1"


async def benefit(api: Api, shop: Shop, buyer: Person, variant: StockedVariant | None = None) -> dict[str, str]:
    """The input that shows a bought benefit."""
    bought = await done(api, PLACE, basket(variant or await shop.variant(), pay=WALLET), buyer)
    return {"entitlementId": bought["order"]["lines"][0]["entitlements"][0]["id"]}


async def test_a_look_shows_the_code_and_is_logged(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=1), await shop.customer(wallet="100.00")
    given = await benefit(api, shop, buyer, variant)
    looks = []
    for number in range(1, 3):
        answer, statements = await counted(api, REVEAL, {"input": given}, buyer)
        looks.append(answer)
        assert statements <= REVEALED
        assert await db.value(LOOKS, local_id(Kind.ENTITLEMENT, given["entitlementId"])) == number
    assert looks[0] == looks[1]
    assert looks[0]["entitlement"] == {"id": given["entitlementId"], "state": "REVEALED"}
    [code] = variant.codes
    assert shown([looks[0]["revealed"]]) == {(code.number, code.pin)}
    assert looks[0]["revealed"]["entitlement"]["masked"] == f"•••• {code.number[-4:]}"


async def test_too_many_looks_are_turned_away_and_told_when_to_come_back(few_reveals: int, api: Api, shop: Shop):
    buyer, other = await shop.customers(2, wallet="100.00")
    given = await benefit(api, shop, buyer)
    for _ in range(few_reveals):
        await done(api, REVEAL, given, buyer)
    async with unchanged():
        response = await api.send(REVEAL, {"input": given}, buyer.token)
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "TOO_FAST"
    assert error["path"] == ["entitlementReveal"]
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert error["extensions"]["retry_after"] == int(response.headers["Retry-After"])
    assert response.json()["data"] is None
    chinese = await top_level(api, REVEAL, {"input": given}, buyer)
    assert chinese["extensions"]["code"] == "TOO_FAST"
    # Others have looks of their own.
    await done(api, REVEAL, await benefit(api, shop, other), other)


async def test_nobody_sees_what_is_not_theirs(api: Api, shop: Shop):
    owner, other = await shop.customers(2, wallet="100.00")
    given = await benefit(api, shop, owner)
    theirs = await refusal(api, REVEAL, given, other)
    never = await refusal(api, REVEAL, {"entitlementId": global_id(Kind.ENTITLEMENT, UUID(int=1))}, other)
    assert theirs == never
    assert (theirs["code"], theirs["path"]) == ("NOT_FOUND", ["input", "entitlementId"])
    staff = await shop.staff()
    assert (await top_level(api, REVEAL, {"input": given}, staff))["extensions"]["code"] == "NOT_ALLOWED"
    await done(api, REVEAL, given, owner)
    # What was seen by its owner is no more to be seen by others.
    assert await refusal(api, REVEAL, given, other) == theirs


async def test_what_was_taken_back_is_not_shown(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=1), await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, variant)
    [unit] = await desk.units_of(order)
    await desk.refund(buyer, order)
    given = {"entitlementId": global_id(Kind.ENTITLEMENT, unit.id)}
    for language, word in (("en", "REVOKED"), ("zh-CN", "无法查看")):
        error = await refusal(api, REVEAL, given, buyer, language=language)
        assert (error["code"], error["path"]) == ("ENTITLEMENT_NOT_REVEALABLE", ["input", "entitlementId"])
        assert word in error["message"]


async def test_a_blocked_customer_sees_nothing(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    given = await benefit(api, shop, buyer)
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    assert (await refusal(api, REVEAL, given, buyer))["code"] == "CUSTOMER_BLOCKED"


async def test_the_id_of_something_else_shows_nothing(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, await shop.variant())
    for wrong in (about(order.id)["orderId"], "ent_", "", f"ENT_{'0' * 32}"):
        error = await refusal(api, REVEAL, {"entitlementId": wrong}, buyer)
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "entitlementId"])
