"""The mechanic contract: what a campaign means, as pure functions from facts to effects."""

from perkhub.plugin.mechanic.contract import Ceiling, Entry, Mechanic, NoChoice, Problem, Stage
from perkhub.plugin.mechanic.effects import (
    Claim,
    Discount,
    Draw,
    Effects,
    Gift,
    Guarantee,
    JoinCircle,
    OpenCircle,
    PriceEffect,
    Prize,
    Refuse,
    ReserveEffect,
    UnitPrice,
    Wait,
)
from perkhub.plugin.mechanic.facts import Basket, CircleSeen, Line, OnSale, Seen, Terms

__all__ = [
    "Basket",
    "Ceiling",
    "CircleSeen",
    "Claim",
    "Discount",
    "Draw",
    "Effects",
    "Entry",
    "Gift",
    "Guarantee",
    "JoinCircle",
    "Line",
    "Mechanic",
    "NoChoice",
    "OnSale",
    "OpenCircle",
    "PriceEffect",
    "Prize",
    "Problem",
    "Refuse",
    "ReserveEffect",
    "Seen",
    "Stage",
    "Terms",
    "UnitPrice",
    "Wait",
]
