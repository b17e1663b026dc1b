"""Taking in what a supplier delivered: sealed into a lot of its own, dealt to those who wait for it, the rest into stock."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring, lot_purpose
from perkhub.kit.sealing import HIDDEN, Sealer, fingerprint, mask_tail
from perkhub.plugin.supplier import SuppliedCode
from perkhub.vault.claim import DealtCode, SealedCode, add_stock
from perkhub.vault.credentials import NEVER_MASKED_BY_TAIL, Credential, identifying, to_bytes
from perkhub.vault.errors import LotNotOpen
from perkhub.vault.models import NEVER, CustodyAction
from perkhub.vault.rows import FORMS, plain_form, plain_issuer
from perkhub.vault.sql import CLAIM_FINGERPRINTS, GROW_LOT
from perkhub.vault.states import CODE, LOT, CodeState, LotState
from perkhub.vault.stocking import CODE_COLUMNS, CUSTODY_COLUMNS, INSERT_LOT
from perkhub.vault.unseal import FIELD


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


async def take_in(
    tx: Transaction,
    delivery: Delivery,
    codes: Sequence[SuppliedCode],
    *,
    holders: Sequence[UUID],
    actor: str,
    quarantine: bool = False,
) -> TakenIn:
    """Seal the codes into a new lot: the first for the holders (entitlements), the others for sale.

    With `quarantine` nobody gets any. Books nothing: whoever bought knows what it cost. Stock comes last, at the commit.
    """
    lot = new_id()
    key_id, key = await keyring().new_data_key(tx, lot_purpose(lot))
    told = (delivery.issuer, delivery.reference, delivery.unit_cost, delivery.currency)
    await tx.execute(INSERT_LOT, lot, delivery.variant_id, key_id, *told, str(LOT.birth(LotState.OPEN)), now())
    ready, unusable = _seal(codes, lot, Sealer(key), issuer=delivery.issuer)
    entered = await _claim(tx, ready)
    unusable["duplicate"] += len(ready) - len(entered)
    expired = [code for code in entered if code.expires_at <= delivery.usable_at]
    unusable["expires_too_soon"] += len(expired)
    good = [] if quarantine else [code for code in entered if code not in expired]
    held = dict(zip(holders, good, strict=False))
    stocked = good[len(held) :]
    frozen = entered if quarantine else expired
    await _insert(
        tx, delivery, lot, {CodeState.SOLD: list(held.values()), CodeState.AVAILABLE: stocked, CodeState.FROZEN: frozen}
    )
    await _record(tx, lot, held, entered, frozen, actor=actor)
    if entered and await tx.value(GROW_LOT, lot, len(entered)) is None:
        raise LotNotOpen
    if stocked:
        tx.before_commit(lambda last: add_stock(last, delivery.variant_id, len(stocked)))
    dealt = {holder: _dealt(code, delivery, lot, key_id) for holder, code in held.items()}
    return TakenIn(lot, dealt, len(stocked), len(frozen), +unusable)


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


async def _claim(tx: Transaction, ready: Sequence[_Ready]) -> list[_Ready]:
    """Those that the vault has never seen."""
    if not ready:
        return []
    claimed = await tx.rows(CLAIM_FINGERPRINTS, [code.fingerprint for code in ready], [code.id for code in ready])
    winners = {row["code_id"] for row in claimed}
    return [code for code in ready if code.id in winners]


async def _insert(tx: Transaction, delivery: Delivery, lot: UUID, by_state: dict[CodeState, list[_Ready]]) -> None:
    records: list[tuple[Any, ...]] = [
        (code.id, lot, delivery.variant_id, code.sealed, code.masked, code.expires_at, str(CODE.birth(state)))
        for state, codes in by_state.items()
        for code in codes
    ]
    if records:
        await tx.copy("code", columns=CODE_COLUMNS, records=records)


async def _record(
    tx: Transaction, lot: UUID, held: dict[UUID, _Ready], entered: Sequence[_Ready], frozen: Sequence[_Ready], *, actor: str
) -> None:
    """Every touch: in, and then sold or frozen."""
    at, trail = now(), correlation_id()
    touches: list[tuple[CustodyAction, UUID, UUID | None]] = [(CustodyAction.IN, code.id, None) for code in entered]
    touches += [(CustodyAction.SOLD, code.id, holder) for holder, code in held.items()]
    touches += [(CustodyAction.FROZEN, code.id, None) for code in frozen]
    records = [(at, str(action), lot, code, actor, trail, holder) for action, code, holder in touches]
    if records:
        await tx.copy("custody", columns=(*CUSTODY_COLUMNS, "entitlement_id"), records=records)


def _dealt(code: _Ready, delivery: Delivery, lot: UUID, key_id: UUID) -> DealtCode:
    sealed = SealedCode(code.id, lot, key_id, code.sealed)
    expires_at = None if code.expires_at == NEVER else code.expires_at
    return DealtCode(sealed, code.masked, expires_at, delivery.unit_cost, delivery.currency)
