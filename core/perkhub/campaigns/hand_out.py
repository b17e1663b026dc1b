"""Handing coupons out 领券即绑定: for which campaigns there are any, who may have one, and how many each may get."""

from uuid import UUID

from perkhub.campaigns.campaign import Campaign
from perkhub.campaigns.candidates import Candidate, candidates_of
from perkhub.campaigns.coupons import (
    Claimant,
    CouponBatch,
    CouponExpired,
    CouponsByCodeOnly,
    CouponStanding,
    CouponUnknown,
    HeldCoupon,
    bind_coupon,
    claim_coupon,
    count_bound,
    count_guesses,
    request_batch,
)
from perkhub.campaigns.errors import (
    CampaignEnded,
    CampaignNotForYou,
    CampaignNotOpen,
    CampaignOver,
    CampaignPaused,
    CampaignRefusal,
    CampaignUnavailable,
)
from perkhub.campaigns.read import campaign_by_id, campaigns_by_ids
from perkhub.campaigns.remembered import not_over_in
from perkhub.campaigns.states import CampaignState
from perkhub.campaigns.working import Working
from perkhub.channels import Channel, Viewer
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.plugin.mechanic import Entry
from perkhub.plugin.registry import registry


async def request_coupons(tx: Transaction, batch: UUID, campaign: UUID, *, quantity: int, name: str) -> CouponBatch:
    """Have a job make a batch of codes for a campaign; drafts may have some ready.

    Raises:
        NotFound, CampaignEnded.
        InvalidInput: the campaign's mechanic knows no codes, or so many cannot be made.
    """
    found = await campaign_by_id(campaign, tx=tx)
    if found.state_at(now()) is CampaignState.ENDED:
        raise CampaignEnded(path=("campaignId",))
    if not _takes_codes(found):
        reason, reason_zh = "Buyers take part in this campaign without codes.", "该活动不使用券码。"
        raise InvalidInput(path=("campaignId",), reason=reason, reason_zh=reason_zh)
    return await request_batch(tx, batch, campaign, quantity=quantity, name=name)


async def hand_out(tx: Transaction, claim: UUID, campaign: UUID, *, channel: Channel, viewer: Viewer) -> HeldCoupon:
    """One of those that are left, bound to the viewer's party.

    Raises:
        NotFound, CampaignRefusal: with the path of the campaign.
        ClaimContended.
    """
    assert viewer.party_id is not None
    try:
        found = await _live_here(campaign, channel, viewer)
        working = _working(found)
        handed = working.hand_out()
        if working.mechanic.entry is not Entry.CODE or not handed.by_click:
            raise CouponsByCodeOnly
        coupon = await claim_coupon(tx, claim, Claimant(viewer.party_id, found, handed.per_customer))
    except CampaignRefusal as refusal:
        refusal.path = ("campaignId",)
        raise
    return HeldCoupon(coupon, CouponStanding.USABLE, found.starts_at, found.ends_at)


async def keep_coupon(code: str, *, channel: Channel, viewer: Viewer) -> HeldCoupon:
    """The coupon with this code, bound to the viewer's party; one that is theirs already, as it is.

    Takes no transaction: a guess stays counted.

    Raises:
        CouponMistyped, CouponUnknown, CouponNotYours, CouponUsed, CouponVoid, CouponExpired, CampaignNotForYou,
        CampaignLimitReached: with the path of the code.
        TooFast: too many codes were tried.
    """
    await count_guesses([code], guesser=str(viewer.party_id))
    return await transact(lambda tx: _keep(tx, code, channel, viewer))


async def _keep(tx: Transaction, code: str, channel: Channel, viewer: Viewer) -> HeldCoupon:
    assert viewer.party_id is not None
    try:
        coupon, is_new = await bind_coupon(tx, code, party=viewer.party_id, claim=new_id())
        found = await candidates_of([coupon.campaign_id], channel.id, viewer, [], now())
        candidate = found.get(coupon.campaign_id)
        # A draft is nobody's business but its operator's, its codes included.
        if candidate is None or candidate.campaign.is_draft:
            raise CouponUnknown
        _refuse_late_or_other(candidate)
        if is_new:
            most = _working(candidate.campaign).hand_out().per_customer
            await count_bound(tx, Claimant(viewer.party_id, candidate.campaign, most))
    except CampaignRefusal as refusal:
        refusal.path = ("code",)
        raise
    return HeldCoupon(coupon, CouponStanding.USABLE, candidate.campaign.starts_at, candidate.campaign.ends_at)


def _refuse_late_or_other(candidate: Candidate) -> None:
    if candidate.campaign.state_at(now()) is CampaignState.ENDED:
        raise CouponExpired(ended_at=min(candidate.campaign.ends_at, now()))
    if not candidate.for_viewer:
        raise CampaignNotForYou


async def _live_here(campaign: UUID, channel: Channel, viewer: Viewer) -> Campaign:
    """The campaign, live here and for this viewer. Up to a second old: the claim finds out whether it is still so."""
    remembered = (one for one in await not_over_in(channel.id) if one.id == campaign)
    found = next(remembered, None) or next(iter(await campaigns_by_ids([campaign])), None)
    if found is None or found.is_draft or channel.id not in found.channel_ids:
        raise NotFound("campaign", "活动", path=("campaignId",))
    state = found.state_at(now())
    if state is CampaignState.SCHEDULED:
        raise CampaignNotOpen(starts_at=found.starts_at)
    if state is CampaignState.PAUSED:
        raise CampaignPaused
    if state is not CampaignState.LIVE:
        raise CampaignOver
    if not found.audience.everybody:
        [candidate] = (await candidates_of([campaign], channel.id, viewer, [], now())).values()
        if not candidate.for_viewer:
            raise CampaignNotForYou
    return found


def _takes_codes(campaign: Campaign) -> bool:
    offered = registry().mechanics.get(campaign.mechanic)
    return offered is not None and offered.entry is Entry.CODE


def _working(campaign: Campaign) -> Working:
    working = campaign.working()
    if working is None:
        raise CampaignUnavailable
    return working
