"""Listings and channels, set up through HTTP."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission
from perkhub.kit.clock import now, travel
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop, StockedVariant
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, refusal, top_level

SHOWN = "id channel unitPrice { amount currency } publishedFrom publishedUntil quota taken limitPerCustomer version"
LISTING = f"mutation ($input: ListingUpsertInput!) {{ listingUpsert(input: $input) {{ listing {{ {SHOWN} }} {ERRORS} }} }}"
CHANNEL = f"""mutation ($input: ChannelCreateInput!) {{ channelCreate(input: $input) {{
    channel {{ id key name audience currency zone }} {ERRORS} }} }}"""
CHANNELS = "{ channels { key name } }"
QUOTE = """query ($input: QuoteInput!) { quote(input: $input) {
    quote { total { amount currency } lines { unit { amount } } } errors { code } } }"""
NAME = {"zh": "企业", "en": "Business"}


@pytest.fixture
async def pricer(shop: Shop) -> Person:
    """Whoever sets prices."""
    return await shop.staff(Permission.MANAGE_PRICES)


@pytest.fixture
async def founder(shop: Shop) -> Person:
    """Whoever opens channels."""
    return await shop.staff(Permission.MANAGE_CHANNELS)


def the_variant(sold: StockedVariant) -> str:
    return global_id(Kind.VARIANT, sold.id)


async def test_one_variant_has_a_price_of_its_own_in_each_channel(api: Api, shop: Shop, pricer: Person, founder: Person):
    sold = await shop.variant(price="19.90")
    asked = {"key": "japan", "name": {"en": "Japan"}, "currency": "JPY", "zone": "Asia/Tokyo"}
    channel = (await done(api, CHANNEL, asked, founder))["channel"]
    assert channel == {"id": channel["id"], "audience": "RETAIL", **asked, "name": "Japan"}
    basket = {"input": {"lines": [{"variantId": the_variant(sold), "quantity": 3}]}}
    assert (await read(api, QUOTE, basket, channel="japan"))["errors"] == [{"code": "NOT_LISTED"}]
    listed = (await done(api, LISTING, {"channel": "japan", "variantId": the_variant(sold), "unitPrice": "333.5"}, pricer))[
        "listing"
    ]
    assert listed["unitPrice"] == {"amount": "333.5", "currency": "JPY"}
    assert (listed["channel"], listed["version"], listed["quota"], listed["taken"]) == ("japan", 1, None, 0)
    # Rounded once, on the line.
    quoted = (await read(api, QUOTE, basket, channel="japan"))["quote"]
    assert quoted == {"total": {"amount": "1001", "currency": "JPY"}, "lines": [{"unit": {"amount": "333.5"}}]}
    assert (await read(api, QUOTE, basket))["quote"]["total"] == {"amount": "59.70", "currency": "CNY"}


async def test_a_change_keeps_the_start_of_the_window_and_unsets_the_rest(api: Api, shop: Shop, pricer: Person):
    sold = await shop.variant(quota=10, limit=2)
    later, end = now() + timedelta(days=2), now() + timedelta(days=9)
    asked = {"channel": "retail", "variantId": the_variant(sold), "unitPrice": "10"}
    window = {"publishedFrom": later.isoformat(), "publishedUntil": end.isoformat()}
    planned = (await done(api, LISTING, {**asked, **window, "quota": 7, "expectedVersion": 1}, pricer))["listing"]
    assert (planned["publishedFrom"], planned["publishedUntil"]) == (later.isoformat(), end.isoformat())
    assert (planned["quota"], planned["limitPerCustomer"], planned["version"]) == (7, None, 2)
    changed = (await done(api, LISTING, {**asked, "unitPrice": "11", "expectedVersion": 2}, pricer))["listing"]
    assert changed["publishedFrom"] == later.isoformat()
    assert (changed["publishedUntil"], changed["quota"], changed["version"]) == (None, None, 3)
    basket = {"input": {"lines": [{"variantId": the_variant(sold)}]}}
    assert (await read(api, QUOTE, basket))["errors"] == [{"code": "NOT_LISTED"}]
    with travel(timedelta(days=3)):
        assert (await read(api, QUOTE, basket))["quote"]["total"]["amount"] == "11.00"


async def test_of_many_changes_of_one_version_one_wins(api: Api, shop: Shop, pricer: Person):
    sold = await shop.variant()
    asked = {"channel": "retail", "variantId": the_variant(sold), "expectedVersion": 1}
    answers = await asyncio.gather(
        *(payload(api, LISTING, {**asked, "unitPrice": str(price)}, pricer) for price in range(1, 9))
    )
    assert [answer["listing"]["version"] for answer in answers if answer["listing"] is not None] == [2]
    lost = [answer["errors"][0] for answer in answers if answer["listing"] is None]
    assert {(error["code"], error["version"]) for error in lost} == {("VERSION_MOVED", 2)}
    assert len(lost) == 7


async def test_many_first_listings_at_once_make_one(api: Api, shop: Shop, pricer: Person, founder: Person):
    sold = await shop.variant()
    await done(api, CHANNEL, {"key": "business", "name": NAME, "currency": "CNY"}, founder)
    asked = {"channel": "business", "variantId": the_variant(sold)}
    answers = await asyncio.gather(
        *(payload(api, LISTING, {**asked, "unitPrice": str(price)}, pricer) for price in range(1, 9))
    )
    made = [answer["listing"] for answer in answers if answer["listing"] is not None]
    assert len({listing["id"] for listing in made}) == 1
    assert max(listing["version"] for listing in made) == len(made)
    assert {answer["errors"][0]["code"] for answer in answers if answer["listing"] is None} <= {"VERSION_MOVED"}


BACKWARDS = {"publishedFrom": "2030-01-02T00:00:00Z", "publishedUntil": "2030-01-01T00:00:00Z"}
ODD_LISTINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"channel": "nowhere"}, "channel", "CHANNEL_NOT_FOUND"),
    ({"channel": ""}, "channel", "CHANNEL_NOT_FOUND"),
    ({"channel": "x" * 5000}, "channel", "CHANNEL_NOT_FOUND"),
    ({"channel": "x\x00"}, "channel", "INVALID_INPUT"),
    ({"variantId": global_id(Kind.VARIANT, UUID(int=1))}, "variantId", "NOT_FOUND"),
    ({"variantId": global_id(Kind.LISTING, UUID(int=1))}, "variantId", "INVALID_INPUT"),
    ({"unitPrice": "-0.01"}, "unitPrice", "INVALID_INPUT"),
    ({"unitPrice": "1000000000.01"}, "unitPrice", "INVALID_INPUT"),
    ({"unitPrice": "0.0000001"}, "unitPrice", "INVALID_INPUT"),
    ({"quota": -1}, "quota", "INVALID_INPUT"),
    ({"quota": 2_100_000_000}, "quota", "INVALID_INPUT"),
    ({"limitPerCustomer": 0}, "limitPerCustomer", "INVALID_INPUT"),
    (
        {"publishedFrom": "2030-01-02T00:00:00Z", "publishedUntil": "2030-01-01T00:00:00Z"},
        "publishedUntil",
        "INVALID_INPUT",
    ),
    ({"publishedUntil": "2001-01-01T00:00:00Z"}, "publishedUntil", "INVALID_INPUT"),
    ({"expectedVersion": 9}, "expectedVersion", "VERSION_MOVED"),
]


async def test_an_odd_listing_is_neither_made_nor_changed_into(api: Api, shop: Shop, pricer: Person):
    sold = await shop.variant()
    await shop.channel("second")
    for given, path, code in ODD_LISTINGS:
        asked = {"channel": "retail", "variantId": the_variant(sold), "unitPrice": "10", **given}
        error = await refusal(api, LISTING, asked, pricer)
        assert (error["code"], error["path"]) == (code, ["input", path]), given
        if path != "channel":
            error = await refusal(api, LISTING, {**asked, "channel": "second"}, pricer)
            assert error["path"] == ["input", path], given


async def test_a_quota_cannot_be_less_than_what_is_taken(api: Api, shop: Shop, pricer: Person):
    sold = await shop.variant()
    buyer = await shop.customer(wallet="100.00")
    order = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { state } errors { code } } }"""
    line = {"variantId": the_variant(sold), "quantity": 3}
    await done(api, order, {"idempotencyKey": "1", "lines": [line], "pay": {"wallet": {}}}, buyer)
    asked = {"channel": "retail", "variantId": the_variant(sold), "unitPrice": "10"}
    error = await refusal(api, LISTING, {**asked, "quota": 2}, pricer)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "quota"])
    assert error["message"].startswith("Between 3,")
    kept = (await done(api, LISTING, {**asked, "quota": 3}, pricer))["listing"]
    assert (kept["quota"], kept["taken"]) == (3, 3)
    assert (await read(api, QUOTE, {"input": {"lines": [line]}}))["quote"] is not None


NO_LISTINGS: list[dict[str, Any]] = [
    {"unitPrice": 19.9},
    {"unitPrice": "nineteen"},
    {"unitPrice": "NaN"},
    {"unitPrice": "Infinity"},
    {"unitPrice": "1e999999"},
    {"unitPrice": "1" * 41},
    {"unitPrice": None},
    {"unitPrice": True},
    {"publishedFrom": "2030-01-01"},
    {"publishedFrom": "2030-01-01T00:00:00"},
    {"publishedFrom": "0001-01-01T00:00:00+14:00"},
    {"publishedFrom": "9999-12-31T23:59:59-14:00"},
    {"publishedFrom": 1893456000},
    {"publishedFrom": "tomorrow"},
    {"quota": 1.5},
    {"quota": 2**31},
]


async def test_what_is_no_listing_input_ends_the_operation(api: Api, shop: Shop, pricer: Person):
    sold = await shop.variant(codes=0)
    for given in NO_LISTINGS:
        asked = {"channel": "retail", "variantId": the_variant(sold), "unitPrice": "10", **given}
        error = await top_level(api, LISTING, {"input": asked}, pricer)
        assert "invalid value" in error["message"], given
        assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}, given


ODD_CHANNELS: list[tuple[dict[str, Any], str, str]] = [
    ({"key": ""}, "key", "INVALID_INPUT"),
    ({"key": "Retail"}, "key", "INVALID_INPUT"),
    ({"key": "x" * 41}, "key", "INVALID_INPUT"),
    ({"key": "retail"}, "key", "CHANNEL_KEY_TAKEN"),
    ({"name": {}}, "name", "INVALID_INPUT"),
    ({"name": {"en": "x" * 101}}, "name.en", "INVALID_INPUT"),
    ({"name": {"en": "\x00"}}, "name.en", "INVALID_INPUT"),
    ({"currency": "XQX"}, "currency", "CURRENCY_MISMATCH"),
    ({"currency": "cny"}, "currency", "CURRENCY_MISMATCH"),
    ({"currency": "C" * 100_000}, "currency", "CURRENCY_MISMATCH"),
    ({"zone": "Mars/Olympus"}, "zone", "INVALID_INPUT"),
    ({"zone": "../../etc/passwd"}, "zone", "INVALID_INPUT"),
]


async def test_an_odd_channel_is_not_opened(api: Api, shop: Shop, founder: Person):
    await shop.channel()
    for given, path, code in ODD_CHANNELS:
        error = await refusal(api, CHANNEL, {"key": "business", "name": NAME, "currency": "CNY", **given}, founder)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")]), given
        assert len(error["message"]) < 200
    assert [channel["key"] for channel in await read(api, CHANNELS, None, founder)] == ["retail"]


async def test_a_channel_can_be_used_as_soon_as_it_is_open(api: Api, shop: Shop, founder: Person):
    await shop.channel()
    asked = {"key": "partner", "name": NAME, "currency": "USD", "audience": "PARTNER"}
    channel = (await done(api, CHANNEL, asked, founder, language="zh-CN"))["channel"]
    assert (channel["name"], channel["audience"], channel["zone"]) == ("企业", "PARTNER", "Asia/Shanghai")
    assert await read(api, CHANNELS, None, founder) == [
        {"key": "partner", "name": "Business"},
        {"key": "retail", "name": "retail"},
    ]
    assert await read(api, "{ shop { channel currency } }", channel="partner") == {"channel": "partner", "currency": "USD"}


async def test_only_who_may_sets_prices_and_opens_channels(api: Api, shop: Shop):
    sold = await shop.variant(codes=0)
    listing = {"channel": "retail", "variantId": the_variant(sold), "unitPrice": "0.01"}
    channel = {"key": "mine", "name": NAME, "currency": "CNY"}
    pricing = await shop.staff(*(set(Permission) - {Permission.MANAGE_PRICES}))
    opening = await shop.staff(*(set(Permission) - {Permission.MANAGE_CHANNELS}))
    buyer = await shop.customer()
    for operation, given, staff in ((LISTING, listing, pricing), (CHANNEL, channel, opening)):
        for who, code in ((None, "NOT_SIGNED_IN"), (buyer, "NOT_ALLOWED"), (staff, "NOT_ALLOWED")):
            error = await top_level(api, operation, {"input": given}, who)
            assert error["extensions"]["code"] == code
    for who in (None, buyer, opening):
        assert (await api(CHANNELS, None, who.token if who else None))["data"] is None
