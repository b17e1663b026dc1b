"""Places in circles: taken with an order, paid with it, and given up with it. Moves no money and delivers nothing.

A place counts as a member only when it is paid; until then it is kept as long as its order is.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from perkhub.campaigns.circles.close import lapse_circle
from perkhub.campaigns.circles.errors import CircleFull, CircleOver, CircleTwice, CircleUnknown
from perkhub.campaigns.circles.sql import (
    GIVE_UP_PLACES,
    HELD_BY_ORDER,
    LEFT_BY_ORDER,
    LIVING_OF_ORDER,
    LOCK_CIRCLES,
    MEMBERS_IN,
    OPEN,
    OVERDUE_OF_PARTY,
    PAY_PLACES,
    TAKE_PLACE,
)
from perkhub.campaigns.circles.states import CIRCLE, MEMBER, CircleState, MemberState
from perkhub.campaigns.circles.tell import tell_after_commit
from perkhub.campaigns.errors import CampaignRefusal
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.ids import new_id
from perkhub.plugin.events import CircleFilled

# What becomes of a place that is given up: of an open circle it is free again; else its circle is over, and so is this.
GIVEN_UP = {
    MemberState.HELD: MemberState.LEFT,
    MemberState.JOINED: MemberState.LEFT,
    MemberState.DROPPED: MemberState.LEFT,
    MemberState.DUE: MemberState.REFUNDED,
    MemberState.OWED: MemberState.REFUNDED,
}


async def open_circle(
    tx: Transaction,
    campaign: UUID,
    party: UUID,
    *,
    order: UUID,
    line: int,
    seats: int,
    lasts: timedelta,
    ends_at: datetime,
    paid: bool = False,
) -> UUID:
    """Begin a circle with this party's place as its first; it closes with its campaign (`ends_at`) at the latest.

    Raises:
        CircleTwice.
    """
    circle, at = new_id(), now()
    mine = _mine(circle, campaign, party, order, line, paid)
    born = str(CIRCLE.birth(CircleState.OPEN))

    async def begin() -> bool:
        return await tx.value(OPEN, *mine, seats, born, min(at + lasts, ends_at)) is not None

    if not await begin() and not (await _let_go_of_overdue(tx, campaign, party) and await begin()):
        raise CircleTwice
    tell_after_commit(tx, circle)
    return circle


async def join_circle(
    tx: Transaction, campaign: UUID, party: UUID, *, circle: UUID, order: UUID, line: int, paid: bool = False
) -> None:
    """Take a place in an open circle of this campaign: as a member, where it is `paid`, and else to be paid with the order.

    Raises:
        CircleFull, CircleOver, CircleUnknown, CircleTwice.
    """
    mine = _mine(circle, campaign, party, order, line, paid)
    took = await _take(tx, mine)
    if not took["is_new"] and await _let_go_of_overdue(tx, campaign, party):
        took = await _take(tx, mine)
    if not took["is_new"]:
        raise CircleTwice
    if not took["is_taken"]:
        raise await _why_not(tx, campaign, circle)
    tell_after_commit(tx, circle)
    if paid and took["is_full"]:
        await _fill(tx, circle)


async def pay_places(tx: Transaction, order: UUID) -> None:
    """The order is paid: its places are members. The last one of a circle makes it full, and its members due.

    Raises:
        CircleOver: a circle is closed, or its time is over at this second.
    """
    for held in await tx.rows(HELD_BY_ORDER, order):
        if held["state"] == MemberState.DROPPED:
            raise CircleOver
        full: bool | None = await tx.value(PAY_PLACES, held["circle_id"], held["id"], now())
        if full is None:
            raise CircleOver
        tell_after_commit(tx, held["circle_id"])
        if full:
            await _fill(tx, held["circle_id"])


async def retake_places(tx: Transaction, order: UUID) -> None:
    """Take the places again that an order had before it ended: money for it has come after all.

    Raises:
        CircleFull, CircleOver, CircleTwice.
    """
    for left in await tx.rows(LEFT_BY_ORDER, order):
        where = {"circle": left["circle_id"], "order": order, "line": left["line"]}
        await join_circle(tx, left["campaign_id"], left["party_id"], **where)


async def give_up_places(tx: Transaction, order: UUID, lines: Collection[int] | None = None) -> None:
    """The order, or these lines of it, ended or were refunded whole: their places are free again, once."""
    wanted = None if lines is None else sorted(lines)
    found = await tx.rows(LIVING_OF_ORDER, order, wanted)
    if not found:
        return
    # Locked: whoever fills or closes one of them at this moment decides what its members are.
    circles = {row["id"]: row["state"] for row in await tx.rows(LOCK_CIRCLES, sorted({one["circle_id"] for one in found}))}
    taken: Counter[UUID] = Counter()
    paid: Counter[UUID] = Counter()
    for one in await tx.rows(LIVING_OF_ORDER, order, wanted):
        state = MemberState(one["state"])
        await MEMBER.move(tx, one["id"], GIVEN_UP[state], event=None, origin=[state])
        if circles.get(one["circle_id"]) == CircleState.OPEN:
            taken[one["circle_id"]] += 1
            paid[one["circle_id"]] += state is MemberState.JOINED
        tell_after_commit(tx, one["circle_id"])
    if taken:
        given = sorted(taken)
        await tx.execute(GIVE_UP_PLACES, given, [taken[one] for one in given], [paid[one] for one in given])


def _mine(circle: UUID, campaign: UUID, party: UUID, order: UUID, line: int, paid: bool) -> tuple[Any, ...]:
    MEMBER.birth(MemberState.JOINED if paid else MemberState.HELD)
    return (new_id(), circle, campaign, party, order, line, now(), paid)


async def _take(tx: Transaction, mine: tuple[Any, ...]) -> Row:
    took = await tx.row(TAKE_PLACE, *mine)
    assert took is not None
    return took


async def _why_not(tx: Transaction, campaign: UUID, circle: UUID) -> CampaignRefusal:
    row = await tx.row("SELECT campaign_id, state, closes_at FROM circle WHERE id = $1", circle)
    if row is None or row["campaign_id"] != campaign:
        return CircleUnknown()
    return CircleOver() if _is_closed(row) else CircleFull()


def _is_closed(row: Row) -> bool:
    state, closes_at = CircleState(row["state"]), row["closes_at"]
    return state is not CircleState.OPEN or bool(closes_at <= now())


async def _let_go_of_overdue(tx: Transaction, campaign: UUID, party: UUID) -> bool:
    """Close the party's circle whose time is over, if it is that which stands in their way."""
    lapsed = False
    for row in await tx.rows(OVERDUE_OF_PARTY, campaign, party, now()):
        lapsed = await lapse_circle(tx, row["id"]) or lapsed
    return lapsed


async def _fill(tx: Transaction, circle: UUID) -> None:
    await CIRCLE.move(tx, circle, CircleState.FULL, event=CircleFilled(circle_id=circle), closed_at=now())
    members = [row["id"] for row in await tx.rows(MEMBERS_IN, circle, str(MemberState.JOINED))]
    await MEMBER.move_many(tx, members, MemberState.DUE, event=None, origin=[MemberState.JOINED])
