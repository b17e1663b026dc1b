"""What follows when a circle is full, or its time is over: its members' orders are settled, by a job that is never lost."""

from uuid import UUID

from perkhub.campaigns.circles import forgotten_circles, lapse_overdue
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs import Context, every, job, on
from perkhub.kit.outbox import enqueue
from perkhub.orders import settle_circle
from perkhub.plugin.events import CircleFilled, CircleLapsed

SETTLE = "circles.settle"


def register_circles() -> None:
    """A circle closes by itself; the periodic tasks only see to it that its members hear of it."""
    on(CircleFilled, "circles.deliver")(_deliver)
    on(CircleLapsed, "circles.refund")(_refund)
    job(SETTLE)(_settle)
    every(seconds=2, name="circles.lapse")(_lapse)
    every(seconds=60, name="circles.sweep")(_sweep)


async def _deliver(_: Context, event: CircleFilled) -> None:
    await settle_circle(event.circle_id)


async def _refund(_: Context, event: CircleLapsed) -> None:
    await settle_circle(event.circle_id)


async def _settle(_: Context, circle_id: UUID) -> None:
    await settle_circle(circle_id)


async def _lapse() -> None:
    while await lapse_overdue():
        pass


async def _sweep() -> None:
    """Give what lost its job another one."""
    forgotten = await forgotten_circles()

    async def again(tx: Transaction) -> None:
        for circle in forgotten:
            enqueue(tx, SETTLE, circle_id=circle, unique_key=f"circle:{circle}")

    if forgotten:
        await transact(again)
