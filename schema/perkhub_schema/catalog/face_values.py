"""Face values on the wire: one that is printed, or a range in which the buyer chooses."""

from decimal import Decimal

import strawberry

from perkhub.catalog import FaceRange
from perkhub_schema.graphql.money import Currency, ExactDecimal, unit_price


@strawberry.type(description="The value that is printed on a benefit.")
class FaceValue:
    amount: ExactDecimal = strawberry.field(description="In major units.")
    currency: Currency = strawberry.field(description="ISO 4217 code; may differ from the price's.")


@strawberry.type(name="FaceRange", description="Face values of which the buyer chooses one: `unitFaceValue` of a line.")
class FaceRangeType:
    least: ExactDecimal = strawberry.field(description="The lowest; every price of the variant is told at this value.")
    most: ExactDecimal = strawberry.field(description="The highest.")
    step: ExactDecimal = strawberry.field(description="Counted from the lowest.")
    currency: Currency = strawberry.field(description="ISO 4217 code; may differ from the price's.")


@strawberry.input(description="The value that is printed on a benefit.")
class FaceValueInput:
    amount: ExactDecimal = strawberry.field(description='In major units: "100".')
    currency: Currency = strawberry.field(description="ISO 4217 code; may differ from the price's.")


@strawberry.input(description="Face values of which the buyer chooses one.")
class FaceRangeInput:
    least: ExactDecimal = strawberry.field(description="The lowest, above 0. Prices are set for this value; it never changes.")
    most: ExactDecimal = strawberry.field(description="The highest.")
    step: ExactDecimal = strawberry.field(description="Counted from the lowest; must reach the highest.")
    currency: Currency = strawberry.field(description="ISO 4217 code; may differ from the price's. It never changes.")

    def to_range(self) -> FaceRange:
        """The domain's."""
        return FaceRange(self.least, self.most, self.step)


def to_face_value(value: Decimal | None, currency: str | None) -> FaceValue | None:
    """A face value on the wire, where there is one."""
    if value is None or currency is None:
        return None
    told = unit_price(value, currency)
    return FaceValue(amount=told.amount, currency=told.currency)


def to_face_range(ranged: FaceRange | None, currency: str | None) -> FaceRangeType | None:
    """A range on the wire, where there is one."""
    if ranged is None or currency is None:
        return None
    least, most, step = (unit_price(one, currency).amount for one in (ranged.least, ranged.most, ranged.step))
    return FaceRangeType(least=least, most=most, step=step, currency=Currency(currency))
