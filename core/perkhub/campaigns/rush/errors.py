"""Why somebody is not let in at once.

CampaignRefusal
└── CampaignQueued      others came before; the ticket keeps the place
WaitingTicketInvalid    it is not of this house, or somebody else's
"""

from perkhub.campaigns.errors import CampaignRefusal
from perkhub.kit.errors import DomainError


class CampaignQueued(CampaignRefusal):
    """No refusal for good: the same request, sent again with the ticket, is let in when its turn comes."""

    code = "CAMPAIGN_QUEUED"
    en = "Many are buying: you are number {position} in the queue. Your place is kept while you ask again."
    zh = "抢购火爆,您正在排队,当前第 {position} 位;请按提示重试,位置将为您保留。"

    def __init__(self, *, ticket: str, position: int, retry_after_ms: int, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, ticket=ticket, position=position, retry_after_ms=retry_after_ms)


class WaitingTicketInvalid(DomainError):
    """Also said of another person's."""

    code = "WAITING_TICKET_INVALID"
    en = "This waiting ticket is not yours. Place the order without one to get a place in the queue."
    zh = "该排队凭证无效或不属于您,请不带凭证重新下单排队。"
