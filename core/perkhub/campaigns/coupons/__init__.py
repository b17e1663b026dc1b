"""Coupons 优惠券: codes by the million that nobody can guess or mistype, each used once."""

from perkhub.campaigns.coupons.batches import CouponBatch, batches_of, request_batch
from perkhub.campaigns.coupons.bind import bind_coupon, claim_coupon
from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.errors import CouponNotYours, CouponsGone, CouponUnknown, CouponUsed
from perkhub.campaigns.coupons.export import export_codes
from perkhub.campaigns.coupons.make import MAKE, make_batch
from perkhub.campaigns.coupons.states import CouponState
from perkhub.campaigns.coupons.use import Coupon, coupons_of_party, find_coupons, give_back_coupons, use_coupons

__all__ = [
    "MAKE",
    "Coupon",
    "CouponBatch",
    "CouponNotYours",
    "CouponState",
    "CouponUnknown",
    "CouponUsed",
    "CouponsGone",
    "batches_of",
    "bind_coupon",
    "claim_coupon",
    "coupons_of_party",
    "export_codes",
    "find_coupons",
    "give_back_coupons",
    "make_batch",
    "normal_code",
    "request_batch",
    "use_coupons",
]
