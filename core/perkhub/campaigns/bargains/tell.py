"""Telling whoever watches a bargain that it has changed."""

from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.waking import wake_after_commit

BARGAIN_KIND = "bargain"


def tell_after_commit(tx: Transaction, bargain: UUID) -> None:
    """Wake the watchers once the change can be read."""
    wake_after_commit(tx, BARGAIN_KIND, bargain)
