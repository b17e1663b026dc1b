"""Why somebody cannot have a place in a circle.

CampaignRefusal
├── CircleFull      every place is taken, or kept for who is about to pay
├── CircleOver      its time is over, or it is complete
├── CircleUnknown   there is none of this id in this campaign
└── CircleTwice     they have a place already, in this one or in another that is open
"""

from perkhub.campaigns.errors import CampaignRefusal


class CircleFull(CampaignRefusal):
    code = "CIRCLE_FULL"
    en = "This group is full. Join another one, or open your own."
    zh = "该团已满,请加入其他团或自行开团。"


class CircleOver(CampaignRefusal):
    code = "CIRCLE_OVER"
    en = "This group is closed. Join another one, or open your own."
    zh = "该团已结束,请加入其他团或自行开团。"


class CircleUnknown(CampaignRefusal):
    code = "CIRCLE_UNKNOWN"
    en = "This campaign has no such group."
    zh = "本活动中没有该团。"


class CircleTwice(CampaignRefusal):
    code = "CIRCLE_TWICE"
    en = "You are in a group of this campaign already: one at a time."
    zh = "您已参加本活动的一个团,同一时间只能参加一个。"
