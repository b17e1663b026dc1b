"""Exact money: amounts are integers in minor units, unit prices are decimals with six places; floats never appear."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.core import UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision, is_currency

from perkhub.kit.errors import DomainError

UNIT_PLACES = Decimal("0.000001")
LARGEST_MINOR = 10**15  # ten thousand milliards of a two-digit currency; also what the database columns accept


class CurrencyMismatch(DomainError):
    """Two currencies met where one was due."""

    code = "CURRENCY_MISMATCH"
    en = "Expected an amount in {expected}, got {given}."
    zh = "应为 {expected} 金额,实际为 {given}。"

    def __init__(self, *, expected: str, given: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, expected=expected, given=given)


@cache
def exponent(currency: str) -> int:
    """How many decimal places the currency has (ISO 4217 by CLDR): 2 for CNY, 0 for JPY, 3 for KWD."""
    if not is_currency(currency):
        raise CurrencyMismatch(expected="an ISO 4217 currency", given=currency[:3])
    return get_currency_precision(currency)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (分, cents) of one currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """From a decimal in major units; refuses more places than the currency has."""
        minor = amount.scaleb(exponent(currency))
        if not minor.is_finite() or minor != minor.to_integral_value():
            raise ValueError(f"{currency} has {exponent(currency)} decimal places")
        return cls(int(minor), currency)

    @classmethod
    def line(cls, unit: Decimal, quantity: int, currency: str) -> "Money":
        """The total of a line: unit price times quantity, rounded once, half up."""
        exact = (unit * quantity).scaleb(exponent(currency))
        return cls(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with the currency's places."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def formatted(self, locale: str = "zh_CN") -> str:
        """For a person, by CLDR."""
        try:
            return format_currency(self.amount, self.currency, locale=locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            return format_currency(self.amount, self.currency, locale="en")

    def allocate(self, parts: int) -> list["Money"]:
        """Split into `parts` amounts that differ by at most one minor unit and sum to this one."""
        share, rest = divmod(self.minor, parts)
        return [Money(share + (position < rest), self.currency) for position in range(parts)]

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(expected=self.currency, given=other.currency)
        return other


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, zero of the given currency when there is nothing to add."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result
