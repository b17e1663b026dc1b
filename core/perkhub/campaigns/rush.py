"""The flood after "sold out": turned away from memory, without a transaction and without touching the counters that those who
may still pay or give back need. It only ever turns away; one of the crowd is let through every half second, to look again."""

import time
from collections.abc import Sequence
from uuid import UUID

from perkhub.campaigns.errors import CampaignSoldOut
from perkhub.pricing import BasketLine

# So long the place of an expired hold may wait for somebody who is told of it.
LOOK_AGAIN_SECONDS = 0.5
MOST_REMEMBERED = 10_000

# By campaign: when the next one may look.
_sold_out: dict[UUID, float] = {}


def note_sold_out(campaign: UUID, refusal: CampaignSoldOut) -> None:
    """Remember that nothing at all was left of it; where some was, who wants fewer may still have it."""
    if refusal.data["available"] > 0:
        return
    if len(_sold_out) >= MOST_REMEMBERED:
        _sold_out.clear()
    _sold_out[campaign] = time.monotonic() + LOOK_AGAIN_SECONDS


def note_available(campaign: UUID) -> None:
    """Somebody who looked found some of it."""
    _sold_out.pop(campaign, None)


def known_sold_out(basket: Sequence[BasketLine]) -> CampaignSoldOut | None:
    """The refusal that this basket would get now, as far as this process knows; None also for who is to look again."""
    if not _sold_out:
        return None
    at = time.monotonic()
    for place, line in enumerate(basket):
        campaign = None if line.campaign is None else line.campaign.campaign_id
        if campaign is None or campaign not in _sold_out:
            continue
        if at >= _sold_out[campaign]:
            _sold_out[campaign] = at + LOOK_AGAIN_SECONDS
            continue
        return CampaignSoldOut(available=0, path=("lines", str(place), "campaign"))
    return None


def forget_sold_out() -> None:
    """Ask again: after an operator's change in this process, and between tests."""
    _sold_out.clear()
