"""A coupon as it stands, and why somebody may not use it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.coupons.codes import code_of, shown
from perkhub.campaigns.coupons.errors import CouponNotYours, CouponUsed, CouponVoid
from perkhub.campaigns.coupons.make import open_secret
from perkhub.campaigns.coupons.states import CouponState
from perkhub.kit.db import Row


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon as it stands. Whose it is, is known once somebody claimed, bound or used it. `void`: by itself, or with all of
    its batch."""

    id: int
    batch_id: UUID
    campaign_id: UUID
    number: int
    state: CouponState
    party_id: UUID | None
    order_id: UUID | None
    bound_at: datetime | None
    used_at: datetime | None
    void: bool
    sealed: bytes = field(repr=False)

    @property
    def code(self) -> str:
        """As it is printed. For its holder, and for nobody else."""
        return shown(code_of(open_secret(self.sealed, self.batch_id), self.number))

    def refuse(self, party: UUID | None, path: tuple[str, ...]) -> None:
        """Go on, if this party may use it. Somebody else's is that and nothing more: how it stands is not told.

        Raises:
            CouponNotYours, CouponUsed, CouponVoid.
        """
        if self.party_id not in (None, party):
            raise CouponNotYours(path=path)
        if self.state is CouponState.USED:
            raise CouponUsed(path=path)
        if self.void:
            raise CouponVoid(path=path)


def coupon_from(row: Row) -> Coupon:
    """A row of `sql.COLUMNS` as a value."""
    state = CouponState(row["state"])
    return Coupon(
        id=row["id"],
        batch_id=row["batch_id"],
        campaign_id=row["campaign_id"],
        number=row["number"],
        state=state,
        party_id=row["party_id"],
        order_id=row["order_id"],
        bound_at=row["bound_at"],
        used_at=row["used_at"],
        void=row["batch_void"] or state is CouponState.VOID,
        sealed=row["sealed"],
    )
