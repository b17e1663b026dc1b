"""Taking in what a supplier delivered: sealed into a lot of its own, dealt to those who wait for it, the rest into stock."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.inserts import Insert
from perkhub.kit.keys import HouseKey, keyring, lot_purpose
from perkhub.kit.sealing import HIDDEN, Sealer, fingerprint, mask_tail
from perkhub.plugin.supplier import SuppliedCode
from perkhub.vault.claim import DealtCode, SealedCode, add_stock
from perkhub.vault.credentials import NEVER_MASKED_BY_TAIL, Credential, identifying, to_bytes
from perkhub.vault.models import NEVER, CustodyAction
from perkhub.vault.rows import FORMS, plain_form, plain_issuer
from perkhub.vault.sql import CLAIM_FINGERPRINTS
from perkhub.vault.states import CODE, LOT, CodeState, LotState
from perkhub.vault.unseal import FIELD

# More rows than these are copied.
FEW = 40
LOTS = Insert(
    "lot",
    {
        "id": "uuid",
        "variant_id": "uuid",
        "data_key_id": "uuid",
        "issuer": "text",
        "reference": "text",
        "unit_cost": "numeric",
        "currency": "text",
        "state": "text",
        "quantity": "int",
        "created_at": "timestamptz",
    },
)
CODE_TYPES = {
    "id": "uuid",
    "lot_id": "uuid",
    "variant_id": "uuid",
    "sealed": "bytea",
    "masked": "text",
    "expires_at": "timestamptz",
    "state": "text",
}
CUSTODY_TYPES = {
    "at": "timestamptz",
    "action": "text",
    "lot_id": "uuid",
    "code_id": "uuid",
    "actor": "text",
    "correlation_id": "text",
    "entitlement_id": "uuid",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What comes, and from whom. `usable_at`: a code that ends before it is of no use."""

    variant_id: UUID
    issuer: str
    reference: str
    unit_cost: Decimal
    currency: str
    usable_at: datetime


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a delivery: codes that entitlements now hold, codes in stock, and those of no use, by why.

    `frozen` are of no use but kept: expired on arrival, or in quarantine. The rest of the unusable did not enter at all.
    """

    lot_id: UUID
    dealt: dict[UUID, DealtCode]
    stocked: int
    frozen: int
    unusable: Counter[str] = field(default_factory=Counter)

    @property
    def useful(self) -> int:
        """Codes that somebody has, or can have."""
        return len(self.dealt) + self.stocked


@dataclass(frozen=True, slots=True)
class _Ready:
    """A code with nothing against its form, sealed."""

    id: UUID
    sealed: bytes = field(repr=False)
    masked: str
    expires_at: datetime
    fingerprint: UUID


@dataclass(frozen=True, slots=True)
class Intake:
    """A delivery with its codes: the first for the holders (entitlements), the others for sale; with `quarantine` nobody gets
    any. `trail` is that of whoever ordered it."""

    delivery: Delivery
    codes: Sequence[SuppliedCode] = field(repr=False)
    holders: Sequence[UUID]
    actor: str
    quarantine: bool = False
    trail: str = field(default_factory=correlation_id)


@dataclass(slots=True)
class _Arriving:
    """An intake on its way: its lot, its sealed codes, and what becomes of them."""

    intake: Intake
    lot: UUID
    key_id: UUID
    ready: list[_Ready]
    unusable: Counter[str]
    entered: list[_Ready] = field(default_factory=list)
    held: dict[UUID, _Ready] = field(default_factory=dict)
    stocked: list[_Ready] = field(default_factory=list)
    frozen: list[_Ready] = field(default_factory=list)


async def take_in(
    tx: Transaction,
    delivery: Delivery,
    codes: Sequence[SuppliedCode],
    *,
    holders: Sequence[UUID],
    actor: str,
    quarantine: bool = False,
) -> TakenIn:
    """Seal the codes of one delivery into a new lot; see `take_in_many`."""
    return (await take_in_many(tx, [Intake(delivery, codes, holders, actor, quarantine)]))[0]


async def take_in_many(tx: Transaction, intakes: Sequence[Intake]) -> list[TakenIn]:
    """Seal each delivery's codes into a new lot of its own, with as many statements as one takes.

    Books nothing: whoever bought knows what it cost. Stock comes last, at the commit.
    """
    arriving = await _sealed(tx, intakes)
    await _claim(tx, arriving)
    for one in arriving:
        _share_out(one)
    at = now()
    tx.later(*LOTS.of([_lot_row(one, at) for one in arriving]))
    await _write(tx, "code", CODE_TYPES, [row for one in arriving for row in _code_rows(one)])
    await _write(tx, "custody", CUSTODY_TYPES, [row for one in arriving for row in _touches(one, at)])
    stocked: Counter[UUID] = Counter()
    for one in arriving:
        stocked[one.intake.delivery.variant_id] += len(one.stocked)
    if stocked.total():
        tx.before_commit(lambda last: _add_stock(last, +stocked))
    return [_told(one) for one in arriving]


async def _sealed(tx: Transaction, intakes: Sequence[Intake]) -> list[_Arriving]:
    lots = [new_id() for _ in intakes]
    keys = await keyring().new_data_keys(tx, [lot_purpose(lot) for lot in lots])
    arriving = []
    for intake, lot, (key_id, key) in zip(intakes, lots, keys, strict=True):
        ready, unusable = _seal(intake.codes, lot, Sealer(key), issuer=intake.delivery.issuer)
        arriving.append(_Arriving(intake, lot, key_id, ready, unusable))
    return arriving


def _seal(codes: Sequence[SuppliedCode], lot: UUID, sealer: Sealer, *, issuer: str) -> tuple[list[_Ready], Counter[str]]:
    of_house = keyring().house_key(HouseKey.FINGERPRINT)
    ready: list[_Ready] = []
    unusable: Counter[str] = Counter()
    for code in codes:
        credentials = [Credential(kind, value.strip()) for kind, value in code.credentials]
        named = identifying(credentials)
        kinds = {one.kind for one in credentials}
        decent = all(FORMS[one.kind][0].fullmatch(one.value) for one in credentials)
        if named is None or len(kinds) != len(credentials) or not decent:
            unusable["malformed"] += 1
            continue
        made = fingerprint(of_house, plain_issuer(issuer), plain_form(named.kind)(named.value))
        code_id = new_id()
        masked = HIDDEN if named.kind in NEVER_MASKED_BY_TAIL else mask_tail(named.value)
        sealed = sealer.seal(to_bytes(credentials), associated=(lot, code_id, FIELD))
        ready.append(_Ready(code_id, sealed, masked, code.expires_at or NEVER, UUID(bytes=made[:16])))
    return ready, unusable


async def _claim(tx: Transaction, arriving: Sequence[_Arriving]) -> None:
    """Find those that the vault has never seen."""
    ready = [code for one in arriving for code in one.ready]
    if not ready:
        return
    claimed = await tx.rows(CLAIM_FINGERPRINTS, [code.fingerprint for code in ready], [code.id for code in ready])
    winners = {row["code_id"] for row in claimed}
    for one in arriving:
        one.entered = [code for code in one.ready if code.id in winners]
        one.unusable["duplicate"] += len(one.ready) - len(one.entered)


def _share_out(one: _Arriving) -> None:
    expired = [code for code in one.entered if code.expires_at <= one.intake.delivery.usable_at]
    one.unusable["expires_too_soon"] += len(expired)
    good = [] if one.intake.quarantine else [code for code in one.entered if code not in expired]
    one.held = dict(zip(one.intake.holders, good, strict=False))
    one.stocked = good[len(one.held) :]
    one.frozen = one.entered if one.intake.quarantine else expired


async def _write(tx: Transaction, table: str, types: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """A few with the transaction's other writes, many by COPY."""
    if len(rows) > FEW:
        await tx.copy(table, columns=tuple(types), records=rows)
    elif rows:
        tx.later(*Insert(table, types, few=0).of(rows))


def _lot_row(one: _Arriving, at: datetime) -> tuple[Any, ...]:
    told = one.intake.delivery
    what = (one.lot, told.variant_id, one.key_id, told.issuer, told.reference, told.unit_cost, told.currency)
    return (*what, str(LOT.birth(LotState.OPEN)), len(one.entered), at)


def _code_rows(one: _Arriving) -> Iterator[tuple[Any, ...]]:
    by_state = {CodeState.SOLD: one.held.values(), CodeState.AVAILABLE: one.stocked, CodeState.FROZEN: one.frozen}
    for state, codes in by_state.items():
        born = str(CODE.birth(state))
        for code in codes:
            yield code.id, one.lot, one.intake.delivery.variant_id, code.sealed, code.masked, code.expires_at, born


def _touches(one: _Arriving, at: datetime) -> Iterator[tuple[Any, ...]]:
    """Every touch: in, and then sold or frozen."""
    touches: list[tuple[CustodyAction, UUID, UUID | None]] = [(CustodyAction.IN, code.id, None) for code in one.entered]
    touches += [(CustodyAction.SOLD, code.id, holder) for holder, code in one.held.items()]
    touches += [(CustodyAction.FROZEN, code.id, None) for code in one.frozen]
    for action, code, holder in touches:
        yield at, str(action), one.lot, code, one.intake.actor, one.intake.trail, holder


async def _add_stock(tx: Transaction, stocked: Mapping[UUID, int]) -> None:
    for variant in sorted(stocked):
        await add_stock(tx, variant, stocked[variant])


def _told(one: _Arriving) -> TakenIn:
    dealt = {holder: _dealt(code, one.intake.delivery, one.lot, one.key_id) for holder, code in one.held.items()}
    return TakenIn(one.lot, dealt, len(one.stocked), len(one.frozen), +one.unusable)


def _dealt(code: _Ready, delivery: Delivery, lot: UUID, key_id: UUID) -> DealtCode:
    sealed = SealedCode(code.id, lot, key_id, code.sealed)
    expires_at = None if code.expires_at == NEVER else code.expires_at
    return DealtCode(sealed, code.masked, expires_at, delivery.unit_cost, delivery.currency)
