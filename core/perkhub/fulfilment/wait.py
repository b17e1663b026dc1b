"""Units that are paid for and wait for leave to be delivered: what the pool promised them stays promised, and each wait ends
once, by delivery or by giving it up. Knows neither orders nor what is waited for.

Locked in this order: the wait, the units, the codes. Stock counters stay for the caller to settle: they come last.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from perkhub.catalog import Validity, ValidityKind
from perkhub.entitlements import WAITING, Entitlement, Issue, entitlements_of_sources, fail, issue, waiting_units
from perkhub.fulfilment.demand import Demand
from perkhub.fulfilment.needs import Source, Terms, is_over, need_units, sooner
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.ids import new_id
from perkhub.suppliers import sourced_variants
from perkhub.vault import NEVER, DealtCode, Waiting, claim_codes, refuse_shortage

ADD = """
    INSERT INTO wait (id, source_kind, source_id, line_id, variant_id, quantity, sourced, minimum_validity_days, validity,
                      validity_days, valid_until, zone, wait_minutes, face_value, created_at)
    SELECT w.id, $1::text, $2::uuid, w.line_id, w.variant_id, w.quantity, w.sourced, w.days, w.validity, w.validity_days,
           w.valid_until, w.zone, w.wait_minutes, w.face_value, $3::timestamptz
    FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::int[], $9::int[], $10::text[], $11::int[],
                $12::date[], $13::text[], $14::int[], $15::numeric[])
         AS w(id, line_id, variant_id, quantity, sourced, days, validity, validity_days, valid_until, zone, wait_minutes,
              face_value)
"""
LOCK = "SELECT line_id, variant_id, quantity, sourced FROM wait WHERE line_id = ANY($1) ORDER BY line_id FOR NO KEY UPDATE"
# Deleting is what ends a wait, and it ends once: whoever gets the rows back has the units to themselves.
END = """
    DELETE FROM wait WHERE line_id = ANY($1)
    RETURNING line_id, variant_id, quantity, sourced, minimum_validity_days, validity, validity_days, valid_until, zone,
              wait_minutes, face_value
"""
SHORTEN = """
    UPDATE wait w SET quantity = w.quantity - g.quantity, sourced = w.sourced - g.sourced
    FROM unnest($1::uuid[], $2::int[], $3::int[]) AS g(line_id, quantity, sourced) WHERE w.line_id = g.line_id
"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of units that had waited: those with a code, those that a supplier is to deliver, those that get nothing.
    `taken` codes left the pool, and so many promises are over."""

    issued: list[Entitlement]
    pending: list[Entitlement]
    failed: list[Entitlement]
    taken: Counter[UUID]
    promised: Counter[UUID]


def let_wait(tx: Transaction, source: Source, demands: Sequence[Demand]) -> Counter[UUID]:
    """Write down that these wait, with the transaction's other writes; what of the pool is to be held for them."""
    if demands:
        tx.later(
            ADD,
            source.kind,
            source.id,
            now(),
            [new_id() for _ in demands],
            [demand.source_id for demand in demands],
            [demand.variant_id for demand in demands],
            [demand.quantity for demand in demands],
            [demand.sourced for demand in demands],
            [demand.minimum_validity.days for demand in demands],
            [str(demand.validity.kind) for demand in demands],
            [demand.validity.days for demand in demands],
            [demand.validity.until for demand in demands],
            [demand.zone for demand in demands],
            [demand.wait // timedelta(minutes=1) for demand in demands],
            [demand.face_value for demand in demands],
        )
    return _by_variant((demand.variant_id, demand.quantity - demand.sourced) for demand in demands)


async def deliver_waiting(tx: Transaction, source: Source, lines: Collection[UUID], *, actor: str) -> Delivered:
    """Give the waiting units of these lines their codes, or what will get them one; nothing, if that was done before.

    Units for which no code of the pool is left, and which no supplier sells, are FAILED, for the caller to refund.
    """
    waits = {row["line_id"]: row for row in await tx.rows(END, list(lines))}
    units = await _units_of(tx, waits)
    terms = {line: _terms(row) for line, row in waits.items()}
    pooled, others = _parted(units, waits)
    dealt = await _from_pool(tx, pooled, terms, actor=actor) if pooled else {}
    issued = await _issue(tx, [unit for unit in pooled if unit.id in dealt], dealt, terms)
    short = [unit for unit in pooled if unit.id not in dealt]
    wanted = {unit.variant_id for unit in short if unit.face_value is None}
    sold = await sourced_variants(tx, list(wanted)) if wanted else set()
    lost = [unit.id for unit in short if unit.variant_id not in sold]
    failed = await fail(tx, lost) if lost else []
    pending: dict[UUID, list[Entitlement]] = defaultdict(list)
    for unit in (*(one for one in short if one.variant_id in sold), *others):
        pending[unit.source_id].append(unit)
    for line, some in pending.items():
        need_units(tx, source, some, terms=terms[line])
    obtained = [unit for some in pending.values() for unit in some]
    return Delivered(issued, obtained, failed, Counter(unit.variant_id for unit in issued), _promised(waits.values()))


async def lock_waits(tx: Transaction, lines: Collection[UUID]) -> set[UUID]:
    """Which of these lines wait, locked: nobody delivers them until this transaction ends."""
    return {row["line_id"] for row in await tx.rows(LOCK, list(lines))}


async def give_up_waiting(
    tx: Transaction, lines: Collection[UUID], units: Collection[UUID] | None = None
) -> tuple[list[Entitlement], Counter[UUID]]:
    """Fail the waiting units of these lines, all or the named ones, for the caller to refund; and which promises are over:
    what a supplier was to deliver is given up before what the pool has promised. Each unit is told once."""
    waits = {row["line_id"]: row for row in await tx.rows(LOCK, list(lines))}
    waiting = [unit.id for unit in await _units_of(tx, waits) if units is None or unit.id in units]
    failed = await fail(tx, waiting) if waiting else []
    gone = Counter(unit.source_id for unit in failed)
    over = [line for line in waits if gone[line] == waits[line]["quantity"]]
    fewer = sorted(set(gone) - set(over))
    await tx.execute("DELETE FROM wait WHERE line_id = ANY($1)", over)
    unbought = {line: min(gone[line], row["sourced"]) for line, row in waits.items()}
    if fewer:
        await tx.execute(SHORTEN, fewer, [gone[line] for line in fewer], [unbought[line] for line in fewer])
    return failed, _by_variant((row["variant_id"], gone[line] - unbought[line]) for line, row in waits.items())


async def _units_of(tx: Transaction, lines: Collection[UUID]) -> list[Entitlement]:
    """The units that wait there, locked."""
    if not lines:
        return []
    found = [unit for unit in await entitlements_of_sources(sorted(lines), tx=tx) if unit.state in WAITING]
    still = set(await waiting_units(tx, [unit.id for unit in found]))
    return [unit for unit in found if unit.id in still]


def _parted(units: Sequence[Entitlement], waits: Mapping[UUID, Row]) -> tuple[list[Entitlement], list[Entitlement]]:
    """Of each line the first ones, to which the pool has promised a code, and the others."""
    left = {line: row["quantity"] - row["sourced"] for line, row in waits.items()}
    pooled: list[Entitlement] = []
    others: list[Entitlement] = []
    for unit in sorted(units, key=lambda one: one.position):
        (pooled if left[unit.source_id] > 0 else others).append(unit)
        left[unit.source_id] -= 1
    return pooled, others


async def _from_pool(
    tx: Transaction, units: Sequence[Entitlement], terms: Mapping[UUID, Terms], *, actor: str
) -> dict[UUID, DealtCode]:
    at = now()
    usable = {
        line: NEVER if is_over(one.validity.ends(at, one.zone), at) else at + one.minimum_validity
        for line, one in terms.items()
    }
    waiting = [Waiting(unit.id, unit.variant_id, usable[unit.source_id]) for unit in units]
    dealt = await claim_codes(tx, waiting, actor=actor)
    if len(dealt) < len(units):
        await refuse_shortage(tx, waiting, dealt, promised=True, partly=True)
    return dealt


async def _issue(
    tx: Transaction, units: Sequence[Entitlement], dealt: Mapping[UUID, DealtCode], terms: Mapping[UUID, Terms]
) -> list[Entitlement]:
    at = now()
    given: list[Issue] = []
    for unit in units:
        code, one = dealt[unit.id], terms[unit.source_id]
        end = sooner(code.expires_at, one.validity.ends(at, one.zone))
        given.append(Issue(unit.id, code.sealed.code_id, code.masked, end, code.unit_cost, code.currency))
    return await issue(tx, given)


def _terms(row: Row) -> Terms:
    validity = Validity(ValidityKind(row["validity"]), row["validity_days"], row["valid_until"])
    return Terms(
        minimum_validity=timedelta(days=row["minimum_validity_days"]),
        wait=timedelta(minutes=row["wait_minutes"]),
        validity=validity,
        zone=row["zone"],
        face_value=row["face_value"],
    )


def _promised(waits: Collection[Row]) -> Counter[UUID]:
    return _by_variant((row["variant_id"], row["quantity"] - row["sourced"]) for row in waits)


def _by_variant(counted: Iterable[tuple[UUID, int]]) -> Counter[UUID]:
    found: Counter[UUID] = Counter()
    for variant, quantity in counted:
        if quantity:
            found[variant] += quantity
    return found
