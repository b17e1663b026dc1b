"""What a mechanic is told: the basket as it stands, the campaign, and what the host has counted. It asks nobody itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Terms:
    """The campaign around the mechanic's own settings: whose rules hold, and when. `zone` is an IANA name; `exponent` is the
    currency's: 2 for CNY, 0 for JPY."""

    campaign: UUID
    currency: str
    starts_at: datetime
    ends_at: datetime
    regions: frozenset[str] = frozenset()  # ISO 3166-1 alpha-2, of the channels it runs in
    zone: str = "UTC"
    exponent: int = 2


@dataclass(frozen=True, slots=True)
class OnSale:
    """A variant that the campaign sells or hands out, for checks before publishing. `list_price` is the lowest of its
    channels, None where one of them does not list it; `face_value` counts only in the campaign's own currency."""

    variant: UUID
    list_price: Decimal | None
    face_value: Decimal | None = None
    in_stock: int | None = None  # None where a supplier delivers as many as are wanted


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the basket, as the campaigns before this one left it.

    `list_unit` is what one unit costs without any campaign; `unit` and `total` (minor units, of the whole line) what it costs
    by now. `choice` is what the buyer said to this campaign, where this line takes part in it by choice.
    """

    position: int
    variant: UUID
    product: UUID
    categories: frozenset[UUID]
    quantity: int
    list_unit: Decimal
    unit: Decimal
    total: int
    choice: BaseModel | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """All lines that this campaign may touch, with what the buyer brought: `code` is the coupon of this campaign.

    `exponent` is the currency's: 2 for CNY, 0 for JPY.
    """

    lines: tuple[Line, ...]
    currency: str
    at: datetime
    buyer: UUID | None = None  # opaque; None for a stranger who only asks for prices
    code: str | None = None
    exponent: int = 2

    def minor(self, amount: Decimal) -> int:
        """An amount in minor units, rounded half up."""
        return int(amount.scaleb(self.exponent).to_integral_value(ROUND_HALF_UP))

    def total(self) -> int:
        """What all lines cost by now, in minor units."""
        return sum(line.total for line in self.lines)

    def positions(self) -> tuple[int, ...]:
        """Where the lines stand in the order."""
        return tuple(line.position for line in self.lines)


@dataclass(frozen=True, slots=True)
class BargainSeen:
    """The buyer's running bargain of this campaign: what a unit of the variant costs by it now, and at the least; how many
    cuts make that, and how many are made."""

    id: UUID
    variant: UUID
    price: Decimal
    floor: Decimal
    helpers: int
    cuts: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the host has counted for this campaign up to now. What was never claimed is 0, and missing.

    `counters` are shared by all; `mine` are this buyer's own. Neither is a promise: only a claim is.
    """

    counters: Mapping[str, int] = field(default_factory=dict)
    mine: Mapping[str, int] = field(default_factory=dict)
    bargain: BargainSeen | None = None

    def taken(self, counter: str) -> int:
        """How far a shared counter is."""
        return self.counters.get(counter, 0)

    def mine_taken(self, counter: str) -> int:
        """How far this buyer's counter is."""
        return self.mine.get(counter, 0)
