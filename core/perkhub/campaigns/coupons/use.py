"""Using coupons: found by their code, used by one order, given back where it ends unpaid."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.coupon import Coupon, coupon_from
from perkhub.campaigns.coupons.errors import CouponMistyped, CouponUnknown
from perkhub.campaigns.coupons.make import fingerprint_of
from perkhub.campaigns.coupons.sql import COLUMNS, GIVE_BACK, USE
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction

FROM = "FROM coupon c JOIN coupon_batch b ON b.id = c.batch_id"
BY_FINGERPRINT = f"SELECT c.fingerprint, {COLUMNS} {FROM} WHERE c.fingerprint = ANY($1)"
STATE_NOW = f"SELECT {COLUMNS} {FROM} WHERE c.id = ANY($1)"


async def find_coupons(codes: Sequence[str], *, party: UUID | None) -> list[Coupon]:
    """The coupons with these codes, in their order, as this party may use them now.

    Raises:
        CouponMistyped, CouponUnknown, CouponNotYours, CouponUsed, CouponVoid: the path is the code's place.
    """
    coupons = await coupons_with(codes)
    for place, coupon in enumerate(coupons):
        coupon.refuse(party, (str(place),))
    return coupons


async def coupons_with(codes: Sequence[str]) -> list[Coupon]:
    """The coupons with these codes, in their order, whosever they are. A code that cannot be one is not looked for.

    Raises:
        CouponMistyped, CouponUnknown: the path is the code's place.
    """
    prints = []
    for place, code in enumerate(codes):
        normal = normal_code(code)
        if normal is None:
            raise CouponMistyped(path=(str(place),))
        prints.append(fingerprint_of(normal))
    found = {row["fingerprint"]: coupon_from(row) for row in await db.rows(BY_FINGERPRINT, prints)}
    for place, one in enumerate(prints):
        if one not in found:
            raise CouponUnknown(path=(str(place),))
    return [found[one] for one in prints]


async def the_coupon(code: str) -> Coupon:
    """The coupon with this code, whosever it is.

    Raises:
        CouponMistyped, CouponUnknown: the path is the code.
    """
    try:
        [coupon] = await coupons_with([code])
    except CouponUnknown as refusal:
        refusal.path = ("code",)
        raise
    return coupon


async def use_coupons(tx: Transaction, coupons: Sequence[int], *, party: UUID, order: UUID) -> None:
    """Use them all for an order, in its transaction. What was nobody's is the party's from now on.

    Raises:
        CouponNotYours, CouponUsed, CouponVoid: a competitor was first; the path is the coupon's place.
    """
    used = {row["id"] for row in await tx.rows(USE, list(coupons), party, order, now())}
    if len(used) == len(coupons):
        return
    present = {row["id"]: coupon_from(row) for row in await tx.rows(STATE_NOW, list(coupons))}
    for place, coupon in enumerate(coupons):
        if coupon not in used:
            present[coupon].refuse(party, (str(place),))
    raise AssertionError("what was not used is somebody else's, used or void")


async def give_back_coupons(tx: Transaction, order: UUID) -> int:
    """The order ended unpaid: its coupons are their owner's again; how many that were."""
    return await tx.execute(GIVE_BACK, order)
