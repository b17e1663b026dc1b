"""Campaigns: the record around a mechanic, what a basket costs with them, and what taking part claims. Knows no orders."""

from perkhub.campaigns.campaign import Campaign, CampaignAudience, Counted, Limit, Period
from perkhub.campaigns.draft import CampaignDraft
from perkhub.campaigns.errors import (
    CampaignBudgetSpent,
    CampaignCodeUnknown,
    CampaignEnded,
    CampaignFrozen,
    CampaignInvalid,
    CampaignLimitReached,
    CampaignNotForYou,
    CampaignNotMovable,
    CampaignNotOpen,
    CampaignOver,
    CampaignPaused,
    CampaignRefusal,
    CampaignRefused,
    CampaignsClash,
    CampaignSoldOut,
    CampaignUnavailable,
    MechanicBroken,
)
from perkhub.campaigns.offer import Offer, Reason, offer_basket, simulate_basket
from perkhub.campaigns.parts import CounterClaim, Part
from perkhub.campaigns.states import CampaignState, PartState, StoredState
from perkhub.campaigns.working import Working

__all__ = [
    "Campaign",
    "CampaignAudience",
    "CampaignBudgetSpent",
    "CampaignCodeUnknown",
    "CampaignDraft",
    "CampaignEnded",
    "CampaignFrozen",
    "CampaignInvalid",
    "CampaignLimitReached",
    "CampaignNotForYou",
    "CampaignNotMovable",
    "CampaignNotOpen",
    "CampaignOver",
    "CampaignPaused",
    "CampaignRefusal",
    "CampaignRefused",
    "CampaignSoldOut",
    "CampaignState",
    "CampaignUnavailable",
    "CampaignsClash",
    "Counted",
    "CounterClaim",
    "Limit",
    "MechanicBroken",
    "Offer",
    "Part",
    "PartState",
    "Period",
    "Reason",
    "StoredState",
    "Working",
    "offer_basket",
    "simulate_basket",
]
