"""Benefits whose time is over: nobody sees their code any more, and nobody gives them back but with an operator's leave."""

from functools import partial
from uuid import UUID

from perkhub.entitlements.read import MAY_EXPIRE
from perkhub.entitlements.states import ENTITLEMENT, EntitlementState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.plugin.events import EntitlementsExpired

AT_ONCE = 1_000
# A literal for each state: there is an index of its own for what is still alive in it.
DUE = " UNION ALL ".join(
    f"(SELECT id FROM entitlement WHERE state = '{state}' AND expires_at <= $1 ORDER BY expires_at LIMIT $2)"
    for state in MAY_EXPIRE
)


async def expire_units() -> int:
    """Move what is due, chunk by chunk; how many that were."""
    expired = 0
    while due := [row["id"] for row in await db.rows(DUE, now(), AT_ONCE)]:
        expired += await transact(partial(_expire, units=due))
    return expired


async def _expire(tx: Transaction, units: list[UUID]) -> int:
    event = EntitlementsExpired(entitlement_ids=tuple(sorted(units)))
    return len(await ENTITLEMENT.move_many(tx, units, EntitlementState.EXPIRED, event=event, origin=MAY_EXPIRE))
