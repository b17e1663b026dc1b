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

# By campaign and variant, for a campaign may sell several: when the next one may look.
_sold_out: dict[tuple[UUID, UUID], float] = {}


def note_sold_out(campaign: UUID, variant: UUID) -> None:
    """Remember that nothing at all was left of it; where some was, who wants fewer may still have it."""
    if len(_sold_out) >= MOST_REMEMBERED:
        _sold_out.clear()
    _sold_out[campaign, variant] = time.monotonic() + LOOK_AGAIN_SECONDS


def note_available(campaign: UUID, variant: UUID) -> None:
    """Somebody who looked found some of it."""
    _sold_out.pop((campaign, variant), None)


def is_anything_sold_out() -> bool:
    """Whether there is anything to be turned away from."""
    return bool(_sold_out)


def is_sold_out(basket: Sequence[BasketLine]) -> bool:
    """Whether this basket would be refused now, as far as this process knows; nobody is let through to look again."""
    at = time.monotonic()
    return any(
        line.campaign is not None and at < _sold_out.get((line.campaign.campaign_id, line.variant_id), 0.0) for line in basket
    )


def known_sold_out(basket: Sequence[BasketLine]) -> CampaignSoldOut | None:
    """The refusal that this basket would get now, as far as this process knows; None also for who is to look again."""
    if not _sold_out:
        return None
    at = time.monotonic()
    for place, line in enumerate(basket):
        if line.campaign is None:
            continue
        wanted = (line.campaign.campaign_id, line.variant_id)
        look = _sold_out.get(wanted)
        if look is None:
            continue
        if at >= look:
            _sold_out[wanted] = at + LOOK_AGAIN_SECONDS
            continue
        return CampaignSoldOut(path=("lines", str(place), "campaign"))
    return None


def forget_sold_out(campaign: UUID | None = None) -> None:
    """Ask again: of a campaign of which units came back or that was changed in this process; of all between tests."""
    for known in [known for known in _sold_out if campaign in (None, known[0])]:
        del _sold_out[known]
