"""The flood after "sold out": turned away from memory, without a transaction and without touching the counters that those who
may still pay or give back need. It only ever turns away, and for a moment: whoever comes after it asks the database."""

import time
from collections.abc import Sequence
from uuid import UUID

from perkhub.campaigns.errors import CampaignSoldOut
from perkhub.pricing import BasketLine

# So long an expired hold's place may wait for the next buyer.
REMEMBERED_SECONDS = 0.5
MOST_REMEMBERED = 10_000

_sold_out: dict[UUID, float] = {}


def note_sold_out(campaign: UUID, refusal: CampaignSoldOut) -> None:
    """Remember that nothing at all was left of it; where some was, who wants fewer may still have it."""
    if refusal.data["available"] > 0:
        return
    if len(_sold_out) >= MOST_REMEMBERED:
        _sold_out.clear()
    _sold_out[campaign] = time.monotonic() + REMEMBERED_SECONDS


def known_sold_out(basket: Sequence[BasketLine]) -> CampaignSoldOut | None:
    """The refusal that this basket would get now, as far as this process knows."""
    if not _sold_out:
        return None
    at = time.monotonic()
    for place, line in enumerate(basket):
        if line.campaign is not None and _sold_out.get(line.campaign.campaign_id, 0.0) > at:
            return CampaignSoldOut(available=0, path=("lines", str(place), "campaign"))
    return None


def forget_sold_out() -> None:
    """Ask again: after an operator's change in this process, and between tests."""
    _sold_out.clear()
