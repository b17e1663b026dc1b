"""What a source asks of fulfilment."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from perkhub.catalog import Validity
from perkhub.fulfilment.needs import Terms
from perkhub.kit.money import Money


@dataclass(frozen=True, slots=True)
class Demand:
    """Units that one source (an order's line) is due: `price` is the line's total, shared out to the units.

    They are good as long as their codes, and no longer than `validity` says by the calendar of `zone`.
    The face value is that of one unit. What the buyer said is kept by the source: `entitlements.inputs_to_deliver`.
    The last `sourced` ones are bought from a supplier, within `wait` or they are late; those before them are the pool's, and
    where it has none for one any more, a supplier's too, if one may be asked `elsewhere`. `first` is the position of the first
    of them among the source's units, where a source is due several things. What `waits` is delivered only when
    `deliver_waiting` is told so; what is promised of the pool stays promised until then.
    """

    source_id: UUID
    variant_id: UUID
    quantity: int
    price: Money
    minimum_validity: timedelta
    validity: Validity
    zone: str
    wait: timedelta
    face_value: Decimal | None = None
    face_currency: str | None = None
    sourced: int = 0
    elsewhere: bool = True
    first: int = 0
    waits: bool = False

    @property
    def terms(self) -> Terms:
        """How good its codes must be, and for how long its units are."""
        return Terms(self.minimum_validity, self.wait, self.validity, self.zone, self.face_value)
