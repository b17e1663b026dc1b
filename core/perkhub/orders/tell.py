"""Telling whoever watches an order that it has changed."""

from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.waking import wake_after_commit

ORDER_KIND = "order"


def tell_after_commit(tx: Transaction, order: UUID) -> None:
    """Wake the watchers once the change can be read. Whoever fills its units wakes them under the same kind and id."""
    wake_after_commit(tx, ORDER_KIND, order)
