"""What takes something off a basket: full reduction, n-th item, bundle, gift. Amounts by hand, to the minor unit."""

from typing import Any

import pytest

from perkhub.plugin.mechanic import Claim, Discount, Gift, Scope, Seen
from perkhub_plugins.mechanics.bundle import Bundle, BundleConfig
from perkhub_plugins.mechanics.full_reduction import FullReduction, FullReductionConfig
from perkhub_plugins.mechanics.gift import GiftConfig, GiftWithPurchase
from perkhub_plugins.mechanics.nth_item import NthItem, NthItemConfig
from tests.plugins.mechanics.baskets import MONTH, SEASON, TERMS, basket, line, on_sale

TWO_STEPS = FullReductionConfig.model_validate({"tiers": [{"threshold": "50", "off": "5"}, {"threshold": "100", "off": "15"}]})
EACH_FIFTY = FullReductionConfig.model_validate({"tiers": [{"threshold": "50", "off": "5"}], "repeats": True})
HALF = NthItemConfig.model_validate({"nth": 2, "percent_off": "50"})
SET = BundleConfig.model_validate({"items": [{"variant": MONTH, "quantity": 2}, {"variant": SEASON}], "price": "60"})
FREE = GiftConfig(buy=MONTH, buy_quantity=2, gift=SEASON, most_times=2, quantity=10)


def off(effects: Any) -> list[tuple[tuple[int, ...], int]]:
    assert all(isinstance(effect, Discount) for effect in effects)
    return [(effect.lines, effect.amount) for effect in effects]


@pytest.mark.parametrize(
    ("config", "months", "taken"),
    [(TWO_STEPS, 3, 0), (TWO_STEPS, 4, 500), (TWO_STEPS, 7, 1500), (EACH_FIFTY, 3, 0), (EACH_FIFTY, 7, 1000),
     (EACH_FIFTY, 10, 1500)],
    ids=["below", "first-step", "second-step", "repeats-below", "twice", "three-times"],
)  # fmt: skip
def test_full_reduction(config: FullReductionConfig, months: int, taken: int):
    found = off(FullReduction().quote(config, basket(line(quantity=months)), Seen()))
    assert found == ([((0,), taken)] if taken else [])


def test_full_reduction_counts_its_scope_alone():
    scoped = TWO_STEPS.model_copy(update={"scope": Scope(variants=[SEASON])})
    bought = basket(line(quantity=9), line(SEASON, 2, unit="40", position=1))
    assert off(FullReduction().quote(scoped, bought, Seen())) == [((1,), 500)]
    assert FullReduction().variants(scoped) == {SEASON}
    assert FullReduction().variants(TWO_STEPS) is None


@pytest.mark.parametrize(
    ("tiers", "repeats", "at_fault"),
    [
        ([("50", "50")], False, ["tiers.0.off"]),
        ([("50", "5"), ("100", "5")], False, ["tiers"]),
        ([("50", "5"), ("50", "6")], False, ["tiers"]),
        ([("50", "5"), ("100", "15")], True, ["repeats"]),
        ([("100", "15"), ("50", "5")], False, []),
    ],
    ids=["all-off", "no-more", "one-threshold", "two-repeat", "in-order"],
)
def test_full_reduction_before_it_is_published(tiers: list[tuple[str, str]], repeats: bool, at_fault: list[str]):
    steps = [{"threshold": threshold, "off": less} for threshold, less in tiers]
    config = FullReductionConfig.model_validate({"tiers": steps, "repeats": repeats})
    assert [".".join(one.path) for one in FullReduction().problems(config, TERMS, {})] == at_fault


def test_the_second_at_half_price():
    assert off(NthItem().quote(HALF, basket(line()), Seen())) == []
    assert off(NthItem().quote(HALF, basket(line(quantity=2)), Seen())) == [((0,), 750)]
    assert off(NthItem().quote(HALF, basket(line(quantity=5)), Seen())) == [((0,), 1500)]


def test_the_cheapest_units_cost_less():
    bought = basket(line(SEASON, 3, unit="40"), line(quantity=1, position=1))
    assert off(NthItem().quote(HALF, bought, Seen())) == [((1,), 750), ((0,), 2000)]
    once = HALF.model_copy(update={"most_times": 1})
    assert off(NthItem().quote(once, bought, Seen())) == [((1,), 750)]


def test_nothing_is_free_without_end():
    free = NthItemConfig.model_validate({"nth": 3, "percent_off": "100"})
    assert [one.path for one in NthItem().problems(free, TERMS, {})] == [("mostTimes",)]
    assert list(NthItem().problems(free.model_copy(update={"most_times": 1}), TERMS, {})) == []


def test_a_bundle_costs_its_price():
    bought = basket(line(quantity=4), line(SEASON, 2, unit="40", position=1))
    assert off(Bundle().quote(SET, bought, Seen())) == [((0, 1), 2000)]  # twice 70 for 60
    assert off(Bundle().quote(SET, basket(line(quantity=3), line(SEASON, unit="40", position=1)), Seen())) == [((0, 1), 1000)]
    assert off(Bundle().quote(SET, basket(line(quantity=4)), Seen())) == []


def test_bundles_that_are_left():
    few = SET.model_copy(update={"quantity": 10})
    bought = basket(line(quantity=4), line(SEASON, 2, unit="40", position=1))
    seen = Seen({"sold": 9})
    assert off(Bundle().quote(few, bought, seen)) == [((0, 1), 1000)]
    assert Bundle().reserve(few, bought, seen) == [Claim("sold", 1, ceiling=10)]
    assert Bundle().reserve(few, bought, Seen({"sold": 10})) == ()
    assert Bundle().reserve(SET, bought, Seen()) == ()


def test_a_bundle_before_it_is_published():
    listed = {**on_sale(MONTH, "15"), **on_sale(SEASON, "30")}
    assert [one.path for one in Bundle().problems(SET, TERMS, listed)] == [("price",)]
    assert [one.path for one in Bundle().problems(SET, TERMS, on_sale())] == [("items", "1", "variant")]
    assert list(Bundle().problems(SET, TERMS, {**on_sale(MONTH, "15"), **on_sale(SEASON, "40")})) == []


@pytest.mark.parametrize(
    ("months", "given", "units"), [(1, 0, 0), (2, 0, 1), (5, 0, 2), (9, 0, 2), (9, 9, 1), (9, 10, 0)], ids=lambda one: str(one)
)
def test_gifts_that_were_earned_and_are_left(months: int, given: int, units: int):
    bought, seen = basket(line(quantity=months)), Seen({"given": given})
    gifts = GiftWithPurchase().quote(FREE, bought, seen)
    assert [(gift.variant, gift.quantity) for gift in gifts if isinstance(gift, Gift)] == ([(SEASON, units)] if units else [])
    assert list(GiftWithPurchase().reserve(FREE, bought, seen)) == ([Claim("given", units, ceiling=10)] if units else [])


def test_a_required_gift_is_claimed_though_none_is_left():
    """So that the claim refuses the order."""
    required = FREE.model_copy(update={"required": True})
    bought, seen = basket(line(quantity=2)), Seen({"given": 10})
    assert GiftWithPurchase().reserve(required, bought, seen) == [Claim("given", 1, ceiling=10)]
