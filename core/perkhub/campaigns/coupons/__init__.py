"""Coupons 优惠券: codes by the million that nobody can guess or mistype, each used once."""

from perkhub.campaigns.coupons.batches import (
    CouponBatch,
    CouponCounts,
    batches_by_ids,
    batches_of,
    counts_of,
    request_batch,
)
from perkhub.campaigns.coupons.bind import Claimant, bind_coupon, claim_coupon, count_bound
from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.coupon import Coupon
from perkhub.campaigns.coupons.errors import (
    CouponExpired,
    CouponMistyped,
    CouponNotYours,
    CouponsByCodeOnly,
    CouponsGone,
    CouponUnknown,
    CouponUsed,
    CouponVoid,
)
from perkhub.campaigns.coupons.export import export_codes, run_coupon_export
from perkhub.campaigns.coupons.exports import JOB as EXPORT
from perkhub.campaigns.coupons.exports import (
    CouponExport,
    list_coupon_exports,
    read_coupon_export,
    request_coupon_export,
)
from perkhub.campaigns.coupons.guesses import count_guesses
from perkhub.campaigns.coupons.make import MAKE, make_batch
from perkhub.campaigns.coupons.states import CouponBatchState, CouponExportState, CouponState
from perkhub.campaigns.coupons.use import coupons_to_use, find_coupons, give_back_coupons, use_coupons
from perkhub.campaigns.coupons.void import void_batch, void_coupon
from perkhub.campaigns.coupons.wallet import CouponStanding, HeldCoupon, coupon_of_claim, coupons_of_party, held_coupon

__all__ = [
    "EXPORT",
    "MAKE",
    "Claimant",
    "Coupon",
    "CouponBatch",
    "CouponBatchState",
    "CouponCounts",
    "CouponExpired",
    "CouponExport",
    "CouponExportState",
    "CouponMistyped",
    "CouponNotYours",
    "CouponStanding",
    "CouponState",
    "CouponUnknown",
    "CouponUsed",
    "CouponVoid",
    "CouponsByCodeOnly",
    "CouponsGone",
    "HeldCoupon",
    "batches_by_ids",
    "batches_of",
    "bind_coupon",
    "claim_coupon",
    "count_bound",
    "count_guesses",
    "counts_of",
    "coupon_of_claim",
    "coupons_of_party",
    "coupons_to_use",
    "export_codes",
    "find_coupons",
    "give_back_coupons",
    "held_coupon",
    "list_coupon_exports",
    "make_batch",
    "normal_code",
    "read_coupon_export",
    "request_batch",
    "request_coupon_export",
    "run_coupon_export",
    "use_coupons",
    "void_batch",
    "void_coupon",
]
