"""Top-ups that are done: nothing comes that could be kept, so whoever waits has theirs; where nobody does, it is a loss."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.entitlements import deliver
from perkhub.fulfilment.book import booked, unit_cost_of
from perkhub.fulfilment.earn import earned
from perkhub.fulfilment.needs import Need
from perkhub.kit.db import Transaction
from perkhub.kit.outbox import emit
from perkhub.kit.waking import wake_after_commit
from perkhub.ledger import post
from perkhub.plugin.events import EntitlementsDelivered
from perkhub.suppliers import Came, SupplierOrder, note_came


async def deliver_top_ups(
    tx: Transaction, need: Need, order: SupplierOrder, came: Came, waiting: Sequence[UUID], *, actor: str
) -> int:
    """Say of as many waiting units as were topped up that they are delivered, and book it; how many those were."""
    each = unit_cost_of(came)
    units = await deliver(tx, waiting[: came.quantity], cost=each, currency=came.cost.currency)
    await note_came(
        tx,
        order,
        received=came.quantity,
        cost=came.cost,
        lot=None,
        reference=came.supplier_reference,
        receipt=came.receipt,
    )
    await post(tx, "supplier.delivered", order.id, booked(came, useful=len(units), unit_cost=each), actor=actor)
    if units:
        await post(tx, "units.issued", order.id, earned(units), actor=actor)
        ids = tuple(unit.id for unit in units)
        emit(tx, EntitlementsDelivered(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=ids))
        wake_after_commit(tx, need.source_kind, need.source_id)
    return len(units)
