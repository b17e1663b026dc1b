"""Why somebody cannot open a bargain, help in one, or buy by it.

CampaignRefusal
├── BargainHopeless  between the price and the floor is not a cent for each helper
├── BargainTwice     they have a running one in this campaign
├── BargainOver      its time is over, or it is bought, or about to be
├── BargainDown      it is at its floor: everybody has helped who could
├── CutOwn           it is their own
├── CutTwice         they have helped in it
└── CutsSpent        they have helped as often today as one may
"""

from perkhub.campaigns.errors import CampaignRefusal


class BargainHopeless(CampaignRefusal):
    code = "BARGAIN_HOPELESS"
    en = "At your price there is nothing to bargain for: buy it as it is."
    zh = "当前价格已无砍价空间,请直接购买。"


class BargainTwice(CampaignRefusal):
    code = "BARGAIN_TWICE"
    en = "You have a running bargain in this campaign: one at a time."
    zh = "您在本活动中已有进行中的砍价,同一时间只能发起一个。"


class BargainOver(CampaignRefusal):
    code = "BARGAIN_OVER"
    en = "This bargain is over, or its owner is buying."
    zh = "该砍价已结束,或发起人正在下单。"


class BargainDown(CampaignRefusal):
    code = "BARGAIN_DOWN"
    en = "This bargain is at its lowest price already."
    zh = "该砍价已砍至最低价。"


class CutOwn(CampaignRefusal):
    code = "CUT_OWN"
    en = "This bargain is your own: friends cut it."
    zh = "不能为自己的砍价助力,请邀请好友。"


class CutTwice(CampaignRefusal):
    code = "CUT_TWICE"
    en = "You have helped in this bargain: once each."
    zh = "您已为该砍价助力过,每人限一次。"


class CutsSpent(CampaignRefusal):
    code = "CUTS_SPENT"
    en = "You may help {limit} times a day in this campaign. Come back tomorrow."
    zh = "本活动每人每天最多助力 {limit} 次,请明天再来。"

    def __init__(self, *, limit: int, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, limit=limit)
