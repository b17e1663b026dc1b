"""An order in the vendor's words: which method takes a SKU on, what it needs of the buyer, and what else it is told.

SKUs are `card:<product id>`, `direct:<product id>`, `mobile:<yuan>`, and `data:<MB>` or `data:<MB>:<packet kind>`.
"""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from perkhub.plugin.supplier import PlaceRequest

PHONE: Final = "charge_phone"
# The vendor chooses the product by the number: one order is one value for one phone, and names no quantity.
BY_VALUE: Final = ("mobile", "data")
MOST_AT_ONCE: Final = 100
LONGEST_NUMBER: Final = 12


@dataclass(frozen=True)
class Form:
    """What must be said of the buyer, and what may be besides; by the vendor's own parameter names."""

    asked: frozenset[str] = field(default=frozenset())
    told: frozenset[str] = field(default=frozenset())

    def takes(self, said: frozenset[str]) -> bool:
        """Whether just this may be sent."""
        return self.asked <= said <= self.asked | self.told


CHARGE_FIELDS: Final = frozenset(
    f"charge_{name}" for name in ("game_name", "game_region", "game_srv", "game_role", "type", "password", "ip")
) | {"contact_qq", "contact_tel", "remaining_number"}
FORMS: Final = {
    "card": Form(),
    "direct": Form(frozenset({"charge_account"}), CHARGE_FIELDS),
    "mobile": Form(frozenset({PHONE})),
    "data": Form(frozenset({PHONE})),
}


class Unsayable(Exception):
    """Nothing that this vendor could be asked for; `cause` is one word."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class Sayable(NamedTuple):
    """A method, and what it is told."""

    method: str
    biz: dict[str, Any]


def kind_of(sku: str) -> str:
    """The word before the colon."""
    return sku.partition(":")[0]


def said(request: PlaceRequest) -> Sayable:
    """The order as the vendor wants it.

    Raises:
        Unsayable.
    """
    kind, *numbers = request.sku.split(":")
    if kind not in FORMS or not all(map(_is_number, numbers)) or len(numbers) not in ((1, 2) if kind == "data" else (1,)):
        raise Unsayable("sku")
    if not FORMS[kind].takes(frozenset(request.inputs)):
        raise Unsayable("inputs")
    if not 1 <= request.quantity <= most_of(request.sku):
        raise Unsayable("quantity")
    names = ("charge_value", "packet_kind") if kind in BY_VALUE else ("product_id",)
    what = {name: int(number) for name, number in zip(names, numbers, strict=False)}
    many = {} if kind in BY_VALUE else {"buy_num": request.quantity}
    return Sayable(f"fulu.order.{kind}.add", {"customer_order_no": request.reference, **what, **many, **request.inputs})


def most_of(sku: str) -> int:
    """How many of it one order may be for."""
    return 1 if kind_of(sku) in BY_VALUE else MOST_AT_ONCE


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and int(text) > 0
