"""Closing circles whose time is over, and noting what became of each member. The benefits and the money are others' to move.

A circle is closed at its second for everybody who looks or claims; what happens here only lets its members know.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from perkhub.campaigns.circles.sql import FORGOTTEN, LAPSE, MEMBERS_IN, NOTE_SETTLED, OVERDUE, UNSETTLED_MEMBERS
from perkhub.campaigns.circles.states import CIRCLE, MEMBER, CircleState, MemberState
from perkhub.campaigns.circles.tell import tell_after_commit
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.outbox import emit
from perkhub.plugin.events import CircleLapsed, CircleSettled

# What fills or lapses a circle leaves an event that settles it; after this long that was lost.
FORGOTTEN_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A member who is still to get something: by which line of which order."""

    id: UUID
    order_id: UUID
    line: int
    state: MemberState


async def lapse_circle(tx: Transaction, circle: UUID) -> bool:
    """Close a circle whose time is over: who has paid is owed their money, who has not is dropped. Whether it was open."""
    if await tx.value(LAPSE, circle, now()) is None:
        return False
    # A statement of its own: it sees whoever came in while the circle's row was waited for.
    for origin, to in ((MemberState.JOINED, MemberState.OWED), (MemberState.HELD, MemberState.DROPPED)):
        members = [row["id"] for row in await tx.rows(MEMBERS_IN, circle, str(origin))]
        await MEMBER.move_many(tx, members, to, event=None, origin=[origin])
    emit(tx, CircleLapsed(circle_id=circle))
    tell_after_commit(tx, circle)
    return True


async def lapse_overdue(limit: int = 200) -> int:
    """Close the circles whose time is over, each in a transaction of its own; how many that were."""
    due = await db.rows(OVERDUE, now(), limit)
    return sum([await transact(partial(lapse_circle, circle=row["id"])) for row in due])


async def unsettled_members(circle: UUID) -> list[Unsettled]:
    """Who of a full or lapsed circle is still to get something."""
    found = await db.rows(UNSETTLED_MEMBERS, circle)
    return [Unsettled(row["id"], row["order_id"], row["line"], MemberState(row["state"])) for row in found]


async def note_delivered(tx: Transaction, member: UUID) -> None:
    """What this member waited for is delivered, or a supplier was asked for it."""
    await MEMBER.move_many(tx, [member], MemberState.DELIVERED, event=None, origin=[MemberState.DUE])


async def note_settled(tx: Transaction, circle: UUID) -> None:
    """Nobody of this circle is to get anything any more, if that is so."""
    row = await tx.row("SELECT state, settled_at FROM circle WHERE id = $1 FOR NO KEY UPDATE", circle)
    if row is None or row["settled_at"] is not None or row["state"] == CircleState.OPEN:
        return
    if await tx.rows(UNSETTLED_MEMBERS, circle):
        return
    if row["state"] == CircleState.FULL:
        await CIRCLE.move(tx, circle, CircleState.SETTLED, event=None, settled_at=now())
    else:
        await tx.execute(NOTE_SETTLED, circle, now())
    emit(tx, CircleSettled(circle_id=circle))
    tell_after_commit(tx, circle)


async def forgotten_circles(limit: int = 200) -> list[UUID]:
    """Circles that should have been settled long ago."""
    return [row["id"] for row in await db.rows(FORGOTTEN, now() - FORGOTTEN_AFTER, limit)]
