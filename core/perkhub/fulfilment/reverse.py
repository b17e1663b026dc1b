"""A success that was taken back: its codes are good for nothing, so nobody reads them any more, and a person decides."""

from contextlib import suppress

from perkhub.entitlements import freeze_delivered, freeze_holders
from perkhub.fulfilment.book import given_back
from perkhub.fulfilment.needs import Need
from perkhub.fulfilment.together import end_keepers, lock_keepers
from perkhub.kit.db import Transaction, transaction
from perkhub.kit.money import Money
from perkhub.kit.outbox import emit
from perkhub.kit.waking import wake_after_commit
from perkhub.ledger import post
from perkhub.plugin.events import SupplierOrderReversed
from perkhub.suppliers import Refused, SupplierOrder, TakenBack, note_taken_back
from perkhub.vault import LotNotOpen, recall_lot, sold_of_lot

REASON = "Taken back by the supplier"


async def reverse(tx: Transaction, need: Need, order: SupplierOrder, told: Refused | TakenBack) -> None:
    """Quarantine its codes, wherever they are, or freeze the top-ups that it was; and book what came back."""
    returned = _back(Money(order.cost or 0, order.currency), told)
    actor = f"supplier:{order.account_id}"
    await note_taken_back(tx, order, told.reason, review=True, returned=returned)
    if order.lot_id is not None:
        # What is only kept must not be given at this moment, whoever keeps it: nobody would freeze it then.
        locked = await lock_keepers(tx, order.lot_id, besides=[need.source_id] if need.together else [])
        frozen = await freeze_holders(tx, await sold_of_lot(tx, order.lot_id))
        # A recall freezes what is unsold, and keeps out for ever what a refund brings back.
        with suppress(LotNotOpen):
            async with transaction() as attempt:
                await recall_lot(attempt, order.lot_id, reason=REASON, actor=actor)
        # What had come back was on sale until the recall, and may have been sold again: nothing more can be.
        frozen += await freeze_holders(tx, await sold_of_lot(tx, order.lot_id))
        await end_keepers(tx, order.lot_id, locked=locked)
        if frozen:
            wake_after_commit(tx, need.source_kind, need.source_id)
    elif await freeze_delivered(tx, need.units, order.received):
        wake_after_commit(tx, need.source_kind, need.source_id)
    if returned is not None:
        await book_returned(tx, order, returned, actor=actor)
    emit(tx, SupplierOrderReversed(supplier_order_id=order.id))


async def book_returned(tx: Transaction, order: SupplierOrder, returned: Money, *, actor: str) -> None:
    """So much of what it had cost came back."""
    if returned:
        await post(tx, "supplier.reversed", order.id, given_back(returned), actor=actor)


def _back(paid: Money, told: Refused | TakenBack) -> Money | None:
    """All of it by the contract, or what they say themselves; never more than was paid. None where nobody says."""
    if isinstance(told, Refused):
        return paid
    return None if told.returned is None else Money(min(told.returned.minor, paid.minor), paid.currency)
