"""orderPay and orderCancel through HTTP."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub.kit.jobs import drain
from perkhub.payments import settle_payment
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.factories import Person, Shop
from tests.orders import desk
from tests.plugins.gateway import RunningGateway
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, payload, refusal, unchanged
from tests.schema.orders.till import CANCEL, GATEWAY, PAY, PLACE, WALLET, about, basket, counted, line

# Statements, transaction control left out.
PAID, CANCELLED = 18, 10


async def unpaid(api: Api, shop: Shop, buyer: Person, *, codes: int = 5, quantity: int = 1, **more: Any) -> dict[str, Any]:
    variant = await shop.variant(codes=codes)
    placed: dict[str, Any] = (await done(api, PLACE, basket(line(variant, quantity), **more), buyer))["order"]
    return placed


async def test_an_order_is_paid_from_the_wallet(api: Api, shop: Shop):
    buyer, first = await shop.customers(2, wallet="100.00")
    # Each connection asks once what a type is.
    await counted(api, PAY, {"input": about(await unpaid(api, shop, first), pay=WALLET)}, first)
    order = await unpaid(api, shop, buyer)
    answer, statements = await counted(api, PAY, {"input": about(order, pay=WALLET)}, buyer)
    paid = answer["order"]
    assert (paid["id"], paid["state"], paid["expiresAt"]) == (order["id"], "PAID", None)
    assert [unit["state"] for unit in paid["lines"][0]["entitlements"]] == ["ISSUED"]
    assert (answer["paymentAction"], await desk.wallet_of(buyer)) == (None, 8010)
    assert statements <= PAID
    await desk.assert_clean()


async def test_a_repetition_pays_once_and_another_key_finds_it_paid(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = await unpaid(api, shop, buyer)
    given = about(order, pay=WALLET)
    answers = await asyncio.gather(*(done(api, PAY, given, buyer) for _ in range(10)))
    assert {answer["order"]["state"] for answer in answers} == {"PAID"}
    assert await desk.wallet_of(buyer) == 8010
    error = await refusal(api, PAY, about(order, pay=WALLET), buyer)
    assert (error["code"], error["path"]) == ("ORDER_NOT_PAYABLE", ["input", "orderId"])
    assert (await refusal(api, PAY, {**given, "pay": GATEWAY}, buyer))["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_of_many_payments_at_once_one_counts(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = await unpaid(api, shop, buyer)
    answers = await asyncio.gather(*(payload(api, PAY, about(order, pay=WALLET), buyer) for _ in range(8)))
    assert sorted(len(answer["errors"]) for answer in answers) == [0] + [1] * 7
    assert {error["code"] for answer in answers for error in answer["errors"]} == {"ORDER_NOT_PAYABLE"}
    assert await desk.wallet_of(buyer) == 8010
    await desk.assert_clean()


async def test_too_little_money_pays_nothing(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="5.00")
    order = await unpaid(api, shop, buyer)
    error = await refusal(api, PAY, about(order, pay=WALLET), buyer)
    assert (error["__typename"], error["path"]) == ("InsufficientFunds", ["input", "pay", "wallet"])
    assert error["shortfall"] == {"amount": "14.90", "currency": "CNY"}


async def test_a_gateway_takes_the_money_and_the_order_is_paid(gateway: RunningGateway, api: Api, shop: Shop):
    buyer = await shop.customer()
    order = await unpaid(api, shop, buyer)
    begun = await done(api, PAY, about(order, pay=GATEWAY), buyer)
    payment = local_id(Kind.PAYMENT, begun["paymentAction"]["payment"]["id"])
    assert (begun["order"]["state"], begun["paymentAction"]["payment"]["state"]) == ("PLACED", "PENDING")
    reference = await db.value("SELECT our_reference FROM payment WHERE id = $1", payment)
    await asyncio.to_thread(gateway.customer, "pay", reference=reference)
    await settle_payment(payment)
    await drain()
    assert (await refusal(api, PAY, about(order, pay=GATEWAY), buyer))["message"].startswith("This order is PAID")
    await desk.assert_clean()


async def test_a_gateway_that_is_not_there_begins_nothing(api: Api, shop: Shop):
    buyer = await shop.customer()
    order = await unpaid(api, shop, buyer)
    error = await refusal(api, PAY, about(order, pay=GATEWAY), buyer)
    assert (error["code"], error["path"]) == ("PAYMENT_METHOD_UNKNOWN", ["input", "pay", "gateway", "name"])


async def test_an_order_that_is_over_is_not_paid(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = await unpaid(api, shop, buyer)
    await db.value("UPDATE orders SET expires_at = placed_at")
    for language, word in (("en", "This order is EXPIRED"), ("zh-CN", "订单状态为 EXPIRED")):
        error = await refusal(api, PAY, about(order, pay=WALLET), buyer, language=language)
        assert (error["code"], error["path"]) == ("ORDER_NOT_PAYABLE", ["input", "orderId"])
        assert error["message"].startswith(word)


async def test_all_or_nothing_is_refused_when_a_unit_is_missing(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = await unpaid(api, shop, buyer, codes=2, quantity=2, allOrNothing=True)
    await db.value("UPDATE code SET state = 'frozen' WHERE id = (SELECT id FROM code LIMIT 1)")
    error = await refusal(api, PAY, about(order, pay=WALLET), buyer)
    assert (error["code"], error["path"]) == ("OUT_OF_STOCK", ["input", "orderId"])


async def test_a_cancelled_order_lets_go_of_its_stock(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=2), await shop.customer(wallet="100.00")
    # Each connection asks once what a type is.
    first = (await done(api, PLACE, basket(line(variant, 2)), buyer))["order"]
    await counted(api, CANCEL, {"input": {"orderId": first["id"]}}, buyer)
    order = (await done(api, PLACE, basket(line(variant, 2)), buyer))["order"]
    given = {"orderId": order["id"]}
    answer, statements = await counted(api, CANCEL, {"input": given}, buyer)
    assert (answer["order"]["state"], await desk.stock_of(variant)) == ("CANCELLED", (2, 0))
    assert statements <= CANCELLED
    async with unchanged():
        assert (await done(api, CANCEL, given, buyer))["order"]["state"] == "CANCELLED"
    assert (await refusal(api, PAY, about(order, pay=WALLET), buyer))["code"] == "ORDER_NOT_PAYABLE"


async def test_a_paid_order_is_not_cancelled(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = (await done(api, PLACE, basket(await shop.variant(), pay=WALLET), buyer))["order"]
    error = await refusal(api, CANCEL, {"orderId": order["id"]}, buyer)
    assert (error["code"], error["path"]) == ("ORDER_NOT_CANCELLABLE", ["input", "orderId"])
    assert "refunded" in error["message"]


@pytest.mark.parametrize("operation", [PAY, CANCEL])
async def test_anothers_order_and_one_that_never_was_are_told_alike(api: Api, shop: Shop, operation: str):
    owner, other = await shop.customers(2, wallet="100.00")
    order = await unpaid(api, shop, owner)
    more = {"pay": WALLET, "idempotencyKey": "1"} if operation is PAY else {}
    theirs = await refusal(api, operation, {"orderId": order["id"], **more}, other)
    never = {"orderId": global_id(Kind.ORDER, UUID(int=1)), **more, **({"idempotencyKey": "2"} if more else {})}
    assert theirs == await refusal(api, operation, never, other)
    assert (theirs["code"], theirs["path"]) == ("NOT_FOUND", ["input", "orderId"])
