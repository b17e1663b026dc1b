"""Reading bargains and who has helped. Every state is that of the moment: one whose time is over has lapsed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.campaigns.bargains.states import BargainState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.money import exponent
from perkhub.plugin.mechanic import BargainSeen

COLUMNS = """id, campaign_id, channel_id, party_id, variant_id, currency, starts_from, helpers, least, most, cuts, cut_off,
    cuts_per_day, state, opened_at, closes_at, (SELECT sum(a) FROM unnest(amounts) AS a)::bigint AS whole"""
BY_ID = f"SELECT {COLUMNS} FROM bargain WHERE id = $1"
OWN = f"SELECT {COLUMNS} FROM bargain WHERE campaign_id = $1 AND party_id = $2 ORDER BY id DESC LIMIT 1"
CUTS = """
    SELECT bargain_id, party_id, place, amount, created_at FROM bargain_cut
    WHERE bargain_id = ANY($1) ORDER BY bargain_id, place
"""
# Of campaign `c`, the one that party $6 may buy by at moment $5.
RUNNING = """(SELECT jsonb_build_object('id', b.id, 'variant', b.variant_id, 'from', b.starts_from::text, 'off', b.cut_off,
        'helpers', b.helpers, 'cuts', b.cuts, 'whole', (SELECT sum(a) FROM unnest(b.amounts) AS a))
    FROM bargain b WHERE b.campaign_id = c.id AND b.party_id = $6::uuid AND b.state = 'open' AND b.closes_at > $5)"""


@dataclass(frozen=True, slots=True)
class Bargain:
    """A bargain. `cut_off` of `whole` is off by now, in minor units; each cut is between `least` and `most` of them."""

    id: UUID
    campaign_id: UUID
    channel_id: UUID
    party_id: UUID
    variant_id: UUID
    currency: str
    starts_from: Decimal
    helpers: int
    least: int
    most: int
    cuts: int
    cut_off: int
    whole: int
    cuts_per_day: int | None
    stored: BargainState = field(repr=False)
    opened_at: datetime
    closes_at: datetime

    @property
    def price(self) -> Decimal:
        """Of one unit, as it stands."""
        return less(self.starts_from, self.cut_off, self.currency)

    @property
    def floor(self) -> Decimal:
        """What it comes to with the last helper."""
        return less(self.starts_from, self.whole, self.currency)

    def state_at(self, moment: datetime) -> BargainState:
        """What it is at a moment, whether or not anybody wrote it down."""
        if self.stored is BargainState.OPEN and self.closes_at <= moment:
            return BargainState.LAPSED
        return self.stored

    @property
    def state(self) -> BargainState:
        """What it is now."""
        return self.state_at(now())


@dataclass(frozen=True, slots=True)
class BargainCut:
    """Somebody's help; `amount` in minor units."""

    bargain_id: UUID
    party_id: UUID
    place: int
    amount: int
    created_at: datetime


async def bargain_by_id(bargain: UUID, *, tx: Transaction | None = None) -> Bargain | None:
    """The bargain, whatever its state."""
    row = await (tx.row if tx else db.row)(BY_ID, bargain)
    return None if row is None else _bargain_from(row)


async def own_bargain(campaign: UUID, party: UUID) -> Bargain | None:
    """The party's latest in this campaign."""
    row = await db.row(OWN, campaign, party)
    return None if row is None else _bargain_from(row)


async def cuts_of(bargains: Sequence[UUID]) -> dict[UUID, list[BargainCut]]:
    """Who has helped, in their order."""
    found: dict[UUID, list[BargainCut]] = {bargain: [] for bargain in bargains}
    for row in await db.rows(CUTS, list(bargains)):
        found[row["bargain_id"]].append(BargainCut(**row))
    return found


def seen_from(told: dict[str, Any], currency: str) -> BargainSeen:
    """As its mechanic is told of it."""
    starts_from = Decimal(told["from"])
    return BargainSeen(
        id=UUID(told["id"]),
        variant=UUID(told["variant"]),
        price=less(starts_from, told["off"], currency),
        floor=less(starts_from, told["whole"], currency),
        helpers=told["helpers"],
        cuts=told["cuts"],
    )


def less(price: Decimal, minor: int, currency: str) -> Decimal:
    """A unit price with so many minor units off."""
    return price - Decimal(minor).scaleb(-exponent(currency))


def _bargain_from(row: Row) -> Bargain:
    told = {name: value for name, value in row.items() if name != "state"}
    return Bargain(**told, stored=BargainState(row["state"]))
