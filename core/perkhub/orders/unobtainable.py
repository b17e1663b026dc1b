"""Units that nobody will deliver: their money goes back the way it came, once, however often that is told."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from perkhub.catalog import release_listings
from perkhub.entitlements import entitlements_of_sources, fail
from perkhub.fulfilment import give_up_source
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.money import total
from perkhub.ledger import Book, Entry, lock_account
from perkhub.orders.read import lines_of, order_by_id
from perkhub.orders.refund import note_refunded, release_units
from perkhub.payments import give_back, payment_by_id
from perkhub.plugin.events import OrderRefunded
from perkhub.vault import return_codes

REASON = "not obtainable"
ACTOR = "system"


async def refund_unobtainable(tx: Transaction, order: UUID, units: Sequence[UUID]) -> None:
    """Fail the order's units of these that still wait, and refund exactly these; of an all-or-nothing order all that wait."""
    known = await order_by_id(order, tx=tx)
    await lock_account(tx, known.party_id, known.total.currency)
    lines = await lines_of([known], tx=tx)
    if known.all_or_nothing:
        await give_up_source(tx, order)
    own = await entitlements_of_sources([line.id for line in lines], tx=tx)
    named = {unit.id for unit in own} if known.all_or_nothing else set(units)
    # Codes are kept for waiting units of all-or-nothing orders alone.
    kept = {unit.id: unit.code_id for unit in own}
    failed = await fail(tx, [unit.id for unit in own if unit.id in named])
    if not failed:
        return
    amount = total((unit.price for unit in failed), known.total.currency)
    refund = new_id()
    payment = None if known.payment_id is None else await payment_by_id(known.payment_id, tx=tx)
    if payment is not None and amount:
        taken_from = [Entry(Book.DEFERRED, -amount)]
        await give_back(tx, refund, payment, amount, taken_from=taken_from, reason=REASON, actor=ACTOR)
    known = await order_by_id(order, tx=tx)
    await note_refunded(tx, known, amount, event=OrderRefunded(order_id=order, refund_id=refund))
    back = [(code, unit.id) for unit in failed if (code := kept.get(unit.id)) is not None]
    if back:
        await return_codes(tx, back, actor=ACTOR)
    listing_of = {line.id: line.listing_id for line in lines}
    await release_listings(tx, known.party_id, Counter(listing_of[unit.source_id] for unit in failed))
    if known.in_campaigns:
        await release_units(tx, known, lines, failed)
