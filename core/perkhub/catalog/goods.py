"""What a variant is to whoever obtains it: the kind of benefit, what buyers are asked for it, and what is printed on it."""

from dataclasses import dataclass
from uuid import UUID

from perkhub.catalog.buyer_inputs import BuyerInput, inputs_from_json
from perkhub.catalog.face_values import Face, range_from
from perkhub.catalog.models import BenefitKind
from perkhub.kit.db import Transaction

GOODS = """
    SELECT p.kind, p.buyer_inputs, v.face_value, v.face_currency, v.face_least, v.face_most, v.face_step
    FROM variant v JOIN product p ON p.id = v.product_id WHERE v.id = $1
"""


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant, as far as a supplier is concerned."""

    kind: BenefitKind
    asked: tuple[BuyerInput, ...]
    face: Face


async def goods_of(tx: Transaction, variant: UUID) -> Goods | None:
    """The variant's; None where there is no such variant."""
    row = await tx.row(GOODS, variant)
    if row is None:
        return None
    face = Face(row["face_value"], range_from(row), row["face_currency"])
    return Goods(BenefitKind(row["kind"]), inputs_from_json(row["buyer_inputs"]), face)
