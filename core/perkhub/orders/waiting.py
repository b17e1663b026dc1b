"""Lines that were paid for and wait: delivered when what they waited for has come about, or refunded when it never will. Each
ends once, however often it is told."""

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from perkhub.catalog import release_listings
from perkhub.entitlements import Entitlement
from perkhub.fulfilment import Source, deliver_waiting, earned, give_up_waiting
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import emit
from perkhub.ledger import lock_account, post
from perkhub.orders.earn import undelivered, unearned
from perkhub.orders.read import Order, OrderLine, lines_of, order_by_id
from perkhub.orders.refund import note_refunded, release_units
from perkhub.orders.tell import ORDER_KIND, tell_after_commit
from perkhub.payments import give_back, payment_by_id
from perkhub.plugin.events import EntitlementsIssued, OrderRefunded
from perkhub.vault import settle_stock

ACTOR = "system"


async def deliver_waiting_lines(tx: Transaction, order: UUID, positions: Collection[int]) -> None:
    """Give what waits its codes, or have a supplier deliver it; what the pool has no code for any more is refunded."""
    known = await order_by_id(order, tx=tx)
    await lock_account(tx, known.party_id, known.total.currency)
    lines = await lines_of([known], tx=tx)
    delivered = await deliver_waiting(tx, Source(ORDER_KIND, order), _at(lines, positions), actor=ACTOR)
    if delivered.issued:
        await post(tx, "units.issued", new_id(), earned(delivered.issued), actor=ACTOR)
        issued = tuple(unit.id for unit in delivered.issued)
        emit(tx, EntitlementsIssued(source_kind=ORDER_KIND, source_id=order, entitlement_ids=issued))
    tell_after_commit(tx, order)
    if delivered.failed:
        await _refund(tx, known, lines, delivered.failed, reason="out of stock")
    await settle_stock(tx, taken=delivered.taken, promised=delivered.promised)
    if delivered.failed and known.in_campaigns:
        await release_units(tx, known, lines, delivered.failed)


async def refund_waiting_lines(tx: Transaction, order: UUID, positions: Collection[int], *, reason: str) -> bool:
    """Give back what was paid for lines that still wait; whether there were any."""
    known = await order_by_id(order, tx=tx)
    await lock_account(tx, known.party_id, known.total.currency)
    lines = await lines_of([known], tx=tx)
    given_up, promised = await give_up_waiting(tx, _at(lines, positions))
    if given_up:
        await _refund(tx, known, lines, given_up, reason=reason)
    await settle_stock(tx, taken={}, promised=promised)
    if given_up and known.in_campaigns:
        await release_units(tx, known, lines, given_up)
    return bool(given_up)


async def _refund(
    tx: Transaction, order: Order, lines: Sequence[OrderLine], failed: Sequence[Entitlement], *, reason: str
) -> None:
    amount, refund = undelivered(failed, order.total.currency), new_id()
    payment = None if order.payment_id is None else await payment_by_id(order.payment_id, tx=tx)
    if payment is not None and amount:
        await give_back(tx, refund, payment, amount, taken_from=unearned(failed), reason=reason, actor=ACTOR)
    # Read again: other units of it may have gone back before we had the account.
    known = await order_by_id(order.id, tx=tx)
    await note_refunded(tx, known, amount, event=OrderRefunded(order_id=order.id, refund_id=refund))
    listing_of = {line.id: line.listing_id for line in lines}
    await release_listings(tx, known.party_id, Counter(listing_of[unit.source_id] for unit in failed))


def _at(lines: Sequence[OrderLine], positions: Collection[int]) -> list[UUID]:
    return [line.id for line in lines if line.position in positions]
