"""Getting hold of a coupon 领券即绑定: one of those that are left, or the one whose code somebody has. It is theirs then.

Each is counted for its holder in the same transaction. Whether the campaign is open to them, the caller has looked.
"""

import random
from dataclasses import dataclass
from uuid import UUID

from perkhub.campaigns.campaign import Campaign
from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.coupon import Coupon, coupon_from
from perkhub.campaigns.coupons.errors import CouponMistyped, CouponsGone
from perkhub.campaigns.coupons.make import fingerprint_of
from perkhub.campaigns.coupons.sql import BIND, COUNT_HANDED_OUT, FREE_LEFT, HAND_OUT
from perkhub.campaigns.coupons.use import the_coupon
from perkhub.campaigns.errors import CampaignLimitReached, CampaignOver
from perkhub.campaigns.remembered import forget_campaigns
from perkhub.kit.clock import now
from perkhub.kit.db import ClaimContended, Transaction

AS_KNOWN = "SELECT version = $2::int AND state = 'published' FROM campaign WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who wants one of a campaign's coupons, of which each may have so many; None is as many as they like."""

    party: UUID
    campaign: Campaign
    most: int | None


async def claim_coupon(tx: Transaction, claim: UUID, claimant: Claimant) -> Coupon:
    """One that is free, bound to the claimant. One statement, however many come at once.

    Raises:
        CampaignLimitReached, CouponsGone.
        ClaimContended: the campaign was changed meanwhile, or others are just claiming all that is left.
    """
    campaign = claimant.campaign
    start = random.random()  # noqa: S311 - spreads claimants; nothing is drawn
    given = (campaign.id, claimant.party, claimant.most, campaign.version, start, now(), claim)
    row = await tx.row(HAND_OUT, *given)
    assert row is not None
    if row["id"] is not None:
        return coupon_from(row)
    if not row["counted"]:
        raise await _uncounted(tx, claimant)
    # What others are just claiming is skipped; they may yet let go of it.
    if await tx.value(FREE_LEFT, campaign.id):
        raise ClaimContended(CouponsGone())
    raise CouponsGone


async def bind_coupon(tx: Transaction, code: str, *, party: UUID, claim: UUID) -> tuple[Coupon, bool]:
    """The one with this code, bound to the party, and whether it is theirs only now: their own one may be bound again.

    Raises:
        CouponMistyped, CouponUnknown, CouponNotYours, CouponUsed, CouponVoid: the path is the code.
    """
    normal = normal_code(code)
    if normal is None:
        raise CouponMistyped(path=("code",))
    row = await tx.row(BIND, fingerprint_of(normal), party, now(), claim)
    if row is not None:
        return coupon_from(row), True
    coupon = await the_coupon(code)
    coupon.refuse(party, ("code",))
    return coupon, False


async def count_bound(tx: Transaction, claimant: Claimant) -> None:
    """One more that the claimant has.

    Raises:
        CampaignLimitReached.
        ClaimContended: the campaign was changed meanwhile.
    """
    campaign = claimant.campaign
    if await tx.value(COUNT_HANDED_OUT, campaign.id, claimant.party, claimant.most, campaign.version) is None:
        raise await _uncounted(tx, claimant)


async def _uncounted(tx: Transaction, claimant: Claimant) -> Exception:
    campaign = claimant.campaign
    if await tx.value(AS_KNOWN, campaign.id, campaign.version):
        return CampaignLimitReached(limit=claimant.most or 0)
    forget_campaigns()
    return ClaimContended(CampaignOver())
