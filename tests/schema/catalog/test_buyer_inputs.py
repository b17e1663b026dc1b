"""What products ask of their buyers, set up through HTTP and read as a form in the reader's language."""

from typing import Any

import orjson
import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop, a_name
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, read, refusal
from tests.schema.orders.lines import FORM, RANGED

FIELDS = """key kind label labelTexts { zh en } help required pattern minLength maxLength secret
    options { value label labelTexts { zh en } }"""
CREATE = f"""mutation ($input: ProductCreateInput!) {{ productCreate(input: $input) {{
    product {{ id version buyerInputs {{ {FIELDS} }} }} {ERRORS} }} }}"""
UPDATE = f"""mutation ($input: ProductUpdateInput!) {{ productUpdate(input: $input) {{
    product {{ version buyerInputs {{ key }} }} {ERRORS} }} }}"""
VARIANT = f"""mutation ($input: VariantCreateInput!) {{ variantCreate(input: $input) {{
    variant {{ id version faceRange {{ least most step currency }} }} {ERRORS} }} }}"""
CHANGE = f"""mutation ($input: VariantUpdateInput!) {{ variantUpdate(input: $input) {{
    variant {{ version faceRange {{ least most step currency }} }} {ERRORS} }} }}"""
ASKED: list[dict[str, Any]] = [
    {
        "key": "account",
        "kind": "ACCOUNT",
        "label": {"zh": "账号", "en": "Account"},
        "help": {"en": "As in your profile."},
        "pattern": r"\d{5,11}",
        "minLength": 5,
        "maxLength": 11,
    },
    {
        "key": "server",
        "kind": "REGION",
        "label": {"zh": "区服"},
        "required": False,
        "options": [{"value": "cn-1", "label": {"zh": "国服一区", "en": "China 1"}}],
    },
    {"key": "word", "kind": "TEXT", "label": {"en": "Password"}, "secret": True},
]
NAME = {"en": "Game coins", "zh": "游戏点券"}


@pytest.fixture
async def operator(shop: Shop) -> Person:
    """Whoever keeps the catalog."""
    await shop.channel()
    return await shop.staff(Permission.MANAGE_CATALOG)


async def test_a_form_is_said_shown_and_changed(api: Api, shop: Shop, operator: Person):
    given = {"slug": a_name("game"), "name": NAME, "buyerInputs": ASKED}
    product = (await done(api, CREATE, given, operator))["product"]
    nothing = {"help": None, "pattern": None, "minLength": None, "maxLength": None, "options": [], "secret": False}
    assert product["buyerInputs"] == [
        {
            **nothing,
            **ASKED[0],
            "label": "Account",
            "labelTexts": {"zh": "账号", "en": "Account"},
            "help": "As in your profile.",
            "required": True,
        },
        {
            **nothing,
            **ASKED[1],
            "label": "区服",
            "labelTexts": {"zh": "区服", "en": None},
            "options": [{"value": "cn-1", "label": "China 1", "labelTexts": {"zh": "国服一区", "en": "China 1"}}],
        },
        {**nothing, **ASKED[2], "label": "Password", "labelTexts": {"zh": None, "en": "Password"}, "required": True},
    ]
    changes = {"productId": product["id"], "expectedVersion": 1, "buyerInputs": ASKED[1:]}
    changed = (await done(api, UPDATE, changes, operator))["product"]
    assert changed == {"version": 2, "buyerInputs": [{"key": "server"}, {"key": "word"}]}
    told = orjson.loads(await db.value("SELECT before FROM activity_change WHERE after ? 'buyer_inputs' AND before <> '{}'"))
    assert [one["key"] for one in told["buyer_inputs"]] == ["account", "server", "word"]
    assert [one["hidden"] for one in told["buyer_inputs"]] == [False, False, True]
    emptied = {"productId": product["id"], "expectedVersion": 2, "buyerInputs": []}
    assert (await done(api, UPDATE, emptied, operator))["product"]["buyerInputs"] == []


@pytest.mark.parametrize(
    ("odd", "path"),
    [
        ({"key": "Account"}, "buyerInputs.0.key"),
        ({"pattern": "(a|b)"}, "buyerInputs.0.pattern"),
        ({"minLength": 12}, "buyerInputs.0.minLength"),
        ({"label": {}}, "buyerInputs.0.label"),
        ({"options": ASKED[1]["options"]}, "buyerInputs.0.options"),
    ],
)
async def test_odd_forms_are_refused_by_field(api: Api, operator: Person, odd: dict[str, Any], path: str):
    given = {"slug": a_name("game"), "name": NAME, "buyerInputs": [{**ASKED[0], **odd}]}
    error = await refusal(api, CREATE, given, operator)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", *path.split(".")])


async def test_shoppers_read_it_without_signing_in_and_see_a_change_at_once(api: Api, shop: Shop, operator: Person):
    variant = await shop.variant(buyer_inputs=FORM)
    asked = "query ($id: ID!) { product(id: $id) { buyerInputs { key label help } } }"
    given = {"id": global_id(Kind.PRODUCT, variant.product_id)}
    first = {"key": "phone", "label": "手机号", "help": "Where it goes."}
    for _ in range(2):
        told = await api(asked, given, language="zh")
        assert told["data"]["product"]["buyerInputs"][0] == first
    await done(api, UPDATE, {"productId": given["id"], "expectedVersion": 1, "buyerInputs": []}, operator)
    assert (await api(asked, given, language="zh"))["data"]["product"]["buyerInputs"] == []


async def test_a_range_is_said_once_and_made_longer(api: Api, shop: Shop, operator: Person):
    product = global_id(Kind.PRODUCT, (await shop.variant()).product_id)
    tens = {"least": "10.00", "most": "500.00", "step": "10.00", "currency": "USD"}
    given = {"productId": product, "sku": a_name("ANY"), "name": NAME, "faceRange": tens}
    made = (await done(api, VARIANT, given, operator))["variant"]
    assert made["faceRange"] == tens
    longer = {**tens, "most": "1000.00"}
    changes = {"variantId": made["id"], "expectedVersion": 1, "faceRange": longer}
    assert (await done(api, CHANGE, changes, operator))["variant"] == {"version": 2, "faceRange": longer}
    for odd in ({"least": "20.00"}, {"currency": "CNY"}):
        error = await refusal(api, CHANGE, {**changes, "expectedVersion": 2, "faceRange": {**longer, **odd}}, operator)
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "faceRange"])
    fixed = {"faceValue": {"amount": "10", "currency": "USD"}}
    error = await refusal(api, CHANGE, {"variantId": made["id"], "expectedVersion": 2, **fixed}, operator)
    assert error["path"] == ["input", "faceRange"]
    error = await refusal(api, VARIANT, {**given, "sku": a_name("ANY"), **fixed}, operator)
    assert error["path"] == ["input", "faceRange"]


async def test_what_has_a_range_is_sold_out_where_nobody_would_sell_it(api: Api, shop: Shop):
    variant = await shop.variant(form=RANGED, codes=0)
    asked = "query ($id: ID!) { variant(id: $id) { availability } }"
    assert await read(api, asked, {"id": global_id(Kind.VARIANT, variant.id)}) == {"availability": "SOLD_OUT"}
