"""Orders that will not be paid: cancelled by their buyer, or expired. What they held is free again, once."""

from collections import Counter
from uuid import UUID

from perkhub.campaigns import release_parts
from perkhub.catalog import release_listings
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.states import IllegalMove
from perkhub.orders.errors import OrderNotCancellable
from perkhub.orders.place import owners_of
from perkhub.orders.read import Order, order_by_id, order_from
from perkhub.orders.sql import DUE, END_HOLDS, RELEASE_UNPAID
from perkhub.orders.states import ORDER, OrderState
from perkhub.orders.tell import tell_after_commit
from perkhub.plugin.events import OrderCancelled, OrderExpired
from perkhub.vault import settle_stock


async def cancel_order(tx: Transaction, order: UUID, *, party: UUID | None) -> Order:
    """Give up an unpaid order; without a party, on staff's word.

    Raises:
        NotFound, OrderNotCancellable.
    """
    known = await order_by_id(order, party=party, tx=tx)
    if known.state is OrderState.CANCELLED:
        return known
    try:
        moved = await ORDER.move(tx, order, OrderState.CANCELLED, event=OrderCancelled(order_id=order))
    except IllegalMove:
        state = (await order_by_id(order, tx=tx)).state
        raise OrderNotCancellable(state=state) from None
    await release_holds(tx, known)
    return order_from(moved)


async def expire_order(order: UUID) -> bool:
    """Expire one order if it is still unpaid; whether it was."""

    async def expire(tx: Transaction) -> bool:
        moved = await ORDER.move_many(tx, [order], OrderState.EXPIRED, event=OrderExpired(order_id=order))
        for row in moved:
            await release_holds(tx, order_from(row))
        return bool(moved)

    return await transact(expire)


async def expire_due_orders(limit: int = 200) -> int:
    """Expire the orders whose time has passed, each in a transaction of its own.

    Raises:
        ExceptionGroup: some could not be expired; the others were.
    """
    due = await db.rows(DUE, now(), limit)
    expired, faults = 0, []
    for row in due:
        try:
            expired += await expire_order(row["id"])
        except db.LOST:
            raise
        except Exception as fault:  # one order's fault must not keep the stock of all that come after it
            faults.append(fault)
    if faults:
        raise ExceptionGroup("orders could not be expired", faults)
    return expired


async def release_holds(tx: Transaction, order: Order) -> None:
    """Give back limits, quotas, promised stock and parts in campaigns of an order that ends unpaid."""
    tell_after_commit(tx, order.id)
    ended = await end_holds(tx, order)
    listings: Counter[UUID] = Counter()
    variants: Counter[UUID] = Counter()
    for row in ended:
        listings[row["listing_id"]] += row["quantity"]
        variants[row["variant_id"]] += row["quantity"] - row["sourced"]
    if ended:
        await release_listings(tx, order.party_id, listings)
        await settle_stock(tx, taken={}, promised=+variants)
        if order.in_campaigns:
            await release_parts(tx, order.id)


async def end_holds(tx: Transaction, order: Order) -> list[db.Row]:
    """Delete the order's holds and lower its owners' counts of unpaid orders; nothing, if that was done before."""
    ended = await tx.rows(END_HOLDS, order.id)
    if ended:
        for owner in sorted(owners_of(order)):
            await tx.execute(RELEASE_UNPAID, owner)
    return ended
