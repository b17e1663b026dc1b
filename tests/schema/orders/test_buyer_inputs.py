"""Quotes and orders with what a product asks of its buyer and the face value that they choose, through HTTP."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop
from tests.orders import desk
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, payload, read, refusal
from tests.schema.orders.lines import FORM, PHONE, RANGED, saying
from tests.schema.orders.till import WALLET, basket, counted

ERRORS = "errors { __typename code message path ... on BuyerInputInvalid { key } }"
SAID = "buyerInputs { key masked target } faceValue { amount currency }"
PLACE = f"""mutation ($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{
    order {{ id total {{ amount }} lines {{ {SAID}
        entitlements {{ target faceValue {{ amount currency }} }} }} }} {ERRORS} }} }}"""
QUOTE = f"""query ($input: QuoteInput!) {{ quote(input: $input) {{ {ERRORS} quote {{ total {{ amount }}
    lines {{ unit {{ amount }} faceValue {{ amount currency }} trace {{ source label effect {{ amount }} }} }} }} }} }}"""
MINE = f"{{ me {{ orders {{ nodes {{ lines {{ {SAID} }} }} }} entitlements {{ nodes {{ target }} }} }} }}"
MASKED = [
    {"key": "phone", "masked": "+86138••••8000", "target": True},
    {"key": "word", "masked": "••••", "target": False},
]
WORD = "open-sesame"
# Statements of a purchase and of its answer: what was said is read in one.
BOUGHT = 5


async def test_what_was_said_is_shown_masked_to_its_buyer_and_to_staff(api: Api, shop: Shop):
    variant, buyer = await shop.variant(buyer_inputs=FORM, codes=2), await shop.customer(wallet="100.00")
    staff = await shop.staff(Permission.READ_ORDERS)
    given = basket(saying(variant, quantity=2, phone=PHONE, word=WORD), pay=WALLET)
    order = (await done(api, PLACE, given, buyer))["order"]
    [line] = order["lines"]
    assert line["buyerInputs"] == MASKED
    assert [unit["target"] for unit in line["entitlements"]] == ["+86138••••8000"] * 2
    mine = await read(api, MINE, None, buyer)
    assert mine["orders"]["nodes"][0]["lines"][0]["buyerInputs"] == MASKED
    assert [unit["target"] for unit in mine["entitlements"]["nodes"]] == ["+86138••••8000"] * 2
    asked = f"query ($id: ID!) {{ order(id: $id) {{ lines {{ {SAID} }} }} }}"
    seen = await api.send(asked, {"id": order["id"]}, staff.token)
    assert seen.json()["data"]["order"]["lines"][0]["buyerInputs"] == MASKED
    for secret in (PHONE, WORD):
        assert secret not in seen.text
    assert (await done(api, PLACE, given, buyer))["order"] == order


async def test_other_words_under_the_same_key_are_another_request(api: Api, shop: Shop):
    variant, buyer = await shop.variant(buyer_inputs=FORM), await shop.customer(wallet="100.00")
    given = basket(saying(variant, phone=PHONE), pay=WALLET)
    await done(api, PLACE, given, buyer)
    other = {**given, "lines": [saying(variant, phone="13900139000")]}
    assert (await refusal(api, PLACE, other, buyer))["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize(
    ("said", "key", "path"),
    [
        ({}, "phone", ["buyerInputs"]),
        ({"phone": " "}, "phone", ["buyerInputs"]),
        ({"phone": "12345"}, "phone", ["buyerInputs", "0", "value"]),
        ({"phone": PHONE, "word": "😀"}, "word", ["buyerInputs", "1", "value"]),
        ({"phone": PHONE, "word": "a\x1b"}, "word", ["buyerInputs", "1", "value"]),
        ({"phone": PHONE, "account": "x"}, "account", ["buyerInputs", "1", "key"]),
    ],
)
async def test_a_refusal_says_which_input_in_both_languages_and_nothing_happens(
    api: Api, shop: Shop, said: dict[str, str], key: str, path: list[str]
):
    variant, plain = await shop.variant(buyer_inputs=FORM), await shop.variant()
    buyer = await shop.customer(wallet="100.00")
    given = basket(saying(plain), saying(variant, **said), pay=WALLET)
    error = await refusal(api, PLACE, given, buyer)
    assert (error["__typename"], error["key"]) == ("BuyerInputInvalid", key)
    assert error["path"] == ["input", "lines", "1", *path]
    spoken = await api.send(PLACE, {"input": given}, buyer.token, language="zh")
    [told] = spoken.json()["data"]["orderPlace"]["errors"]
    assert told["message"] != error["message"]
    assert "12345" not in spoken.text


async def test_the_same_key_twice_is_refused(api: Api, shop: Shop):
    variant, buyer = await shop.variant(buyer_inputs=FORM), await shop.customer(wallet="100.00")
    line = {**saying(variant), "buyerInputs": [{"key": "phone", "value": PHONE}] * 2}
    error = await refusal(api, PLACE, basket(line, pay=WALLET), buyer)
    assert error["path"][-2:] == ["1", "key"]


async def test_a_quote_checks_what_is_there_and_asks_for_nothing_more(api: Api, shop: Shop):
    variant = await shop.variant(buyer_inputs=FORM)
    assert (await payload(api, QUOTE, {"lines": [saying(variant)]}))["errors"] == []
    assert (await payload(api, QUOTE, {"lines": [saying(variant, phone=PHONE)]}))["errors"] == []
    [error] = (await payload(api, QUOTE, {"lines": [saying(variant, phone="1")]}))["errors"]
    assert (error["key"], error["path"][-1]) == ("phone", "value")


async def test_the_price_of_a_face_value_is_quoted_ordered_and_kept(api: Api, shop: Shop):
    variant, buyer = await shop.variant(price="9.85", form=RANGED), await shop.customer(wallet="100.00")
    quote = (await payload(api, QUOTE, {"lines": [saying(variant, face_value="50")]}))["quote"]
    fifty: dict[str, Any] = {"amount": "50.00", "currency": "CNY"}
    assert quote == {
        "total": {"amount": "49.25"},
        "lines": [
            {
                "unit": {"amount": "49.25"},
                "faceValue": fifty,
                "trace": [
                    {"source": "LISTING", "label": quote["lines"][0]["trace"][0]["label"], "effect": {"amount": "9.85"}},
                    {"source": "FACE_VALUE", "label": "50 CNY", "effect": {"amount": "39.40"}},
                ],
            }
        ],
    }
    order = (await done(api, PLACE, basket(saying(variant, face_value="50"), pay=WALLET), buyer))["order"]
    assert (order["total"]["amount"], order["lines"][0]["faceValue"]) == ("49.25", fifty)
    assert [unit["faceValue"] for unit in order["lines"][0]["entitlements"]] == [fifty]
    shown = await read(
        api,
        "query ($id: ID!) { variant(id: $id) { faceValue { amount } faceRange { least most step currency } "
        "price { unit { amount } } availability } }",
        {"id": global_id(Kind.VARIANT, variant.id)},
    )
    assert shown == {
        "faceValue": None,
        "faceRange": {"least": "10.00", "most": "500.00", "step": "10.00", "currency": "CNY"},
        "price": {"unit": {"amount": "9.85"}},
        "availability": "LOW",
    }


@pytest.mark.parametrize("face_value", [None, "0", "15", "-10", "510", "1e20"])
async def test_a_face_value_that_is_not_offered_is_refused_and_nothing_happens(api: Api, shop: Shop, face_value: str | None):
    variant, buyer = await shop.variant(form=RANGED), await shop.customer(wallet="100.00")
    line = saying(variant, face_value=face_value)
    error = await refusal(api, PLACE, basket(line, pay=WALLET), buyer)
    assert (error["code"], error["path"]) == ("FACE_VALUE_INVALID", ["input", "lines", "0", "unitFaceValue"])
    assert (await payload(api, QUOTE, {"lines": [line]}))["errors"][0]["code"] == "FACE_VALUE_INVALID"


async def test_what_is_said_costs_one_more_statement_where_it_is_asked_for(api: Api, shop: Shop):
    plain, variant = await shop.variant(codes=9), await shop.variant(codes=9, buyer_inputs=FORM)
    buyer = await shop.customer(wallet="900.00")
    saids = [[saying(plain)], [saying(variant, phone=PHONE)], [saying(plain), saying(variant, phone=PHONE, word=WORD)]]
    for lines in saids:
        for _ in range(2):
            await counted(api, PLACE, {"input": basket(*lines, pay=WALLET)}, buyer)
    costs = [(await counted(api, PLACE, {"input": basket(*lines, pay=WALLET)}, buyer))[1] for lines in saids]
    assert costs == [BOUGHT] * 3
    assert await db.value("SELECT count(*) FROM buyer_input WHERE key = 'word'") == 3
    await desk.assert_clean()
