"""Circles: groups of people around one campaign, with places that are taken, paid and given up with orders. Knows no orders."""

from perkhub.campaigns.circles.close import (
    Unsettled,
    forgotten_circles,
    lapse_circle,
    lapse_overdue,
    note_delivered,
    note_settled,
    unsettled_members,
)
from perkhub.campaigns.circles.errors import CircleFull, CircleOver, CircleTwice, CircleUnknown
from perkhub.campaigns.circles.places import give_up_places, join_circle, open_circle, pay_places, retake_places
from perkhub.campaigns.circles.read import (
    Circle,
    CircleMember,
    circles_by_ids,
    circles_of_orders,
    members_of,
    open_circles,
    own_circles,
)
from perkhub.campaigns.circles.states import CircleState, MemberState
from perkhub.campaigns.circles.tell import CHANNEL, CIRCLE_KIND

__all__ = [
    "CHANNEL",
    "CIRCLE_KIND",
    "Circle",
    "CircleFull",
    "CircleMember",
    "CircleOver",
    "CircleState",
    "CircleTwice",
    "CircleUnknown",
    "MemberState",
    "Unsettled",
    "circles_by_ids",
    "circles_of_orders",
    "forgotten_circles",
    "give_up_places",
    "join_circle",
    "lapse_circle",
    "lapse_overdue",
    "members_of",
    "note_delivered",
    "note_settled",
    "open_circle",
    "open_circles",
    "own_circles",
    "pay_places",
    "retake_places",
    "unsettled_members",
]
