"""Filling entitlements inside the transaction that sells them: from the vault's pool, or, of what suppliers are to deliver,
with a need for each unit. Knows no orders.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from perkhub.catalog import Validity
from perkhub.entitlements import EntitlementState, Unit, give
from perkhub.fulfilment.needs import Source, Terms, is_over, need_units, sooner
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.vault import NEVER, DealtCode, SealedCode, Waiting, claim_codes, refuse_shortage


@dataclass(frozen=True, slots=True)
class Demand:
    """Units that one source (an order's line) is due: `price` is the line's total, shared out to the units.

    They are good as long as their codes, and no longer than `validity` says by the calendar of `zone`.
    The face value is that of one unit. What the buyer said is kept by the source: `entitlements.inputs_to_deliver`.
    `sourced` ones are bought from a supplier, within `wait` or they are late: the pool is left to others. `first` is the
    position of the first of them among the source's units, where a source is due several things.
    """

    source_id: UUID
    variant_id: UUID
    quantity: int
    price: Money
    minimum_validity: timedelta
    validity: Validity
    zone: str
    wait: timedelta
    face_value: Decimal | None = None
    face_currency: str | None = None
    sourced: bool = False
    first: int = 0


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of the demands: units that got a code, with their sealed codes; those that wait for a supplier, or for
    others to get theirs; and those that get nothing."""

    issued: list[Unit]
    pending: list[Unit]
    failed: list[Unit]
    sealed: dict[UUID, SealedCode] = field(repr=False)

    def taken(self) -> Counter[UUID]:
        """Codes that left the pool, by variant."""
        return Counter(unit.variant_id for unit in (*self.issued, *self.pending) if unit.code_id is not None)


async def fill(
    tx: Transaction,
    party: UUID,
    demands: Sequence[Demand],
    *,
    source: Source,
    actor: str,
    seen_at_once: bool = False,
    promised: bool = False,
    partly: bool = False,
) -> Filled:
    """Give each demanded unit a code, or what will get it one; `promised` where stock is held for them.

    With `partly`, units of the pool for which no code is left are recorded as FAILED, for the caller to refund. Stock
    counters stay for the caller to settle: they are the hottest rows and come last.

    Raises:
        OutOfStock: a code is missing, and not `partly`.
    """
    pooled = _units([demand for demand in demands if not demand.sourced], EntitlementState.FAILED)
    waiting = _units([demand for demand in demands if demand.sourced], EntitlementState.PENDING)
    # Of a source that gets all or nothing, what lies in the pool waits for what does not.
    kept = source.together and bool(waiting)
    dealt: dict[UUID, DealtCode] = {}
    if pooled:
        seen = seen_at_once and not kept
        dealt = await _from_pool(tx, pooled, demands, actor=actor, seen_at_once=seen, promised=promised, partly=partly)
    state = EntitlementState.REVEALED if seen_at_once else EntitlementState.ISSUED
    at = now()
    ends = {demand.source_id: demand.validity.ends(at, demand.zone) for demand in demands}
    with_codes = [
        _with(unit, dealt[unit.id], EntitlementState.PENDING if kept else state, ends[unit.source_id])
        for unit in pooled
        if unit.id in dealt
    ]
    failed = [unit for unit in pooled if unit.id not in dealt]
    give(tx, party, [*with_codes, *waiting, *failed], source_kind=source.kind)
    _need(tx, source, waiting, demands, kept=with_codes if kept else [])
    sealed = {} if kept else {entitlement: code.sealed for entitlement, code in dealt.items()}
    if kept:
        return Filled([], [*with_codes, *waiting], failed, sealed)
    return Filled(with_codes, waiting, failed, sealed)


async def _from_pool(
    tx: Transaction,
    units: Sequence[Unit],
    demands: Sequence[Demand],
    *,
    actor: str,
    seen_at_once: bool,
    promised: bool,
    partly: bool,
) -> dict[UUID, DealtCode]:
    at = now()
    ends = {demand.source_id: demand.validity.ends(at, demand.zone) for demand in demands}
    # For what would be over at once no code is good enough: it was sold too late, or paid for.
    usable = {
        demand.source_id: NEVER if is_over(ends[demand.source_id], at) else at + demand.minimum_validity for demand in demands
    }
    waiting = [Waiting(unit.id, unit.variant_id, usable[unit.source_id]) for unit in units]
    dealt = await claim_codes(tx, waiting, actor=actor, seen_at_once=seen_at_once)
    if len(dealt) < len(units):
        await refuse_shortage(tx, waiting, dealt, promised=promised, partly=partly)
    return dealt


def _need(tx: Transaction, source: Source, units: Sequence[Unit], demands: Sequence[Demand], *, kept: list[Unit]) -> None:
    of = {demand.source_id: demand for demand in demands}
    for (source_id, _), group in groupby(units, key=lambda unit: (unit.source_id, unit.variant_id)):
        demand = of[source_id]
        terms = Terms(demand.minimum_validity, demand.wait, demand.validity, demand.zone, demand.face_value)
        need_units(tx, source, list(group), terms=terms, kept=kept)
        kept = []


def _with(unit: Unit, code: DealtCode, state: EntitlementState, end: datetime | None) -> Unit:
    return replace(
        unit,
        state=state,
        code_id=code.sealed.code_id,
        masked=code.masked,
        expires_at=sooner(code.expires_at, end),
        cost=code.unit_cost,
        cost_currency=code.currency,
    )


def _units(demands: Sequence[Demand], state: EntitlementState) -> list[Unit]:
    return [
        Unit(
            id=new_id(),
            variant_id=demand.variant_id,
            source_id=demand.source_id,
            position=position,
            price=price,
            state=state,
            face_value=demand.face_value,
            face_currency=demand.face_currency,
        )
        for demand in demands
        for position, price in enumerate(demand.price.allocate(demand.quantity), start=demand.first)
    ]
