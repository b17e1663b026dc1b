"""Coupons as their holders have them: got by a click or by a code, and kept until an order uses them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from perkhub.campaigns import hand_out, keep_coupon
from perkhub.campaigns.coupons import CouponStanding, HeldCoupon, coupon_of_claim, held_coupon
from perkhub.channels import Viewer
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.idempotency import once
from perkhub_schema.campaigns.types import CampaignType, campaign_of
from perkhub_schema.graphql.access import CUSTOMER
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.kept import NEVER_KEPT
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import cursor_moment, moment_cursor
from perkhub_schema.orders.inputs import fingerprint

LONGEST_CODE = 40
LARGEST_ID = 2**63 - 1

CouponStandingEnum = described(
    CouponStanding,
    "What a coupon is worth to its holder now.",
    {
        CouponStanding.USABLE: "An order may use it, from `startsAt` on and until `endsAt`.",
        CouponStanding.USED: "An order used it. One that ends unpaid gives it back.",
        CouponStanding.EXPIRED: "Its campaign is over.",
        CouponStanding.VOID: "The shop took it back.",
    },
)


@strawberry.type(name="HeldCoupon", description="A coupon that somebody has: nobody else can use it.")
class CouponType(Node):
    held: strawberry.Private[HeldCoupon]
    own: strawberry.Private[bool]

    @strawberry.field(description='Its code: "7K3M-PQ2X-9HTW", for `couponCodes` of a quote or an order; null for staff.')
    def code(self) -> str | None:
        return self.held.coupon.code if self.own else None

    @strawberry.field(description="What it is worth now.")
    def standing(self) -> CouponStandingEnum:  # type: ignore[valid-type]
        return self.held.standing

    @strawberry.field(description="What it takes off, and from when on; null once its viewer may not see that any more.")
    async def campaign(self, info: Info) -> Annotated["CampaignType", strawberry.lazy("perkhub_schema.campaigns.types")] | None:
        return await campaign_of(info, self.held.coupon.campaign_id)

    @strawberry.field(description="From when on an order may use it.")
    def starts_at(self) -> datetime:
        return self.held.starts_at

    @strawberry.field(description="Until when.")
    def ends_at(self) -> datetime:
        return self.held.ends_at

    @strawberry.field(description="When it became theirs.")
    def got_at(self) -> datetime:
        return self.held.got_at

    @strawberry.field(description="When an order used it.")
    def used_at(self) -> datetime | None:
        return self.held.coupon.used_at

    @strawberry.field(description="The order that used it.")
    def order_id(self) -> strawberry.ID | None:
        used_by = self.held.coupon.order_id
        return None if used_by is None else global_id(Kind.ORDER, used_by)


def to_coupon(held: HeldCoupon, *, own: bool) -> CouponType:
    """The coupon on the wire; `own` where the request has just proved to be its holder's."""
    return CouponType(id=global_id(Kind.COUPON, UUID(int=held.coupon.id)), held=held, own=own)


async def find_coupon(context: Context, key: UUID) -> Node | None:
    """The coupon with this id, where it is the customer's own."""
    if key.int > LARGEST_ID or context.identity.party_id is None:
        return None
    found = await held_coupon(context.party, key.int)
    return None if found is None else to_coupon(found, own=True)


def coupon_cursor(held: HeldCoupon) -> str:
    """Its place in a list of coupons."""
    at, id = held.place
    return moment_cursor(at, UUID(int=id))


def coupon_place(after: str | None) -> tuple[datetime, int] | None:
    """The place that such a cursor stands for.

    Raises:
        InvalidInput: it is not one.
    """
    found = cursor_moment(after)
    if found is None:
        return None
    at, key = found
    if key.int > LARGEST_ID:
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。")
    return at, key.int


@strawberry.input(description="Which campaign's coupon is wanted.")
class CouponClaimInput:
    idempotency_key: str = strawberry.field(description="New for each claim, the same for each repetition of the request.")
    campaign_id: strawberry.ID = strawberry.field(description="A campaign of this channel that is `claimable`, and live.")


@strawberry.input(description="A coupon that somebody has on paper, or was told.")
class CouponBindInput:
    code: str = strawberry.field(description="Its code, in any case, with or without dashes and blanks.", metadata=NEVER_KEPT)


@strawberry.type(description="The coupon, which is the customer's from now on.")
class CouponPayload:
    coupon: CouponType | None = strawberry.field(default=None, description="The coupon.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why not; empty if it is theirs.")


@mutation(
    CUSTOMER,
    "Get one of a campaign's coupons (领券即绑定): it is the customer's, or the organisation's that they buy for. Refused "
    "with COUPONS_GONE when none is left, and CampaignLimitReached when they have had their share.",
)
async def coupon_claim(info: Info, input: CouponClaimInput) -> CouponPayload:
    context = info.context
    channel, party = await context.channel(), context.buyer
    campaign = local_id(Kind.CAMPAIGN, input.campaign_id, "campaignId")

    async def work(tx: Transaction, claim: UUID) -> HeldCoupon | None:
        return await hand_out(tx, claim, campaign, channel=channel, viewer=Viewer(party))

    async def replay(claim: UUID) -> HeldCoupon | None:
        return await coupon_of_claim(party, claim)

    request: dict[str, Any] = {"channel": channel.key, "buyer": party.hex, **fingerprint(input)}
    actor, key = context.identity.actor, input.idempotency_key
    held = await once(actor, "couponClaim", key=key, request=request, work=work, replay=replay)
    return CouponPayload(coupon=None if held is None else to_coupon(held, own=True))


@mutation(
    CUSTOMER,
    "Keep the coupon of a code that one has: nobody else can use it from then on. Once more it answers the same. Refused with "
    "COUPON_MISTYPED, COUPON_UNKNOWN, COUPON_NOT_YOURS, COUPON_USED, COUPON_VOID, CouponExpired or CampaignLimitReached; "
    "twenty codes in a quarter of an hour may be tried.",
)
async def coupon_bind(info: Info, input: CouponBindInput) -> CouponPayload:
    if len(input.code) > LONGEST_CODE:
        reason, reason_zh = f"At most {LONGEST_CODE} characters.", f"不能超过 {LONGEST_CODE} 个字符。"
        raise InvalidInput(path=("code",), reason=reason, reason_zh=reason_zh)
    viewer = Viewer(info.context.buyer)
    held = await keep_coupon(input.code, channel=await info.context.channel(), viewer=viewer)
    return CouponPayload(coupon=to_coupon(held, own=True))


@strawberry.type
class CouponMutations:
    coupon_claim = coupon_claim
    coupon_bind = coupon_bind
