"""All or nothing: codes that came are kept for their units, and given when there is one for each unit of the source."""

from collections.abc import Sequence
from decimal import Decimal

from perkhub.entitlements import Issue, issue_reserved, reserve
from perkhub.fulfilment.earn import earned
from perkhub.fulfilment.needs import Need
from perkhub.kit.db import Transaction
from perkhub.kit.outbox import emit
from perkhub.kit.waking import wake_after_commit
from perkhub.ledger import post
from perkhub.plugin.events import EntitlementsIssued

UNITS_OF_SOURCE = "SELECT units FROM need WHERE source_id = $1"


async def issue_together(
    tx: Transaction, need: Need, given: Sequence[Issue], *, cost: Decimal, currency: str, actor: str
) -> None:
    """Keep the codes for their units; with the last of them, give all."""
    await reserve(tx, given, cost=cost, currency=currency)
    # The last two of a source may arrive at once: the second sees what the first has kept. Nobody who holds this lock
    # asks for another need.
    await tx.advisory_lock(f"together:{need.source_id}")
    units = [unit for row in await tx.rows(UNITS_OF_SOURCE, need.source_id) for unit in row["units"]]
    issued = await issue_reserved(tx, units)
    if not issued:
        return
    await post(tx, "units.issued", need.source_id, earned(issued), actor=actor)
    ids = tuple(unit.id for unit in issued)
    emit(tx, EntitlementsIssued(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=ids))
    wake_after_commit(tx, need.source_kind, need.source_id)
