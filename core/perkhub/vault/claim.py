"""Codes and stock of the pool: dealt out, promised, settled, and given back."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from perkhub.kit.claims import Claim, Granted, claim
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import ClaimContended, Row, Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.inserts import Given, telling
from perkhub.kit.money import Money
from perkhub.ledger import Book, Entry, post
from perkhub.vault.custody import record_custody
from perkhub.vault.errors import OutOfStock
from perkhub.vault.models import NEVER, CustodyAction
from perkhub.vault.sql import (
    ADD_STOCK,
    CLAIM_CODES,
    CODES_OF_LOTS,
    HOLD_STOCK,
    LOTS_OF_CODES,
    READ_STOCK,
    SETTLE_STOCK,
    STOCK_TAKEN,
    STOCK_WANTED,
    STOCK_WANTED_AND_HELD,
    TAKE_AND_HOLD_STOCK,
    TAKE_STOCK,
    USABLE_CODES,
    WAITING_FOR_CODES,
    WANTED_CODES,
    claiming_codes,
)
from perkhub.vault.states import CODE, CodeState, LotState


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entitlement that waits for a code that stays valid beyond `usable_at`."""

    entitlement_id: UUID
    variant_id: UUID
    usable_at: datetime


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A code as it lies in the vault."""

    code_id: UUID
    lot_id: UUID
    data_key_id: UUID
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DealtCode:
    """A code that now belongs to an entitlement; cost in the lot's currency."""

    sealed: SealedCode
    masked: str
    expires_at: datetime | None
    unit_cost: Decimal
    currency: str


async def claim_codes(
    tx: Transaction, waiting: Sequence[Waiting], *, actor: str, seen_at_once: bool = False
) -> dict[UUID, DealtCode]:
    """Deal codes to entitlements, first expiring first; those for whom none is left are missing from the answer.

    All entitlements of one variant are held to the longest validity that one of them asks for.
    """
    wanted = Counter(one.variant_id for one in waiting)
    usable_at = {one.variant_id: one.usable_at for one in sorted(waiting, key=lambda one: one.usable_at)}
    actions = [CustodyAction.SOLD, CustodyAction.REVEALED] if seen_at_once else [CustodyAction.SOLD]
    those = [(one.entitlement_id, one.variant_id, place) for place, one in enumerate(waiting)]
    dealt = await tx.rows(
        claiming_codes(CLAIM_CODES, len(wanted), len(those)),
        now(),
        actor,
        correlation_id(),
        [str(action) for action in actions],
        *WANTED_CODES.values([(variant, many, usable_at[variant]) for variant, many in wanted.items()]),
        *WAITING_FOR_CODES.values(those),
    )
    return {
        row["entitlement_id"]: DealtCode(
            sealed=SealedCode(row["id"], row["lot_id"], row["data_key_id"], row["sealed"]),
            masked=row["masked"],
            expires_at=None if row["expires_at"] == NEVER else row["expires_at"],
            unit_cost=row["unit_cost"],
            currency=row["currency"],
        )
        for row in dealt
    }


async def refuse_shortage(
    tx: Transaction, waiting: Sequence[Waiting], dealt: Collection[UUID], *, promised: bool, partly: bool
) -> None:
    """Go on only with a shortage that is real, and that the caller can live with (`partly`).

    Codes that competitors hold locked are still there: whoever was promised one must not go without because somebody
    else, who may yet be refused, had a hand on it at this moment.

    Raises:
        ClaimContended: locked codes would be enough, or with `partly` would be more than were dealt.
        OutOfStock: there are not enough; its path is the first such variant.
    """
    wanted = Counter(one.variant_id for one in waiting)
    missing = Counter(one.variant_id for one in waiting if one.entitlement_id not in dealt)
    short = sorted(missing)
    usable_at = [max(one.usable_at for one in waiting if one.variant_id == variant) for variant in short]
    locked = {
        row["variant_id"]: row["codes"]
        for row in await tx.rows(USABLE_CODES, short, [missing[variant] for variant in short], usable_at)
    }
    # The counter still has what was dealt to us; it knows what was promised to others, but not how long a code is valid.
    free = {} if promised else await free_stock(tx, short)
    could_have = {variant: wanted[variant] - missing[variant] + locked[variant] for variant in short}
    could_have = {variant: max(0, min(codes, free.get(variant, codes))) for variant, codes in could_have.items()}
    refused = [variant for variant in short if could_have[variant] < wanted[variant]]
    first = (refused or short)[0]
    refusal = OutOfStock(available=could_have[first], path=(str(first),))
    if partly and not any(locked.values()):
        return
    raise ClaimContended(refusal) if partly or not refused else refusal


async def take_stock(tx: Transaction, wanted: Mapping[UUID, int], *, held: Mapping[UUID, int] | None = None) -> None:
    """Lower the counters for codes that were dealt without a promise; promise those that are to be `held` for later.

    Raises:
        OutOfStock: the rest is promised to others.
    """
    await claim(tx, stock_to_take(wanted, held=held))


async def hold_stock(tx: Transaction, wanted: Mapping[UUID, int]) -> None:
    """Promise codes to an unpaid order.

    Raises:
        OutOfStock.
    """
    await claim(tx, stock_to_hold(wanted))


def stock_to_take(wanted: Mapping[UUID, int], *, held: Mapping[UUID, int] | None = None) -> Claim:
    """What `take_stock` claims, for who claims more in the same statement. Stock is the hottest and comes last."""
    if held:
        return _stock(TAKE_AND_HOLD_STOCK, STOCK_WANTED_AND_HELD, wanted, held)
    return _stock(TAKE_STOCK, STOCK_WANTED, wanted)


def stock_to_hold(wanted: Mapping[UUID, int]) -> Claim:
    """What `hold_stock` claims, for who claims more in the same statement."""
    return _stock(HOLD_STOCK, STOCK_WANTED, wanted)


def _stock(sql: str, given: Given, *counted: Mapping[UUID, int]) -> Claim:
    variants = sorted({variant for counts in counted for variant in counts})

    async def settle(tx: Transaction, granted: Granted) -> None:
        refused = [variant for variant in variants if variant not in granted]
        if refused:
            free = await free_stock(tx, refused)
            raise OutOfStock(available=max(0, free.get(refused[0], 0)), path=(str(refused[0]),))

    rows = [(variant, *(one.get(variant, 0) for one in counted)) for variant in variants]
    return Claim(telling(sql, given, len(rows)), STOCK_TAKEN, given.values(rows), len(rows), settle)


async def settle_stock(tx: Transaction, *, taken: Mapping[UUID, int], promised: Mapping[UUID, int]) -> None:
    """End promises: `taken` codes left the stock for them. With nothing taken, the promise is given back."""
    variants = sorted(taken.keys() | promised.keys())
    if variants:
        counts = [[counter.get(variant, 0) for variant in variants] for counter in (taken, promised)]
        await tx.execute(SETTLE_STOCK, variants, *counts)


async def add_stock(tx: Transaction, variant: UUID, quantity: int) -> None:
    """Raise a variant's counter by codes that became available."""
    await tx.execute(ADD_STOCK, variant, quantity)


async def free_stock(tx: Transaction, variants: Sequence[UUID]) -> dict[UUID, int]:
    """How many codes of each variant are neither sold nor promised."""
    return {row["variant_id"]: row["free"] for row in await tx.rows(READ_STOCK, list(variants))}


async def return_codes(tx: Transaction, codes: Sequence[tuple[UUID, UUID]], *, actor: str) -> None:
    """Put codes that were never seen back on sale: (code, entitlement) pairs. A recalled lot's stay out."""
    ids = [code for code, _ in codes]
    # Shared locks on the lots: a recall that runs at this moment either sees the returned codes or is seen here.
    lots = {row["id"]: row for row in await tx.rows(LOTS_OF_CODES, ids)}
    recalled = [lot for lot, row in lots.items() if row["state"] == LotState.RECALLED]
    frozen = {row["id"] for row in await tx.rows(CODES_OF_LOTS, ids, recalled)} if recalled else set()
    kept_out = await CODE.move_many(tx, frozen, CodeState.FROZEN, event=None, origin=[CodeState.SOLD])
    back = await CODE.move_many(tx, set(ids) - frozen, CodeState.AVAILABLE, event=None, origin=[CodeState.SOLD])
    await record_custody(tx, CustodyAction.RETURNED, codes, actor=actor)
    if kept_out:
        await record_custody(tx, CustodyAction.FROZEN, [(row["id"], None) for row in kept_out], actor=actor)
        await _write_off(tx, [lots[row["lot_id"]] for row in kept_out], actor=actor)
    # Stock is the hottest row and comes last, after whatever the caller still has to give back.
    tx.before_commit(lambda last: _restock(last, Counter(row["variant_id"] for row in back)))


async def _restock(tx: Transaction, codes: Mapping[UUID, int]) -> None:
    for variant, quantity in sorted(codes.items()):
        await add_stock(tx, variant, quantity)


async def _write_off(tx: Transaction, lots: Sequence[Row], *, actor: str) -> None:
    """The refund has put these codes back into the inventory at cost; frozen, they are worth nothing."""
    entries: list[Entry] = []
    for lot in lots:
        cost = Money.line(lot["unit_cost"], 1, lot["currency"])
        entries += [Entry(Book.INVENTORY, cost), Entry(Book.LOSS, -cost)]
    await post(tx, "lot.recall.returned", new_id(), entries, actor=actor)


async def burn_codes(tx: Transaction, codes: Sequence[tuple[UUID, UUID]], *, actor: str) -> None:
    """Take codes that were seen and refunded out of circulation for good."""
    await CODE.move_many(tx, [code for code, _ in codes], CodeState.BURNT, event=None, origin=[CodeState.SOLD])
    await record_custody(tx, CustodyAction.BURNT, codes, actor=actor)
