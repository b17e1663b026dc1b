"""Recalling a lot: what is unsold is frozen at once, what is sold can be listed. Money and counters follow in the same step."""

from dataclasses import dataclass
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.money import Money
from perkhub.kit.outbox import emit
from perkhub.kit.states import IllegalMove
from perkhub.ledger import Book, Entry, post
from perkhub.plugin.events import LotRecalled
from perkhub.vault.claim import settle_stock
from perkhub.vault.errors import LotNotOpen
from perkhub.vault.sql import FREEZE_CODES
from perkhub.vault.states import LOT, LotState

CODES_AT_ONCE = 20_000
LONGEST_REASON = 500
FIRST = UUID(int=0)

COUNT_SOLD = "SELECT count(*) FROM code WHERE lot_id = $1 AND state = 'sold'"
SOLD = "SELECT id FROM code WHERE lot_id = $1 AND state = 'sold' AND id > $2 ORDER BY id LIMIT $3"


@dataclass(frozen=True, slots=True)
class Recall:
    """What a recall found: codes that were frozen, and codes that are in somebody's hands."""

    frozen: int
    holders: int


async def recall_lot(tx: Transaction, lot: UUID, *, reason: str, actor: str) -> Recall:
    """Call a lot back for good. A code is either sold before this or frozen by it, never both; an import that still fills
    the lot ends. Whoever keeps a sold one for others is told by `fulfilment.recall_everywhere`.

    Raises:
        NotFound, LotNotOpen, InvalidInput.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InvalidInput(
            path=("reason",),
            reason=f"Say why, in at most {LONGEST_REASON} characters.",
            reason_zh=f"请填写召回原因,最多 {LONGEST_REASON} 个字符。",
        )
    try:
        # The lot's row first: returns and imports ask for it too, and then see it recalled.
        row = await LOT.move(tx, lot, LotState.RECALLED, event=None, recalled_reason=reason.strip())
    except IllegalMove:
        if await tx.value("SELECT true FROM lot WHERE id = $1", lot) is None:
            raise NotFound("lot", "批次", path=("lotId",)) from None
        raise LotNotOpen(path=("lotId",)) from None
    frozen = await _freeze(tx, lot, actor=actor)
    after = {"state": LotState.RECALLED, "recalled_reason": reason.strip(), "frozen_codes": frozen}
    tx.note_change("lot", lot, before={"state": LotState.OPEN}, after=after)
    holders: int = await tx.value(COUNT_SOLD, lot)
    cost = Money.line(row["unit_cost"], 1, row["currency"]) * frozen
    if cost:
        await post(tx, "lot.recall", lot, [Entry(Book.INVENTORY, cost), Entry(Book.LOSS, -cost)], actor=actor)
    emit(tx, LotRecalled(lot_id=lot))
    if frozen:
        await settle_stock(tx, taken={row["variant_id"]: frozen}, promised={})
    return Recall(frozen, holders)


async def _freeze(tx: Transaction, lot: UUID, *, actor: str) -> int:
    """Several statements, each short enough for the time a statement may take."""
    at, frozen, last = now(), 0, FIRST
    while True:
        chunk = await tx.row(FREEZE_CODES, lot, last, CODES_AT_ONCE, at, actor, correlation_id())
        if chunk is None or chunk["last"] is None:
            return frozen
        frozen, last = frozen + chunk["codes"], chunk["last"]


async def sold_of_lot(tx: Transaction, lot: UUID) -> list[UUID]:
    """Every code of a small lot that is in somebody's hands."""
    return [row["id"] for row in await tx.rows(SOLD, lot, FIRST, CODES_AT_ONCE)]


async def codes_sold_of_lot(lot: UUID, *, after: UUID | None = None, limit: int = 100) -> list[UUID]:
    """Codes of the lot that are in somebody's hands, in the order of their ids."""
    return [row["id"] for row in await db.rows(SOLD, lot, after or FIRST, limit)]
