"""The work of fulfilment that goes on after the sale: obtaining, looking up, telling of delays, and finding what was lost."""

from datetime import timedelta
from functools import cache, partial
from uuid import UUID

from perkhub.entitlements import delay
from perkhub.fulfilment.arrivals import LOOK
from perkhub.fulfilment.look import look_soon, look_up
from perkhub.fulfilment.needs import OBTAIN, lock_need, obtain_more
from perkhub.fulfilment.obtain import obtain
from perkhub.fulfilment.states import NeedState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs import every, job
from perkhub.kit.outbox import emit
from perkhub.kit.waking import wake_after_commit
from perkhub.plugin.events import EntitlementsDelayed
from perkhub.suppliers import forgotten_orders

# For as long as an order is looked for, and longer: a job that waits for a supplier is no failure.
PATIENCE = timedelta(days=60)
AT_ONCE = 200
# What a run leaves behind is taken up by its own job again; after this long the job itself was lost.
FORGOTTEN_AFTER = timedelta(minutes=5)

OVERDUE = "SELECT id FROM need WHERE state = 'open' AND due_at <= $1 AND delayed_at IS NULL ORDER BY due_at LIMIT $2"
DELAYED = "UPDATE need SET delayed_at = $2 WHERE id = $1"
# Open, with neither an attempt under way nor a job that would make one.
LOST = """
    SELECT n.id FROM need n
    WHERE n.state = 'open' AND n.created_at < $1
      AND NOT EXISTS (SELECT FROM supplier_order o
                      WHERE o.purpose_id = n.id AND o.state IN ('submitted', 'unknown', 'accepted'))
      AND NOT EXISTS (SELECT FROM outbox j WHERE j.state IN ('ready', 'running') AND j.name = 'fulfilment.obtain'
                      AND j.payload ->> 'need_id' = n.id::text)
    ORDER BY n.due_at LIMIT $2
"""


@cache
def register_fulfilment_jobs() -> None:
    """Register everything, once."""
    job(OBTAIN, patience=PATIENCE)(obtain)
    job(LOOK, patience=PATIENCE)(look_up)
    every(seconds=5, name="fulfilment.delays")(tell_delays)
    every(seconds=60, name="fulfilment.sweep")(find_lost)


async def tell_delays() -> None:
    """Units whose time has passed are DELAYED: their holder shall see it, and a person can."""
    for row in await db.rows(OVERDUE, now(), AT_ONCE):
        await transact(partial(_tell_delay, need_id=row["id"]))


async def _tell_delay(tx: Transaction, *, need_id: UUID) -> None:
    need = await lock_need(tx, need_id)
    if need.state is not NeedState.OPEN:
        return
    await tx.execute(DELAYED, need_id, now())
    late = await delay(tx, need.units)
    if late:
        ids = tuple(unit.id for unit in late)
        emit(tx, EntitlementsDelayed(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=ids))
        wake_after_commit(tx, need.source_kind, need.source_id)


async def find_lost() -> None:
    """Give what lost its job another one."""
    since = now() - FORGOTTEN_AFTER
    for order in await forgotten_orders(since, AT_ONCE):
        await transact(partial(_look, order=order))
    for row in await db.rows(LOST, since, AT_ONCE):
        await transact(partial(_obtain, need=row["id"]))


async def _look(tx: Transaction, *, order: UUID) -> None:
    look_soon(tx, order)


async def _obtain(tx: Transaction, *, need: UUID) -> None:
    obtain_more(tx, need)
