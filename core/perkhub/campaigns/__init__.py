"""Campaigns: the record around a mechanic, what a basket costs with them, and what taking part claims. Knows no orders."""

from perkhub.campaigns.bargain import start_bargain
from perkhub.campaigns.campaign import Campaign, CampaignAudience, Counted, Limit, Period
from perkhub.campaigns.consents import ConsentGiven, consents_of_orders, consents_of_party, forget_consents
from perkhub.campaigns.draft import CampaignDraft
from perkhub.campaigns.draws import DrawTicket, draw_units, kept_tickets, tickets_of
from perkhub.campaigns.errors import (
    CampaignBudgetSpent,
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
from perkhub.campaigns.figures import CounterFigure, Figures, LimitUse, figures_of
from perkhub.campaigns.hand_out import hand_out, keep_coupon, request_coupons
from perkhub.campaigns.jobs import register_campaign_jobs
from perkhub.campaigns.keep import change_campaign, clone_campaign, create_campaign, draft_of
from perkhub.campaigns.life import (
    end_campaign,
    pause_campaign,
    publish_campaign,
    publishing_faults,
    resume_campaign,
    rotate_draws,
)
from perkhub.campaigns.offer import Offer, Reason, offer_basket, simulate_basket
from perkhub.campaigns.parts import CounterClaim, Part
from perkhub.campaigns.people import list_people, people_of, unlist_people
from perkhub.campaigns.read import (
    CampaignsAsked,
    KeptVersion,
    campaign_by_id,
    campaign_by_reference,
    campaigns,
    campaigns_by_ids,
    live_campaigns,
    states_of,
    versions_of,
)
from perkhub.campaigns.remembered import forget_campaigns
from perkhub.campaigns.reserve import confirm_parts, reclaim_parts, record_parts, release_parts, reserve_parts
from perkhub.campaigns.rush import forget_sold_out, known_sold_out
from perkhub.campaigns.states import CampaignState, PartState, StoredState
from perkhub.campaigns.tally import close_tallies, forget_tallies, note_refusal, note_view, write_tallies
from perkhub.campaigns.tell import CAMPAIGN_KIND, close_telling
from perkhub.campaigns.working import Working

__all__ = [
    "CAMPAIGN_KIND",
    "Campaign",
    "CampaignAudience",
    "CampaignBudgetSpent",
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
    "CampaignsAsked",
    "CampaignsClash",
    "ConsentGiven",
    "Counted",
    "CounterClaim",
    "CounterFigure",
    "DrawTicket",
    "Figures",
    "KeptVersion",
    "Limit",
    "LimitUse",
    "MechanicBroken",
    "Offer",
    "Part",
    "PartState",
    "Period",
    "Reason",
    "StoredState",
    "Working",
    "campaign_by_id",
    "campaign_by_reference",
    "campaigns",
    "campaigns_by_ids",
    "change_campaign",
    "clone_campaign",
    "close_tallies",
    "close_telling",
    "confirm_parts",
    "consents_of_orders",
    "consents_of_party",
    "create_campaign",
    "draft_of",
    "draw_units",
    "end_campaign",
    "figures_of",
    "forget_campaigns",
    "forget_consents",
    "forget_sold_out",
    "forget_tallies",
    "hand_out",
    "keep_coupon",
    "kept_tickets",
    "known_sold_out",
    "list_people",
    "live_campaigns",
    "note_refusal",
    "note_view",
    "offer_basket",
    "pause_campaign",
    "people_of",
    "publish_campaign",
    "publishing_faults",
    "reclaim_parts",
    "record_parts",
    "register_campaign_jobs",
    "release_parts",
    "request_coupons",
    "reserve_parts",
    "resume_campaign",
    "rotate_draws",
    "simulate_basket",
    "start_bargain",
    "states_of",
    "tickets_of",
    "unlist_people",
    "versions_of",
    "write_tallies",
]
