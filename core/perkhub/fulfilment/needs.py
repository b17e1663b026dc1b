"""Needs: what must still be obtained, written in the transaction that promises it, with the job that obtains it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from perkhub.catalog import Validity, ValidityKind
from perkhub.entitlements import Entitlement, Unit, waiting_units
from perkhub.fulfilment.states import NEED, NeedState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import emit, enqueue
from perkhub.kit.waking import wake_after_commit
from perkhub.plugin.events import EntitlementsUnobtainable

OBTAIN = "fulfilment.obtain"
AS_PRINTED = Validity(ValidityKind.AS_PRINTED, None, None)
# So many at most are bought by one order: what is wanted of more goes to several, which are filled side by side.
UNITS_AT_ONCE = 100
# Nobody waits for what is bought into stock; an order that takes so long is still worth a look by a person.
LONG_FOR_STOCK = timedelta(minutes=15)

COLUMNS = """id, source_kind, source_id, variant_id, quantity, obtained, units, refused, together, minimum_validity_days,
             validity, validity_days, valid_until, zone, face_value, state, due_at, delayed_at, created_at, settled_at"""
ADD = """
    INSERT INTO need (id, source_kind, source_id, variant_id, quantity, obtained, units, refused, together,
                      minimum_validity_days, state, due_at, created_at, validity, validity_days, valid_until, zone, face_value)
    VALUES ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::int, 0, $6::uuid[], '{}', $7::boolean, $8::int, $9::text,
            $10::timestamptz, $11::timestamptz, $12::text, $13::int, $14::date, $15::text, $16::numeric)
"""
BY_IDS = f"SELECT {COLUMNS} FROM need WHERE id = ANY($1) ORDER BY id"
LOCK = f"{BY_IDS} FOR NO KEY UPDATE"
LOCK_OF_SOURCE = f"SELECT {COLUMNS} FROM need WHERE source_id = $1 ORDER BY id FOR NO KEY UPDATE"
OBTAINED = "UPDATE need SET obtained = obtained + $2 WHERE id = $1"
REFUSE = "UPDATE need SET refused = array_append(refused, $2::uuid) WHERE id = $1 AND NOT $2::uuid = ANY(refused)"


@dataclass(frozen=True, slots=True)
class Need:
    """So many of a variant for one source. `units` wait for them; without any they are bought into stock."""

    id: UUID
    source_kind: str
    source_id: UUID
    variant_id: UUID
    quantity: int
    obtained: int
    units: tuple[UUID, ...]
    refused: tuple[UUID, ...]
    together: bool
    minimum_validity: timedelta
    validity: Validity
    zone: str
    face_value: Decimal | None
    state: NeedState
    due_at: datetime
    delayed_at: datetime | None
    created_at: datetime
    settled_at: datetime | None

    @property
    def patience(self) -> timedelta:
        """How long one order for it may take, before a person shall look at it."""
        return self.due_at - self.created_at if self.units else LONG_FOR_STOCK


@dataclass(frozen=True, slots=True)
class Terms:
    """How good a code must be, within what time it shall come, how long a unit is good for once it is delivered, and what must
    be printed on it."""

    minimum_validity: timedelta
    wait: timedelta
    validity: Validity = AS_PRINTED
    zone: str = "UTC"
    face_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What needs are for, by kind and id. `together`: all of its units are given, or none."""

    kind: str
    id: UUID
    together: bool = False


def is_over(end: datetime | None, at: datetime) -> bool:
    """Whether what is delivered now would be over at once."""
    return end is not None and end <= at


def sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two ends, where there is any."""
    return min((moment for moment in (one, other) if moment is not None), default=None)


def need_units(
    tx: Transaction, source: Source, units: Sequence[Unit | Entitlement], *, terms: Terms, kept: Sequence[Unit] = ()
) -> None:
    """Need codes for pending units of one variant, which may be written in the same transaction. `kept` are units of the
    source that have theirs and wait for the others."""
    for start in range(0, len(units), UNITS_AT_ONCE):
        some = units[start : start + UNITS_AT_ONCE]
        told = [unit.id for unit in (*some, *kept)]
        _add(tx, source, some[0].variant_id, told, quantity=len(some), terms=terms)
        kept = ()


def need_stock(
    tx: Transaction, source: Source, variant: UUID, quantity: int, *, minimum_validity: timedelta, wait: timedelta
) -> UUID:
    """Need codes for the pool."""
    return _add(tx, source, variant, [], quantity=quantity, terms=Terms(minimum_validity, wait))


def _add(
    tx: Transaction,
    source: Source,
    variant: UUID,
    units: Sequence[UUID],
    *,
    quantity: int,
    terms: Terms,
) -> UUID:
    need, at = new_id(), now()
    born = str(NEED.birth(NeedState.OPEN))
    what = (variant, quantity, list(units), source.together, terms.minimum_validity.days)
    validity = terms.validity
    good = (str(validity.kind), validity.days, validity.until, terms.zone, terms.face_value)
    tx.later(ADD, need, source.kind, source.id, *what, born, at + terms.wait, at, *good)
    # Without a key: the row is new, and nobody else can have asked for it.
    enqueue(tx, OBTAIN, need_id=need)
    return need


def obtain_more(tx: Transaction, need: UUID, *, after: timedelta = timedelta()) -> None:
    """Go on with a need."""
    enqueue(tx, OBTAIN, need_id=need, run_at=now() + after, unique_key=f"need:{need}")


async def missing(tx: Transaction, need: Need) -> list[UUID] | int:
    """The units that still wait, locked; of a need without units, how many codes are missing."""
    if need.units:
        return await waiting_units(tx, need.units)
    return need.quantity - need.obtained


def amount(still: list[UUID] | int) -> int:
    """How many."""
    return still if isinstance(still, int) else len(still)


async def finish(tx: Transaction, need: Need) -> None:
    """Nothing is missing any more."""
    await NEED.move_many(tx, [need.id], NeedState.DONE, event=None, settled_at=now())
    wake_after_commit(tx, need.source_kind, need.source_id)


async def finish_many(tx: Transaction, needs: Mapping[UUID, int]) -> None:
    """Nothing of these is missing any more: so much was obtained of each in all. Whoever waits is not told here."""
    at = now()
    rows = {need: (obtained, at) for need, obtained in needs.items()}
    await NEED.move_each(tx, rows, NeedState.DONE, columns={"obtained": "int", "settled_at": "timestamptz"})


async def give_up(tx: Transaction, need: Need) -> None:
    """Nobody will sell what is missing: whoever the units were for is told, and gives their money back."""
    moved = await NEED.move_many(tx, [need.id], NeedState.FAILED, event=None, settled_at=now())
    if not moved:
        return
    still = await missing(tx, need)
    units = tuple(still) if isinstance(still, list) else ()
    emit(tx, EntitlementsUnobtainable(source_kind=need.source_kind, source_id=need.source_id, entitlement_ids=units))
    wake_after_commit(tx, need.source_kind, need.source_id)


async def give_up_source(tx: Transaction, source: UUID) -> None:
    """Obtain nothing more for a source. What is under way still comes, and goes into stock."""
    open_needs = [need_from(row) for row in await tx.rows(LOCK_OF_SOURCE, source) if row["state"] == NeedState.OPEN]
    await NEED.move_many(tx, [need.id for need in open_needs], NeedState.FAILED, event=None, settled_at=now())


async def note_obtained(tx: Transaction, need: UUID, useful: int) -> None:
    """So many more are there."""
    await tx.execute(OBTAINED, need, useful)


async def note_refused_offer(tx: Transaction, need: UUID, offer: UUID) -> None:
    """This offer is not tried again for this need."""
    await tx.execute(REFUSE, need, offer)


async def needs_by_ids(ids: Sequence[UUID]) -> list[Need]:
    """Needs by id, those that exist."""
    return [need_from(row) for row in await db.rows(BY_IDS, list(ids))]


async def lock_need(tx: Transaction, need: UUID) -> Need:
    """The need, locked before the orders for it and its units."""
    found = await lock_needs(tx, [need])
    if not found:
        raise LookupError(f"no need {need}")
    return found[need]


async def lock_needs(tx: Transaction, needs: Sequence[UUID]) -> dict[UUID, Need]:
    """The needs, locked in the order of their ids."""
    return {row["id"]: need_from(row) for row in await tx.rows(LOCK, list(needs))}


def need_from(row: Row) -> Need:
    """A row of the table as a value."""
    return Need(
        id=row["id"],
        source_kind=row["source_kind"],
        source_id=row["source_id"],
        variant_id=row["variant_id"],
        quantity=row["quantity"],
        obtained=row["obtained"],
        units=tuple(row["units"]),
        refused=tuple(row["refused"]),
        together=row["together"],
        minimum_validity=timedelta(days=row["minimum_validity_days"]),
        validity=Validity(ValidityKind(row["validity"]), row["validity_days"], row["valid_until"]),
        zone=row["zone"],
        face_value=row["face_value"],
        state=NeedState(row["state"]),
        due_at=row["due_at"],
        delayed_at=row["delayed_at"],
        created_at=row["created_at"],
        settled_at=row["settled_at"],
    )
