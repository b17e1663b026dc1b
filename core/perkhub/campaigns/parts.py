"""A basket's part in a campaign, before anybody claims it: what it would claim, and what it took off the prices."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from perkhub.campaigns.campaign import Campaign
from perkhub.campaigns.models import EVERYBODY
from perkhub.plugin.mechanic import BargainSeen, JoinCircle, OpenCircle, ReserveEffect, Wait


@dataclass(frozen=True, slots=True)
class CounterClaim:
    """So much of a counter. `line` is the line whose units it goes back with; None is all of the part's. `kept` stays claimed
    once the order is paid."""

    counter: str
    amount: int
    ceiling: int | None
    line: int | None = None
    per_buyer: bool = False
    kept: bool = False

    def buyer(self, party: UUID) -> UUID:
        """Whose counter it is."""
        return party if self.per_buyer else EVERYBODY


@dataclass(frozen=True, slots=True)
class Part:
    """These lines, by position, each with its units, take part in the campaign. `path` is where the buyer asked for it; what
    applies by itself has none. `effects` are those of its mechanic that are no claims on counters."""

    campaign: Campaign
    lines: tuple[int, ...]
    units: tuple[int, ...]
    claims: tuple[CounterClaim, ...]
    effects: tuple[ReserveEffect, ...] = ()
    discount: int = 0
    path: tuple[str, ...] = ()
    coupon: int | None = None
    bargain: BargainSeen | None = None  # that a line of it is priced by

    @property
    def automatic(self) -> bool:
        """Whether nobody asked for it: the basket can do without."""
        return not self.path

    @property
    def places(self) -> tuple[OpenCircle | JoinCircle, ...]:
        """The places in circles that it takes."""
        return tuple(effect for effect in self.effects if isinstance(effect, OpenCircle | JoinCircle))

    @property
    def waits(self) -> frozenset[int]:
        """The lines that are delivered only when their circle is full."""
        return frozenset(effect.line for effect in self.effects if isinstance(effect, Wait))


@dataclass(frozen=True, slots=True)
class Returned:
    """What one claim gives back of its counter."""

    campaign_id: UUID
    buyer_id: UUID
    counter: str
    amount: int


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part as it is stored."""

    id: UUID
    campaign_id: UUID
    campaign_version: int
    order_id: UUID
    party_id: UUID
    lines: tuple[int, ...]
    units: tuple[int, ...]
    returned: tuple[int, ...]
    claims: Sequence[dict[str, Any]] = field(repr=False)
    discount: int
    state: str
