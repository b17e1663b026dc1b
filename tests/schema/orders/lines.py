"""A line of an order that says all that a line can: the face value of a range, and what the product asks for."""

from decimal import Decimal
from typing import Any

from perkhub.catalog import BuyerInput, BuyerInputKind, FaceRange
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop, StockedVariant

TENS = FaceRange(Decimal(10), Decimal(500), Decimal(10))
RANGED = {"face_range": TENS, "face_currency": "CNY"}
FORM = (
    BuyerInput("phone", BuyerInputKind.PHONE, {"en": "Phone", "zh": "手机号"}, {"en": "Where it goes."}),
    BuyerInput("word", BuyerInputKind.TEXT, {"en": "Password"}, {}, required=False, hidden=True),
)
PHONE = "13800138000"


def saying(variant: StockedVariant, *, quantity: int = 1, face_value: str | None = None, **said: str) -> dict[str, Any]:
    """A line with what its buyer says."""
    given: dict[str, Any] = {"variantId": global_id(Kind.VARIANT, variant.id), "quantity": quantity}
    if face_value is not None:
        given["unitFaceValue"] = face_value
    if said:
        given["buyerInputs"] = [{"key": key, "value": value} for key, value in said.items()]
    return given


async def a_line() -> dict[str, Any]:
    """Of something new, complete."""
    return saying(await Shop().variant(buyer_inputs=FORM, form=RANGED), face_value="10", phone=PHONE)
