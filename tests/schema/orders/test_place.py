"""orderPlace through HTTP: buying and reading the codes in one go, placing for later, and what is refused."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import block_customer
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop
from tests.orders import desk
from tests.plugins.gateway import RunningGateway
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, payload, refusal, top_level, unchanged
from tests.schema.orders.till import GATEWAY, PLACE, WALLET, basket, counted, line, shown

REVEALS = "SELECT count(*) FROM custody WHERE action = 'revealed'"
CNY = {"currency": "CNY"}
# Statements, transaction control left out; two of the first read what `howToUse` is taken from.
BOUGHT, PLACED = 6, 2


async def test_from_click_to_code(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=3), await shop.customer(wallet="100.00")
    bought = await done(api, PLACE, basket(line(variant, 2), pay=WALLET, reveal=True), buyer)
    order = bought["order"]
    assert (order["state"], order["total"]) == ("PAID", {"amount": "39.80", **CNY})
    assert [unit["state"] for unit in order["lines"][0]["entitlements"]] == ["REVEALED", "REVEALED"]
    assert len(shown(bought["revealed"])) == 2
    assert shown(bought["revealed"]) < {(code.number, code.pin) for code in variant.codes}
    assert {one["entitlement"]["howToUse"] for one in bought["revealed"]} == {"Enter the code."}
    assert bought["paymentAction"] is None
    assert await db.value(REVEALS) == 2
    assert (await desk.wallet_of(buyer), await desk.stock_of(variant)) == (10000 - 3980, (1, 0))
    await desk.assert_clean()


async def test_without_reveal_no_code_is_told(api: Api, shop: Shop):
    variant, buyer = await shop.variant(), await shop.customer(wallet="100.00")
    response = await api.send(PLACE, {"input": basket(variant, pay=WALLET)}, buyer.token)
    assert response.json()["data"]["orderPlace"]["revealed"] == []
    assert [code for code in variant.codes if code.number in response.text or code.pin in response.text] == []
    assert await db.value(REVEALS) == 0


async def test_an_answer_is_as_cheap_as_promised(api: Api, shop: Shop):
    """Twelve statements are promised; it needs fewer, and none more for further lines."""
    variants = [await shop.variant(codes=9) for _ in range(4)]
    buyer = await shop.customer(wallet="900.00")
    # Data keys are opened once in a process's life, and each connection asks once what a type is.
    for n in (4, 1, 4, 1):
        await counted(api, PLACE, {"input": basket(*variants[:n], pay=WALLET, reveal=True)}, buyer)
    bought = [await counted(api, PLACE, {"input": basket(*variants[:n], pay=WALLET, reveal=True)}, buyer) for n in (1, 4)]
    placed = [await counted(api, PLACE, {"input": basket(*variants[:n])}, buyer) for n in (1, 4)]
    assert [statements for _, statements in bought] == [BOUGHT, BOUGHT]
    assert [statements for _, statements in placed] == [PLACED, PLACED]
    assert {answer["order"]["state"] for answer, _ in bought} == {"PAID"}


async def test_placed_now_and_paid_later(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=2), await shop.customer()
    placed = await done(api, PLACE, basket(variant), buyer)
    assert (placed["order"]["state"], placed["order"]["paidAt"]) == ("PLACED", None)
    assert placed["order"]["expiresAt"] is not None
    assert (placed["order"]["lines"][0]["entitlements"], placed["revealed"]) == ([], [])
    assert await desk.stock_of(variant) == (2, 1)


async def test_a_gateway_is_asked_and_the_customer_is_sent_there(gateway: RunningGateway, api: Api, shop: Shop):
    variant, buyer = await shop.variant(), await shop.customer()
    given = basket(variant, pay=GATEWAY)
    begun = await done(api, PLACE, given, buyer)
    action = begun["paymentAction"]
    assert (begun["order"]["state"], action["payment"]["state"]) == ("PLACED", "PENDING")
    assert action["payment"]["payableId"] == begun["order"]["id"]
    assert "/pay/" in action["redirectUrl"]
    # The same request finds the same payment, and begins none.
    assert (await done(api, PLACE, given, buyer))["paymentAction"] == action
    assert await db.value("SELECT count(*) FROM payment") == 1


async def test_the_total_that_the_buyer_saw_is_held_against_the_price(api: Api, shop: Shop):
    variant, buyer = await shop.variant(price="19.90"), await shop.customer(wallet="100.00")
    for seen in ("19.89", "19.91", "0", "-19.90"):
        expected = {"amount": seen, **CNY}
        error = await refusal(api, PLACE, basket(variant, pay=WALLET, expectedTotal=expected), buyer)
        assert (error["__typename"], error["path"]) == ("PriceMoved", ["input", "expectedTotal"])
        assert error["total"] == {"amount": "19.90", **CNY}
    odd = {"amount": "19.901", **CNY}
    assert (await refusal(api, PLACE, basket(variant, expectedTotal=odd), buyer))["path"][1:] == ["expectedTotal", "amount"]
    dollars = {"amount": "19.90", "currency": "USD"}
    assert (await refusal(api, PLACE, basket(variant, expectedTotal=dollars), buyer))["code"] == "PRICE_MOVED"
    await done(api, PLACE, basket(variant, pay=WALLET, expectedTotal={"amount": "19.90", **CNY}), buyer)


async def test_a_repetition_is_the_same_order_and_is_logged_as_a_look(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=5), await shop.customer(wallet="19.90")
    given = basket(variant, pay=WALLET, reveal=True)
    first = await done(api, PLACE, given, buyer)
    again = await done(api, PLACE, given, buyer)
    assert (again["order"], shown(again["revealed"])) == (first["order"], shown(first["revealed"]))
    assert await db.value(REVEALS) == 2
    assert await db.value("SELECT count(*) FROM orders") == 1
    # The wallet is empty, the price another, and the offer over: what was bought was bought.
    await db.value("UPDATE listing SET unit_price = 99, published_until = published_from + interval '1 second'")
    with travel(timedelta(minutes=5)):
        assert (await done(api, PLACE, given, buyer))["order"]["id"] == first["order"]["id"]


async def test_the_looks_of_repetitions_are_limited_too(few_reveals: int, api: Api, shop: Shop):
    variant, buyer = await shop.variant(), await shop.customer(wallet="100.00")
    given = basket(variant, pay=WALLET, reveal=True)
    for _ in range(1 + few_reveals):  # buying is no further look
        await done(api, PLACE, given, buyer)
    response = await api.send(PLACE, {"input": given}, buyer.token)
    assert response.json()["errors"][0]["extensions"]["code"] == "TOO_FAST"
    assert [code for code in variant.codes if code.number in response.text] == []
    assert await db.value(REVEALS) == 1 + few_reveals


async def test_a_key_says_nothing_to_others(api: Api, shop: Shop):
    variant, (buyer, other) = await shop.variant(), await shop.customers(2, wallet="100.00")
    given = basket(variant, pay=WALLET, reveal=True)
    mine, theirs = await done(api, PLACE, given, buyer), await done(api, PLACE, given, other)
    assert theirs["order"]["id"] != mine["order"]["id"]
    assert shown(theirs["revealed"]).isdisjoint(shown(mine["revealed"]))
    staff = await shop.staff()
    assert (await top_level(api, PLACE, {"input": given}, staff))["extensions"]["code"] == "NOT_ALLOWED"


async def test_a_repetition_reads_by_the_rights_of_now(api: Api, shop: Shop):
    variant, buyer = await shop.variant(), await shop.customer(wallet="100.00")
    given = basket(variant, pay=WALLET, reveal=True)
    bought = await done(api, PLACE, given, buyer)
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    async with unchanged():
        answer = await payload(api, PLACE, given, buyer)
    assert [error["code"] for error in answer["errors"]] == ["CUSTOMER_BLOCKED"]
    assert not shown(bought["revealed"]) & shown(answer["revealed"])
    assert [code for code in variant.codes if code.number in str(answer)] == []


async def test_the_same_key_for_something_else_is_refused(api: Api, shop: Shop):
    variant, buyer = await shop.variant(), await shop.customer(wallet="100.00")
    given = basket(variant, pay=WALLET)
    await done(api, PLACE, given, buyer)
    others: list[dict[str, Any]] = [
        {"lines": [line(variant, 2)]},
        {"reveal": True},
        {"allOrNothing": True},
        {"pay": None},
        {"deviceKey": "another"},
        {"expectedTotal": {"amount": "19.90", **CNY}},
    ]
    for other in others:
        error = await refusal(api, PLACE, {**given, **other}, buyer)
        assert (error["code"], error["path"]) == ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    # Another channel is another request.
    await shop.channel("other")
    error = await refusal(api, PLACE, given, buyer, channel="other")
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_what_is_short_is_told_at_its_line(api: Api, shop: Shop):
    plenty, scarce = await shop.variant(codes=9), await shop.variant(codes=2)
    rationed, limited = await shop.variant(codes=9, quota=2), await shop.variant(codes=9, limit=2)
    buyer = await shop.customer(wallet="1000.00")
    for short, code in ((scarce, "OUT_OF_STOCK"), (rationed, "QUOTA_REACHED"), (limited, "LIMIT_REACHED")):
        for pay in (WALLET, None):
            error = await refusal(api, PLACE, basket(plenty, line(short, 3), pay=pay), buyer)
            assert (error["code"], error["path"]) == (code, ["input", "lines", "1", "quantity"])
            if short is scarce:
                assert error["available"] == 2
            if short is limited:
                assert (error["limit"], error["remaining"]) == (2, 2)
    await desk.assert_clean()


async def test_a_refusal_is_repeated_as_it_was(api: Api, shop: Shop):
    scarce, buyer = await shop.variant(codes=2), await shop.customer(wallet="1000.00")
    given = basket(line(scarce, 3), pay=WALLET)
    error = await refusal(api, PLACE, given, buyer)
    await shop.lot(scarce.id, codes=5)
    assert await refusal(api, PLACE, given, buyer) == error
    assert (await refusal(api, PLACE, given, buyer, language="zh-CN"))["message"] == "库存不足。"


async def test_a_wallet_that_holds_too_little_says_how_much_is_missing(api: Api, shop: Shop):
    variant, buyer = await shop.variant(), await shop.customer(wallet="5.00")
    error = await refusal(api, PLACE, basket(line(variant, 2), pay=WALLET), buyer)
    assert (error["__typename"], error["path"]) == ("InsufficientFunds", ["input", "pay", "wallet"])
    assert error["shortfall"] == {"amount": "34.80", **CNY}
    nobody = await shop.customer()
    assert (await refusal(api, PLACE, basket(variant, pay=WALLET), nobody))["shortfall"] == {"amount": "19.90", **CNY}


async def test_so_many_unpaid_orders_and_no_more(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=9), await shop.customer()
    for _ in range(5):
        await done(api, PLACE, basket(variant), buyer)
    error = await refusal(api, PLACE, basket(variant), buyer)
    assert (error["__typename"], error["limit"]) == ("HoldLimitReached", 5)


async def test_an_unknown_channel_sells_nothing(api: Api, shop: Shop):
    variant, buyer = await shop.variant(), await shop.customer(wallet="100.00")
    error = await refusal(api, PLACE, basket(variant, pay=WALLET), buyer, channel="nowhere")
    assert error["code"] == "CHANNEL_NOT_FOUND"
    await shop.channel("other")
    error = await refusal(api, PLACE, basket(variant, pay=WALLET), buyer, channel="other")
    assert (error["code"], error["path"]) == ("NOT_LISTED", ["input", "lines", "0", "variantId"])


ODD_LINES: list[tuple[Any, list[str]]] = [
    ([], ["lines"]),
    ([("known", 0)], ["lines", "0", "quantity"]),
    ([("known", -1)], ["lines", "0", "quantity"]),
    ([("known", 1001)], ["lines", "0", "quantity"]),
    ([("known", 1), ("known", 1)], ["lines"]),
    ([("known", 1), ("unknown", 1)], ["lines", "1", "variantId"]),
    ([("known", 1), ("ord_" + "0" * 32, 1)], ["lines", "1", "variantId"]),
]


@pytest.mark.parametrize(("lines", "path"), ODD_LINES)
async def test_an_odd_basket_is_told_at_its_place(api: Api, shop: Shop, lines: Any, path: list[str]):
    variant, buyer = await shop.variant(), await shop.customer(wallet="100.00")
    names = {"known": global_id(Kind.VARIANT, variant.id), "unknown": global_id(Kind.VARIANT, UUID(int=1))}
    given = [{"variantId": names.get(name, name), "quantity": quantity} for name, quantity in lines]
    for language in ("en", "zh-CN"):
        error = await refusal(api, PLACE, {**basket(pay=WALLET), "lines": given}, buyer, language=language)
        assert error["path"] == ["input", *path]
        assert error["message"].isascii() is (language == "en")
