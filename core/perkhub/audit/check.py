"""One invariant as a query that names what breaks it."""

from dataclasses import dataclass

from babel.core import get_global

from perkhub.kit.money import exponent


def _scale() -> str:
    """Ten to the power of the exponent of `l`'s currency: unit costs are decimals, the ledger counts minor units."""
    odd = {currency for currency in get_global("currency_fractions") if currency != "DEFAULT" and exponent(currency) != 2}
    cases = " ".join(f"WHEN '{currency}' THEN {10 ** exponent(currency)}" for currency in sorted(odd))
    return f"CASE l.currency {cases} ELSE 100 END"


SCALE = _scale()


@dataclass(frozen=True, slots=True)
class Check:
    """`breaches` returns the rows that break the rule; `population` counts what was looked at."""

    rule: str
    says: str
    population: str
    breaches: str
    warning: bool = False
