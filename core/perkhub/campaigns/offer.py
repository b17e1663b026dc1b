"""Pricing a basket with its campaigns: for quotes, orders and simulations alike. Changes nothing, holds nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.campaign import Campaign
from perkhub.campaigns.errors import CampaignRefusal
from perkhub.campaigns.parts import Part
from perkhub.channels import ANYONE, Channel, Viewer
from perkhub.pricing import BasketLine, Quote, price_basket


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a campaign applies to a basket (`refusal` is None), or why not. `discount`: minor units that it takes off."""

    campaign: Campaign
    refusal: CampaignRefusal | None = None
    lines: tuple[int, ...] = ()
    discount: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A basket at its prices with campaigns; the parts are what an order of it claims. Reasons come in the order in which
    the campaigns acted."""

    quote: Quote
    parts: tuple[Part, ...] = ()
    reasons: tuple[Reason, ...] = ()


async def offer_basket(
    channel: Channel,
    basket: Sequence[BasketLine],
    viewer: Viewer = ANYONE,
    *,
    codes: Sequence[str] = (),
    at: datetime | None = None,
    complete: bool = False,
) -> Offer:
    """Price a basket as this viewer would pay it in the channel now, its campaigns included.

    Raises:
        whatever `price_basket` refuses.
        CampaignRefusal, CampaignInvalid: of a campaign that the buyer asked for; the path names the line or the code. What
            would have applied by itself is left out instead, and a reason says why.
    """
    return Offer(await price_basket(channel, basket, viewer, complete=complete, at=at))


async def simulate_basket(
    channel: Channel,
    basket: Sequence[BasketLine],
    viewer: Viewer = ANYONE,
    *,
    codes: Sequence[str] = (),
    at: datetime | None = None,
    drafts: Sequence[UUID] = (),
) -> Offer:
    """The same for operators, who ask for another moment or somebody else: campaigns refuse by reasons alone, and these
    drafts count as published."""
    return Offer(await price_basket(channel, basket, viewer, at=at))
