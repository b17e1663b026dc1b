"""Using coupons: found by their code, used by one order, given back where it ends unpaid."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from perkhub.campaigns.coupons.codes import code_of, normal_code, shown
from perkhub.campaigns.coupons.errors import CouponNotYours, CouponUnknown, CouponUsed
from perkhub.campaigns.coupons.make import fingerprint_of, open_secret
from perkhub.campaigns.coupons.sql import GIVE_BACK, USE
from perkhub.campaigns.coupons.states import CouponState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction

COLUMNS = "id, batch_id, campaign_id, number, state, party_id, order_id"
BY_FINGERPRINT = f"SELECT fingerprint, {COLUMNS} FROM coupon WHERE fingerprint = ANY($1)"
OF_PARTY = f"""
    SELECT {COLUMNS} FROM coupon WHERE party_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
STATE_NOW = f"SELECT {COLUMNS} FROM coupon WHERE id = ANY($1)"
SECRETS = "SELECT id, sealed FROM coupon_batch WHERE id = ANY($1)"


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon as it stands. Whose it is, is known once somebody claimed, bound or used it."""

    id: int
    batch_id: UUID
    campaign_id: UUID
    number: int
    state: CouponState
    party_id: UUID | None
    order_id: UUID | None


async def find_coupons(codes: Sequence[str], *, party: UUID | None) -> list[Coupon]:
    """The coupons with these codes, in their order, as this party may use them now.

    Raises:
        CouponUnknown, CouponNotYours, CouponUsed: the path is the code's place.
    """
    normal = [normal_code(code) for code in codes]
    prints = [None if code is None else fingerprint_of(code) for code in normal]
    known = [one for one in prints if one is not None]
    found = {row["fingerprint"]: coupon_from(row) for row in await db.rows(BY_FINGERPRINT, known)} if known else {}
    coupons = []
    for place, one in enumerate(prints):
        coupon = None if one is None else found.get(one)
        if coupon is None:
            raise CouponUnknown(path=(str(place),))
        _refuse(coupon, party, (str(place),))
        coupons.append(coupon)
    return coupons


def _refuse(coupon: Coupon, party: UUID | None, path: tuple[str, ...]) -> None:
    if coupon.party_id not in (None, party):
        raise CouponNotYours(path=path)
    if coupon.state is CouponState.USED:
        raise CouponUsed(path=path)


async def use_coupons(tx: Transaction, coupons: Sequence[int], *, party: UUID, order: UUID) -> None:
    """Use them all for an order, in its transaction. What was nobody's is the party's from now on.

    Raises:
        CouponNotYours, CouponUsed: a competitor was first; the path is the coupon's place.
    """
    used = {row["id"] for row in await tx.rows(USE, list(coupons), party, order, now())}
    if len(used) == len(coupons):
        return
    present = {row["id"]: coupon_from(row) for row in await tx.rows(STATE_NOW, list(coupons))}
    for place, coupon in enumerate(coupons):
        if coupon not in used:
            _refuse(present[coupon], party, (str(place),))
    raise AssertionError("what was not used is somebody else's, or used")


async def give_back_coupons(tx: Transaction, order: UUID) -> int:
    """The order ended unpaid: its coupons are their owner's again; how many that were."""
    return await tx.execute(GIVE_BACK, order)


async def coupons_of_party(party: UUID, *, before: int | None = None, limit: int = 20) -> list[tuple[Coupon, str]]:
    """A party's coupons, newest first, each with its code as it is printed."""
    coupons = [coupon_from(row) for row in await db.rows(OF_PARTY, party, before, limit)]
    secrets = {
        row["id"]: open_secret(row["sealed"], row["id"])
        for row in await db.rows(SECRETS, list({coupon.batch_id for coupon in coupons}))
    }
    return [(coupon, shown(code_of(secrets[coupon.batch_id], coupon.number))) for coupon in coupons]


def coupon_from(row: Row) -> Coupon:
    """A row of the table as a value."""
    return Coupon(
        id=row["id"],
        batch_id=row["batch_id"],
        campaign_id=row["campaign_id"],
        number=row["number"],
        state=CouponState(row["state"]),
        party_id=row["party_id"],
        order_id=row["order_id"],
    )
