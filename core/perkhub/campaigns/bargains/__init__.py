"""Bargains: a price that falls with each friend who helps. Opened, cut and taken by an order. Knows no orders."""

from perkhub.campaigns.bargains.cut import Cut, cut_bargain
from perkhub.campaigns.bargains.errors import (
    BargainDown,
    BargainHopeless,
    BargainOver,
    BargainTwice,
    CutOwn,
    CutsSpent,
    CutTwice,
)
from perkhub.campaigns.bargains.open import open_bargain
from perkhub.campaigns.bargains.read import Bargain, BargainCut, bargain_by_id, cuts_of, own_bargain
from perkhub.campaigns.bargains.states import BargainState
from perkhub.campaigns.bargains.tell import BARGAIN_KIND

__all__ = [
    "BARGAIN_KIND",
    "Bargain",
    "BargainCut",
    "BargainDown",
    "BargainHopeless",
    "BargainOver",
    "BargainState",
    "BargainTwice",
    "Cut",
    "CutOwn",
    "CutTwice",
    "CutsSpent",
    "bargain_by_id",
    "cut_bargain",
    "cuts_of",
    "open_bargain",
    "own_bargain",
]
