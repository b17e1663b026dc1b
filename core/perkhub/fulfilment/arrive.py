"""Applying what a supplier said of an order, whichever way it was heard: in one transaction, and each answer once.

Locked in this order: the need, its supplier order, the units, the codes. Stock comes last, at the commit.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from perkhub.entitlements import issue
from perkhub.fulfilment.arrivals import (
    LOOK,
    Arrival,
    NotWhole,
    apply_together,
    delivery_of,
    issues_of,
    look_again,
)
from perkhub.fulfilment.book import booked, booked_late, released, unit_cost_of
from perkhub.fulfilment.earn import earned
from perkhub.fulfilment.needs import (
    Need,
    amount,
    finish,
    give_up,
    lock_need,
    missing,
    note_obtained,
    note_refused_offer,
    obtain_more,
)
from perkhub.fulfilment.reverse import reverse
from perkhub.fulfilment.states import NeedState
from perkhub.fulfilment.together import issue_together
from perkhub.fulfilment.top_up import deliver_top_ups
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.outbox import emit, enqueue
from perkhub.kit.waking import wake_after_commit
from perkhub.ledger import post
from perkhub.plugin.events import EntitlementsIssued
from perkhub.plugin.supplier import Supplies
from perkhub.suppliers import (
    HELD,
    Absent,
    Came,
    Line,
    NeverSent,
    Refused,
    SupplierOrder,
    SupplierOrderState,
    TakenBack,
    Unclear,
    UnderWay,
    Verdict,
    counts,
    erase_callbacks_of,
    halt_account,
    is_looked_for,
    lock_supplier_order,
    note_came,
    note_look,
    note_never_sent,
    note_refused,
    note_taken_back,
    note_unclear,
    note_under_way,
    offers_by_ids,
    pause,
    spaced,
    supplier_orders_for,
)
from perkhub.vault import TakenIn, take_in

# So soon is a supplier tried again that could not be reached, when nobody else is left to ask; twice as late each time.
UNREACHED = timedelta(seconds=2)
LONGEST_UNREACHED = timedelta(minutes=1)


async def arrive(line: Line, order: SupplierOrder, verdict: Verdict, *, looked_at: datetime | None = None) -> None:
    """Apply one answer: to an order that was just placed, or one that was looked at then. Repeating it, or applying an older
    one late, changes nothing."""
    arrival = Arrival(line, order, verdict, looked_at)
    if arrival.is_plain:
        with suppress(NotWhole):
            if await apply_together(arrival):
                return
    await _apply_alone(arrival)


async def _apply_alone(arrival: Arrival) -> None:
    line, order, verdict, looked_at = arrival.line, arrival.order, arrival.verdict, arrival.heard_until
    issuer = (await offers_by_ids([order.offer_id]))[0].issuer

    async def work(tx: Transaction) -> None:
        need = await lock_need(tx, order.purpose_id)
        present = await lock_supplier_order(tx, order.id)
        if looked_at is not None:
            await note_look(tx, present.id)
            erase_callbacks_of(tx, {present.id: looked_at})
        await apply(tx, line, need, present, verdict, issuer=issuer)
        silent = isinstance(verdict, Unclear) and not verdict.mismatch
        if looked_at is not None and silent and present.state in HELD and is_looked_for(present):
            # Somebody hinted that it is worth a look, perhaps for the only time: silence is no answer to that.
            following = now() + pause(line, present)
            enqueue(tx, LOOK, supplier_order_id=present.id, run_at=following, unique_key=f"look:{present.id}")

    await transact(work)


async def apply(tx: Transaction, line: Line | None, need: Need, order: SupplierOrder, verdict: Verdict, *, issuer: str) -> None:
    """Apply what is known of an order, both locked; without a line, only what settles it."""
    if order.is_open:
        await _apply_to_open(tx, line, need, order, verdict, issuer=issuer)
    elif order.state in HELD and isinstance(verdict, Refused | TakenBack):
        # A success that is refused afterwards has failed after all: by the contract its money is back.
        await reverse(tx, need, order, verdict)
    elif order.state is SupplierOrderState.ABANDONED:
        await _apply_to_abandoned(tx, line, need, order, verdict, issuer=issuer)


async def _apply_to_open(
    tx: Transaction, line: Line | None, need: Need, order: SupplierOrder, verdict: Verdict, *, issuer: str
) -> None:
    match verdict:
        case Came():
            await _take(tx, need, order, verdict, issuer=issuer)
        case Refused():
            await note_refused(tx, order, verdict.reason)
            if verdict.halt:
                await halt_account(tx, order.account_id, verdict.reason)
            await _go_elsewhere(tx, need, order, elsewhere=verdict.elsewhere)
        case TakenBack():
            await note_taken_back(tx, order, verdict.reason)
            await _go_elsewhere(tx, need, order, elsewhere=True)
        case NeverSent() if order.state is SupplierOrderState.SUBMITTED:
            await note_never_sent(tx, order, verdict.cause)
            before = await supplier_orders_for([need.id], tx=tx)
            unreached = sum(one.state is SupplierOrderState.NOT_SENT for one in before)
            _go_on(tx, need, after=min(LONGEST_UNREACHED, UNREACHED * 2 ** min(unreached - 1, 8)))
        case _:
            await _wait(tx, line, need, order, verdict)


async def _wait(tx: Transaction, line: Line | None, need: Need, order: SupplierOrder, verdict: Verdict) -> None:
    assert line is not None
    look_at, late_at = now() + pause(line, order), order.placed_at + need.patience
    following: datetime | None
    if isinstance(verdict, UnderWay):
        following = await note_under_way(tx, order, verdict, look_at=look_at, late_at=late_at)
    else:
        # "Not sent" of an order that another run has given up as interrupted settles nothing any more.
        told = verdict if isinstance(verdict, Unclear | Absent) else Unclear("not_sent_this_time")
        look_at = spaced(order.account_id, look_at)
        following = await note_unclear(tx, order, told, look_at=look_at, late_at=late_at, counts=counts(line, order))
    if following is not None:
        look_again(tx, order.id, at=following)


async def _go_elsewhere(tx: Transaction, need: Need, order: SupplierOrder, *, elsewhere: bool) -> None:
    """To the next offer, with a new attempt; or nowhere, where nobody else may be asked."""
    if need.state is not NeedState.OPEN:
        return
    await note_refused_offer(tx, need.id, order.offer_id)
    if elsewhere:
        obtain_more(tx, need.id)
    else:
        await give_up(tx, need)


def _go_on(tx: Transaction, need: Need, *, after: timedelta = timedelta()) -> None:
    if need.state is NeedState.OPEN:
        obtain_more(tx, need.id, after=after)


async def _take(tx: Transaction, need: Need, order: SupplierOrder, came: Came, *, issuer: str) -> None:
    """Give what came to those who wait, book it, and go on with what is still missing."""
    still = await missing(tx, need)
    waiting = still if isinstance(still, list) else []
    actor = f"supplier:{order.account_id}"
    if order.supplies is Supplies.TOP_UPS:
        useful = await deliver_top_ups(tx, need, order, came, waiting, actor=actor)
    else:
        useful = await _take_codes(tx, need, order, came, waiting, issuer=issuer, actor=actor)
    if need.state is not NeedState.OPEN:
        return
    await note_obtained(tx, need.id, min(useful, need.quantity - need.obtained))
    if amount(still) > useful:
        _go_on(tx, need)
    else:
        await finish(tx, need)


async def _take_codes(
    tx: Transaction, need: Need, order: SupplierOrder, came: Came, waiting: list[UUID], *, issuer: str, actor: str
) -> int:
    """Seal the codes, and deal them; how many somebody has, or can have."""
    taken = await take_in(tx, delivery_of(need, order, came, issuer), came.codes, holders=waiting, actor=actor)
    await note_came(tx, order, received=len(came.codes), cost=came.cost, lot=taken.lot_id, reference=came.supplier_reference)
    entries = booked(came, useful=taken.useful, unit_cost=unit_cost_of(came))
    await post(tx, "supplier.delivered", order.id, entries, actor=actor)
    await _deal(tx, need, order, taken, actor=actor)
    if taken.unusable and need.state is NeedState.OPEN:
        # Who sent codes that nobody can use is not asked for more of them.
        await note_refused_offer(tx, need.id, order.offer_id)
    return taken.useful


async def _deal(tx: Transaction, need: Need, order: SupplierOrder, taken: TakenIn, *, actor: str) -> None:
    if not taken.dealt:
        return
    given = issues_of(need, taken)
    if need.together:
        await issue_together(tx, need, given, actor=actor)
        return
    issued = await issue(tx, given)
    await post(tx, "units.issued", order.id, earned(issued), actor=actor)
    ids = tuple(unit.id for unit in issued)
    emit(tx, EntitlementsIssued(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=ids))
    wake_after_commit(tx, need.source_kind, need.source_id)


async def _apply_to_abandoned(
    tx: Transaction, line: Line | None, need: Need, order: SupplierOrder, verdict: Verdict, *, issuer: str
) -> None:
    """Whoever waited was refunded at the house's risk: what comes now is a loss, and nobody gets its codes; a top-up that is
    done after all is somebody's gain."""
    actor = f"supplier:{order.account_id}"
    if isinstance(verdict, Came):
        lot: UUID | None = None
        if verdict.codes:
            delivery = delivery_of(need, order, verdict, issuer)
            lot = (await take_in(tx, delivery, verdict.codes, holders=(), actor=actor, quarantine=True)).lot_id
        told = {"reference": verdict.supplier_reference, "receipt": verdict.receipt}
        await note_came(tx, order, received=verdict.quantity, cost=verdict.cost, lot=lot, **told)
        await post(tx, "supplier.late", order.id, booked_late(order, verdict), actor=actor)
    elif isinstance(verdict, Refused | TakenBack):
        await note_refused(tx, order, verdict.reason)
        await post(tx, "supplier.exposure_ended", order.id, released(order), actor=actor)
    else:
        await _wait(tx, line, need, order, verdict)
