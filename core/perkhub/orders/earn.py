"""The ledger's side of refunding: what a taken-back unit was worth, and what was paid for one that never came."""

from collections.abc import Sequence

from perkhub.entitlements import Entitlement, EntitlementState, Unit
from perkhub.fulfilment import cost_of
from perkhub.kit.money import Money, total
from perkhub.ledger import Book, Entry


def unearned(revoked: Sequence[Entitlement]) -> list[Entry]:
    """Taken-back units: an unseen code goes back to the inventory and was never earned; a seen one, or a top-up that is done,
    is our loss. What was given up before it came was not earned yet."""
    entries: list[Entry] = []
    for unit in revoked:
        if unit.state is EntitlementState.FAILED:
            entries.append(Entry(Book.DEFERRED, -unit.price))
            continue
        if unit.revealed_at is not None or unit.code_id is None:
            entries.append(Entry(Book.LOSS, -unit.price))
            continue
        entries.append(Entry(Book.REVENUE, -unit.price))
        cost = cost_of(unit.cost, unit.cost_currency)
        if cost:
            entries += [Entry(Book.INVENTORY, -cost), Entry(Book.COST, cost)]
    return entries


def undelivered(failed: Sequence[Unit | Entitlement], currency: str) -> Money:
    """What was paid for units that got no code."""
    return total((unit.price for unit in failed), currency)
