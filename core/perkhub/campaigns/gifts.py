"""What comes with a basket for nothing: each gift becomes a line of its own, priced, claimed and delivered as any other."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from perkhub.campaigns.basket import campaign_step
from perkhub.campaigns.campaign import Campaign
from perkhub.channels import Channel, Viewer
from perkhub.kit.money import Money
from perkhub.plugin.mechanic import Gift
from perkhub.pricing import Priced, Quote, QuotedLine, prices_of


async def with_gifts(
    quote: Quote, gifts: Sequence[tuple[Campaign, Gift]], channel: Channel, viewer: Viewer, at: datetime
) -> tuple[Quote, list[tuple[Campaign, Gift]]]:
    """The basket with those gifts that can be had, and the others: what the channel does not sell, what is out of stock, what
    asks something of its buyer."""
    variants = list({gift.variant for _, gift in gifts})
    priced = await prices_of(channel, viewer, variants, at=at, asked=True, stock=True)
    # Of a variant that is bought as well, or given by several, the pool's codes are there once.
    pooled = Counter[UUID]()
    for line in quote.lines:
        pooled[line.offered.variant_id] += line.pooled
    lines: list[QuotedLine] = []
    missing: list[tuple[Campaign, Gift]] = []
    for campaign, gift in gifts:
        found = priced.get(gift.variant)
        if found is None or not _can_be_had(found, gift, taken=pooled[gift.variant]):
            missing.append((campaign, gift))
        else:
            lines.append(_line(campaign, gift, found, channel.currency, taken=pooled[gift.variant]))
            pooled[gift.variant] += lines[-1].pooled
    return replace(quote, lines=(*quote.lines, *lines)), missing


def _can_be_had(found: Priced, gift: Gift, *, taken: int) -> bool:
    if any(one.required for one in found.asked) or found.offered.face.range is not None:
        return False
    return found.obtainable or found.in_pool - taken >= gift.quantity


def _line(campaign: Campaign, gift: Gift, found: Priced, currency: str, *, taken: int) -> QuotedLine:
    given = campaign_step(campaign, gift.label, -found.unit(gift.quantity))
    return QuotedLine(
        found.offered,
        gift.quantity,
        Decimal(0),
        Money(0, currency),
        (*found.trace(gift.quantity), given),
        obtainable=found.obtainable,
        sourced=found.sourced(gift.quantity, taken=taken),
    )
