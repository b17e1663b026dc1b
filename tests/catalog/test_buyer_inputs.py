"""What products ask of their buyers: forms that can be fulfilled, kept as they were said, told in the log."""

from dataclasses import replace

import asyncpg
import pytest

from perkhub.catalog import (
    BuyerInput,
    BuyerInputKind,
    InputOption,
    ProductDraft,
    create_product,
    product_views,
    update_product,
)
from perkhub.catalog.buyer_inputs import inputs_as_data, inputs_from_json
from perkhub.catalog.naming import as_json
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from tests.factories import Shop, a_name

NAME = {"en": "Name", "zh": "名称"}
ACCOUNT = BuyerInput("account", BuyerInputKind.ACCOUNT, {"en": "Account", "zh": "账号"}, {}, pattern=r"\d{5,11}")
SERVER = BuyerInput(
    "server",
    BuyerInputKind.REGION,
    {"zh": "区服"},
    {"zh": "游戏所在的区服\n在设置中查看"},
    options=(InputOption("cn-1", {"en": "China 1"}), InputOption("cn-2", {"zh": "国服二区"})),
)
WORD = BuyerInput("word", BuyerInputKind.TEXT, {"en": "Password"}, {}, required=False, min_length=6, max_length=20, hidden=True)
FORM = (ACCOUNT, SERVER, WORD)


def test_it_is_kept_as_it_was_said():
    assert inputs_from_json(as_json(inputs_as_data(FORM))) == FORM
    assert inputs_from_json("[]") == ()


async def test_a_product_asks_and_may_ask_otherwise(shop: Shop):
    draft = ProductDraft(a_name("product"), NAME, buyer_inputs=FORM)
    product = await transact(lambda tx: create_product(tx, draft))
    assert (await product_views([product]))[0].buyer_inputs == FORM
    await transact(lambda tx: update_product(tx, product, {"buyer_inputs": (SERVER,)}, expected_version=1))
    assert (await product_views([product]))[0].buyer_inputs == (SERVER,)
    await transact(lambda tx: update_product(tx, product, {"name": NAME}, expected_version=2))
    assert (await product_views([product]))[0].buyer_inputs == (SERVER,)


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ([replace(ACCOUNT, key=key)], "0.key")
        for key in ("", "Account", "1a", "a b", "账号", "a" * 41, "a-b", "a\n", "__proto__")
    ]
    + [
        ([ACCOUNT, SERVER, ACCOUNT], "2.key"),
        ([replace(ACCOUNT, label={})], "0.label"),
        ([replace(ACCOUNT, label={"en": "  "})], "0.label"),
        ([replace(ACCOUNT, label={"en": "x" * 101})], "0.label.en"),
        ([replace(ACCOUNT, label={"en": "a\nb"})], "0.label.en"),
        ([replace(ACCOUNT, help={"zh": "x" * 501})], "0.help.zh"),
        ([replace(ACCOUNT, pattern="(a+)+")], "0.pattern"),
        ([replace(ACCOUNT, pattern="")], "0.pattern"),
        ([replace(SERVER, pattern="a")], "0.pattern"),
        ([replace(ACCOUNT, min_length=-1)], "0.minLength"),
        ([replace(ACCOUNT, min_length=501)], "0.minLength"),
        ([replace(ACCOUNT, min_length=5, max_length=4)], "0.minLength"),
        ([replace(ACCOUNT, max_length=0)], "0.maxLength"),
        ([replace(ACCOUNT, max_length=501)], "0.maxLength"),
        ([replace(SERVER, max_length=5)], "0.maxLength"),
        ([replace(SERVER, options=())], "0.options"),
        ([replace(ACCOUNT, options=SERVER.options)], "0.options"),
        ([replace(SERVER, options=SERVER.options * 2)], "0.options.2.value"),
        ([replace(SERVER, options=(InputOption("国服", NAME),))], "0.options.0.value"),
        ([replace(SERVER, options=(InputOption("a", {}),))], "0.options.0.label"),
        ([replace(SERVER, options=tuple(InputOption(f"a{n}", NAME) for n in range(301)))], "0.options"),
        ([replace(ACCOUNT, key=f"a{n}") for n in range(21)], ""),
    ],
)
async def test_odd_forms_are_refused_by_field_and_nothing_is_made(shop: Shop, inputs: list[BuyerInput], path: str):
    draft = ProductDraft(a_name("product"), NAME, buyer_inputs=tuple(inputs))
    with pytest.raises(InvalidInput) as refused:
        await transact(lambda tx: create_product(tx, draft))
    assert ".".join(refused.value.path) == f"buyerInputs.{path}".rstrip(".")
    assert refused.value.message("zh") != refused.value.message("en")
    assert await db.value("SELECT count(*) FROM product") == 0


async def test_the_columns_own_check_keeps_a_range_whole(shop: Shop):
    variant = await shop.variant(codes=0)
    for odd in ("face_least = 1", "face_least = 1, face_most = 5, face_step = 1", "face_value = 1", "face_currency = 'CNY'"):
        with pytest.raises(asyncpg.CheckViolationError):
            await transact(lambda tx, odd=odd: tx.execute(f"UPDATE variant SET {odd} WHERE id = $1", variant.id))
