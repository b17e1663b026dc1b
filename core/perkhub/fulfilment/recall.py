"""Calling a lot back wherever its codes are: what is unsold is frozen, and whoever keeps one for the last of theirs ends."""

from uuid import UUID

from perkhub.fulfilment.together import end_keepers, lock_keepers
from perkhub.kit.db import Transaction
from perkhub.vault import Recall, recall_lot


async def recall_everywhere(tx: Transaction, lot: UUID, *, reason: str, actor: str) -> Recall:
    """Call a lot back for good, and give up the all-or-nothing sources that keep codes of it. Who holds one is only counted.

    Raises:
        NotFound, LotNotOpen, InvalidInput.
    """
    locked = await lock_keepers(tx, lot)
    recalled = await recall_lot(tx, lot, reason=reason, actor=actor)
    await end_keepers(tx, lot, locked=locked)
    return recalled
