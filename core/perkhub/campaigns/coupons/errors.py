"""Why a coupon was refused.

CouponUnknown       no coupon of this house
└── CouponMistyped  nor could it be one: its check character is wrong
CouponNotYours      somebody else's; whose, nobody is told
CouponUsed          it was used before
CouponVoid          an operator took it back
CouponExpired       its campaign is over
CouponsGone         none is left to be handed out
CouponsByCodeOnly   they go to those who have a code, and nobody else
"""

from datetime import datetime

from perkhub.campaigns.errors import CampaignRefusal


class CouponUnknown(CampaignRefusal):
    code = "COUPON_UNKNOWN"
    en = "There is no such coupon. Check the code: it has twelve letters and digits."
    zh = "优惠券码不存在,请核对 12 位券码。"


class CouponMistyped(CouponUnknown):
    code = "COUPON_MISTYPED"
    en = "This code is mistyped. Compare it with the twelve letters and digits that you were given."
    zh = "券码输入有误,请逐位核对 12 位券码。"


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


class CouponVoid(CampaignRefusal):
    code = "COUPON_VOID"
    en = "This coupon was taken back by the shop and does not count any more."
    zh = "该优惠券已作废。"


class CouponExpired(CampaignRefusal):
    code = "COUPON_EXPIRED"
    en = "This coupon expired at {ended_at}."
    zh = "该优惠券已于 {ended_at} 过期。"

    def __init__(self, *, ended_at: datetime, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, ended_at=ended_at.isoformat())


class CouponsByCodeOnly(CampaignRefusal):
    code = "COUPONS_BY_CODE_ONLY"
    en = "The coupons of this campaign are not there to be claimed. Enter the code of yours."
    zh = "本活动优惠券不可直接领取,请输入券码绑定。"
