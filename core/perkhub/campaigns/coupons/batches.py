"""Batches of codes: asked for by an operator, made by a job, listed with how far they are."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.coupons.make import MAKE, place_of
from perkhub.campaigns.coupons.states import BATCH, BatchState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.outbox import enqueue
from perkhub.kit.sealing import seal
from perkhub.kit.texts import refuse_odd_text

MOST_CODES = 5_000_000
SECRET_BYTES = 32

INSERT = """
    INSERT INTO coupon_batch (id, campaign_id, name, sealed, quantity, made, next_number, state, created_at)
    VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $7)
"""
OF_CAMPAIGN = """
    SELECT id, campaign_id, name, quantity, made, state, created_at FROM coupon_batch
    WHERE campaign_id = $1 ORDER BY id DESC LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class CouponBatch:
    """So many codes, and how many of them are made."""

    id: UUID
    campaign_id: UUID
    name: str
    quantity: int
    made: int
    state: BatchState
    created_at: datetime


async def request_batch(tx: Transaction, campaign: UUID, *, quantity: int, name: str = "") -> CouponBatch:
    """Have a job make so many codes.

    Raises:
        InvalidInput.
    """
    if not 1 <= quantity <= MOST_CODES:
        reason, reason_zh = f"Between 1 and {MOST_CODES}.", f"须在 1 到 {MOST_CODES} 之间。"
        raise InvalidInput(path=("quantity",), reason=reason, reason_zh=reason_zh)
    refuse_odd_text(name, "name", longest=80)
    batch, at = new_id(), now()
    secret = seal(keyring().house_key(HouseKey.COUPON), secrets.token_bytes(SECRET_BYTES), associated=place_of(batch))
    state = BATCH.birth(BatchState.MAKING)
    await tx.execute(INSERT, batch, campaign, name, secret, quantity, str(state), at)
    enqueue(tx, MAKE, batch_id=batch)
    return CouponBatch(batch, campaign, name, quantity, 0, state, at)


async def batches_of(campaign: UUID) -> list[CouponBatch]:
    """A campaign's batches, newest first."""
    return [_batch_from(row) for row in await db.rows(OF_CAMPAIGN, campaign)]


def _batch_from(row: Row) -> CouponBatch:
    return CouponBatch(
        id=row["id"],
        campaign_id=row["campaign_id"],
        name=row["name"],
        quantity=row["quantity"],
        made=row["made"],
        state=BatchState(row["state"]),
        created_at=row["created_at"],
    )
