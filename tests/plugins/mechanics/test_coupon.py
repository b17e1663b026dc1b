"""The coupon's rule by itself: what it takes off, and why nothing."""

from typing import Any

import pytest
from pydantic import ValidationError

from perkhub.plugin.mechanic import HANDED_OUT, Claim, Discount, HandOut, Refuse, Scope, Seen
from perkhub_plugins.mechanics.coupon import Coupon, CouponConfig
from tests.plugins.mechanics.baskets import SEASON, TERMS, basket, line

MECHANIC = Coupon()


def config(**given: Any) -> CouponConfig:
    return CouponConfig(**given)


@pytest.mark.parametrize(
    ("given", "months", "taken"),
    [
        ({"off": "5"}, 1, 500),
        ({"off": "20"}, 1, 1500),
        ({"off": "5", "threshold": "30"}, 2, 500),
        ({"percent_off": "12.5"}, 1, 187),
        ({"percent_off": "50", "most_off": "10"}, 3, 1000),
    ],
    ids=["so-much", "never-below-nothing", "from-a-threshold-on", "percent-rounded-down", "at-most"],
)
def test_what_it_takes_off(given: dict[str, Any], months: int, taken: int):
    assert MECHANIC.quote(config(**given), basket(line(quantity=months)), Seen()) == [Discount((0,), taken, MECHANIC.title)]


def test_why_nothing():
    below = MECHANIC.quote(config(off="5", threshold="30"), basket(line()), Seen())
    assert below == [Refuse("below", facts={"threshold": "30"})]
    scoped = config(off="5", scope=Scope(variants=[SEASON]))
    assert MECHANIC.quote(scoped, basket(line()), Seen()) == [Refuse("nothing")]


def test_it_counts_its_uses():
    assert MECHANIC.reserve(config(off="5"), basket(line()), Seen()) == [Claim("used", 1, ceiling=1, per_buyer=True)]
    assert MECHANIC.state(config(off="5", uses_per_customer=3), Seen(mine={"used": 2})).uses_left == 1


def test_how_it_is_handed_out():
    assert MECHANIC.hand_out(config(off="5")) == HandOut(by_click=False, per_customer=1)
    open_to_all = config(off="5", claimable=True, claims_per_customer=3)
    assert MECHANIC.hand_out(open_to_all) == HandOut(by_click=True, per_customer=3)
    assert [MECHANIC.state(open_to_all, Seen(mine={HANDED_OUT: got})).claims_left for got in (0, 2, 5)] == [3, 1, 0]


@pytest.mark.parametrize("wrong", [{}, {"off": "5", "percent_off": "5"}, {"off": "0"}, {"percent_off": "101"}], ids=str)
def test_settings_that_are_none(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        config(**wrong)


def test_before_it_is_published():
    assert [one.path for one in MECHANIC.problems(config(off="30", threshold="30"), TERMS, {})] == [("off",)]
    assert [one.path for one in MECHANIC.problems(config(off="3", most_off="2"), TERMS, {})] == [("mostOff",)]
    assert list(MECHANIC.problems(config(percent_off="3", most_off="2", threshold="3"), TERMS, {})) == []
