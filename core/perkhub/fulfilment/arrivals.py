"""Applying answers that many orders get at about the same time, in one transaction: those that came whole, and those that were
taken on. Whatever else there is to say of an order is applied alone, by `arrive`.

Locked in the same order as there: needs, supplier orders, units, codes, and stock at the commit; each kind by its ids.
"""

from collections.abc import Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.entitlements import Entitlement, Issue, issue, waiting_units
from perkhub.fulfilment.book import booked, unit_cost_of
from perkhub.fulfilment.earn import earned
from perkhub.fulfilment.needs import Need, finish_many, lock_needs, sooner
from perkhub.fulfilment.states import NeedState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.gathering import Gathered
from perkhub.kit.outbox import emit, enqueue
from perkhub.kit.waking import wake_many_after_commit
from perkhub.ledger import Booking, post_many_new
from perkhub.plugin.events import EntitlementsIssued
from perkhub.plugin.supplier import Supplies
from perkhub.suppliers import (
    Arrived,
    Came,
    Line,
    SupplierOrder,
    SupplierOrderState,
    UnderWay,
    Verdict,
    erase_callbacks_of,
    is_looked_for,
    lock_supplier_orders,
    note_many_came,
    note_many_under_way,
    offers_by_ids,
    pause,
)
from perkhub.vault import Delivery, Intake, TakenIn, take_in_many

LOOK = "fulfilment.look"
UNHEARD_OF = (SupplierOrderState.SUBMITTED, SupplierOrderState.UNKNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """One answer. `heard_until` is when it was asked for, where somebody looked; `trail` is of the run that did."""

    line: Line
    order: SupplierOrder
    verdict: Verdict
    heard_until: datetime | None = None
    trail: Context = field(default_factory=copy_context)

    @property
    def is_plain(self) -> bool:
        """Whether it is one of those that are applied together."""
        match self.verdict:
            case Came():
                return self.order.supplies is Supplies.CODES and len(self.verdict.codes) == self.order.quantity
            case UnderWay():
                return self.heard_until is None
            case _:
                return False


@dataclass(frozen=True, slots=True)
class _Filled:
    """A need that an order fills whole: so many of `waiting` units are missing, or of none where it is for stock."""

    arrival: Arrival
    need: Need
    order: SupplierOrder
    came: Came
    waiting: Sequence[UUID]
    issuer: str

    @property
    def actor(self) -> str:
        return f"supplier:{self.order.account_id}"


class NotWhole(Exception):
    """Some of what came is of no use: it is applied alone, and so is whatever came with it."""


async def _apply(arrivals: Sequence[Arrival]) -> list[bool]:
    issuers = {one.id: one.issuer for one in await offers_by_ids(list({one.order.offer_id for one in arrivals}))}
    return await transact(lambda tx: _apply_in(tx, arrivals, issuers))


async def _apply_in(tx: Transaction, arrivals: Sequence[Arrival], issuers: Mapping[UUID, str]) -> list[bool]:
    """Which of them were applied, or have nothing to say any more."""
    needs = await lock_needs(tx, list({one.order.purpose_id for one in arrivals}))
    orders = await lock_supplier_orders(tx, list({one.order.id for one in arrivals}))
    # Of several answers about one order, and of several orders for one need, the first is applied here.
    first: dict[UUID, Arrival] = {}
    for one in arrivals:
        first.setdefault(one.order.purpose_id, one)
    taken_on = [one for one in first.values() if _is_taken_on(one, needs[one.order.purpose_id], orders[one.order.id])]
    await _note_taken_on(tx, taken_on, orders)
    came = [one for one in first.values() if _may_fill(one, needs[one.order.purpose_id], orders[one.order.id])]
    filled = await _filled(tx, came, needs, orders, issuers)
    await _fill(tx, filled)
    done = {*taken_on, *(one.arrival for one in filled)}
    return [one in done or _is_old_news(one, orders[one.order.id]) for one in arrivals]


def _is_old_news(one: Arrival, order: SupplierOrder) -> bool:
    """Taken on, and settled since: a callback was faster."""
    return isinstance(one.verdict, UnderWay) and not order.is_open and order.state is not SupplierOrderState.ABANDONED


def _is_taken_on(one: Arrival, need: Need, order: SupplierOrder) -> bool:
    in_time = now() < order.placed_at + need.patience and is_looked_for(order)
    return isinstance(one.verdict, UnderWay) and order.state in UNHEARD_OF and in_time


async def _note_taken_on(tx: Transaction, taken_on: Sequence[Arrival], orders: Mapping[UUID, SupplierOrder]) -> None:
    if not taken_on:
        return
    at = now()
    look_at = {one.order.id: at + pause(one.line, orders[one.order.id]) for one in taken_on}
    told = [(orders[one.order.id], one.verdict) for one in taken_on if isinstance(one.verdict, UnderWay)]
    await note_many_under_way(tx, told, look_at)
    for one in taken_on:
        one.trail.run(look_again, tx, one.order.id, at=look_at[one.order.id])


def look_again(tx: Transaction, order: UUID, *, at: datetime) -> None:
    """Look at it then, unless it is settled by then. Under a key of its own: a hint must not become one of these."""
    enqueue(tx, LOOK, supplier_order_id=order, by_turn=True, run_at=at, unique_key=f"turn:{order}")


def _may_fill(one: Arrival, need: Need, order: SupplierOrder) -> bool:
    return isinstance(one.verdict, Came) and order.is_open and need.state is NeedState.OPEN and not need.together


async def _filled(
    tx: Transaction,
    came: Sequence[Arrival],
    needs: Mapping[UUID, Need],
    orders: Mapping[UUID, SupplierOrder],
    issuers: Mapping[UUID, str],
) -> list[_Filled]:
    """Those that bring exactly what is still missing."""
    units = [unit for one in came for unit in needs[one.order.purpose_id].units]
    still = set(await waiting_units(tx, units)) if units else set()
    found = []
    for one in came:
        need, order = needs[one.order.purpose_id], orders[one.order.id]
        assert isinstance(one.verdict, Came)
        waiting = [unit for unit in need.units if unit in still]
        missing = len(waiting) if need.units else need.quantity - need.obtained
        if missing == len(one.verdict.codes):
            found.append(_Filled(one, need, order, one.verdict, waiting, issuers[order.offer_id]))
    return found


async def _fill(tx: Transaction, filled: Sequence[_Filled]) -> None:
    """Seal what came, give it to those who wait, book it, and note that nothing is missing."""
    if not filled:
        return
    taken = await take_in_many(tx, [one.arrival.trail.run(_intake, one) for one in filled])
    if any(told.useful < len(one.came.codes) for one, told in zip(filled, taken, strict=True)):
        raise NotWhole
    both = list(zip(filled, taken, strict=True))
    await note_many_came(tx, [_arrived(one, told) for one, told in both])
    issued = {unit.id: unit for unit in await issue(tx, [given for one, told in both for given in issues_of(one.need, told)])}
    given = [(one, [issued[unit] for unit in one.waiting]) for one in filled]
    post_many_new(tx, [booking for one, units in given for booking in one.arrival.trail.run(_bookings, one, units)])
    await finish_many(tx, {one.need.id: _obtained(one) for one in filled})
    for one, units in given:
        if units:
            one.arrival.trail.run(_tell, tx, one, units)
    heard = {one.order.id: one.arrival.heard_until for one in filled}
    erase_callbacks_of(tx, {order: until for order, until in heard.items() if until is not None})
    wake_many_after_commit(tx, {(one.need.source_kind, one.need.source_id) for one in filled})


def _intake(one: _Filled) -> Intake:
    return Intake(delivery_of(one.need, one.order, one.came, one.issuer), one.came.codes, one.waiting, one.actor)


def delivery_of(need: Need, order: SupplierOrder, came: Came, issuer: str) -> Delivery:
    """What comes, in the vault's words."""
    return Delivery(
        variant_id=need.variant_id,
        issuer=issuer,
        reference=order.reference,
        unit_cost=unit_cost_of(came),
        currency=came.cost.currency,
        usable_at=now() + need.minimum_validity,
    )


def _arrived(one: _Filled, told: TakenIn) -> Arrived:
    looks = one.order.looks + (one.arrival.heard_until is not None)
    return Arrived(one.order, one.came.cost, told.lot_id, one.came.supplier_reference, looks)


def issues_of(need: Need, taken: TakenIn) -> list[Issue]:
    """Which unit gets which code, and for how long."""
    end = need.validity.ends(now(), need.zone)
    return [
        Issue(unit, code.sealed.code_id, code.masked, sooner(code.expires_at, end), code.unit_cost, code.currency)
        for unit, code in taken.dealt.items()
    ]


def _obtained(one: _Filled) -> int:
    return min(one.need.quantity, one.need.obtained + len(one.came.codes))


def _bookings(one: _Filled, units: Sequence[Entitlement]) -> list[Booking]:
    bought = booked(one.came, useful=len(one.came.codes), unit_cost=unit_cost_of(one.came))
    made = [Booking("supplier.delivered", one.order.id, bought, one.actor)]
    if units:
        made.append(Booking("units.issued", one.order.id, earned(units), one.actor))
    return made


def _tell(tx: Transaction, one: _Filled, units: Sequence[Entitlement]) -> None:
    ids = tuple(unit.id for unit in units)
    emit(tx, EntitlementsIssued(source_kind=one.need.source_kind, source_id=one.need.source_id, entitlement_ids=ids))


# Whether it was applied, together with whatever else came; False where it has to be applied alone.
apply_together = Gathered(_apply)
