"""What coupons somebody has, and what each is worth to them now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from uuid import UUID

from perkhub.campaigns.coupons.coupon import Coupon, coupon_from
from perkhub.campaigns.coupons.sql import COLUMNS
from perkhub.kit import db
from perkhub.kit.clock import now


class CouponStanding(StrEnum):
    """What a coupon is worth to its holder."""

    USABLE = auto()
    USED = auto()
    EXPIRED = auto()
    VOID = auto()


# Windows hold when they are read: nobody has to mark a coupon as expired.
STANDING = """CASE WHEN c.state = 'used' THEN 'used' WHEN c.state = 'void' OR b.state = 'void' THEN 'void'
    WHEN g.state = 'ended' OR g.ends_at <= $2::timestamptz THEN 'expired' ELSE 'usable' END"""
HELD = f"""
    SELECT {COLUMNS}, g.starts_at, g.ends_at, {STANDING} AS standing
    FROM coupon c JOIN coupon_batch b ON b.id = c.batch_id JOIN campaign g ON g.id = c.campaign_id
    WHERE c.party_id = $1 AND {{}}
"""
PAGE = f"""{HELD.format("($3::timestamptz IS NULL OR (c.bound_at, c.id) < ($3, $4::bigint))")}
    AND ($5::text[] IS NULL OR {STANDING} = ANY($5)) ORDER BY c.bound_at DESC, c.id DESC LIMIT $6
"""
ONE = HELD.format("c.id = $3")
OF_CLAIM = HELD.format("c.claim_id = $3")

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class HeldCoupon:
    """A coupon of somebody's, with the window in which it counts."""

    coupon: Coupon
    standing: CouponStanding
    starts_at: datetime
    ends_at: datetime

    @property
    def got_at(self) -> datetime:
        """When it became theirs."""
        assert self.coupon.bound_at is not None
        return self.coupon.bound_at

    @property
    def place(self) -> Place:
        """Its place in the list."""
        return self.got_at, self.coupon.id


async def coupons_of_party(
    party: UUID, *, standings: Collection[CouponStanding] | None = None, before: Place | None = None, limit: int = 20
) -> list[HeldCoupon]:
    """A party's coupons, the last that they got first, from below `before` on."""
    at, id = before or (None, None)
    wanted = None if standings is None else [str(one) for one in standings]
    return [_held(row) for row in await db.rows(PAGE, party, now(), at, id, wanted, limit)]


async def held_coupon(party: UUID, coupon: int) -> HeldCoupon | None:
    """One of a party's coupons."""
    row = await db.row(ONE, party, now(), coupon)
    return None if row is None else _held(row)


async def coupon_of_claim(party: UUID, claim: UUID) -> HeldCoupon | None:
    """What came of a claim, as it stands now."""
    row = await db.row(OF_CLAIM, party, now(), claim)
    return None if row is None else _held(row)


def _held(row: db.Row) -> HeldCoupon:
    return HeldCoupon(coupon_from(row), CouponStanding(row["standing"]), row["starts_at"], row["ends_at"])
