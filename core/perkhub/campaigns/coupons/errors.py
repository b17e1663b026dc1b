"""Why a coupon was refused.

CouponUnknown   mistyped, or no coupon of this house
CouponNotYours  somebody else's
CouponUsed      it was used before
CouponsGone     none is left to be handed out
"""

from perkhub.campaigns.errors import CampaignRefusal


class CouponUnknown(CampaignRefusal):
    code = "COUPON_UNKNOWN"
    en = "There is no such coupon. Check the code: it has twelve letters and digits."
    zh = "优惠券码不存在,请核对 12 位券码。"


class CouponNotYours(CampaignRefusal):
    code = "COUPON_NOT_YOURS"
    en = "This coupon is bound to another account."
    zh = "该优惠券已被其他账号领取。"


class CouponUsed(CampaignRefusal):
    code = "COUPON_USED"
    en = "This coupon was used already."
    zh = "该优惠券已使用。"


class CouponsGone(CampaignRefusal):
    code = "COUPONS_GONE"
    en = "All coupons of this campaign were handed out."
    zh = "优惠券已领完。"
