"""Telling whoever watches a circle that it has changed."""

from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.waking import wake_after_commit

CIRCLE_KIND = "circle"
CHANNEL = f"{CIRCLE_KIND}:"


def tell_after_commit(tx: Transaction, circle: UUID) -> None:
    """Wake the watchers once the change can be read."""
    wake_after_commit(tx, CIRCLE_KIND, circle)
