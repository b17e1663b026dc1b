"""Placing an order to be paid later: from a priced basket to held stock, in one transaction. Moves no money."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from perkhub.accounts import not_blocked
from perkhub.campaigns import take_own_of_parts, take_places
from perkhub.kit.claims import Claim, Granted, claim_last
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.inserts import telling
from perkhub.kit.outbox import emit
from perkhub.kit.settings import settings
from perkhub.orders.buy import shares_to_claim
from perkhub.orders.errors import HoldLimitReached
from perkhub.orders.read import Order, OrderLine
from perkhub.orders.record import Purchase, lines_from, record_order, refuse_top_ups_together
from perkhub.orders.sql import CLAIM_UNPAID, INSERT_HOLDS, OWNERS, UNPAID_CLAIMED
from perkhub.orders.states import OrderState
from perkhub.plugin.events import OrderPlaced
from perkhub.vault import stock_to_hold


async def place_order(tx: Transaction, purchase: Purchase) -> tuple[Order, list[OrderLine]]:
    """Record the order and hold what it wants until it expires.

    Raises:
        BasketInvalid, CustomerBlocked, HoldLimitReached, LimitReached, QuotaReached, OutOfStock, CampaignRefusal,
        WaitingNotTogether.
    """
    refuse_top_ups_together(purchase)
    lines = lines_from(purchase)
    expires_at = now() + timedelta(minutes=settings().unpaid_order_minutes)
    order = record_order(tx, purchase, lines, state=OrderState.PLACED, expires_at=expires_at)
    _hold(tx, order, lines)
    emit(tx, OrderPlaced(order_id=order.id, expires_at=expires_at))
    await take_own_of_parts(tx, purchase.parts, order=order.id, party=order.party_id)
    # What is to come from the pool is promised; of what is to come from a supplier nothing can be. Where others were faster,
    # the whole is priced again, and the supplier sells what the pool lacks by then.
    pooled: Counter[UUID] = Counter()
    for line in purchase.quote.lines:
        if line.pooled:
            pooled[line.offered.variant_id] += line.pooled
    before = [not_blocked(order.party_id), _unpaid_to_claim(order)]
    claim_last(tx, *shares_to_claim(purchase, stock_to_hold(pooled), before=before))
    await take_places(tx, purchase.parts, order=order.id, party=order.party_id)
    return order, lines


def _hold(tx: Transaction, order: Order, lines: list[OrderLine]) -> None:
    rows = [
        (new_id(), order.id, line.listing_id, line.variant_id, order.party_id, line.quantity, order.expires_at, line.sourced)
        for line in lines
    ]
    tx.later(*INSERT_HOLDS.of(rows))


def owners_of(order: Order) -> dict[str, int]:
    """Whose unpaid orders this one counts among, each with its cap."""
    owners = {f"party:{order.party_id}": settings().unpaid_orders_per_buyer}
    if order.device is not None:
        owners[f"device:{order.device}"] = settings().unpaid_orders_per_device
    return owners


def _unpaid_to_claim(order: Order) -> Claim:
    """One more unpaid order of each of its owners."""
    owners = {new_id(): owner for owner in sorted(owners_of(order).items())}

    async def settle(_: Transaction, granted: Granted) -> None:
        for key, (_owner, cap) in owners.items():
            if key not in granted:
                raise HoldLimitReached(limit=cap)

    rows = [(key, *owner) for key, owner in owners.items()]
    return Claim(telling(CLAIM_UNPAID, OWNERS, len(rows)), UNPAID_CLAIMED, OWNERS.values(rows), len(rows), settle)
