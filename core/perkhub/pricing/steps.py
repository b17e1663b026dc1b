"""How a price came about, step by step: the effects sum to the unit price, and what is taken off a line as a whole to what
its total lacks of unit price times quantity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum, auto
from uuid import UUID

from perkhub.catalog import Offered
from perkhub.pricing.rule import ListPrice


class PriceSource(StrEnum):
    LISTING = auto()
    PRICE_LIST = auto()
    FACE_VALUE = auto()
    CAMPAIGN = auto()


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One step: where it comes from and what it adds, in the channel's currency. `names` are the label by language.

    `on_total`, in minor units, is added to the line's total instead of its unit price: a discount need not divide by units.
    """

    source: PriceSource
    label: str
    effect: Decimal
    names: Mapping[str, str] = field(default_factory=dict)
    source_id: UUID | None = None
    on_total: int = 0


def steps_of(offered: Offered, said: ListPrice | None) -> tuple[PriceStep, ...]:
    """From the listing's price to what a list made of it."""
    first = PriceStep(PriceSource.LISTING, offered.sku, offered.unit_price, source_id=offered.listing_id)
    if said is None:
        return (first,)
    label = said.name.get("en") or next(iter(said.name.values()), "")
    effect = said.unit - offered.unit_price
    return (first, PriceStep(PriceSource.PRICE_LIST, label, effect, said.name, said.list_id))


def step_to(face_value: Decimal, offered: Offered, effect: Decimal) -> PriceStep:
    """From the price at the least face value of a range to that at the chosen one."""
    return PriceStep(PriceSource.FACE_VALUE, f"{face_value.normalize():f} {offered.face.currency}", effect)
