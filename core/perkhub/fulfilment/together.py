"""All or nothing: codes that came are kept for their units, and given when there is one for each unit of the source.

Whoever gives, and whoever takes a kept code back, holds the source's lock until the commit: one of them comes first, and the
other sees it.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from perkhub.entitlements import Issue, issue_reserved, reserve
from perkhub.fulfilment.earn import earned
from perkhub.fulfilment.needs import Need
from perkhub.kit.db import Transaction
from perkhub.kit.outbox import emit
from perkhub.kit.waking import wake_after_commit
from perkhub.ledger import post
from perkhub.plugin.events import EntitlementsIssued, EntitlementsUnobtainable

UNITS_OF_SOURCE = "SELECT units FROM need WHERE source_id = $1"
# In the order of the sources, and so are the locks. What keeps a code waits for one that is still to come: some need of its
# source is open.
KEEPERS = """
    SELECT DISTINCT n.source_kind, n.source_id FROM need n
    WHERE n.source_id IN (SELECT o.source_id FROM need o WHERE o.state = 'open' AND o.together)
      AND n.units && ARRAY(SELECT e.id FROM code c JOIN entitlement e ON e.code_id = c.id
                           WHERE c.lot_id = $1 AND c.state = 'sold' AND e.state IN ('pending', 'delayed'))
    ORDER BY n.source_id
"""
# What was kept may have been taken back since, by its supplier or an operator, whoever it was bought for. They told the source
# under the lock that is held here, and its money is on its way back: nothing is given.
VOID = """
    SELECT true FROM entitlement e JOIN code c ON c.id = e.code_id JOIN lot l ON l.id = c.lot_id
    WHERE e.id = ANY($1) AND l.state = 'recalled' LIMIT 1
"""


async def lock_together(tx: Transaction, source: UUID) -> None:
    """Whoever gives the units of an all-or-nothing source their codes, or takes some back, does so alone."""
    await tx.advisory_lock(f"together:{source}")


async def lock_keepers(tx: Transaction, lot: UUID, *, besides: Collection[UUID] = ()) -> set[UUID]:
    """Which all-or-nothing sources keep codes of the lot for their last one, with those `besides`; all locked. They come
    before the units, the lot and its codes."""
    keepers = {row["source_id"] for row in await tx.rows(KEEPERS, lot)} | set(besides)
    for source in sorted(keepers):
        await lock_together(tx, source)
    return keepers


async def end_keepers(tx: Transaction, lot: UUID, *, locked: Collection[UUID]) -> None:
    """Tell the sources that keep codes of a lot, which is recalled in this transaction, that nothing will come of them. Where
    the last code came first, it was given, and they keep nothing any more."""
    keepers = {row["source_id"]: row["source_kind"] for row in await tx.rows(KEEPERS, lot)}
    # Those that took their code while we waited for the lot. Nobody can take another: what is unsold is frozen.
    if late := sorted(keepers.keys() - locked):
        for source in late:
            await lock_together(tx, source)
        keepers = {row["source_id"]: row["source_kind"] for row in await tx.rows(KEEPERS, lot)}
    for source, kind in keepers.items():
        _tell_unobtainable(tx, kind, source, await _units_of(tx, source))


async def issue_together(tx: Transaction, need: Need, given: Sequence[Issue], *, actor: str) -> None:
    """Keep the codes for their units; with the last of them, give all."""
    await reserve(tx, given)
    # The last two of a source may arrive at once: the second sees what the first has kept. Nobody who holds this lock
    # asks for another need.
    await lock_together(tx, need.source_id)
    units = await _units_of(tx, need.source_id)
    if await tx.value(VOID, units):
        _tell_unobtainable(tx, need.source_kind, need.source_id, units)
        return
    issued = await issue_reserved(tx, units)
    if not issued:
        return
    await post(tx, "units.issued", need.source_id, earned(issued), actor=actor)
    ids = tuple(unit.id for unit in issued)
    emit(tx, EntitlementsIssued(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=ids))
    wake_after_commit(tx, need.source_kind, need.source_id)


async def _units_of(tx: Transaction, source: UUID) -> list[UUID]:
    return [unit for row in await tx.rows(UNITS_OF_SOURCE, source) for unit in row["units"]]


def _tell_unobtainable(tx: Transaction, kind: str, source: UUID, units: Sequence[UUID]) -> None:
    emit(tx, EntitlementsUnobtainable(source_kind=kind, source_id=source, entitlement_ids=tuple(units)))
    wake_after_commit(tx, kind, source)
