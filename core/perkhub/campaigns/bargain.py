"""Who may open a bargain of a campaign, and from which price. The bargain itself is `bargains`'."""

from uuid import UUID

from perkhub.campaigns.bargains import Bargain, open_bargain
from perkhub.campaigns.candidates import candidates_of
from perkhub.campaigns.stacking import Asked, able
from perkhub.channels import Channel, Viewer
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.pricing import BasketLine, price_basket


async def start_bargain(tx: Transaction, channel: Channel, viewer: Viewer, campaign: UUID) -> Bargain:
    """Open a bargain of this campaign for the viewer, from what one unit costs them in the channel without any campaign.

    Raises:
        NotFound, CampaignRefusal, InvalidInput: of another mechanic; whatever `price_basket` refuses.
    """
    party, at = viewer.party_id, now()
    assert party is not None
    found = (await candidates_of([campaign], channel.id, viewer, [], at)).get(campaign)
    if found is None or found.campaign.is_draft:
        raise NotFound("campaign", "活动", path=("campaignId",))
    rules = able(Asked(found, {}), at).bargain()
    if rules is None:
        raise InvalidInput(path=("campaignId",), reason="Nobody bargains in this campaign.", reason_zh="该活动不支持砍价。")
    quote = await price_basket(channel, [BasketLine(rules.variant, 1)], viewer, at=at)
    return await open_bargain(
        tx,
        rules,
        campaign=campaign,
        channel=channel.id,
        party=party,
        currency=channel.currency,
        price=quote.lines[0].unit,
        ends_at=found.campaign.ends_at,
    )
