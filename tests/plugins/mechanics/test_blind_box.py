"""The blind box's rule by itself: one price, one draw a box, and nothing published that is not fair or not lawful."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from perkhub.plugin.mechanic import Claim, Consent, Draw, Guarantee, Odds, OnSale, Prize, Refuse, Seen, UnitPrice
from perkhub_plugins.mechanics.blind_box import LABEL, OF_AGE, BlindBox, BlindBoxState
from perkhub_plugins.mechanics.blind_box.settings import BlindBoxChoice, BlindBoxConfig
from tests.plugins.mechanics.baskets import MONTH, SEASON, TERMS, basket, line

BOX = UUID(int=50)
MECHANIC = BlindBox()
COMMON = {"key": "month", "variant": MONTH, "odds": "99.5"}
RARE = {"key": "season", "variant": SEASON, "odds": "0.5", "quantity": 20}
GROWN = BlindBoxChoice(client_seed="luck", of_age=True)
SHELF = {
    BOX: OnSale(BOX, Decimal(20)),
    MONTH: OnSale(MONTH, Decimal(15), in_stock=1000),
    SEASON: OnSale(SEASON, None, face_value=Decimal(40), in_stock=20),
}


def config(**changed: Any) -> BlindBoxConfig:
    given = {
        "variant": BOX,
        "price": "20",
        "prizes": [COMMON, RARE],
        "exhausted": "month",
        "guaranteed": ["season"],
        "quantity": 1000,
        **changed,
    }
    return BlindBoxConfig(**given)


def test_one_price_for_whoever_is_of_age():
    assert MECHANIC.quote(config(), basket(line(BOX, choice=GROWN)), Seen()) == [UnitPrice(0, Decimal(20), LABEL)]
    assert MECHANIC.quote(config(), basket(line(BOX, choice=BlindBoxChoice())), Seen()) == [Refuse("consent", 0)]
    assert MECHANIC.quote(config(ask_age=False), basket(line(BOX)), Seen()) == [UnitPrice(0, Decimal(20), LABEL)]
    assert MECHANIC.quote(config(), basket(line(MONTH, choice=GROWN)), Seen()) == [Refuse("other_variant", 0)]


def test_each_box_is_counted_and_drawn():
    assert MECHANIC.reserve(config(), basket(line(BOX, 3, choice=GROWN)), Seen()) == [
        Claim("drawn", 3, ceiling=10, line=0, per_buyer=True),
        Claim("sold", 3, ceiling=1000, line=0),
        Draw(0, "luck"),
        Consent(0, OF_AGE),
    ]


def test_percentages_are_whole_weights():
    assert MECHANIC.odds(config()) == Odds(
        (Prize("month", MONTH, 99_500_000), Prize("season", SEASON, 500_000, 20)), "month", Guarantee(9, frozenset({"season"}))
    )
    assert MECHANIC.odds(config(guarantee_after=None)).guarantee is None


def test_shops_see_what_is_left():
    assert MECHANIC.state(config(), Seen({"sold": 995}, {"drawn": 3})) == BlindBoxState(left=5, draws_left=5)


def test_a_box_in_order_is_published():
    assert list(MECHANIC.problems(config(), TERMS, SHELF)) == []


@pytest.mark.parametrize(
    ("changed", "shelf", "at_fault"),
    [
        ({}, {BOX: OnSale(BOX, None)}, ["variant"]),
        ({"prizes": [COMMON, {**RARE, "odds": "0.4"}]}, {}, ["prizes"]),
        ({"prizes": [COMMON, {**RARE, "key": "month"}], "guaranteed": ["month"]}, {}, ["prizes"]),
        ({"prizes": [COMMON, {**RARE, "variant": BOX}]}, {}, ["prizes"]),
        ({"exhausted": "season"}, {}, ["exhausted"]),
        ({"exhausted": "nothing"}, {}, ["exhausted"]),
        ({"quantity": 1001}, {}, ["exhausted"]),
        ({"guaranteed": []}, {}, ["guaranteed"]),
        ({"guaranteed": ["year"]}, {}, ["guaranteed"]),
        ({}, {SEASON: OnSale(SEASON, Decimal(0), in_stock=20)}, ["prizes.1.variant"]),
        ({}, {SEASON: OnSale(SEASON, Decimal(9), in_stock=19)}, ["prizes.1.quantity"]),
        ({"price": "200.01"}, {}, ["price"]),
        ({}, {SEASON: OnSale(SEASON, Decimal(50_001), in_stock=20)}, ["prizes.1.variant"]),
    ],
    ids=[
        "not-listed", "odds-below-100", "one-key-twice", "own-prize", "exhausted-has-an-end", "exhausted-unknown",
        "too-few-to-replace", "no-guarantee-named", "guarantee-unknown", "empty-box", "few-prizes", "dear-box", "dear-prize",
    ],
)  # fmt: skip
def test_what_is_not_published(changed: dict[str, Any], shelf: dict[UUID, OnSale], at_fault: list[str]):
    problems = list(MECHANIC.problems(config(**changed), TERMS, {**SHELF, **shelf}))
    assert [".".join(problem.path) for problem in problems] == at_fault


def test_the_law_is_named_and_holds_in_its_region_alone():
    dear = config(price="200.01")
    assert [problem.rule for problem in MECHANIC.problems(dear, TERMS, SHELF)] == ["Shanghai blind box guideline 2022"]
    elsewhere = replace(TERMS, regions=frozenset({"SG"}), currency="SGD")
    assert list(MECHANIC.problems(dear, elsewhere, SHELF)) == []


@pytest.mark.parametrize(
    "wrong",
    [{"prizes": []}, {"price": "0"}, {"prizes": [{**COMMON, "odds": "0"}]}, {"prizes": [{**COMMON, "odds": "0.0000001"}]}],
    ids=["no-prize", "free", "no-chance", "too-fine"],
)
def test_settings_that_are_none(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        config(**wrong)


def test_a_seed_is_plain_text():
    for seed in ("x" * 65, "两", "with space", "\n"):
        with pytest.raises(ValidationError):
            BlindBoxChoice(client_seed=seed)
