"""Money and decimals on the wire: exact strings with the currency's places, never floats."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NewType

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types.scalar import ScalarDefinition

from perkhub.kit.errors import InvalidInput
from perkhub.kit.money import LARGEST_MINOR, CurrencyMismatch, Money, exponent
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.days import DAY
from perkhub_schema.graphql.times import MOMENT

LARGEST_EXPONENT = 40
LOCALES = {"zh": "zh-CN", "en": "en"}


def _parse_decimal(given: object) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, str | int) or len(str(given)) > 40:
        raise ValueError('Decimal must be a string such as "19.90"; numbers lose digits on the way')
    try:
        value = Decimal(given)
    except InvalidOperation:
        raise ValueError('Decimal must be a string such as "19.90"') from None
    # Written out, 1e999999 has a million digits.
    if not value.is_finite() or not -LARGEST_EXPONENT <= value.adjusted() <= LARGEST_EXPONENT:
        raise ValueError("Decimal must be finite and of a usual size")
    return value


def _parse_currency(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError('Currency must be a string such as "CNY"')
    return given


def _serialize_decimal(value: Decimal) -> str:
    return format(value, "f")


ExactDecimal = NewType("ExactDecimal", Decimal)
Currency = NewType("Currency", str)

SCALARS: dict[object, ScalarDefinition] = {
    datetime: MOMENT,
    date: DAY,
    ExactDecimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a string, such as "19.90".',
        serialize=_serialize_decimal,
        parse_value=_parse_decimal,
    ),
    Currency: strawberry.scalar(
        name="Currency", description="An ISO 4217 currency code, such as CNY.", serialize=str, parse_value=_parse_currency
    ),
}


class RememberedNames(NameConverter):
    """Strawberry turns each name into camelCase again for each argument of each request."""

    @lru_cache(maxsize=4096)  # noqa: B019 - one converter lives as long as the schema
    def apply_naming_config(self, name: str) -> str:
        """The name in camelCase."""
        return super().apply_naming_config(name)


def configured_scalars() -> StrawberryConfig:
    """The schema's configuration with our scalars. Unsorted: sorting replaces Strawberry's enumerations by plain ones,
    which hand texts to the domain where it expects members."""
    return StrawberryConfig(scalar_map=SCALARS, relay_max_results=100, name_converter=RememberedNames())


@strawberry.type(name="Money", description="An exact amount in one currency.")
class MoneyType:
    amount: ExactDecimal = strawberry.field(description="In major units, with the currency's decimal places.")
    currency: Currency = strawberry.field(description="ISO 4217 code.")

    @strawberry.field(description="For people, by the conventions of `locale`; of the request's language if left out.")
    def formatted(self, info: Info, locale: str | None = None) -> str:
        return Money.of(self.amount, self.currency).formatted(locale or info.context.say(LOCALES))


def to_money(money: Money) -> MoneyType:
    """The domain's money on the wire."""
    return MoneyType(amount=ExactDecimal(money.amount), currency=Currency(money.currency))


def unit_price(amount: Decimal, currency: str) -> MoneyType:
    """A unit price: at least the currency's places, and those it has beyond them."""
    places = max(exponent(currency), -int(amount.normalize().as_tuple().exponent))
    return MoneyType(amount=ExactDecimal(amount.quantize(Decimal(1).scaleb(-places))), currency=Currency(currency))


@strawberry.input(name="MoneyInput", description="An exact amount in one currency.")
class MoneyInput:
    amount: ExactDecimal = strawberry.field(description='In major units: "19.90". No more places than the currency has.')
    currency: Currency = strawberry.field(description="ISO 4217 code.")

    def to_money(self, *path: str) -> Money:
        """The domain's money; refusals name `path`.

        Raises:
            InvalidInput: too many places, or out of range.
            CurrencyMismatch: no such currency.
        """
        try:
            money = Money.of(self.amount, self.currency)
        except CurrencyMismatch as unknown:
            unknown.path = (*path, "currency")
            raise
        except ValueError as reason:
            raise InvalidInput(path=(*path, "amount"), reason=f"{reason}.") from None
        if abs(money.minor) > LARGEST_MINOR:
            raise InvalidInput(path=(*path, "amount"), reason="Out of range.")
        return money
