"""The ledger's side of buying: what was bought stands against the money at the supplier, at cost in the inventory."""

from collections.abc import Sequence
from decimal import Decimal

from perkhub.kit.money import UNIT_PLACES, Money
from perkhub.ledger import Book, Entry
from perkhub.suppliers import Came, SupplierOrder


def booked(came: Came, *, useful: int, unit_cost: Decimal) -> list[Entry]:
    """Bought for a price: units at cost, each rounded by itself; what nobody can use is a loss until it is made good."""
    currency = came.cost.currency
    each = Money.line(unit_cost, 1, currency)
    used, lost = each * useful, each * (came.quantity - useful)
    return [
        Entry(Book.PREPAID, came.cost),
        Entry(Book.INVENTORY, -used),
        Entry(Book.LOSS, -lost),
        Entry(Book.ROUNDING, used + lost - came.cost),
    ]


def unit_cost_of(came: Came) -> Decimal:
    """What one of them cost, not rounded before it is booked."""
    return (came.cost.amount / came.quantity).quantize(UNIT_PLACES)


def given_back(returned: Money) -> list[Entry]:
    """The supplier took a success back, and gave so much of its price back. What its codes cost is in the loss already."""
    return [Entry(Book.PREPAID, -returned), Entry(Book.LOSS, returned)]


def exposure_of(order: SupplierOrder) -> Money:
    """What the supplier may yet charge for an order of which nobody knows."""
    return Money.line(order.maximum_cost, 1, order.currency)


def exposed(order: SupplierOrder) -> list[Entry]:
    """Given up while nobody knows: it may have been bought."""
    amount = exposure_of(order)
    return [Entry(Book.PREPAID, amount), Entry(Book.EXPOSURE, -amount)]


def exposed_further(order: SupplierOrder, cost: Decimal) -> list[Entry]:
    """It may cost more than was thought when it was given up."""
    further = Money.line(max(cost, order.maximum_cost), 1, order.currency) - exposure_of(order)
    return [Entry(Book.PREPAID, further), Entry(Book.EXPOSURE, -further)]


def released(order: SupplierOrder) -> list[Entry]:
    """It was not bought after all."""
    return [Entry(entry.book, -entry.amount) for entry in exposed(order)]


def booked_late(order: SupplierOrder, came: Came) -> Sequence[Entry]:
    """It was: the exposure is a loss now, of what it really cost."""
    return [*released(order), Entry(Book.PREPAID, came.cost), Entry(Book.LOSS, -came.cost)]
