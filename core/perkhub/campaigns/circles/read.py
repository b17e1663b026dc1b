"""Reading circles and who is in them. Every state is that of the moment: one whose time is over has lapsed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.circles.states import CircleState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction

COLUMNS = "id, campaign_id, opened_by, seats, taken, paid, state, opened_at, closes_at"
COLUMNS_OF_C = ", ".join(f"c.{name}" for name in COLUMNS.split(", "))
BY_IDS = f"SELECT {COLUMNS} FROM circle WHERE id = ANY($1)"
# One that nobody has paid for yet is nobody's to see: its opener may still go away.
OPEN_OF_CAMPAIGN = f"""
    SELECT {COLUMNS} FROM circle
    WHERE campaign_id = $1 AND state = 'open' AND closes_at > $2 AND paid > 0 AND ($3::timestamptz IS NULL
          OR (closes_at, id) > ($3::timestamptz, $4::uuid))
    ORDER BY closes_at, id LIMIT $5
"""
MEMBERS = """
    SELECT circle_id, party_id, joined_at FROM circle_member
    WHERE circle_id = ANY($1) AND state NOT IN ('held', 'dropped', 'left') ORDER BY circle_id, joined_at, id
"""
# The latest place of each line: whoever came back has two.
OF_ORDERS = f"""
    SELECT m.order_id, m.line, {COLUMNS_OF_C} FROM circle c JOIN (
        SELECT DISTINCT ON (order_id, line) order_id, line, circle_id FROM circle_member
        WHERE order_id = ANY($1) ORDER BY order_id, line, id DESC) m ON m.circle_id = c.id
"""
OF_PARTY = f"""
    SELECT {COLUMNS} FROM circle WHERE id IN (
        SELECT circle_id FROM circle_member
        WHERE campaign_id = ANY($1) AND party_id = $2 AND state IN ('held', 'joined'))
"""


@dataclass(frozen=True, slots=True)
class Circle:
    """A group of people around one campaign. `paid` are its members; `taken` are these and who may yet pay."""

    id: UUID
    campaign_id: UUID
    opened_by: UUID
    seats: int
    taken: int
    paid: int
    stored: CircleState = field(repr=False)
    opened_at: datetime
    closes_at: datetime

    def state_at(self, moment: datetime) -> CircleState:
        """What it is at a moment, whether or not a job has come to it."""
        if self.stored is CircleState.OPEN and self.closes_at <= moment:
            return CircleState.LAPSED
        return self.stored

    @property
    def state(self) -> CircleState:
        """What it is now."""
        return self.state_at(now())


@dataclass(frozen=True, slots=True)
class CircleMember:
    """Somebody who has paid their place."""

    circle_id: UUID
    party_id: UUID
    joined_at: datetime


async def circles_by_ids(ids: Collection[UUID], *, tx: Transaction | None = None) -> dict[UUID, Circle]:
    """Circles by id, those that exist."""
    return {row["id"]: _circle_from(row) for row in await (tx.rows if tx else db.rows)(BY_IDS, list(ids))}


async def open_circles(campaign: UUID, *, after: tuple[datetime, UUID] | None = None, limit: int = 20) -> list[Circle]:
    """The campaign's open circles that somebody has paid for, those that close first before the others; from beyond `after`
    on, the end and the id of one."""
    place = after or (None, None)
    return [_circle_from(row) for row in await db.rows(OPEN_OF_CAMPAIGN, campaign, now(), *place, limit)]


async def members_of(circles: Sequence[UUID]) -> dict[UUID, list[CircleMember]]:
    """Who has paid, in the order in which they came."""
    found: dict[UUID, list[CircleMember]] = {circle: [] for circle in circles}
    for row in await db.rows(MEMBERS, list(circles)):
        found[row["circle_id"]].append(CircleMember(row["circle_id"], row["party_id"], row["joined_at"]))
    return found


async def circles_of_orders(orders: Collection[UUID]) -> dict[tuple[UUID, int], Circle]:
    """By order and line, the circle that it has a place in, or had last."""
    return {(row["order_id"], row["line"]): _circle_from(row) for row in await db.rows(OF_ORDERS, list(orders))}


async def own_circles(campaigns: Collection[UUID], party: UUID) -> dict[UUID, Circle]:
    """By campaign, the circle in which this party has a place now, paid or kept."""
    found = [_circle_from(row) for row in await db.rows(OF_PARTY, list(campaigns), party)]
    return {circle.campaign_id: circle for circle in found if circle.state is CircleState.OPEN}


def _circle_from(row: Row) -> Circle:
    told = {name: row[name] for name in ("id", "campaign_id", "opened_by", "seats", "taken", "paid", "opened_at", "closes_at")}
    return Circle(**told, stored=CircleState(row["state"]))
