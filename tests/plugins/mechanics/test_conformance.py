"""Every built-in mechanic keeps every rule of the kit that third parties are given."""

from decimal import Decimal
from uuid import UUID

import pytest

from perkhub.plugin.mechanic import BargainSeen, OnSale, Seen
from perkhub.plugin.registry import load_plugins
from perkhub.plugin.testing.mechanics import MechanicConformance, MechanicSubject
from perkhub_plugins.mechanics.bargain import Bargain
from perkhub_plugins.mechanics.blind_box import BlindBox
from perkhub_plugins.mechanics.bundle import Bundle
from perkhub_plugins.mechanics.coupon import Coupon
from perkhub_plugins.mechanics.flash_sale import FlashSale
from perkhub_plugins.mechanics.full_reduction import FullReduction
from perkhub_plugins.mechanics.gift import GiftWithPurchase
from perkhub_plugins.mechanics.group_buy import GroupBuy
from perkhub_plugins.mechanics.nth_item import NthItem
from tests.plugins.mechanics.baskets import MONTH, SEASON

BOX = UUID(int=50)
RUNNING = BargainSeen(UUID(int=60), MONTH, price=Decimal(9), floor=Decimal(5), helpers=4, cuts=2)
SUBJECTS = {
    Bargain: MechanicSubject(
        Bargain, {"variant": MONTH, "floor": "5", "helpers": 4, "quantity": 9}, {MONTH: 1}, seen=Seen(bargain=RUNNING)
    ),
    FlashSale: MechanicSubject(FlashSale, {"variant": MONTH, "price": "9.90", "quantity": 5}, {MONTH: 1}),
    BlindBox: MechanicSubject(
        BlindBox,
        {
            "variant": BOX,
            "price": "12",
            "prizes": [
                {"key": "month", "variant": MONTH, "odds": "99"},
                {"key": "season", "variant": SEASON, "odds": "1", "quantity": 3},
            ],
            "exhausted": "month",
            "guaranteed": ["season"],
            "quantity": 100,
        },
        {BOX: 1},
        choice={"client_seed": "luck", "of_age": True},
        on_sale={MONTH: OnSale(MONTH, Decimal(10)), SEASON: OnSale(SEASON, None, face_value=Decimal(40))},
        regions=frozenset({"CN"}),
    ),
    Coupon: MechanicSubject(Coupon, {"percent_off": "20", "most_off": "50", "threshold": "15"}, {MONTH: 1}),
    FullReduction: MechanicSubject(FullReduction, {"tiers": [{"threshold": "30", "off": "5"}]}, {MONTH: 2}),
    NthItem: MechanicSubject(NthItem, {"nth": 2, "percent_off": "50"}, {MONTH: 2}),
    Bundle: MechanicSubject(
        Bundle, {"items": [{"variant": MONTH}, {"variant": SEASON}], "price": "20", "quantity": 9}, {MONTH: 1, SEASON: 1}
    ),
    GroupBuy: MechanicSubject(GroupBuy, {"variant": MONTH, "price": "9.90", "size": 3}, {MONTH: 1}),
    GiftWithPurchase: MechanicSubject(GiftWithPurchase, {"buy": MONTH, "gift": SEASON, "quantity": 5}, {MONTH: 1}),
}


class TestMechanic(MechanicConformance):
    @pytest.fixture(params=SUBJECTS.values(), ids=lambda one: one.mechanic.key)
    def subject(self, request: pytest.FixtureRequest) -> MechanicSubject:
        chosen: MechanicSubject = request.param
        return chosen


def test_no_built_in_is_left_out():
    assert {mechanic.key for mechanic in SUBJECTS} == set(load_plugins().mechanics)
