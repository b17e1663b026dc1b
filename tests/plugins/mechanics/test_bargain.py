"""The bargain's rule by itself: what is refused before it may begin."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from perkhub_plugins.mechanics.bargain import Bargain
from tests.plugins.mechanics.baskets import MONTH, SEASON, TERMS, on_sale

BARGAIN = Bargain()
YEN = replace(TERMS, currency="JPY", exponent=0)
DINAR = replace(TERMS, currency="KWD", exponent=3)


@pytest.mark.parametrize(
    ("terms", "floor", "helpers", "listed", "at_fault"),
    [
        (TERMS, "9.90", 510, on_sale(), []),
        (TERMS, "9.90", 511, on_sale(), ["helpers"]),
        (TERMS, "15.00", 1, on_sale(), ["floor"]),
        (TERMS, "9.90", 2, on_sale(SEASON), ["variant"]),
        (YEN, "10", 5, on_sale(), []),
        (YEN, "10", 6, on_sale(), ["helpers"]),
        (YEN, "14.5", 1, on_sale(), ["floor"]),
        (DINAR, "14.990", 10, on_sale(), []),
    ],
)
def test_before_it_is_published(terms: Any, floor: str, helpers: int, listed: Any, at_fault: list[str]):
    config = Bargain.Config(variant=MONTH, floor=Decimal(floor), helpers=helpers, quantity=5)
    assert [problem.path[0] for problem in BARGAIN.problems(config, terms, listed)] == at_fault


def test_it_says_how_many_there_may_be():
    config = Bargain.Config(variant=MONTH, floor=Decimal(10), helpers=500, quantity=5)
    [problem] = BARGAIN.problems(config, YEN, on_sale())
    assert (problem.text.en, problem.text.zh) == ("At most 5: each cuts 1 JPY at least.", "最多 5 人:每人至少砍 1 JPY。")
