"""Batches of codes: asked for by an operator, made by a job, listed with how far they are."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.coupons.make import MAKE, place_of
from perkhub.campaigns.coupons.states import BATCH, CouponBatchState, CouponState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.outbox import enqueue
from perkhub.kit.sealing import seal
from perkhub.kit.texts import refuse_odd_text

MOST_CODES = 5_000_000
SECRET_BYTES = 32
GONE_STATES = (CouponState.BOUND, CouponState.USED, CouponState.VOID)

INSERT = """
    INSERT INTO coupon_batch (id, campaign_id, name, sealed, quantity, made, next_number, state, created_at)
    VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $7)
"""
COLUMNS = "id, campaign_id, name, quantity, made, state, created_at"
BY_IDS = f"SELECT {COLUMNS} FROM coupon_batch WHERE id = ANY($1)"
LIST = f"""
    SELECT {COLUMNS} FROM coupon_batch WHERE campaign_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
# Of a million codes most are free: counted are the others.
GONE = """
    SELECT batch_id, state, count(*) AS many FROM coupon WHERE batch_id = ANY($1) AND state <> 'free' GROUP BY batch_id, state
"""


@dataclass(frozen=True, slots=True)
class CouponBatch:
    """So many codes, and how many of them are made."""

    id: UUID
    campaign_id: UUID
    name: str
    quantity: int
    made: int
    state: CouponBatchState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CouponCounts:
    """How the codes of a batch that were made stand. Of a void batch, how they stood and what became of them since."""

    free: int
    bound: int
    used: int
    void: int


async def request_batch(tx: Transaction, batch: UUID, campaign: UUID, *, quantity: int, name: str = "") -> CouponBatch:
    """Have a job make so many codes.

    Raises:
        InvalidInput.
    """
    if not 1 <= quantity <= MOST_CODES:
        reason, reason_zh = f"Between 1 and {MOST_CODES}.", f"须在 1 到 {MOST_CODES} 之间。"
        raise InvalidInput(path=("quantity",), reason=reason, reason_zh=reason_zh)
    refuse_odd_text(name, "name", longest=80)
    at = now()
    secret = seal(keyring().house_key(HouseKey.COUPON), secrets.token_bytes(SECRET_BYTES), associated=place_of(batch))
    state = BATCH.birth(CouponBatchState.MAKING)
    await tx.execute(INSERT, batch, campaign, name, secret, quantity, str(state), at)
    enqueue(tx, MAKE, batch_id=batch)
    tx.note_change("coupon_batch", batch, after={"campaign_id": campaign, "name": name, "quantity": quantity})
    return CouponBatch(batch, campaign, name, quantity, 0, state, at)


async def batches_of(campaign: UUID, *, before: UUID | None = None, limit: int = 20) -> list[CouponBatch]:
    """A campaign's batches, newest first, from below `before` on."""
    return [_batch_from(row) for row in await db.rows(LIST, campaign, before, limit)]


async def batches_by_ids(ids: Sequence[UUID]) -> list[CouponBatch]:
    """Batches by id, those that exist."""
    return [_batch_from(row) for row in await db.rows(BY_IDS, list(ids))]


async def counts_of(batches: Sequence[CouponBatch]) -> Mapping[UUID, CouponCounts]:
    """How the codes of these batches stand, by batch."""
    gone = {(row["batch_id"], row["state"]): row["many"] for row in await db.rows(GONE, [one.id for one in batches])}

    def counted(batch: CouponBatch) -> CouponCounts:
        bound, used, void = (gone.get((batch.id, str(state)), 0) for state in GONE_STATES)
        return CouponCounts(max(0, batch.made - bound - used - void), bound, used, void)

    return {batch.id: counted(batch) for batch in batches}


def _batch_from(row: Row) -> CouponBatch:
    return CouponBatch(
        id=row["id"],
        campaign_id=row["campaign_id"],
        name=row["name"],
        quantity=row["quantity"],
        made=row["made"],
        state=CouponBatchState(row["state"]),
        created_at=row["created_at"],
    )
