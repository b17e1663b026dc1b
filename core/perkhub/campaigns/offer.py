"""Pricing a basket with its campaigns: for quotes, orders and simulations alike. Changes nothing, holds nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from perkhub.campaigns.automatic import AUTOMATIC, beside_prices
from perkhub.campaigns.basket import ActedBasket
from perkhub.campaigns.campaign import Campaign
from perkhub.campaigns.candidates import candidates_of
from perkhub.campaigns.coupons import find_coupons
from perkhub.campaigns.draws import tickets_of
from perkhub.campaigns.errors import CampaignRefusal, CampaignsClash, CampaignSoldOut
from perkhub.campaigns.gifts import with_gifts
from perkhub.campaigns.parts import Part
from perkhub.campaigns.read import campaigns_by_ids
from perkhub.campaigns.rush import note_available, tell_sold_out
from perkhub.campaigns.stacking import Acting, Asked, BroughtCoupon, act, in_order
from perkhub.channels import ANYONE, Channel, Viewer
from perkhub.kit.clock import now
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.plugin.mechanic import Gift
from perkhub.pricing import BasketLine, Quote, price_basket

MOST_CODES = 10


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
        NotFound, CampaignRefusal, CampaignInvalid: of a campaign that the buyer asked for; the path names the line or the
            code. What would have applied by itself is left out instead, and a reason says why.
    """
    quote = await price_basket(channel, basket, viewer, complete=complete, at=at, beside=beside_prices())
    choices = _choices(basket)
    brought = await _brought(codes, viewer)
    automatic = _automatic(quote)
    if not choices and not automatic and not brought:
        return Offer(quote)
    acting = Acting(channel, viewer, at or now())
    return await _acted(quote, await _asked(quote, choices, automatic, acting, brought=brought), acting)


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
    drafts count as published.

    Raises:
        whatever `price_basket` refuses; NotFound, CampaignInvalid: of what lines say of campaigns.
    """
    there = {one.id for one in await campaigns_by_ids(drafts)} if drafts else set()
    for place, draft in enumerate(drafts):
        if draft not in there:
            raise NotFound("campaign", "活动", path=("draftIds", str(place)))
    quote = await price_basket(channel, basket, viewer, at=at, beside=beside_prices())
    choices = _choices(basket)
    automatic = _automatic(quote)
    acting = Acting(channel, viewer, at or now())
    brought = await _brought(codes, viewer)
    asked = await _asked(quote, choices, [*automatic, *drafts], acting, brought=brought, drafts=drafts)
    return await _acted(quote, asked, acting, explaining=True)


async def _brought(codes: Sequence[str], viewer: Viewer) -> dict[UUID, BroughtCoupon]:
    """The coupons with these codes by their campaign: one of each."""
    if not codes:
        return {}
    if len(codes) > MOST_CODES:
        reason, reason_zh = f"At most {MOST_CODES} coupons.", f"最多使用 {MOST_CODES} 张优惠券。"
        raise InvalidInput(path=("couponCodes",), reason=reason, reason_zh=reason_zh)
    found: dict[UUID, BroughtCoupon] = {}
    try:
        coupons = await find_coupons(codes, party=viewer.party_id)
    except CampaignRefusal as refusal:
        raise refusal.at("couponCodes") from None
    for place, (coupon, code) in enumerate(zip(coupons, codes, strict=True)):
        if coupon.campaign_id in found:
            raise CampaignsClash(path=("couponCodes", str(place)))
        found[coupon.campaign_id] = BroughtCoupon(coupon.id, coupon.campaign_id, place, code)
    return found


def _automatic(quote: Quote) -> list[UUID]:
    """What was found beside the prices: the same for every line."""
    return list(quote.lines[0].offered.more.get(AUTOMATIC) or ())


def _choices(basket: Sequence[BasketLine]) -> dict[UUID, dict[int, Any]]:
    """By campaign, which lines chose it, each with what it says."""
    found: dict[UUID, dict[int, Any]] = {}
    for place, line in enumerate(basket):
        if line.campaign is not None:
            found.setdefault(line.campaign.campaign_id, {})[place] = line.campaign.choice
    return found


async def _asked(
    quote: Quote,
    choices: dict[UUID, dict[int, Any]],
    automatic: Sequence[UUID],
    acting: Acting,
    *,
    brought: Mapping[UUID, BroughtCoupon],
    drafts: Sequence[UUID] = (),
) -> list[Asked]:
    ids = list({*choices, *automatic, *brought})
    products = list({line.offered.product_id for line in quote.lines})
    found = await candidates_of(ids, acting.channel.id, acting.viewer, products, acting.at)
    for campaign, lines in choices.items():
        # A draft is nobody's business but its operator's.
        if campaign not in found or (found[campaign].campaign.is_draft and campaign not in drafts):
            raise NotFound("campaign", "活动", path=("lines", str(min(lines)), "campaign"))
    # A draft that nobody chose is tried where it would apply by itself; what must be chosen says nothing then.
    return [
        Asked(one, choices.get(id, {}), draft=id in drafts, coupon=brought.get(id))
        for id, one in found.items()
        if id in choices or id in brought or one.campaign.is_automatic
    ]


async def _acted(quote: Quote, asked: Sequence[Asked], acting: Acting, *, explaining: bool = False) -> Offer:
    basket = ActedBasket.of(quote)
    parts: list[Part] = []
    reasons: list[Reason] = []
    for one in in_order(asked):
        campaign = one.candidate.campaign
        try:
            acted = act(one, basket, acting)
        except CampaignRefusal as refusal:
            if not one.automatic and not explaining:
                refusal.path = refusal.path or one.path
                _note_refused(one, quote, refusal)
                raise
            reasons.append(Reason(campaign, refusal))
            continue
        basket = acted.basket
        if acted.part is not None:
            for line in acted.part.lines:
                note_available(campaign.id, quote.lines[line].offered.variant_id)
            parts.append(acted.part)
            reasons.append(Reason(campaign, lines=acted.part.lines, discount=acted.part.discount))
    offer = Offer(_with_draws(basket.quote(), parts), tuple(parts), tuple(reasons))
    return await _with_gifts(offer, basket.gifts, acting, explaining=explaining) if basket.gifts else offer


def _note_refused(one: Asked, quote: Quote, refusal: CampaignRefusal) -> None:
    """For the crowd that comes after. Where some are left, who wants fewer may still have them; where several counters have an
    end, who chooses otherwise may."""
    if not isinstance(refusal, CampaignSoldOut) or refusal.data["available"] > 0 or len(one.choices) != 1:
        return
    working = one.candidate.campaign.working()
    if working is not None and len(working.ceilings()) == 1:
        [line] = one.choices
        tell_sold_out(one.candidate.campaign.id, quote.lines[line].offered.variant_id)


async def _with_gifts(offer: Offer, gifts: Sequence[tuple[Campaign, Gift]], acting: Acting, *, explaining: bool) -> Offer:
    """The offer with its gifts. One that cannot be had is left out, with what its campaign would claim for it.

    Raises:
        CampaignSoldOut: the gift is promised with the purchase.
    """
    quote, missing = await with_gifts(offer.quote, gifts, acting.channel, acting.viewer, acting.at)
    if not explaining and any(gift.required for _, gift in missing):
        raise CampaignSoldOut
    without = {campaign.id: campaign for campaign, _ in missing}
    reasons = [
        Reason(reason.campaign, CampaignSoldOut()) if reason.campaign.id in without else reason for reason in offer.reasons
    ]
    return Offer(quote, tuple(part for part in offer.parts if part.campaign.id not in without), tuple(reasons))


def _with_draws(quote: Quote, parts: Sequence[Part]) -> Quote:
    """Nothing of the pool is promised to a line that is drawn, and no supplier is asked: what it becomes, the draw says."""
    drawn = {ticket.position for ticket in tickets_of(parts)}
    if not drawn:
        return quote
    lines = [
        replace(line, sourced=line.quantity, obtainable=False) if at in drawn else line for at, line in enumerate(quote.lines)
    ]
    return replace(quote, lines=tuple(lines))
