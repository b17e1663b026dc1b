"""The group buy's rule by itself: which effects, and what is refused before it may begin."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from perkhub.plugin.mechanic import Claim, JoinCircle, OpenCircle, Refuse, Seen, UnitPrice, Wait
from perkhub_plugins.mechanics.group_buy import LABEL, GroupBuy, GroupBuyState
from tests.plugins.mechanics.baskets import MONTH, SEASON, TERMS, basket, line, on_sale

BUY = GroupBuy()
OTHERS = UUID(int=77)


def config(**changed: Any) -> GroupBuy.Config:
    return GroupBuy.Config(**{"variant": MONTH, "price": "9.90", "size": 3, "limit_per_customer": 2, **changed})


def test_the_price_is_that_of_the_group():
    assert BUY.quote(config(), basket(line()), Seen()) == [UnitPrice(0, Decimal("9.90"), LABEL)]


def test_what_it_does_not_sell_it_refuses():
    assert BUY.quote(config(), basket(line(SEASON)), Seen()) == [Refuse("other_variant", 0)]


@pytest.mark.parametrize("choice", [None, GroupBuy.Choice()], ids=["nothing-said", "no-group-said"])
def test_whoever_names_no_group_opens_one(choice: Any):
    assert BUY.reserve(config(), basket(line(quantity=2, choice=choice)), Seen()) == [
        Claim("bought", 2, ceiling=2, line=0, per_buyer=True),
        OpenCircle(0, seats=3, lasts=timedelta(hours=24)),
        Wait(0),
    ]


def test_whoever_names_a_group_joins_it():
    """The customer's own share first: who may have no more never waits for a group."""
    joining = basket(line(choice=GroupBuy.Choice(group=OTHERS)))
    assert BUY.reserve(config(), joining, Seen()) == [
        Claim("bought", 1, ceiling=2, line=0, per_buyer=True),
        JoinCircle(0, OTHERS),
        Wait(0),
    ]


def test_shops_see_what_is_left_of_a_customers_share():
    assert BUY.state(config(), Seen(mine={"bought": 1})) == GroupBuyState(limit_left=1)
    assert BUY.state(config(limit_per_customer=1), Seen(mine={"bought": 2})) == GroupBuyState(limit_left=0)


@pytest.mark.parametrize(
    ("price", "listed", "at_fault"),
    [("9.90", on_sale(), []), ("15.00", on_sale(), ["price"]), ("9.90", on_sale(SEASON), ["variant"])],
    ids=["in-order", "not-cheaper", "not-listed"],
)
def test_before_it_is_published(price: str, listed: Any, at_fault: list[str]):
    assert [problem.path[0] for problem in BUY.problems(config(price=price), TERMS, listed)] == at_fault


@pytest.mark.parametrize(
    "wrong",
    [{"price": "0"}, {"size": 1}, {"size": 1001}, {"hours_open": 0}, {"hours_open": 721}, {"limit_per_customer": 0}],
    ids=str,
)
def test_settings_that_are_none(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        config(**wrong)
