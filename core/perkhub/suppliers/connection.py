"""Proving that an account's settings work, without buying anything; and what lies there."""

from decimal import Decimal

from perkhub.kit.money import CurrencyMismatch, exponent
from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.supplier import Balance, SupplierProblem, offers
from perkhub.suppliers.accounts import Account
from perkhub.suppliers.errors import SupplierNotAnswering
from perkhub.suppliers.guarded import Line, a_line
from perkhub.suppliers.slots import NotNow

LARGEST = Decimal(10) ** 13


async def prove_connection(account: Account) -> Balance | None:
    """Ask the cheapest question there is; the balance, where the supplier tells one.

    Raises:
        SupplierNotAnswering: with one word of why.
        SupplierUnknown.
    """
    try:
        async with a_line(account) as line:
            await line.answer_of(lambda supplier: supplier.test_connection())
            return await balance_told(line)
    except NotNow:
        raise SupplierNotAnswering(reason="busy") from None
    except SupplierProblem as problem:
        raise SupplierNotAnswering(reason=problem.reason) from None
    except SettingsRefused:
        raise SupplierNotAnswering(reason="settings") from None


async def balance_told(line: Line) -> Balance | None:
    """What lies there; None where the supplier tells none, or nothing that can be true.

    Raises:
        SupplierUnanswered, SupplierRefused.
    """
    if not offers(type(line.supplier), "balance"):
        return None
    balance = await line.answer_of(lambda supplier: supplier.balance())
    return balance if _is_decent(balance) else None


def _is_decent(balance: object) -> bool:
    """What a plugin tells is as far as it can be true: a number of a known currency."""
    if not isinstance(balance, Balance) or not isinstance(balance.amount, Decimal) or not balance.amount.is_finite():
        return False
    try:
        exponent(balance.currency)
    except (CurrencyMismatch, TypeError):
        return False
    return abs(balance.amount) < LARGEST
