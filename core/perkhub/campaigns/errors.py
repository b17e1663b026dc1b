"""Why a campaign is not kept as it is said, and why somebody cannot take part in one.

CampaignInvalid      a setting cannot be; the path names it
CampaignFrozen       a setting that stays once the campaign was live
CampaignEnded        over for good: nothing of it is changed any more
CampaignNotMovable   it is not in a state from which this goes
CampaignRefusal      of one who wants to take part
├── CampaignNotOpen      its window has not begun
├── CampaignOver         its window is over, or an operator ended it
├── CampaignPaused       an operator stopped it for now
├── CampaignNotForYou    its audience is another
├── CampaignSoldOut      fewer left than wanted
├── CampaignLimitReached this buyer's share is used up
├── CampaignBudgetSpent  what the shop gives away in it is given
├── CampaignRefused      its mechanic says no, and why
├── CampaignUnavailable  its plugin is gone
├── MechanicBroken       its plugin does not keep the contract
├── CampaignsClash       two on one line, of which one stands alone; or two coupons of one campaign
├── (coupons/errors.py)  why a coupon was refused
└── (bargains/errors.py) why somebody cannot bargain
"""

from datetime import datetime

from perkhub.kit.errors import DomainError


class CampaignInvalid(DomainError):
    """`rule` names the law that a setting breaks, where it is one."""

    code = "CAMPAIGN_INVALID"
    en = "{reason}"
    zh = "{reason_zh}"

    def __init__(self, *, path: tuple[str, ...], reason: str, reason_zh: str, rule: str | None = None) -> None:
        super().__init__(path=path, reason=reason, reason_zh=reason_zh, rule=rule)


class CampaignFrozen(DomainError):
    code = "CAMPAIGN_FROZEN"
    en = "This cannot be changed any more: the campaign was live with it. Make a new one."
    zh = "活动已上线,此项不可再修改,请新建活动。"


class CampaignEnded(DomainError):
    code = "CAMPAIGN_ENDED"
    en = "This campaign has ended, for good. Clone it to run it again."
    zh = "活动已结束,无法修改;如需再次举办,请复制该活动。"


class CampaignNotMovable(DomainError):
    code = "CAMPAIGN_NOT_MOVABLE"
    en = "A campaign that is {state} cannot do this."
    zh = "活动状态为 {state},无法执行此操作。"

    def __init__(self, *, state: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, state=state.upper())


class CampaignRefusal(DomainError):
    """Somebody cannot take part."""


class CampaignNotOpen(CampaignRefusal):
    code = "CAMPAIGN_NOT_OPEN"
    en = "This campaign begins at {starts_at}."
    zh = "活动将于 {starts_at} 开始。"

    def __init__(self, *, starts_at: datetime, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, starts_at=starts_at.isoformat())


class CampaignOver(CampaignRefusal):
    code = "CAMPAIGN_OVER"
    en = "This campaign is over."
    zh = "活动已结束。"


class CampaignPaused(CampaignRefusal):
    code = "CAMPAIGN_PAUSED"
    en = "This campaign is paused."
    zh = "活动已暂停。"


class CampaignNotForYou(CampaignRefusal):
    code = "CAMPAIGN_NOT_FOR_YOU"
    en = "This campaign is for other customers."
    zh = "您不在本次活动的参与范围内。"


class CampaignSoldOut(CampaignRefusal):
    """`available` is what the counter left when it refused; others may hold some of it unpaid."""

    code = "CAMPAIGN_SOLD_OUT"
    en = "Sold out."
    zh = "已抢光。"

    def __init__(self, *, available: int = 0, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, available=available)


class CampaignLimitReached(CampaignRefusal):
    code = "CAMPAIGN_LIMIT_REACHED"
    en = "At most {limit} for each customer in this campaign, unpaid orders included."
    zh = "本活动每人限购 {limit} 件(含未付款订单)。"

    def __init__(self, *, limit: int, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, limit=limit)


class CampaignBudgetSpent(CampaignRefusal):
    code = "CAMPAIGN_BUDGET_SPENT"
    en = "The budget of this campaign is used up."
    zh = "活动预算已用完。"


class CampaignRefused(CampaignRefusal):
    """What the mechanic says, in both languages, and its name for it."""

    code = "CAMPAIGN_REFUSED"
    en = "{text}"
    zh = "{text_zh}"

    def __init__(self, *, reason: str, text: str, text_zh: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, reason=reason, text=text, text_zh=text_zh)


class CampaignUnavailable(CampaignRefusal):
    code = "CAMPAIGN_UNAVAILABLE"
    en = "This campaign is not there any more. Buy without it."
    zh = "该活动已下线,请不参加活动直接购买。"


class CampaignsClash(CampaignRefusal):
    code = "CAMPAIGNS_CLASH"
    en = "These campaigns cannot be combined."
    zh = "所选活动不可同时使用。"


class MechanicBroken(CampaignRefusal):
    """A plugin raised, or returned what its contract does not allow: the log has what and where, nobody else."""

    code = "MECHANIC_BROKEN"
    en = "This campaign does not work at this moment. Buy without it, or try again later."
    zh = "活动暂不可用,请稍后再试或不参加活动直接购买。"

    def __init__(self, mechanic: str, method: str, fault: str) -> None:
        self.method, self.fault = method, fault
        super().__init__(mechanic=mechanic)
