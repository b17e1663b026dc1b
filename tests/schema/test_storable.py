"""A text that PostgreSQL cannot keep is refused where it stands, whichever field it is given to."""

from typing import Any

import pytest
import strawberry

from perkhub.accounts import Permission
from perkhub.kit.errors import InvalidInput
from perkhub_schema.graphql.storable import refuse_nul
from tests.factories import Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import refusal, top_level

LINE = {"variantId": "var_1"}


@strawberry.input
class Inner:
    some_text: str


@strawberry.input
class Outer:
    inner: Inner
    several: list[str]
    perhaps: strawberry.Maybe[Inner]


GOOD = Inner(some_text="好")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("a\x00", ()),
        (["a", "\x00"], ("1",)),
        (Outer(inner=Inner(some_text="\x00"), several=[], perhaps=None), ("inner", "someText")),
        (Outer(inner=Inner(some_text=""), several=["", "", "\x00"], perhaps=None), ("several", "2")),
        (
            Outer(inner=Inner(some_text=""), several=[], perhaps=strawberry.Some(Inner(some_text="\x00"))),
            ("perhaps", "someText"),
        ),
    ],
)
def test_it_says_where_it_stands(given: Any, path: tuple[str, ...]):
    with pytest.raises(InvalidInput) as refused:
        refuse_nul(given, ())
    assert refused.value.path == path


def test_what_can_be_kept_is_let_through():
    for given in (
        None,
        5,
        True,
        "ok",
        [],
        Permission.READ_CODES,
        Outer(inner=Inner(some_text="好"), several=[""], perhaps=None),
    ):
        refuse_nul(given, ())


async def test_mutations_tell_it_in_the_payload(api: Api, shop: Shop):
    await shop.channel()
    buyer = await shop.customer(wallet="10.00")
    order = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } errors { code path } } }"""
    given = {"idempotencyKey": "1", "lines": [LINE, LINE, {"variantId": "var_\x00"}], "pay": {"wallet": {}}}
    assert await refusal(api, order, given, buyer) == {"code": "INVALID_INPUT", "path": ["input", "lines", "2", "variantId"]}
    assert (await refusal(api, order, {**given, "idempotencyKey": "\x00"}, buyer))["path"] == ["input", "idempotencyKey"]


async def test_queries_tell_it_as_an_error(api: Api, shop: Shop):
    await shop.channel()
    everything = await shop.staff(*Permission)
    for query in (
        "query ($text: String!) { product(slug: $text) { id } }",
        "query ($text: String!) { order(number: $text) { id } }",
        "query ($text: String!) { jobs(name: $text) { nodes { id } } }",
        "query ($text: ID!) { node(id: $text) { id } }",
        "query ($text: String!) { products(after: $text) { nodes { id } } }",
    ):
        error = await top_level(api, query, {"text": "\x00"}, everything)
        assert error["extensions"]["code"] == "INVALID_INPUT", query
