"""Using coupons: found by their code, used by one order, given back where it ends unpaid."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.coupon import Coupon, coupon_from
from perkhub.campaigns.coupons.errors import CouponMistyped, CouponUnknown
from perkhub.campaigns.coupons.make import fingerprint_of
from perkhub.campaigns.coupons.sql import COLUMNS, GIVE_BACK, USE, USED
from perkhub.kit import db
from perkhub.kit.claims import Claim, Granted, claim
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction

FROM = "FROM coupon c JOIN coupon_batch b ON b.id = c.batch_id"
BY_FINGERPRINT = f"SELECT c.fingerprint, {COLUMNS} {FROM} WHERE c.fingerprint = ANY($1)"
STATE_NOW = f"SELECT {COLUMNS} {FROM} WHERE c.id = ANY($1) ORDER BY array_position($1, c.id)"

Path = tuple[str, ...]


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


def coupons_to_use(coupons: Mapping[int, Path], *, party: UUID, order: UUID) -> Claim:
    """All of them used by an order, for who claims more in the same statement; before anything that others wait for. What was
    nobody's is the party's from then on.

    Where a competitor was first, it is refused with CouponNotYours, CouponUsed or CouponVoid, with the coupon's path.
    """
    keys = {UUID(int=coupon): coupon for coupon in coupons}

    async def settle(tx: Transaction, granted: Granted) -> None:
        if missing := [coupon for key, coupon in keys.items() if key not in granted]:
            for row in await tx.rows(STATE_NOW, missing):
                coupon_from(row).refuse(party, coupons[row["id"]])
            raise AssertionError("what was not used is somebody else's, used or void")

    return Claim(USE, USED, (list(keys), list(coupons), party, order, now()), len(keys), settle)


async def use_coupons(tx: Transaction, coupons: Sequence[int], *, party: UUID, order: UUID) -> None:
    """Use them all for an order, in its transaction, with nothing else.

    Raises:
        CouponNotYours, CouponUsed, CouponVoid: a competitor was first; the path is the coupon's place.
    """
    paths = {coupon: (str(place),) for place, coupon in enumerate(coupons)}
    await claim(tx, coupons_to_use(paths, party=party, order=order))


async def give_back_coupons(tx: Transaction, order: UUID) -> int:
    """The order ended unpaid: its coupons are their owner's again; how many that were."""
    return await tx.execute(GIVE_BACK, order)
