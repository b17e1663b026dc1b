"""Refunding units of an order, by the state of each and by what was promised when it was sold.

Unseen ones go back on the buyer's word while their line's policy says so. Seen ones, those whose time is over, and what the
policy refuses go back only on an operator's word, who tells why.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from perkhub.accounts import ensure_not_blocked
from perkhub.campaigns import release_parts
from perkhub.catalog import release_listings
from perkhub.entitlements import WAITING, Entitlement, EntitlementAlreadySeen, Unit, entitlements_of_sources, revoke
from perkhub.fulfilment import give_up_waiting, lock_waits
from perkhub.kit.db import ClaimContended, Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money, total
from perkhub.kit.texts import refuse_odd_text
from perkhub.ledger import lock_account, post
from perkhub.orders.earn import unearned
from perkhub.orders.read import Order, OrderLine, lines_of, order_by_id
from perkhub.orders.refundable import HELD, choose_all, choose_named, leave_for
from perkhub.orders.sql import ADD_REFUNDED
from perkhub.orders.states import ORDER, OrderState
from perkhub.orders.tell import tell_after_commit
from perkhub.payments import give_back, payment_by_id
from perkhub.plugin.events import OrderRefunded
from perkhub.vault import burn_codes, return_codes, settle_stock

LONGEST_REASON = 500
# What still waits for a supplier may be delivered: it is refunded when that has refused, and not before. What waits for
# others to join is asked of nobody yet, and goes back like an unseen code.
LIVING = (*HELD, *WAITING)


async def refund_units(
    tx: Transaction,
    order: UUID,
    *,
    party: UUID | None,
    units: Sequence[UUID] | None,
    reason: str,
    actor: str,
    even_if_seen: bool = False,
    against_policy: bool = False,
    refund: UUID | None = None,
) -> Order:
    """Take units back and return their money the way it came.

    Without `units`, all that can be refunded. Unseen codes are sold again; seen ones are burnt and our loss.
    `against_policy` goes beyond what was promised when they were sold, and refunds what is over as well.

    Raises:
        InvalidInput, NotFound, CustomerBlocked, NothingToRefund, EntitlementAlreadySeen, RefundNotOffered,
        RefundWindowClosed.
    """
    refuse_odd_text(reason, "reason", longest=LONGEST_REASON, lines=True)
    if against_policy and not reason.strip():
        raise InvalidInput(path=("reason",), reason="Say why the policy is overruled.", reason_zh="请说明破例退款的原因。")
    if party is not None:
        await ensure_not_blocked(party)
    known = await order_by_id(order, party=party, tx=tx)
    await lock_account(tx, known.party_id, known.total.currency)
    lines = await lines_of([known], tx=tx)
    late = [line.id for line in lines if line.waits]
    waiting = await lock_waits(tx, late) if late else set()
    leave = await leave_for(known, lines, even_if_seen=even_if_seen, against_policy=against_policy, waiting=waiting)
    present = await entitlements_of_sources([line.id for line in lines], tx=tx)
    chosen = choose_all(present, leave) if units is None else choose_named(present, set(units), leave)
    issued = [unit.id for unit in chosen if not leave.waits(unit)]
    try:
        revoked = await revoke(tx, issued, even_if_seen=even_if_seen, even_if_over=against_policy) if issued else []
    except EntitlementAlreadySeen as seen:
        # They could be taken back when we looked: a competitor showed or refunded one meanwhile. Choose again.
        raise ClaimContended(seen) from None
    given_up, promised = await give_up_waiting(tx, waiting, {unit.id for unit in chosen}) if waiting else ([], Counter())
    # Read again: the order may have been paid, and its units made, after we looked first.
    known = await order_by_id(order, tx=tx)
    back = [*revoked, *given_up]
    amount = total((unit.price for unit in back), known.total.currency)
    reference = refund or new_id()
    payment = None if known.payment_id is None else await payment_by_id(known.payment_id, tx=tx)
    taken_from = unearned(back)
    if payment is not None and amount:
        await give_back(tx, reference, payment, amount, taken_from=taken_from, reason=reason, actor=actor)
    elif taken_from:
        await post(tx, "refund", reference, taken_from, actor=actor)
    refunded = await note_refunded(tx, known, amount, event=OrderRefunded(order_id=order, refund_id=reference))
    await _give_back_scarce(tx, refunded, lines, back, promised=promised, actor=actor)
    tx.note_change("order", order, before=_told(known), after={**_told(refunded), "units": [unit.id for unit in back]})
    return refunded


def _told(order: Order) -> dict[str, object]:
    return {"state": order.state, "refunded": order.refunded}


async def _give_back_scarce(
    tx: Transaction,
    order: Order,
    lines: Sequence[OrderLine],
    revoked: Sequence[Entitlement],
    *,
    promised: Mapping[UUID, int],
    actor: str,
) -> None:
    seen = [(unit.code_id, unit.id) for unit in revoked if unit.code_id and unit.revealed_at is not None]
    unseen = [(unit.code_id, unit.id) for unit in revoked if unit.code_id and unit.revealed_at is None]
    if seen:
        await burn_codes(tx, seen, actor=actor)
    if unseen:
        # Before the listings: this may wait for a recall of the lot, which waits for buyers, who wait for listings.
        await return_codes(tx, unseen, actor=actor)
    listing_of = {line.id: line.listing_id for line in lines}
    await release_listings(tx, order.party_id, Counter(listing_of[unit.source_id] for unit in revoked))
    await settle_stock(tx, taken={}, promised=promised)
    if order.in_campaigns:
        await release_units(tx, order, lines, revoked)


async def release_units(tx: Transaction, order: Order, lines: Sequence[OrderLine], units: Sequence[Entitlement | Unit]) -> None:
    """Give back what these units claim of campaigns, after all other counters."""
    position_of = {line.id: line.position for line in lines}
    await release_parts(tx, order.id, units=Counter(position_of[unit.source_id] for unit in units))


async def note_refunded(tx: Transaction, order: Order, amount: Money, *, event: OrderRefunded) -> Order:
    """Raise the order's refunded sum and move its state: refunded wholly when nothing of its total is left."""
    row = await tx.row(ADD_REFUNDED, order.id, amount.minor)
    assert row is not None
    live = await _units_left(tx, order)
    state = OrderState.PARTLY_REFUNDED if row["refunded"] < row["total"] or live else OrderState.REFUNDED
    await ORDER.move(tx, order.id, state, event=event)
    tell_after_commit(tx, order.id)
    return replace(order, state=state, refunded=Money(row["refunded"], order.total.currency))


async def _units_left(tx: Transaction, order: Order) -> bool:
    lines = await lines_of([order], tx=tx)
    units = await entitlements_of_sources([line.id for line in lines], tx=tx)
    return any(unit.state in LIVING for unit in units)
