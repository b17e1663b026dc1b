"""What orders know of a person besides the trade: forgotten when they are erased. Unpaid orders are given up."""

from contextlib import suppress
from functools import partial
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.orders.errors import OrderNotCancellable
from perkhub.orders.give_up import cancel_order

UNPAID = "SELECT id FROM orders WHERE party_id = $1 AND state = 'placed' ORDER BY id"
FORGET_DEVICES = "UPDATE orders SET device = NULL WHERE party_id = $1 AND device IS NOT NULL"


async def forget_buyer(party: UUID) -> None:
    """Give up the unpaid orders, each in a transaction of its own, and forget from which device anything was bought."""
    for row in await db.rows(UNPAID, party):
        # One that is paid, or whose time runs out, at this moment needs nobody to give it up.
        with suppress(OrderNotCancellable):
            await transact(partial(cancel_order, order=row["id"], party=None))
    await transact(lambda tx: tx.execute(FORGET_DEVICES, party))
