"""Getting hold of a coupon 领券即绑定: one of those that are left, or the one whose code somebody has. It is theirs then.

How many each may have is the campaign's to count, in the same transaction.
"""

from uuid import UUID

from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.errors import CouponNotYours, CouponsGone, CouponUnknown, CouponUsed
from perkhub.campaigns.coupons.make import fingerprint_of
from perkhub.campaigns.coupons.sql import BIND, CLAIM_FREE
from perkhub.campaigns.coupons.use import Coupon, coupon_from, find_coupons
from perkhub.kit.clock import now
from perkhub.kit.db import ClaimContended, Transaction

FREE_LEFT = "SELECT true FROM coupon WHERE campaign_id = $1 AND state = 'free' LIMIT 1"


async def claim_coupon(tx: Transaction, campaign: UUID, *, party: UUID) -> Coupon:
    """One that is free, bound to the party.

    Raises:
        CouponsGone.
    """
    row = await tx.row(CLAIM_FREE, campaign, party, now())
    if row is not None:
        return coupon_from(row)
    # What others are just claiming is skipped; they may yet let go of it.
    if await tx.value(FREE_LEFT, campaign):
        raise ClaimContended(CouponsGone())
    raise CouponsGone


async def bind_coupon(tx: Transaction, code: str, *, party: UUID) -> Coupon:
    """The one with this code, bound to the party; the party's own one again, if it was before.

    Raises:
        CouponUnknown, CouponNotYours, CouponUsed.
    """
    normal = normal_code(code)
    if normal is None:
        raise CouponUnknown(path=("code",))
    row = await tx.row(BIND, fingerprint_of(normal), party, now())
    if row is not None:
        return coupon_from(row)
    try:
        [coupon] = await find_coupons([code], party=party)
    except (CouponUnknown, CouponNotYours, CouponUsed) as refusal:
        refusal.path = ("code",)
        raise
    return coupon
