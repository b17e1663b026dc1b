"""What a closed circle means for the orders of its members: delivered, refunded, or cancelled; each once, each by itself.

Whoever dies in between leaves the rest to the next: every member is a transaction of its own, and says when it is done.
"""

from contextlib import suppress
from functools import partial
from uuid import UUID

from perkhub.campaigns.circles import (
    MemberState,
    Unsettled,
    give_up_places,
    note_delivered,
    note_settled,
    unsettled_members,
)
from perkhub.kit.db import Transaction, transact
from perkhub.orders.errors import OrderNotCancellable
from perkhub.orders.give_up import cancel_order
from perkhub.orders.waiting import deliver_waiting_lines, refund_waiting_lines

NOT_FULL = "not enough people joined"


async def settle_circle(circle: UUID) -> None:
    """Give each member of a full or lapsed circle what they are due. May be repeated, and by many at once.

    Raises:
        ExceptionGroup: of some members it could not be done; of the others it was.
    """
    faults = []
    for member in await unsettled_members(circle):
        try:
            await transact(partial(_settle, member=member))
        except Exception as fault:  # one member's fault must not keep the benefits of all that come after them
            faults.append(fault)
    if faults:
        raise ExceptionGroup(f"circle {circle} could not be settled for everybody", faults)
    await transact(partial(note_settled, circle=circle))


async def _settle(tx: Transaction, *, member: Unsettled) -> None:
    order, line = member.order_id, member.line
    if member.state is MemberState.DUE:
        await deliver_waiting_lines(tx, order, [line])
        await note_delivered(tx, member.id)
    elif member.state is MemberState.OWED:
        await refund_waiting_lines(tx, order, [line], reason=NOT_FULL)
        await give_up_places(tx, order, [line])
    else:
        # One that has ended meanwhile has given its place up itself.
        with suppress(OrderNotCancellable):
            await cancel_order(tx, order, party=None)
        await give_up_places(tx, order, [line])
