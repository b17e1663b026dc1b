"""Filling entitlements inside the transaction that sells them: from the vault's pool, or, of what suppliers are to deliver,
with a need for each unit. The pool gives the first units of a demand, suppliers the others. Knows no orders.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from perkhub.entitlements import EntitlementState, Unit, give
from perkhub.fulfilment.demand import Demand
from perkhub.fulfilment.needs import Source, is_over, need_units, sooner
from perkhub.fulfilment.wait import let_wait
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.suppliers import sourced_variants
from perkhub.vault import NEVER, DealtCode, SealedCode, Waiting, claim_codes, refuse_shortage


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of the demands: units that got a code, with their sealed codes; those that wait for a supplier, for others to
    get theirs, or for leave to be delivered; and those that get nothing. `held` is what stays promised of the pool."""

    issued: list[Unit]
    pending: list[Unit]
    failed: list[Unit]
    sealed: dict[UUID, SealedCode] = field(repr=False)
    held: Counter[UUID] = field(default_factory=Counter)

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
    """Give each demanded unit a code, or what will get it one; `promised` where stock is held for them. Units that wait get
    neither: only that they wait is written down.

    What the pool lacks is needed of a supplier, where one sells it. With `partly`, units for which there is neither are
    recorded as FAILED, for the caller to refund. Stock counters stay for the caller to settle: they are the hottest rows and
    come last.

    Raises:
        OutOfStock: a code is missing, and not `partly`.
    """
    later = [demand for demand in demands if demand.waits]
    demands = [demand for demand in demands if not demand.waits]
    pooled, waiting = _parted(demands)
    deferred = _units(later)
    # Of a source that gets all or nothing, what lies in the pool waits for what does not.
    kept = source.together and bool(waiting)
    seen = seen_at_once and not kept
    asked = _asked(pooled, demands)
    dealt = await claim_codes(tx, asked, actor=actor, seen_at_once=seen) if asked else {}
    failed: list[Unit] = []
    if short := [unit for unit in pooled if unit.id not in dealt]:
        # What was shown at once cannot wait for others any more.
        sold = set() if seen and source.together else await _sold_elsewhere(tx, short, asked, demands)
        await _refuse_shortage(tx, asked, dealt, sold, promised=promised, partly=partly)
        failed = [replace(unit, state=EntitlementState.FAILED) for unit in short if unit.variant_id not in sold]
        waiting = _by_demand([*waiting, *(unit for unit in short if unit.variant_id in sold)], demands)
        kept = source.together and bool(waiting)
    state = EntitlementState.REVEALED if seen_at_once else EntitlementState.ISSUED
    at = now()
    ends = {demand.source_id: demand.validity.ends(at, demand.zone) for demand in demands}
    with_codes = [
        _with(unit, dealt[unit.id], EntitlementState.PENDING if kept else state, ends[unit.source_id])
        for unit in pooled
        if unit.id in dealt
    ]
    give(tx, party, [*with_codes, *waiting, *deferred, *failed], source_kind=source.kind)
    held = let_wait(tx, source, later)
    _need(tx, source, waiting, demands, kept=with_codes if kept else [])
    sealed = {} if kept else {entitlement: code.sealed for entitlement, code in dealt.items()}
    if kept:
        return Filled([], [*with_codes, *waiting, *deferred], failed, sealed, held)
    return Filled(with_codes, [*waiting, *deferred], failed, sealed, held)


def _parted(demands: Sequence[Demand]) -> tuple[list[Unit], list[Unit]]:
    """Those that the pool is to give, and those that are bought."""
    pooled: list[Unit] = []
    bought: list[Unit] = []
    for demand in demands:
        units, first = _units([demand]), demand.quantity - demand.sourced
        pooled += units[:first]
        bought += units[first:]
    return pooled, bought


def _by_demand(units: Sequence[Unit], demands: Sequence[Demand]) -> list[Unit]:
    place = {(demand.source_id, demand.variant_id): at for at, demand in enumerate(demands)}
    return sorted(units, key=lambda unit: (place[unit.source_id, unit.variant_id], unit.position))


def _asked(units: Sequence[Unit], demands: Sequence[Demand]) -> list[Waiting]:
    at = now()
    ends = {demand.source_id: demand.validity.ends(at, demand.zone) for demand in demands}
    # For what would be over at once no code is good enough: it was sold too late, or paid for.
    usable = {
        demand.source_id: NEVER if is_over(ends[demand.source_id], at) else at + demand.minimum_validity for demand in demands
    }
    return [Waiting(unit.id, unit.variant_id, usable[unit.source_id]) for unit in units]


async def _sold_elsewhere(
    tx: Transaction, short: Sequence[Unit], asked: Sequence[Waiting], demands: Sequence[Demand]
) -> set[UUID]:
    """The variants that are short here and that a supplier sells, but for what would be over before it came."""
    over = {one.entitlement_id for one in asked if one.usable_at == NEVER}
    elsewhere = {(demand.source_id, demand.variant_id) for demand in demands if demand.elsewhere}
    wanted = {unit.variant_id for unit in short if unit.id not in over and (unit.source_id, unit.variant_id) in elsewhere}
    return await sourced_variants(tx, list(wanted)) if wanted else set()


async def _refuse_shortage(
    tx: Transaction,
    asked: Sequence[Waiting],
    dealt: Collection[UUID],
    sold: Collection[UUID],
    *,
    promised: bool,
    partly: bool,
) -> None:
    """Go on with what the pool has not and suppliers have, and with what the caller can live without."""
    elsewhere = [one for one in asked if one.variant_id in sold]
    nowhere = [one for one in asked if one.variant_id not in sold]
    if promised and elsewhere:
        # To whom the pool has promised a code, a competitor who may yet let go of it is no reason to buy another.
        await refuse_shortage(tx, elsewhere, dealt, promised=True, partly=True)
    if any(one.entitlement_id not in dealt for one in nowhere):
        await refuse_shortage(tx, nowhere, dealt, promised=promised, partly=partly)


def _need(tx: Transaction, source: Source, units: Sequence[Unit], demands: Sequence[Demand], *, kept: list[Unit]) -> None:
    of = {demand.source_id: demand for demand in demands}
    for (source_id, _), group in groupby(units, key=lambda unit: (unit.source_id, unit.variant_id)):
        need_units(tx, source, list(group), terms=of[source_id].terms, kept=kept)
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


def _units(demands: Sequence[Demand]) -> list[Unit]:
    return [
        Unit(
            id=new_id(),
            variant_id=demand.variant_id,
            source_id=demand.source_id,
            position=position,
            price=price,
            state=EntitlementState.PENDING,
            face_value=demand.face_value,
            face_currency=demand.face_currency,
        )
        for demand in demands
        for position, price in enumerate(demand.price.allocate(demand.quantity), start=demand.first)
    ]
