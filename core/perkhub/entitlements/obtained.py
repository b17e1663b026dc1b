"""Units that wait for a supplier: given their code when it comes, delayed, or failed for good; frozen if it is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.entitlements.read import BY_CODES, Entitlement, entitlement_from
from perkhub.entitlements.sql import ISSUE, LOCK_UNITS, LOCK_WAITING, RESERVE
from perkhub.entitlements.states import ENTITLEMENT, WAITING, EntitlementState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.inserts import as_columns

HELD = (EntitlementState.ISSUED, EntitlementState.REVEALED)


@dataclass(frozen=True, slots=True)
class Issue:
    """The code that a waiting unit gets, and what it cost us."""

    entitlement_id: UUID
    code_id: UUID
    masked: str
    expires_at: datetime | None
    cost: Decimal
    currency: str


async def waiting_units(tx: Transaction, units: Sequence[UUID]) -> list[UUID]:
    """Which of these still wait, locked, in the order they were given in."""
    waiting = {row["id"] for row in await tx.rows(LOCK_WAITING, list(units))}
    return [unit for unit in units if unit in waiting]


async def issue(tx: Transaction, given: Sequence[Issue]) -> list[Entitlement]:
    """Give waiting units their codes; those that got theirs."""
    if not given:
        return []
    issued = await tx.rows(ISSUE, *_columns(given), now())
    return [entitlement_from(row) for row in issued]


async def deliver(tx: Transaction, units: Sequence[UUID], *, cost: Decimal, currency: str) -> list[Entitlement]:
    """Say of waiting units that their top-up is done, all at one unit cost; those of which it is news."""
    told: dict[str, Any] = {"cost": cost, "cost_currency": currency, "issued_at": now()}
    moved = await ENTITLEMENT.move_many(tx, units, EntitlementState.DELIVERED, event=None, origin=WAITING, **told)
    return [entitlement_from(row) for row in moved]


async def freeze_delivered(tx: Transaction, units: Sequence[UUID], count: int) -> list[Entitlement]:
    """So many of these top-ups were taken back, whichever: they are alike. A person decides about them."""
    found = [row["id"] for row in await tx.rows(LOCK_UNITS, list(units)) if row["state"] == EntitlementState.DELIVERED]
    origin = [EntitlementState.DELIVERED]
    moved = await ENTITLEMENT.move_many(tx, found[:count], EntitlementState.FROZEN, event=None, origin=origin)
    return [entitlement_from(row) for row in moved]


async def reserve(tx: Transaction, given: Sequence[Issue]) -> None:
    """Keep codes for waiting units, which go on waiting for others."""
    await tx.execute(RESERVE, *_columns(given))


def _columns(given: Sequence[Issue]) -> list[list[Any]]:
    return as_columns([(one.entitlement_id, one.code_id, one.masked, one.expires_at, one.cost, one.currency) for one in given])


async def issue_reserved(tx: Transaction, units: Sequence[UUID]) -> list[Entitlement]:
    """Give these units the codes that are kept for them, if there is one for each; else nothing."""
    found = await tx.rows(LOCK_UNITS, list(units))
    if len(found) != len(set(units)) or any(row["code_id"] is None or row["state"] not in WAITING for row in found):
        return []
    moved = await ENTITLEMENT.move_many(tx, units, EntitlementState.ISSUED, event=None, origin=WAITING, issued_at=now())
    return [entitlement_from(row) for row in moved]


async def delay(tx: Transaction, units: Sequence[UUID]) -> list[Entitlement]:
    """Say of pending units that they take longer than was promised; those of which it is news."""
    moved = await ENTITLEMENT.move_many(tx, units, EntitlementState.DELAYED, event=None)
    return [entitlement_from(row) for row in moved]


async def fail(tx: Transaction, units: Sequence[UUID]) -> list[Entitlement]:
    """Nothing will come for these waiting units; those that were waiting, and so are to be refunded, once."""
    moved = await ENTITLEMENT.move_many(tx, units, EntitlementState.FAILED, event=None, origin=WAITING)
    failed = [entitlement_from(row) for row in moved]
    # Codes that were kept for them are the caller's to give back.
    if any(unit.code_id is not None for unit in failed):
        await tx.execute("UPDATE entitlement SET code_id = NULL WHERE id = ANY($1)", [unit.id for unit in failed])
    return failed


async def freeze_holders(tx: Transaction, codes: Sequence[UUID]) -> list[Entitlement]:
    """The codes are good for nothing any more: nobody reads them until somebody has decided. Who held them; those for whom they
    are only kept go on waiting."""
    holders = [entitlement_from(row) for row in await tx.rows(BY_CODES, list(codes))]
    moved = await ENTITLEMENT.move_many(tx, [unit.id for unit in holders], EntitlementState.FROZEN, event=None, origin=HELD)
    return [entitlement_from(row) for row in moved]
