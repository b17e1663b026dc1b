"""The ledger's side of delivering: what was paid for is earned, and what it cost us leaves the inventory."""

from collections.abc import Iterable
from decimal import Decimal

from perkhub.entitlements import Entitlement, Unit
from perkhub.kit.money import Money
from perkhub.ledger import Book, Entry


def cost_of(cost: Decimal | None, currency: str | None) -> Money | None:
    """What one code cost us, rounded as it was when it came in."""
    return None if cost is None or currency is None else Money.line(cost, 1, currency)


def earned(issued: Iterable[Unit | Entitlement]) -> list[Entry]:
    """Delivered units: their price is earned, their code leaves the inventory at cost. Paid money stands in DEFERRED."""
    entries: list[Entry] = []
    for unit in issued:
        entries += [Entry(Book.DEFERRED, -unit.price), Entry(Book.REVENUE, unit.price)]
        cost = cost_of(unit.cost, unit.cost_currency)
        if cost:
            entries += [Entry(Book.INVENTORY, cost), Entry(Book.COST, -cost)]
    return entries
