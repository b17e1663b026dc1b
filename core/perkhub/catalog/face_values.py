"""What is printed on a benefit: one value, or any value of a range that the buyer chooses. Prices of a range are told at its
least value, and grow with the value: whoever knows a price there knows the rate for all of it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from uuid import UUID

from perkhub.catalog.errors import FaceValueInvalid
from perkhub.catalog.prices import LARGEST_PRICE, refuse_odd_price
from perkhub.kit import db
from perkhub.kit.db import Row
from perkhub.kit.errors import InvalidInput
from perkhub.kit.money import UNIT_PLACES, CurrencyMismatch, exponent

RANGED = "SELECT true FROM variant WHERE id = $1 AND face_least IS NOT NULL"
DIGITS = 60  # a price times a value, exactly


@dataclass(frozen=True, slots=True)
class FaceRange:
    """From `least` to `most` in steps, counted from `least`; in the currency of the face value."""

    least: Decimal
    most: Decimal
    step: Decimal

    def holds(self, value: Decimal) -> bool:
        """Whether a buyer may choose this value."""
        if not self.least <= value <= self.most or value != value.quantize(UNIT_PLACES):
            return False
        return (value - self.least) % self.step == 0

    def price_at(self, value: Decimal, price: Decimal) -> Decimal:
        """What the price of the least value is for this one, rounded half up to the places of a unit price."""
        with localcontext(prec=DIGITS):
            return (price * value / self.least).quantize(UNIT_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Face:
    """What a variant has printed on it: a value, a range, or nothing."""

    value: Decimal | None = None
    range: FaceRange | None = None
    currency: str | None = None

    def chosen(self, value: Decimal | None, *path: str) -> Decimal | None:
        """The value of one unit for who has chosen this one, or none.

        Raises:
            FaceValueInvalid: there is nothing to choose, nothing was chosen, or it is not in the range.
        """
        if self.range is None:
            if value is None:
                return self.value
            reason, reason_zh = "This benefit leaves no choice of its face value.", "该商品的面值不可选择。"
            raise FaceValueInvalid(reason, reason_zh, path=path)
        if value is None or not self.range.holds(value):
            least, most, step = (f"{one.normalize():f}" for one in (self.range.least, self.range.most, self.range.step))
            reason = f"Choose a face value from {least} to {most} {self.currency}, in steps of {step}."
            reason_zh = f"请选择面值:{least} 至 {most} {self.currency},每档 {step}。"
            raise FaceValueInvalid(reason, reason_zh, path=path)
        return value


def range_from(row: Row) -> FaceRange | None:
    """Out of the columns `face_least`, `face_most` and `face_step`: all of them are there, or none."""
    return None if row["face_least"] is None else FaceRange(row["face_least"], row["face_most"], row["face_step"])


async def is_ranged(variant: UUID) -> bool:
    """Whether its buyers choose the face value; that never changes."""
    return await db.value(RANGED, variant) is not None


def refuse_odd_face(face: Face) -> None:
    """Go on with one value, a range, or neither; a currency goes with the one or the other.

    Raises:
        InvalidInput, CurrencyMismatch.
    """
    if face.value is not None and face.range is not None:
        reason, reason_zh = "Either one face value or a range.", "面值与面值区间只能填写其一。"
        raise InvalidInput(path=("faceRange",), reason=reason, reason_zh=reason_zh)
    field = "faceRange" if face.range is not None else "faceValue"
    if (face.value is None and face.range is None) != (face.currency is None):
        reason, reason_zh = "A face value needs an amount and a currency.", "面值须同时包含金额和币种。"
        raise InvalidInput(path=(field,), reason=reason, reason_zh=reason_zh)
    if face.currency is None:
        return
    if face.value is not None:
        refuse_odd_price(face.value, field, "amount")
    if face.range is not None:
        _refuse_odd_range(face.range)
    try:
        exponent(face.currency)
    except CurrencyMismatch as unknown:
        raise unknown.at(field, "currency") from None


def refuse_other_base(before: Face, after: Face) -> None:
    """A range stays one, with its least value and currency, by which its prices are told; and nothing else becomes one.

    Raises:
        InvalidInput.
    """
    base = None if before.range is None else (before.range.least, before.currency)
    if base != (None if after.range is None else (after.range.least, after.currency)):
        reason = "Prices are told by the least value of a range: add another variant instead."
        reason_zh = "价格以区间的最小面值为准,不能更改,请新建规格。"
        raise InvalidInput(path=("faceRange",), reason=reason, reason_zh=reason_zh)


def refuse_dear(unit: Decimal, *path: str) -> None:
    """Go on with a price that is none too large to be kept.

    Raises:
        FaceValueInvalid.
    """
    if unit > LARGEST_PRICE:
        raise FaceValueInvalid("Nothing is sold at such a price.", "该面值的价格过高。", path=path)


def _refuse_odd_range(given: FaceRange) -> None:
    for name in ("least", "most", "step"):
        refuse_odd_price(getattr(given, name), "faceRange", name)
    if given.most <= given.least or not given.holds(given.most):
        reason = "`most` above `least`, and reached from it by whole steps."
        reason_zh = "最大面值须大于最小面值,且由最小面值按步长恰好到达。"
        raise InvalidInput(path=("faceRange",), reason=reason, reason_zh=reason_zh)
