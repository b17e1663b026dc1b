"""Taking coupons back that should not be out: one, or all of a batch. What is used stays used."""

from uuid import UUID

from perkhub.campaigns.coupons.batches import CouponBatch, batches_by_ids
from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.coupon import Coupon, coupon_from
from perkhub.campaigns.coupons.errors import CouponMistyped
from perkhub.campaigns.coupons.make import fingerprint_of
from perkhub.campaigns.coupons.sql import VOID
from perkhub.campaigns.coupons.states import BATCH, CouponBatchState, CouponState
from perkhub.campaigns.coupons.use import the_coupon
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound


async def void_batch(tx: Transaction, batch: UUID) -> CouponBatch:
    """None of its coupons counts from now on, whoever has them, and no more are made. Void already, it stays so.

    Raises:
        NotFound.
    """
    moved = await BATCH.move_many(tx, [batch], CouponBatchState.VOID, event=None)
    found = await batches_by_ids([batch])
    if not found:
        raise NotFound("batch", "批次", path=("batchId",))
    if moved:
        tx.note_change("coupon_batch", batch, before={"state": "in use"}, after={"state": CouponBatchState.VOID})
    return found[0]


async def void_coupon(tx: Transaction, code: str) -> Coupon:
    """This one counts no more. Void already, it stays so.

    Raises:
        CouponMistyped, CouponUnknown, CouponUsed.
    """
    normal = normal_code(code)
    if normal is None:
        raise CouponMistyped(path=("code",))
    row = await tx.row(VOID, fingerprint_of(normal))
    if row is None:
        coupon = await the_coupon(code)
        if coupon.state is not CouponState.VOID:
            coupon.refuse(coupon.party_id, ("code",))
        return coupon
    coupon = coupon_from(row)
    tx.note_change("coupon", UUID(int=coupon.id), before={"state": "in use"}, after={"state": CouponState.VOID})
    return coupon
