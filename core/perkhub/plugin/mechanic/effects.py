"""What a mechanic may bring about. Effects are values: the host applies them, in the order's transaction, or refuses.

    Effect
    ├── on a price       UnitPrice, Discount, Gift
    ├── on what is scarce  Claim, OpenCircle, JoinCircle, TakeBargain
    ├── by chance        Draw
    ├── on delivery      Wait
    ├── on record        Consent
    └── no               Refuse

Amounts are minor units of the basket's currency, unit prices exact decimals. `line` is a position of the basket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from perkhub.plugin.payment import Title

# --- on a price ---


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """One unit of the line costs this instead. The trace says `label`."""

    line: int
    unit: Decimal
    label: Title


@dataclass(frozen=True, slots=True)
class Discount:
    """So much off these lines together. The host shares it out in proportion to what they cost, to the last minor unit,
    and never below zero; what a line's total falls by is what its refunds lack."""

    lines: tuple[int, ...]
    amount: int
    label: Title


@dataclass(frozen=True, slots=True)
class Gift:
    """So many of a variant more, for nothing. It becomes a line of its own, claimed and delivered as any other; where none is
    left, `required` refuses the order and otherwise the gift is left out, and the trace says so."""

    variant: UUID
    quantity: int
    label: Title
    required: bool = False


# --- on what is scarce ---


@dataclass(frozen=True, slots=True)
class Claim:
    """Raise a counter by `amount`, and never above `ceiling`: one conditional statement of the database.

    With `per_buyer` each buyer has a counter of that name. It falls again when the order is cancelled, expires or is
    refunded, by the share of units that came back; `kept` ones stay once it is paid (a draw that was made is made).
    """

    counter: str
    amount: int
    ceiling: int | None
    line: int | None = None
    per_buyer: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class OpenCircle:
    """Begin a circle with this buyer as its first member. Nobody is twice in one, nor in two open ones of the campaign. It is
    full when every seat is paid, and closes when its time, or its campaign, is over. Its line waits: see `Wait`."""

    line: int
    seats: int
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class JoinCircle:
    """Take a place in an open circle, in one conditional statement: no circle ever has more members than seats. Its line
    waits: see `Wait`."""

    line: int
    circle: UUID


@dataclass(frozen=True, slots=True)
class BargainRules:
    """What `Mechanic.bargain` says of the bargains of a campaign: each is about one unit of `variant`, from what its owner
    would pay down to `floor`, in `helpers` cuts, which sum to that exactly. The host draws them when a bargain is opened,
    each within `spread` percent of their average, and never less than a minor unit. A helper cuts a bargain once, and
    `cuts_per_day` times in all in a day of the channel."""

    variant: UUID
    floor: Decimal
    helpers: int
    lasts: timedelta
    spread: Decimal = Decimal(50)
    cuts_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class TakeBargain:
    """The line is sold by the buyer's running bargain (`Seen.bargain`): no other order has it then, and nobody cuts it. It is
    bought when the order is paid, for good; if the order ends before, it goes on."""

    line: int


# --- by chance ---


@dataclass(frozen=True, slots=True)
class Prize:
    """What may be drawn, how likely (its weight over the sum of all), and how many there are; `key` never changes."""

    key: str
    variant: UUID
    weight: int
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Guarantee:
    """After so many draws of a buyer without one of these prizes, the next draw is among them alone."""

    after: int
    prizes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Odds:
    """The frozen table that `Mechanic.odds` gives: what can be drawn, and the prize that takes the place of one of which none
    is left (`exhausted`, which must have no end)."""

    prizes: tuple[Prize, ...]
    exhausted: str
    guarantee: Guarantee | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """Each unit of the line becomes what the draw says. The host draws by the campaign's odds when the order is paid, with a
    seed it committed to before the sale; `client_seed` is the buyer's own part in it."""

    line: int
    client_seed: str = ""


# --- on delivery, on record, and no ---


@dataclass(frozen=True, slots=True)
class Wait:
    """The line is paid but not delivered until its circle is full; if it closes before, the line is refunded, once. A line that
    waits has a place in a circle, and one that has a place waits."""

    line: int


@dataclass(frozen=True, slots=True)
class Consent:
    """Whoever orders the line has agreed to one of the mechanic's own `CONSENTS`. The host records it with the order: who,
    when, and to which version of the text."""

    line: int
    about: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """This line, or basket, may not take part. `reason` is one of the mechanic's own `REASONS`."""

    reason: str
    line: int | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)  # put into the reason's text


PriceEffect: TypeAlias = UnitPrice | Discount | Gift | Refuse
ReserveEffect: TypeAlias = Claim | OpenCircle | JoinCircle | TakeBargain | Draw | Wait | Consent | Refuse
Effects: TypeAlias = Sequence[PriceEffect | ReserveEffect]
