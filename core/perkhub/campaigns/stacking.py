"""Which campaigns act on a basket, in which order, and why the others do not. The policy, whole:

1. Campaigns on a line's own price act before those on the cart.
2. Among these the higher `priority` first; of equals the one that begins first, then the lower id.
3. A line takes part in one campaign on its own price at most: the one that its buyer chose (these act before all others),
   else the first that applies.
4. An exclusive campaign takes no line that another acted on, and no other takes a line of it.
5. What a buyer asked for and cannot have refuses the basket; what would apply by itself is left out. Each leaves a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from perkhub.campaigns.basket import ActedBasket, ActedLine
from perkhub.campaigns.budget import budget_claims
from perkhub.campaigns.candidates import Candidate
from perkhub.campaigns.checked import filled
from perkhub.campaigns.coupons import CouponExpired
from perkhub.campaigns.errors import (
    CampaignNotForYou,
    CampaignNotOpen,
    CampaignOver,
    CampaignPaused,
    CampaignRefusal,
    CampaignRefused,
    CampaignsClash,
    CampaignUnavailable,
)
from perkhub.campaigns.parts import CounterClaim, Part
from perkhub.campaigns.reserve import refuse_above_seen
from perkhub.campaigns.states import CampaignState, StoredState
from perkhub.campaigns.working import Working
from perkhub.channels import Channel, Viewer
from perkhub.kit.money import exponent
from perkhub.plugin.mechanic import Basket, Claim, Line, Refuse, Stage, TakeBargain


@dataclass(frozen=True, slots=True)
class BroughtCoupon:
    """A coupon that the buyer has, and at which place of their codes it stands."""

    id: int
    campaign_id: UUID
    place: int
    code: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A candidate, and how it came in: chosen by lines, each with what it says to the mechanic; by a coupon; or by itself."""

    candidate: Candidate
    choices: dict[int, Any]
    draft: bool = False
    coupon: BroughtCoupon | None = None

    @property
    def automatic(self) -> bool:
        """Nobody asked for it."""
        return not self.choices and self.coupon is None

    @property
    def path(self) -> tuple[str, ...]:
        """Where it was asked for."""
        if self.coupon is not None:
            return ("couponCodes", str(self.coupon.place))
        return ("lines", str(min(self.choices)), "campaign") if self.choices else ()


@dataclass(frozen=True, slots=True)
class Acting:
    """Who asks where and when."""

    channel: Channel
    viewer: Viewer
    at: datetime


@dataclass(frozen=True, slots=True)
class Acted:
    """What one campaign did: a basket with its effects and its part, or nothing at all."""

    basket: ActedBasket
    part: Part | None


def in_order(asked: Sequence[Asked]) -> list[Asked]:
    """As they act: rules 1 and 2. Which stage a broken or retired one would have had matters to nobody."""
    return sorted(asked, key=_rank)


def _rank(asked: Asked) -> tuple[object, ...]:
    campaign = asked.candidate.campaign
    working = _working_or_none(campaign_asked=asked)
    late = working is not None and working.stage is Stage.CART
    return (late, asked.automatic and not late, -campaign.priority, campaign.starts_at, campaign.id)


def _working_or_none(campaign_asked: Asked) -> Working | None:
    try:
        return campaign_asked.candidate.campaign.working()
    except CampaignRefusal:
        return None


def act(asked: Asked, basket: ActedBasket, acting: Acting) -> Acted:
    """Let one campaign act on the basket.

    Raises:
        CampaignRefusal: why it does not.
    """
    candidate = asked.candidate
    working = able(asked, acting.at)
    lines = _touched(asked, working, basket)
    if not lines:
        if asked.coupon is not None:
            raise CampaignsClash
        return Acted(basket, None)
    told = _told(asked, working, lines, acting)
    effects = working.quote(told, candidate.seen)
    _refuse_if_told(working, [one for one in effects if isinstance(one, Refuse)], asked)
    if not effects and asked.automatic:
        return Acted(basket, None)
    made = basket.acted(candidate.campaign, effects)
    positions = tuple(line.position for line in lines)
    touched = (
        positions
        if asked.choices or made.gifts != basket.gifts
        else tuple(place for place in positions if made.lines[place] is not basket.lines[place])
    )
    if not touched:
        return Acted(basket, None)
    part = _part(asked, working, told, basket, made, touched, acting)
    return Acted(made.marked(candidate.campaign, touched, working.stage), part)


def able(asked: Asked, at: datetime) -> Working:
    """The mechanic at work, where the campaign is live here, now and for this viewer.

    Raises:
        CampaignRefusal: it is not.
    """
    campaign = asked.candidate.campaign
    state = (replace(campaign, stored=StoredState.PUBLISHED) if asked.draft else campaign).state_at(at)
    if state is CampaignState.SCHEDULED:
        raise CampaignNotOpen(starts_at=campaign.starts_at)
    if state is CampaignState.PAUSED:
        raise CampaignPaused
    if state is CampaignState.ENDED and asked.coupon is not None:
        raise CouponExpired(ended_at=min(campaign.ends_at, at))
    if state is not CampaignState.LIVE or not asked.candidate.here:
        raise CampaignOver
    if not asked.candidate.for_viewer:
        raise CampaignNotForYou
    working = campaign.working()
    if working is None:
        raise CampaignUnavailable
    return working


def _touched(asked: Asked, working: Working, basket: ActedBasket) -> list[ActedLine]:
    """The lines that it may act on: rules 3 and 4."""
    campaign = asked.candidate.campaign
    if asked.choices:
        chosen = [basket.lines[place] for place in sorted(asked.choices)]
        if any(_barred(line, campaign.exclusive) for line in chosen):
            raise CampaignsClash
        return chosen
    concerned = working.variants()
    return [
        line
        for line in basket.lines.values()
        if (concerned is None or line.quoted.offered.variant_id in concerned)
        and not _barred(line, campaign.exclusive)
        and not (working.stage is Stage.LINE and line.taken)
    ]


def _barred(line: ActedLine, exclusive: bool) -> bool:
    return line.closed or (exclusive and bool(line.campaigns))


def _told(asked: Asked, working: Working, lines: Sequence[ActedLine], acting: Acting) -> Basket:
    categories = asked.candidate.categories
    told = tuple(
        Line(
            position=line.position,
            variant=line.quoted.offered.variant_id,
            product=line.quoted.offered.product_id,
            categories=categories.get(line.quoted.offered.product_id, frozenset()),
            quantity=line.quoted.quantity,
            list_unit=line.quoted.unit,
            unit=line.unit,
            total=line.total,
            choice=_choice(asked, working, line.position),
        )
        for line in lines
    )
    code = None if asked.coupon is None else asked.coupon.code
    currency = acting.channel.currency
    return Basket(told, currency, acting.at, acting.viewer.party_id, code, exponent(currency))


def _choice(asked: Asked, working: Working, position: int) -> Any:
    if position not in asked.choices:
        return None
    return working.choice(asked.choices[position], "lines", str(position), "campaign")


def _part(
    asked: Asked,
    working: Working,
    told: Basket,
    before: ActedBasket,
    after: ActedBasket,
    positions: tuple[int, ...],
    acting: Acting,
) -> Part:
    """What taking part claims, as far as can be known already."""
    candidate = asked.candidate
    effects = working.reserve(told, candidate.seen)
    _refuse_if_told(working, [one for one in effects if isinstance(one, Refuse)], asked)
    units = tuple(after.lines[place].quoted.quantity for place in positions)
    discount = max(0, before.cost(positions) - after.cost(positions))
    claims = [
        CounterClaim(one.counter, one.amount, one.ceiling, one.line, one.per_buyer, one.kept)
        for one in effects
        if isinstance(one, Claim)
    ]
    claims += budget_claims(candidate.campaign, units=sum(units), discount=discount, at=acting.at, zone=acting.channel.zone)
    refuse_above_seen(claims, candidate.seen)
    coupon = None if asked.coupon is None else asked.coupon.id
    others = tuple(one for one in effects if not isinstance(one, Claim | Refuse))
    bargain = candidate.seen.bargain if any(isinstance(one, TakeBargain) for one in effects) else None
    return Part(candidate.campaign, positions, units, tuple(claims), others, discount, asked.path, coupon, bargain)


def _refuse_if_told(working: Working, refusals: Sequence[Refuse], asked: Asked) -> None:
    """A line that must not take part keeps the others from it too where the buyer asked; the first says why."""
    for one in refusals:
        text = filled(working.mechanic.REASONS[one.reason], one.facts)
        refusal = CampaignRefused(reason=one.reason, text=text.en, text_zh=text.zh)
        if one.line is not None and one.line in asked.choices:
            refusal.path = ("lines", str(one.line), "campaign")
        raise refusal
