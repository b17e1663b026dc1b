"""One line of a priced basket."""

from dataclasses import dataclass
from decimal import Decimal

from perkhub.catalog import BenefitKind, CheckedInput, Offered
from perkhub.kit.money import Money
from perkhub.pricing.steps import PriceStep


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A priced line; `total` is rounded once, the unit price never. `obtainable`: a supplier sells it to us;
    `sourced`: so many of the quantity it must sell us, for the pool holds no more than the others at this moment."""

    offered: Offered
    quantity: int
    unit: Decimal
    total: Money
    trace: tuple[PriceStep, ...]
    face_value: Decimal | None = None
    inputs: tuple[CheckedInput, ...] = ()
    obtainable: bool = False
    sourced: int = 0

    @property
    def pooled(self) -> int:
        """Units that the pool is to promise."""
        return self.quantity - self.sourced

    @property
    def top_up(self) -> bool:
        """Whether it is done to an account of the buyer's, and can be taken back by nobody."""
        return self.sourced > 0 and self.offered.kind == BenefitKind.TOP_UP
