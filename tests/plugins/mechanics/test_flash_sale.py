"""The flash sale's rule by itself: which effects, and what is refused before it may begin."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from perkhub.plugin.mechanic import Claim, Refuse, Seen, UnitPrice
from perkhub_plugins.mechanics.flash_sale import LABEL, FlashSale, FlashSaleState
from tests.plugins.mechanics.baskets import MONTH, SEASON, TERMS, basket, line, on_sale

SALE = FlashSale()


def config(**changed: Any) -> FlashSale.Config:
    return FlashSale.Config(**{"variant": MONTH, "price": "9.90", "quantity": 200, "limit_per_customer": 2, **changed})


def test_the_price_is_the_special_one():
    assert SALE.quote(config(), basket(line()), Seen()) == [UnitPrice(0, Decimal("9.90"), LABEL)]


def test_what_it_does_not_sell_it_refuses():
    assert SALE.quote(config(), basket(line(SEASON)), Seen()) == [Refuse("other_variant", 0)]


def test_the_customers_share_is_claimed_before_the_whole():
    """The hottest row last: who may have no more never waits for it."""
    assert SALE.reserve(config(), basket(line(quantity=2)), Seen()) == [
        Claim("bought", 2, ceiling=2, line=0, per_buyer=True),
        Claim("sold", 2, ceiling=200, line=0),
    ]


def test_shops_see_what_is_left():
    seen = Seen(counters={"sold": 199}, mine={"bought": 0})
    assert SALE.state(config(), seen) == FlashSaleState(left=1, limit_left=2)
    assert SALE.state(config(), Seen()) == FlashSaleState(left=200, limit_left=2)


@pytest.mark.parametrize(
    ("price", "listed", "at_fault"),
    [("9.90", on_sale(), []), ("15.00", on_sale(), ["price"]), ("9.90", on_sale(SEASON), ["variant"])],
    ids=["in-order", "not-cheaper", "not-listed"],
)
def test_before_it_is_published(price: str, listed: Any, at_fault: list[str]):
    problems = list(SALE.problems(config(price=price), TERMS, listed))
    assert [problem.path[0] for problem in problems] == at_fault


@pytest.mark.parametrize("wrong", [{"price": "0"}, {"price": "-1"}, {"quantity": 0}, {"limit_per_customer": 0}], ids=str)
def test_settings_that_are_none(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        config(**wrong)
