"""What became of a supplier order, written down: the only code that moves its state. Says nothing of codes and money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.money import Money
from perkhub.suppliers.believe import Absent, Unclear, UnderWay
from perkhub.suppliers.orders import SupplierOrder
from perkhub.suppliers.states import OPEN, SUPPLIER_ORDER, SupplierOrderState

LOOKED = "UPDATE supplier_order SET looks = looks + 1 WHERE id = $1"
WAIT = """
    UPDATE supplier_order
    SET cause = coalesce($2, cause), next_look_at = $3, not_founds = not_founds + $4, review_since = coalesce(review_since, $5),
        supplier_reference = coalesce(supplier_reference, $6)
    WHERE id = $1
"""
ACCEPT_COST = "UPDATE supplier_order SET maximum_cost = greatest(maximum_cost, $2), review_since = NULL WHERE id = $1"
CLOSE_REVIEW = "UPDATE supplier_order SET review_since = NULL, returned = coalesce($2, returned) WHERE id = $1"
TAKEN_ON = {"cause": "text", "not_founds": "int", "next_look_at": "timestamptz", "supplier_reference": "text"}
CAME = {
    "cause": "text",
    "settled_at": "timestamptz",
    "next_look_at": "timestamptz",
    "review_since": "timestamptz",
    "supplier_reference": "text",
    "looks": "int",
    "received": "int",
    "cost": "bigint",
    "lot_id": "uuid",
}
# A supplier that has been silent for so long is asked no more; the order waits for a person.
LOOKED_FOR = timedelta(days=30)


async def note_look(tx: Transaction, order: UUID) -> None:
    """One more look was made."""
    await tx.execute(LOOKED, order)


async def note_under_way(
    tx: Transaction, order: SupplierOrder, told: UnderWay, *, look_at: datetime, late_at: datetime
) -> datetime | None:
    """The supplier has it, and will tell; from `late_at` on a person shall look as well. When to look next."""
    if order.state is not SupplierOrderState.ACCEPTED and order.is_open:
        await SUPPLIER_ORDER.move(tx, order.id, SupplierOrderState.ACCEPTED, event=None, cause=None, not_founds=0)
    return await _wait(tx, order, told.why, look_at, late_at, reference=told.supplier_reference)


async def note_unclear(
    tx: Transaction, order: SupplierOrder, told: Unclear | Absent, *, look_at: datetime, late_at: datetime, counts: bool = False
) -> datetime | None:
    """Nobody knows: it is never sent under another reference, and looked at again. When; from `late_at` on by a person too."""
    odd = isinstance(told, Unclear) and told.mismatch
    # What was accepted stays so while nobody answers; an answer that does not fit, or none of it there, is another thing.
    unsettles = order.state is SupplierOrderState.SUBMITTED or (
        order.state is SupplierOrderState.ACCEPTED and (odd or isinstance(told, Absent))
    )
    cause = "not_found" if isinstance(told, Absent) else told.cause
    if unsettles:
        await SUPPLIER_ORDER.move(tx, order.id, SupplierOrderState.UNKNOWN, event=None, cause=cause)
    not_founds = 1 if isinstance(told, Absent) and counts else 0
    return await _wait(tx, order, cause, look_at, late_at, not_founds=not_founds, odd=odd)


async def note_came(
    tx: Transaction,
    order: SupplierOrder,
    *,
    received: int,
    cost: Money,
    lot: UUID | None,
    reference: str | None,
    receipt: str | None = None,
) -> None:
    """It is ours, all of it or so much."""
    states = SupplierOrderState
    state = (
        states.LATE if order.state is states.ABANDONED else states.DELIVERED if received == order.quantity else states.PARTIAL
    )
    told: dict[str, Any] = {"received": received, "cost": cost.minor, "lot_id": lot, "receipt": receipt}
    await _end(tx, order, state, cause=None, reference=reference, **told)


@dataclass(frozen=True, slots=True)
class Arrived:
    """An order that came whole: what it cost, and into which lot its codes went."""

    order: SupplierOrder
    cost: Money
    lot: UUID
    reference: str | None
    looks: int


async def note_many_came(tx: Transaction, arrived: Sequence[Arrived]) -> None:
    """All of each is ours."""
    at = now()
    rows = {
        one.order.id: (None, at, None, None, one.reference or one.order.supplier_reference, one.looks, *_whole(one))
        for one in arrived
    }
    await SUPPLIER_ORDER.move_each(tx, rows, SupplierOrderState.DELIVERED, columns=CAME, origin=OPEN)


def _whole(one: Arrived) -> tuple[int, int, UUID]:
    return one.order.quantity, one.cost.minor, one.lot


async def note_many_under_way(
    tx: Transaction, told: Sequence[tuple[SupplierOrder, UnderWay]], look_at: Mapping[UUID, datetime]
) -> None:
    """The suppliers have these, of which nothing was heard before, and will tell; they are looked at by then."""
    rows = {
        order.id: (one.why, 0, look_at[order.id], order.supplier_reference or one.supplier_reference) for order, one in told
    }
    await SUPPLIER_ORDER.move_each(tx, rows, SupplierOrderState.ACCEPTED, columns=TAKEN_ON)


async def note_refused(tx: Transaction, order: SupplierOrder, reason: str) -> None:
    """Nothing of it exists there."""
    await _end(tx, order, SupplierOrderState.REJECTED, cause=reason)


async def note_never_sent(tx: Transaction, order: SupplierOrder, cause: str) -> None:
    """Nothing left this machine."""
    await _end(tx, order, SupplierOrderState.NOT_SENT, cause=cause)


async def note_taken_back(
    tx: Transaction, order: SupplierOrder, reason: str, *, review: bool = False, returned: Money | None = None
) -> None:
    """It was ours, and is no more; so much `returned` of what was booked for it, where they say so."""
    back = None if returned is None else returned.minor
    await _end(tx, order, SupplierOrderState.REVERSED, cause=reason, review=review, returned=back)


async def note_abandoned(tx: Transaction, order: SupplierOrder, *, look_at: datetime) -> None:
    """Given up at the house's risk; it is still looked at."""
    columns: dict[str, Any] = {"cause": "abandoned", "review_since": None, "next_look_at": look_at}
    await SUPPLIER_ORDER.move(tx, order.id, SupplierOrderState.ABANDONED, event=None, **columns)


def is_looked_for(order: SupplierOrder) -> bool:
    """Whether it is young enough to be asked for again."""
    return now() < order.placed_at + LOOKED_FOR


async def _end(
    tx: Transaction,
    order: SupplierOrder,
    state: SupplierOrderState,
    *,
    cause: str | None,
    reference: str | None = None,
    review: bool = False,
    **columns: Any,
) -> None:
    at = now()
    ended: dict[str, Any] = {"settled_at": at, "next_look_at": None, "review_since": at if review else None}
    known: dict[str, Any] = {"supplier_reference": reference or order.supplier_reference}
    await SUPPLIER_ORDER.move(tx, order.id, state, event=None, cause=cause, **ended, **known, **columns)


async def _wait(
    tx: Transaction,
    order: SupplierOrder,
    cause: str | None,
    look_at: datetime,
    late_at: datetime,
    *,
    not_founds: int = 0,
    odd: bool = False,
    reference: str | None = None,
) -> datetime | None:
    at = now()
    overdue = order.is_open and at >= late_at
    review = at if odd or overdue else None
    following = look_at if is_looked_for(order) else None
    await tx.execute(WAIT, order.id, cause, following, not_founds, review, reference)
    return following


async def accept_cost(tx: Transaction, order: UUID, cost: Decimal) -> None:
    """Believe what the supplier asks for the whole order, up to this."""
    await tx.execute(ACCEPT_COST, order, cost)


async def close_review(tx: Transaction, order: UUID, *, returned: Money | None = None) -> None:
    """A person has seen it, and nothing more is to be done; they may know what came back."""
    await tx.execute(CLOSE_REVIEW, order, None if returned is None else returned.minor)
