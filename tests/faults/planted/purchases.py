"""Buying planted codes: shown to their buyer, and to nobody else in any answer."""

from typing import Any
from uuid import uuid4

from tests.faults import queries
from tests.faults.buyer import GATEWAY, WALLET
from tests.faults.planted.desk import a_device
from tests.faults.planted.needles import MARK, marked
from tests.faults.planted.people import People
from tests.faults.planted.visitor import Visitor

ADJUST = """
    mutation ($input: WalletAdjustInput!) {
        walletAdjust(input: $input) { wallet { balance { amount } } errors { code message path } }
    }
"""
QUOTE = "query ($input: QuoteInput!) { quote(input: $input) { quote { total { amount } } errors { code message path } } }"
MINE = """
    { me { orders { nodes { number lines { buyerInputs { key masked } entitlements { id masked target howToUse } } } }
           entitlements { nodes { id masked } }
           contacts { masked } walletMovements { nodes { kind reason } } } }
"""


def buy(visitor: Visitor, people: People, variant: str) -> None:
    """At once, again with the same key, later; looked at by others, given back, and looked at again."""
    money = {"amount": "1000.00", "currency": "CNY"}
    me: Any = visitor.ask("{ me { id } }", token=people.anna)
    adjust = {"idempotencyKey": uuid4().hex, "customerId": me["id"], "amount": money, "reason": "welcome"}
    assert visitor.ask(ADJUST, adjust, token=people.staff)["errors"] == []
    lines = [{"variantId": variant, "quantity": 3}]
    given = {"idempotencyKey": uuid4().hex, "lines": lines, "pay": WALLET, "deviceKey": a_device(), "reveal": True}
    for _ in range(2):
        bought = visitor.ask(queries.ORDER_PLACE, given, token=people.anna, rightful=True)
        assert [MARK in one["value"] for shown in bought["revealed"] for one in shown["credentials"]] == [True] * 6
    visitor.ask(queries.ORDER_PLACE, {**given, "deviceKey": a_device()}, token=people.anna)  # the key, with other input
    unit = bought["revealed"][0]["entitlement"]["id"]
    for token in (people.boris, people.staff, None):
        visitor.ask(queries.ENTITLEMENT_REVEAL, {"entitlementId": unit}, token=token)
    again = visitor.ask(queries.ENTITLEMENT_REVEAL, {"entitlementId": unit}, token=people.anna, rightful=True)
    assert again["errors"] == []
    refund = {"idempotencyKey": uuid4().hex, "orderId": bought["order"]["id"], "reason": "no more"}
    visitor.ask(queries.REFUND_REQUEST, refund, token=people.anna)
    _say_too_much(visitor, people, variant)
    given_back = _give_back_unseen(visitor, people, variant)
    visitor.ask(queries.ENTITLEMENT_REVEAL, {"entitlementId": given_back}, token=people.anna)
    visitor.ask(MINE, token=people.anna)


def _give_back_unseen(visitor: Visitor, people: People, variant: str) -> str:
    said = [{"key": "account", "value": marked("account")}, {"key": "word", "value": marked("word")}]
    lines = [{"variantId": variant, "quantity": 1, "buyerInputs": said}]
    given = {"idempotencyKey": uuid4().hex, "lines": lines, "pay": WALLET}
    order = visitor.ask(queries.ORDER_PLACE, given, token=people.anna)["order"]
    refund = {"idempotencyKey": uuid4().hex, "orderId": order["id"], "reason": ""}
    assert visitor.ask(queries.REFUND_REQUEST, refund, token=people.anna)["errors"] == []
    return str(order["lines"][0]["entitlements"][0]["id"])


def _say_too_much(visitor: Visitor, people: People, variant: str) -> None:
    """What a product asks, in ways that are refused, and in quotes."""
    wrong = [
        [{"key": marked("key"), "value": marked("value")}],
        [{"key": "word", "value": marked("long") * 10}],
        [{"key": "account", "value": f"{marked('twice')}"}] * 2,
        [{"key": "account", "value": f"{marked('control')}\x1b"}],
    ]
    for said in wrong:
        lines = [{"variantId": variant, "quantity": 1, "buyerInputs": said}]
        given = {"idempotencyKey": uuid4().hex, "lines": lines, "pay": WALLET}
        for _ in range(2):
            assert visitor.ask(queries.ORDER_PLACE, given, token=people.anna)["order"] is None
        visitor.ask(QUOTE, {"lines": lines}, token=people.anna)
    right = [{"variantId": variant, "quantity": 1, "buyerInputs": [{"key": "account", "value": marked("quoted")}]}]
    assert visitor.ask(QUOTE, {"lines": right})["errors"] == []


def top_up(visitor: Visitor, people: People) -> None:
    """Through the gateway, with genuine callbacks, repeated ones, and a forged one."""
    visitor.house.gateway.fault(duplicate_callbacks=2, forged_callback=1)
    given = {"idempotencyKey": uuid4().hex, "amount": {"amount": "50.00", "currency": "CNY"}, "gateway": GATEWAY["gateway"]}
    begun = visitor.ask(queries.WALLET_TOP_UP, given, token=people.anna)
    visitor.http.post(begun["paymentAction"]["redirectUrl"], data={"action": "pay"})
    forged = {"gateway-timestamp": "1", "gateway-nonce": marked("nonce"), "gateway-signature": marked("signature")}
    visitor.send("POST", "/callbacks/sandbox_gateway", headers=forged, json={"merchant_reference": marked("body")})
    visitor.send("POST", "/callbacks/nobody", content=MARK.encode())
