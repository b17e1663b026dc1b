"""All or nothing: codes that came are kept for their units, and given when there is one for each unit of the source."""

from collections.abc import Sequence

from perkhub.entitlements import Issue, issue_reserved, reserve
from perkhub.fulfilment.earn import earned
from perkhub.fulfilment.needs import Need
from perkhub.kit.db import Transaction
from perkhub.kit.outbox import emit
from perkhub.kit.waking import wake_after_commit
from perkhub.ledger import post
from perkhub.plugin.events import EntitlementsIssued, EntitlementsUnobtainable

UNITS_OF_SOURCE = "SELECT units FROM need WHERE source_id = $1"
# What was kept may have been taken back since, by its supplier or an operator, whoever it was bought for: then nothing is
# given, and the money of all goes back.
VOID = """
    SELECT true FROM entitlement e JOIN code c ON c.id = e.code_id JOIN lot l ON l.id = c.lot_id
    WHERE e.id = ANY($1) AND l.state = 'recalled' LIMIT 1
"""


async def lock_together(tx: Transaction, need: Need) -> None:
    """Whoever gives the units of an all-or-nothing source their codes, or takes some back, does so alone."""
    await tx.advisory_lock(f"together:{need.source_id}")


async def issue_together(tx: Transaction, need: Need, given: Sequence[Issue], *, actor: str) -> None:
    """Keep the codes for their units; with the last of them, give all."""
    await reserve(tx, given)
    # The last two of a source may arrive at once: the second sees what the first has kept. Nobody who holds this lock
    # asks for another need.
    await lock_together(tx, need)
    units = [unit for row in await tx.rows(UNITS_OF_SOURCE, need.source_id) for unit in row["units"]]
    if await tx.value(VOID, units):
        failed = tuple(units)
        emit(tx, EntitlementsUnobtainable(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=failed))
        return
    issued = await issue_reserved(tx, units)
    if not issued:
        return
    await post(tx, "units.issued", need.source_id, earned(issued), actor=actor)
    ids = tuple(unit.id for unit in issued)
    emit(tx, EntitlementsIssued(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=ids))
    wake_after_commit(tx, need.source_kind, need.source_id)
