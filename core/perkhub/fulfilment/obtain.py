"""Obtaining what a need is missing: an attempt is written down, sent, and its answer applied; one open attempt at a time.

The order is written before it is sent, so that a process that dies in between leaves it behind: whoever comes next looks
it up, and never sends another.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from perkhub.entitlements import inputs_to_deliver
from perkhub.fulfilment.arrivals import LOOK
from perkhub.fulfilment.arrive import arrive
from perkhub.fulfilment.attempts import Attempt, Prospect, read_prospect, write_attempt
from perkhub.fulfilment.needs import amount, finish, give_up, is_over, lock_need, missing
from perkhub.fulfilment.states import NeedState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs import Context, Postpone
from perkhub.kit.logging import get_logger
from perkhub.kit.outbox import enqueue
from perkhub.plugin.errors import SettingsRefused
from perkhub.suppliers import (
    Choice,
    Line,
    NotNow,
    SupplierOrder,
    SupplierOrderState,
    SupplierUnknown,
    Unclear,
    a_line,
    lock_supplier_order,
    misfit,
    note_unclear,
    send,
)

log = get_logger(__name__)

NOBODY_THERE = 5.0
LONGEST_PAUSE = 60.0
LONGEST_CROWDED = 4.0


async def obtain(context: Context, need_id: UUID) -> None:
    """One step: an attempt, or what an interrupted run has left.

    Raises:
        Postpone: nobody can be asked at this moment.
    """
    prospect = await read_prospect(need_id)
    if prospect is None or prospect.need.state is not NeedState.OPEN:
        return
    need, attempts = prospect.need, prospect.attempts
    interrupted = next((one for one in attempts if one.is_open), None)
    if interrupted is not None:
        await transact(lambda tx: _adopt(tx, interrupted, patience=need.patience))
        return
    if is_over(need.validity.ends(now(), need.zone), now()):
        # Whatever came by now would be good for nothing.
        await transact(lambda tx: _end(tx, need_id))
        return
    if now() >= need.due_at and (not attempts or attempts[-1].state is SupplierOrderState.NOT_SENT):
        # Nobody could be reached for so long: whoever waits gets their money, and tries again when they like.
        await transact(lambda tx: _end(tx, need_id))
        return
    pause = await _try(prospect)
    if pause is None:
        return
    if pause.crowded and now() < need.due_at:
        # Whoever is turned away at the door comes back soon: a place is free as often as a call ends.
        raise Postpone(max(pause.seconds, min(LONGEST_CROWDED, pause.seconds * 2 ** min(context.forgiven, 3))))
    if now() >= need.due_at:
        await transact(lambda tx: _end(tx, need_id))
        return
    raise Postpone(min(LONGEST_PAUSE, pause.seconds * 2 ** min(context.forgiven, 7)))


@dataclass(frozen=True, slots=True)
class _Pause:
    """Seconds until somebody can be asked. `crowded`: the account is in order, and has no place free."""

    seconds: float
    crowded: bool = False


async def _try(prospect: Prospect) -> _Pause | None:
    """Make one attempt, at the best offer that can be had now; else how long to wait."""
    need, choices = prospect.need, list(prospect.choices)
    said: Mapping[str, str] = {}
    if any(choice.offer.form or choice.offer.inputs for choice in choices):
        said = await inputs_to_deliver(need.units)
        choices = [one for one in choices if misfit(one.offer.form, one.offer.inputs, said) is None]
    if not choices:
        await transact(lambda tx: _end(tx, need.id))
        return None
    # Whoever could not be reached before is asked after the others.
    unreached = Counter(one.offer_id for one in prospect.attempts if one.state is SupplierOrderState.NOT_SENT)
    waits: list[float] = []
    for choice in sorted(choices, key=lambda one: unreached[one.offer.id]):
        if not choice.account.may_buy:
            continue
        try:
            async with a_line(choice.account) as line:
                await _attempt(line, prospect, choice, said)
                return None
        except NotNow as wait:
            if wait.busy:
                # Crowded is not broken: nobody buys dearer for half a second.
                return _Pause(wait.seconds, crowded=True)
            waits.append(wait.seconds)
        except (SupplierUnknown, SettingsRefused) as unusable:
            log.warning("an account cannot be used", account=choice.account.id, error=type(unusable).__name__)
    return _Pause(min(waits, default=NOBODY_THERE))


async def _attempt(line: Line, prospect: Prospect, choice: Choice, said: Mapping[str, str]) -> None:
    """What the buyer said is in this process's memory from here to the supplier, and nowhere else."""
    most = line.most_of(choice.offer.sku)
    order = await write_attempt(Attempt(prospect, choice, most, said.keys()))
    if order is not None:
        await arrive(line, order, await send(line, order, said))


async def _adopt(tx: Transaction, left: SupplierOrder, *, patience: timedelta) -> None:
    """It may have been sent: from here on only looking tells."""
    order = await lock_supplier_order(tx, left.id)
    if not order.is_open:
        return
    if order.state is SupplierOrderState.SUBMITTED:
        await note_unclear(tx, order, Unclear("interrupted"), look_at=now(), late_at=order.placed_at + patience)
    enqueue(tx, LOOK, supplier_order_id=order.id, unique_key=f"look:{order.id}")


async def _end(tx: Transaction, need_id: UUID) -> None:
    need = await lock_need(tx, need_id)
    if need.state is NeedState.OPEN:
        await (give_up(tx, need) if amount(await missing(tx, need)) else finish(tx, need))
