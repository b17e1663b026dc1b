"""Moments and decimals on the wire: exact, with their zone, and never huge."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from perkhub_schema.graphql.money import SCALARS, ExactDecimal
from perkhub_schema.graphql.times import parse_moment
from tests.factories import Shop
from tests.schema.api import Api

parse_decimal = SCALARS[ExactDecimal].parse_value
assert parse_decimal is not None


@pytest.mark.parametrize(
    "given", ["2027-01-31T16:00:00Z", "2027-01-31T16:00:00+00:00", "2027-02-01T00:00:00+08:00", "2027-01-31 16:00:00.000Z"]
)
def test_a_moment_is_the_same_from_wherever_it_is_told(given: str):
    assert parse_moment(given) == datetime(2027, 1, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        "2027-01-30T16:00:00",
        "2027-01-30",
        "16:00:00Z",
        "",
        "tomorrow",
        "2027-13-01T00:00:00Z",
        "2027-02-30T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2027-01-31T16:00:00+99:00",
        "2" * 1_000_000,
        1_800_000_000,
        None,
        ["2027-01-31T16:00:00Z"],
    ],
)
def test_what_is_no_moment_is_refused_without_being_repeated(given: object):
    with pytest.raises(ValueError, match="DateTime must be a moment with its zone") as refused:
        parse_moment(given)
    assert str(given)[:20] not in str(refused.value) or given in ("", None)


@pytest.mark.parametrize(
    ("given", "value"), [("19.90", "19.90"), (20, "20"), ("-0.5", "-0.5"), ("1E+3", "1000"), ("0", "0"), ("0.00", "0")]
)
def test_decimals_are_exact(given: object, value: str):
    assert parse_decimal(given) == Decimal(value)


@pytest.mark.parametrize(
    "given", [19.9, True, None, "", "nineteen", "NaN", "-Infinity", "1e999999", "1e-999999", "9" * 41, 10**60, "1_0.5x", [], {}]
)
def test_what_is_no_decimal_is_refused(given: object):
    with pytest.raises(ValueError, match="Decimal must be"):
        parse_decimal(given)


@pytest.mark.parametrize(("language", "told"), [("zh-CN", "¥19.90"), ("en", "CN¥19.90")])
async def test_money_is_told_in_the_request_s_language(api: Api, shop: Shop, language: str, told: str):
    await shop.variant(price="19.90")
    query = '{ products { nodes { variants { price { unit { formatted german: formatted(locale: "de") } } } } } }'
    [product] = (await api(query, language=language))["data"]["products"]["nodes"]
    assert product["variants"][0]["price"]["unit"] == {"formatted": told, "german": "19,90\xa0CN¥"}
