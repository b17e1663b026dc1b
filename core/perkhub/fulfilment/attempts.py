"""Reading what to try next for a need, and writing an attempt down before it is sent: for as many needs as come at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from perkhub.entitlements import waiting_units
from perkhub.fulfilment.needs import Need, finish, lock_needs, needs_by_ids
from perkhub.fulfilment.states import NeedState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.gathering import Gathered
from perkhub.suppliers import (
    Choice,
    Draft,
    SupplierOrder,
    SupplierOrderState,
    choices_for,
    supplier_orders_for,
    write_orders,
)

NEED_KIND = "need"
# A run that is cut off is followed by another within this time; who is still silent then is looked for.
SILENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Prospect:
    """A need, every attempt for it so far, the oldest first, and the offers that it may be bought by, the best first."""

    need: Need
    attempts: Sequence[SupplierOrder]
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is about to be sent, to be written down first."""

    prospect: Prospect
    choice: Choice
    most: int
    said: Collection[str]


async def _read(needs: Sequence[UUID]) -> list[Prospect | None]:
    known = {need.id: need for need in await needs_by_ids(list(set(needs)))}
    still = [need.id for need in known.values() if need.state is NeedState.OPEN]
    attempts = _by_need(await supplier_orders_for(still))
    choices = await choices_for({known[need].variant_id for need in still})
    return [
        None if need not in known else Prospect(known[need], attempts.get(need, []), _fitting(known[need], choices))
        for need in needs
    ]


def _by_need(orders: Sequence[SupplierOrder]) -> dict[UUID, list[SupplierOrder]]:
    in_order = sorted(orders, key=lambda one: (one.purpose_id, one.id))
    return {need: list(some) for need, some in groupby(in_order, key=lambda one: one.purpose_id)}


def _fitting(need: Need, choices: Mapping[UUID, Sequence[Choice]]) -> list[Choice]:
    """Those that have not refused, and sell the face value that was chosen."""
    live = choices.get(need.variant_id, ())
    return [one for one in live if one.offer.id not in need.refused and one.offer.sells(need.face_value)]


async def _write(attempts: Sequence[Attempt]) -> list[SupplierOrder | None]:
    return await transact(lambda tx: _write_in(tx, attempts))


async def _write_in(tx: Transaction, attempts: Sequence[Attempt]) -> list[SupplierOrder | None]:
    needs = await lock_needs(tx, list({one.prospect.need.id for one in attempts}))
    still_open = {id: need for id, need in needs.items() if need.state is NeedState.OPEN}
    units = [unit for need in still_open.values() for unit in need.units]
    waiting = set(await waiting_units(tx, units)) if units else set()
    missing = {
        need.id: sum(unit in waiting for unit in need.units) if need.units else need.quantity - need.obtained
        for need in still_open.values()
    }
    for need in still_open.values():
        if not missing[need.id]:
            await finish(tx, need)
    wanted = [one for one in attempts if missing.get(one.prospect.need.id)]
    drafts = [_draft(one, still_open[one.prospect.need.id], missing[one.prospect.need.id]) for one in wanted]
    written = dict(zip(map(id, wanted), await write_orders(tx, drafts), strict=True))
    return [written.get(id(one)) for one in attempts]


def _draft(attempt: Attempt, need: Need, missing: int) -> Draft:
    before = attempt.prospect.attempts
    return Draft(
        attempt.choice,
        purpose=(NEED_KIND, need.id),
        quantity=min(missing, attempt.most),
        parent=next((one.id for one in reversed(before) if one.state is SupplierOrderState.PARTIAL), None),
        look_at=now() + SILENCE,
        face=need.face_value,
        said=attempt.said,
    )


# What may be tried for a need; None where there is no such need.
read_prospect = Gathered(_read)
# The attempt that may be sent; None where nothing is missing, or a competitor's is open.
write_attempt = Gathered(_write)
