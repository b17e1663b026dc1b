"""Money is exact: nothing is lost when it is split, rounded once per line, and two currencies never meet."""

import operator
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perkhub.kit.money import LARGEST_MINOR, UNIT_PLACES, CurrencyMismatch, Money, exponent, total

minors = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
currencies = st.sampled_from(["CNY", "JPY", "KWD", "USD"])
moneys = st.builds(Money, minors, currencies)
unit_prices = st.decimals(0, 10**6, places=6)


@pytest.mark.parametrize(("currency", "places"), [("CNY", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("BHD", 3)])
def test_each_currency_has_its_places(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize("nonsense", ["", "XX", "cny", "YUAN", "¥"])
def test_what_is_no_currency_is_refused(nonsense: str) -> None:
    with pytest.raises(CurrencyMismatch):
        exponent(nonsense)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "CNY", 1234),
        ("12", "CNY", 1200),
        ("12.340", "CNY", 1234),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("-0.01", "CNY", -1),
    ],
)
def test_from_major_units(amount: str, currency: str, minor: int) -> None:
    assert Money.of(Decimal(amount), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.001", "CNY"), ("0.5", "JPY"), ("1.2345", "KWD"), ("NaN", "CNY"), ("Infinity", "CNY")]
)
def test_too_many_places_and_no_numbers_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="decimal places"):
        Money.of(Decimal(amount), currency)


@given(moneys)
def test_major_units_and_back(money: Money) -> None:
    assert Money.of(money.amount, money.currency) == money


@pytest.mark.parametrize(
    ("unit", "quantity", "currency", "minor"),
    [
        ("0.333333", 3, "CNY", 100),
        ("0.005", 1, "CNY", 1),
        ("0.004999", 1, "CNY", 0),
        ("0.0025", 2, "CNY", 1),
        ("12.5", 3, "JPY", 38),
        ("0.0005", 1, "KWD", 1),
        ("19.99", 100_000, "CNY", 199_900_000),
    ],
)
def test_a_line_is_rounded_once_half_up(unit: str, quantity: int, currency: str, minor: int) -> None:
    assert Money.line(Decimal(unit), quantity, currency) == Money(minor, currency)


@given(unit_prices, st.integers(1, 10**6), currencies)
def test_a_line_is_never_off_by_more_than_half_a_minor_unit(unit: Decimal, quantity: int, currency: str) -> None:
    exact = unit.quantize(UNIT_PLACES) * quantity
    line = Money.line(unit, quantity, currency)
    assert abs(line.amount - exact) * 2 <= Decimal(1).scaleb(-exponent(currency))
    assert line.amount == exact.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


@given(moneys, st.integers(1, 500))
def test_shares_sum_to_the_whole_and_differ_by_one_at_most(money: Money, parts: int) -> None:
    shares = money.allocate(parts)
    assert len(shares) == parts
    assert total(shares, money.currency) == money
    assert max(shares).minor - min(shares).minor <= 1
    assert shares == sorted(shares, reverse=True)


@given(minors, minors, currencies)
def test_sums_and_comparisons_are_those_of_the_minor_units(left: int, right: int, currency: str) -> None:
    one, other = Money(left, currency), Money(right, currency)
    assert (one + other).minor == left + right
    assert (one - other).minor == left - right
    assert (-one).minor == -left
    assert (one * 3).minor == left * 3
    assert (one < other, one <= other, one > other, one >= other) == (left < right, left <= right, left > right, left >= right)
    assert bool(one) is (left != 0)
    assert total([one, other, one], currency).minor == 2 * left + right


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge])
def test_two_currencies_never_meet(operation: Callable[[Money, Money], object]) -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        operation(Money(1, "CNY"), Money(1, "USD"))
    assert {refused.value.data["expected"], refused.value.data["given"]} == {"CNY", "USD"}
    assert Money(1, "CNY") != Money(1, "USD")


def test_a_total_keeps_its_currency() -> None:
    assert total([], "JPY") == Money(0, "JPY")
    with pytest.raises(CurrencyMismatch):
        total([Money(1, "CNY")], "JPY")


def test_money_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Money(1, "CNY").minor = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(123456, "CNY"), "zh_CN", "¥1,234.56"),
        (Money(123456, "CNY"), "en-US", "CN¥1,234.56"),
        (Money(1234, "JPY"), "ja", "￥1,234"),
        (Money(-1234, "KWD"), "en", "-KWD1.234"),
        (Money(100, "CNY"), "no such place", "CN¥1.00"),
    ],
)
def test_for_a_person(money: Money, locale: str, text: str) -> None:
    assert money.formatted(locale) == text
