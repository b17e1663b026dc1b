"""Of a range every price is that of its least face value, and grows with the value that is chosen."""

from decimal import Decimal

import pytest

from perkhub.catalog import FaceRange, FaceValueInvalid
from perkhub.kit.money import Money
from perkhub.pricing import BasketLine, PriceSource, RowDraft, price_basket, prices_of
from tests.factories import Shop, StockedVariant
from tests.pricing.making import a_list, at, of_party, viewer

TENS = FaceRange(Decimal(10), Decimal(500), Decimal(10))
RANGED = {"face_range": TENS, "face_currency": "CNY"}


def a_line(variant: StockedVariant, face_value: str | None, quantity: int = 1) -> BasketLine:
    return BasketLine(variant.id, quantity, face_value=None if face_value is None else Decimal(face_value))


async def test_a_price_grows_with_the_value_and_its_trace_says_so(shop: Shop):
    variant = await shop.variant(price="9.85", form=RANGED)
    (line,) = (await price_basket(variant.channel, [a_line(variant, "50", 3)])).lines
    assert (line.unit, line.total, line.face_value) == (Decimal("49.25"), Money(14775, "CNY"), Decimal(50))
    assert [(step.source, step.effect) for step in line.trace] == [
        (PriceSource.LISTING, Decimal("9.85")),
        (PriceSource.FACE_VALUE, Decimal("39.40")),
    ]
    assert line.trace[1].label == "50 CNY"
    (least,) = (await price_basket(variant.channel, [a_line(variant, "10")])).lines
    assert (least.unit, sum(step.effect for step in least.trace)) == (Decimal("9.85"), Decimal("9.85"))


async def test_lists_and_breaks_price_the_least_value_and_the_rule_stays_one(shop: Shop):
    variant, buyer = await shop.variant(price="10", form=RANGED), await shop.customer()
    await a_list(of_party(buyer), [at(variant.id, "9.5"), RowDraft(variant.id, 10, percent_off=Decimal(10))])
    who = await viewer(buyer)
    priced = (await prices_of(variant.channel, who, [variant.id]))[variant.id]
    assert (priced.unit(), priced.unit(10)) == (Decimal("9.5"), Decimal(9))
    assert [(one.minimum_quantity, one.unit) for one in priced.breaks] == [(10, Decimal(9))]
    for quantity, unit in ((1, "95"), (10, "90")):
        (line,) = (await price_basket(variant.channel, [a_line(variant, "100", quantity)], who)).lines
        assert line.unit == Decimal(unit)
        assert sum(step.effect for step in line.trace) == line.unit
        assert [step.source for step in line.trace] == [PriceSource.LISTING, PriceSource.PRICE_LIST, PriceSource.FACE_VALUE]


@pytest.mark.parametrize("face_value", [None, "0", "-10", "5", "15", "510", "10.0000001", "1e30", "1e-30"])
async def test_a_value_that_is_not_offered_is_refused_with_its_line(shop: Shop, face_value: str | None):
    variant, other = await shop.variant(price="10", form=RANGED), await shop.variant()
    with pytest.raises(FaceValueInvalid) as refused:
        await price_basket(variant.channel, [BasketLine(other.id, 1), a_line(variant, face_value)])
    assert refused.value.path == ("lines", "1", "unitFaceValue")


async def test_nobody_chooses_where_there_is_no_choice(shop: Shop):
    variant = await shop.variant(price="10")
    with pytest.raises(FaceValueInvalid):
        await price_basket(variant.channel, [a_line(variant, "10")])


async def test_a_price_that_no_column_could_hold_is_refused(shop: Shop):
    widest = FaceRange(Decimal("0.000001"), Decimal(10**9), Decimal("0.000001"))
    variant = await shop.variant(price="1000000000", form={"face_range": widest, "face_currency": "CNY"})
    with pytest.raises(FaceValueInvalid) as refused:
        await price_basket(variant.channel, [a_line(variant, "1000000000", 1000)])
    assert refused.value.path == ("lines", "0", "unitFaceValue")
