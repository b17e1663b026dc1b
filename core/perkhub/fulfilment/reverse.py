"""A success that was taken back: its codes are good for nothing, so nobody reads them any more, and a person decides."""

from contextlib import suppress

from perkhub.entitlements import freeze_delivered, freeze_holders
from perkhub.fulfilment.book import given_back
from perkhub.fulfilment.needs import Need
from perkhub.fulfilment.together import lock_together
from perkhub.kit.db import Transaction, transaction
from perkhub.kit.money import Money
from perkhub.kit.outbox import emit
from perkhub.kit.waking import wake_after_commit
from perkhub.ledger import post
from perkhub.plugin.events import EntitlementsUnobtainable, SupplierOrderReversed
from perkhub.suppliers import Refused, SupplierOrder, TakenBack, note_taken_back
from perkhub.vault import LotNotOpen, recall_lot, sold_of_lot

REASON = "Taken back by the supplier"


async def reverse(tx: Transaction, need: Need, order: SupplierOrder, told: Refused | TakenBack) -> None:
    """Quarantine its codes, wherever they are, or freeze the top-ups that it was; and book what came back."""
    paid = Money(order.cost or 0, order.currency)
    refunded = paid if isinstance(told, Refused) else told.returned or Money(0, order.currency)
    actor = f"supplier:{order.account_id}"
    await note_taken_back(tx, order, TakenBack(told.reason, refunded), review=True)
    if order.lot_id is not None:
        if need.together:
            # What is only kept must not be given at this moment: nobody would freeze it then.
            await lock_together(tx, need)
        sold = await sold_of_lot(tx, order.lot_id)
        frozen, kept_for = await freeze_holders(tx, sold)
        # A recall freezes what is unsold, and keeps out for ever what a refund brings back.
        with suppress(LotNotOpen):
            async with transaction() as attempt:
                await recall_lot(attempt, order.lot_id, reason=REASON, actor=actor)
        # They wait for others, with a code that is void: without it the whole source has failed. The pool may have kept it for
        # another source since, which hears of it when its last code comes.
        if units := tuple(unit.id for unit in kept_for if unit.id in need.units):
            emit(tx, EntitlementsUnobtainable(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=units))
        if frozen:
            wake_after_commit(tx, need.source_kind, need.source_id)
    elif await freeze_delivered(tx, need.units, order.received):
        wake_after_commit(tx, need.source_kind, need.source_id)
    if refunded:
        await post(tx, "supplier.reversed", order.id, given_back(refunded), actor=actor)
    emit(tx, SupplierOrderReversed(supplier_order_id=order.id))
