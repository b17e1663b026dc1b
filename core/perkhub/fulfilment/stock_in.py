"""Buying codes into the pool ahead of their sale: many needs of a hundred, each obtained by a job of its own, so that a killed
worker loses nothing and a slow supplier holds up no more than its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from perkhub.catalog import minimum_validities
from perkhub.fulfilment.needs import OBTAIN, UNITS_AT_ONCE
from perkhub.fulfilment.states import NEED, NeedState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import enqueue
from perkhub.suppliers import OfferNotLive, stockable_variants

PURCHASE_KIND = "purchase"
MOST = 100_000
# Nobody waits at the counter: a supplier may be away for days before the rest is given up.
WAIT = timedelta(days=7)

ADD = "INSERT INTO stock_purchase (id, variant_id, quantity, actor, created_at) VALUES ($1, $2, $3, $4, $5)"
ADD_NEEDS = """
    INSERT INTO need (id, source_kind, source_id, variant_id, quantity, obtained, units, refused, together,
                      minimum_validity_days, state, due_at, created_at, validity, zone)
    SELECT n.id, $1, $2, $3, n.quantity, 0, '{}', '{}', false, $4, $5, $6, $7, 'as_printed', 'UTC'
    FROM unnest($8::uuid[], $9::int[]) AS n(id, quantity)
"""
COLUMNS = """p.id, p.variant_id, p.quantity, p.actor, p.created_at, n.obtained, n.open, n.failed"""
JOINED = """
    FROM stock_purchase p CROSS JOIN LATERAL (
        SELECT coalesce(sum(n.obtained), 0)::int AS obtained, count(*) FILTER (WHERE n.state = 'open')::int AS open,
               count(*) FILTER (WHERE n.state = 'failed')::int AS failed
        FROM need n WHERE n.source_id = p.id) AS n
"""
BY_IDS = f"SELECT {COLUMNS} {JOINED} WHERE p.id = ANY($1)"
LIST = f"SELECT {COLUMNS} {JOINED} WHERE $1::uuid IS NULL OR p.id < $1 ORDER BY p.id DESC LIMIT $2"


@dataclass(frozen=True, slots=True)
class StockPurchase:
    """Codes bought ahead. `open` and `failed` count the parts that are under way, or were given up."""

    id: UUID
    variant_id: UUID
    quantity: int
    actor: str
    created_at: datetime
    obtained: int
    open: int
    failed: int


async def purchase_stock(tx: Transaction, purchase: UUID, variant: UUID, quantity: int, *, actor: str) -> None:
    """Buy so many codes into the pool, from the best offers that can be had.

    Raises:
        InvalidInput, NotFound, OfferNotLive.
    """
    if not 1 <= quantity <= MOST:
        reason, reason_zh = f"Between 1 and {MOST}.", f"数量须在 1 到 {MOST} 之间。"
        raise InvalidInput(path=("quantity",), reason=reason, reason_zh=reason_zh)
    validity = (await minimum_validities([variant])).get(variant)
    if validity is None:
        raise NotFound("variant", "规格", path=("variantId",))
    if not await stockable_variants(tx, [variant]):
        raise OfferNotLive(path=("variantId",))
    at = now()
    await tx.execute(ADD, purchase, variant, quantity, actor, at)
    parts = [min(UNITS_AT_ONCE, quantity - start) for start in range(0, quantity, UNITS_AT_ONCE)]
    needs = [new_id() for _ in parts]
    born = str(NEED.birth(NeedState.OPEN))
    await tx.execute(ADD_NEEDS, PURCHASE_KIND, purchase, variant, validity.days, born, at + WAIT, at, needs, parts)
    for need in needs:
        enqueue(tx, OBTAIN, need_id=need)
    tx.note_change("stock_purchase", purchase, after={"variant_id": variant, "quantity": quantity})


async def stock_purchases_by_ids(ids: Sequence[UUID]) -> dict[UUID, StockPurchase]:
    """Purchases by id."""
    return {row["id"]: _purchase(row) for row in await db.rows(BY_IDS, list(ids))}


async def list_stock_purchases(*, before: UUID | None = None, limit: int = 20) -> list[StockPurchase]:
    """Purchases, newest first."""
    return [_purchase(row) for row in await db.rows(LIST, before, limit)]


def _purchase(row: Row) -> StockPurchase:
    return StockPurchase(**{name: row[name] for name in StockPurchase.__slots__})
