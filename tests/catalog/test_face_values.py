"""Face values: one that is printed, or a range with steps, whose least value its prices are told at."""

from decimal import Decimal
from typing import Any

import pytest

from perkhub.catalog import (
    Face,
    FaceRange,
    FaceValueInvalid,
    VariantDraft,
    create_variant,
    is_ranged,
    update_variant,
    variant_views,
)
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError
from tests.factories import Shop, a_name

NAME = {"en": "Any value"}
TENS = FaceRange(Decimal(10), Decimal(500), Decimal(10))
RANGED = {"face_range": TENS, "face_currency": "CNY"}


def face_range(least: str, most: str, step: str) -> FaceRange:
    return FaceRange(Decimal(least), Decimal(most), Decimal(step))


def test_a_range_holds_its_steps_and_nothing_between():
    held = face_range("0.5", "2", "0.25")
    values = ["0.5", "0.75", "1.00", "2", "0.25", "2.25", "0.6", "1.0000001", "-1", "0", "1.000000000000000000000000000000001"]
    assert [value for value in values if held.holds(Decimal(value))] == values[:4]


def test_a_price_grows_with_the_value_and_is_rounded_once():
    assert TENS.price_at(Decimal(500), Decimal("9.8")) == Decimal(490)
    assert face_range("3", "9", "1").price_at(Decimal(7), Decimal("0.333333")) == Decimal("0.777777")
    largest = Decimal("999999999.999999")
    found = face_range("0.000001", "1000000000", "0.000001").price_at(largest, largest)
    assert found == Decimal("999999999999998000000000.000001")


def test_what_is_chosen_must_be_in_the_range():
    assert Face(range=TENS, currency="CNY").chosen(Decimal("50.00")) == 50
    assert Face(Decimal(30), currency="CNY").chosen(None) == 30
    assert Face().chosen(None) is None
    refused: list[tuple[Face, Decimal | None]] = [
        (Face(range=TENS, currency="CNY"), None),
        (Face(range=TENS, currency="CNY"), Decimal(55)),
        (Face(range=TENS, currency="CNY"), Decimal(510)),
        (Face(Decimal(30), currency="CNY"), Decimal(30)),
        (Face(), Decimal(30)),
    ]
    for face, chosen in refused:
        with pytest.raises(FaceValueInvalid) as invalid:
            face.chosen(chosen, "lines", "0", "unitFaceValue")
        assert invalid.value.path == ("lines", "0", "unitFaceValue")
    with pytest.raises(FaceValueInvalid, match="from 10 to 500 CNY, in steps of 10"):
        Face(range=TENS, currency="CNY").chosen(Decimal(5))


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"face_range": face_range("0", "10", "1")}, "INVALID_INPUT", "faceRange.least"),
        ({"face_range": face_range("-1", "10", "1")}, "INVALID_INPUT", "faceRange.least"),
        ({"face_range": face_range("NaN", "10", "1")}, "INVALID_INPUT", "faceRange.least"),
        ({"face_range": face_range("1", "1000000001", "1")}, "INVALID_INPUT", "faceRange.most"),
        ({"face_range": face_range("10", "10", "1")}, "INVALID_INPUT", "faceRange"),
        ({"face_range": face_range("10", "1", "1")}, "INVALID_INPUT", "faceRange"),
        ({"face_range": face_range("10", "20", "0")}, "INVALID_INPUT", "faceRange.step"),
        ({"face_range": face_range("10", "20", "3")}, "INVALID_INPUT", "faceRange"),
        ({"face_range": face_range("10", "20", "0.0000001")}, "INVALID_INPUT", "faceRange.step"),
        ({"face_range": TENS, "face_value": Decimal(10)}, "INVALID_INPUT", "faceRange"),
        ({"face_range": TENS, "face_currency": None}, "INVALID_INPUT", "faceRange"),
        ({"face_range": TENS, "face_currency": "XQX"}, "CURRENCY_MISMATCH", "faceRange.currency"),
        ({"face_currency": "CNY"}, "INVALID_INPUT", "faceValue"),
    ],
)
async def test_odd_ranges_are_refused_by_field(shop: Shop, given: dict[str, Any], code: str, path: str):
    product = (await shop.variant(codes=0)).product_id
    draft = VariantDraft(a_name("SKU"), NAME, **{"face_currency": "CNY", **given})
    with pytest.raises(DomainError) as refused:
        await transact(lambda tx: create_variant(tx, product, draft))
    assert (refused.value.code, ".".join(refused.value.path)) == (code, path)
    assert await db.value("SELECT count(*) FROM variant") == 1


async def test_what_prices_are_told_by_never_changes(shop: Shop):
    ranged, fixed = await shop.variant(codes=0, form=RANGED), await shop.variant(codes=0)
    assert (await is_ranged(ranged.id), await is_ranged(fixed.id)) == (True, False)
    longer = face_range("10", "1000", "5")
    await transact(lambda tx: update_variant(tx, ranged.id, {"face_range": longer}, expected_version=1))
    [view] = await variant_views([ranged.id])
    assert (view.face_range, view.face_currency, view.face_value) == (longer, "CNY", None)
    lower = face_range("5", "1000", "5")
    odd: list[tuple[Any, dict[str, Any], int]] = [
        (ranged, {"face_range": lower}, 2),
        (ranged, {"face_currency": "USD"}, 2),
        (ranged, {"face_range": None, "face_currency": None}, 2),
        (ranged, {"face_range": None, "face_value": Decimal(10)}, 2),
        (fixed, {"face_range": TENS, "face_currency": "CNY"}, 1),
    ]
    for variant, changes, version in odd:
        with pytest.raises(DomainError) as refused:
            await transact(
                lambda tx, variant=variant, changes=changes, version=version: update_variant(
                    tx, variant.id, changes, expected_version=version
                )
            )
        assert refused.value.path == ("faceRange",)
    assert (await variant_views([ranged.id]))[0].face_range == longer
