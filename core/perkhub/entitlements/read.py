"""Reading units: by holder, by source, by id. Never a plain code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from perkhub.entitlements.states import WAITING, EntitlementState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.money import Money

COLUMNS = """id, party_id, variant_id, source_kind, source_id, position, state, currency, price, face_value,
             face_currency, cost, cost_currency, code_id, masked, created_at, issued_at, revealed_at, expires_at"""
BY_IDS = f"SELECT {COLUMNS} FROM entitlement WHERE id = ANY($1) ORDER BY id"
BY_SOURCES = f"SELECT {COLUMNS} FROM entitlement WHERE source_id = ANY($1) ORDER BY source_id, position"
ANY_WAITS = "SELECT EXISTS (SELECT FROM entitlement WHERE source_id = ANY($1) AND state = ANY($2))"
BY_CODES = f"SELECT {COLUMNS} FROM entitlement WHERE code_id = ANY($1) ORDER BY id"
BY_PARTY = f"""
    SELECT {COLUMNS} FROM entitlement
    WHERE party_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text[] IS NULL OR state = ANY($3))
    ORDER BY id DESC LIMIT $4
"""
# Within the statement of whoever asks whether {party} is new here: what failed, and what was taken back, counts for nothing.
HELD_SOMETHING = """EXISTS (SELECT FROM entitlement e WHERE e.party_id = {party} AND e.state NOT IN ('failed', 'revoked'))"""

# What ends when its time is over. What is frozen ends when it is set free.
MAY_EXPIRE = (EntitlementState.ISSUED, EntitlementState.REVEALED)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One unit of a party, as far as it may be told to anyone: the code itself comes only by a reveal."""

    id: UUID
    party_id: UUID
    variant_id: UUID
    source_id: UUID
    position: int
    state: EntitlementState
    price: Money
    face_value: Decimal | None
    face_currency: str | None
    cost: Decimal | None
    cost_currency: str | None
    code_id: UUID | None
    masked: str | None
    created_at: datetime
    issued_at: datetime | None
    revealed_at: datetime | None
    expires_at: datetime | None


def entitlement_from(row: db.Row) -> Entitlement:
    """A row of the table as a value. What is over is over at its second, whether or not the job has come to it."""
    state, expires_at = EntitlementState(row["state"]), row["expires_at"]
    if state in MAY_EXPIRE and expires_at is not None and expires_at <= now():
        state = EntitlementState.EXPIRED
    return Entitlement(
        id=row["id"],
        party_id=row["party_id"],
        variant_id=row["variant_id"],
        source_id=row["source_id"],
        position=row["position"],
        state=state,
        price=Money(row["price"], row["currency"]),
        face_value=row["face_value"],
        face_currency=row["face_currency"],
        cost=row["cost"],
        cost_currency=row["cost_currency"],
        code_id=row["code_id"],
        masked=row["masked"],
        created_at=row["created_at"],
        issued_at=row["issued_at"],
        revealed_at=row["revealed_at"],
        expires_at=expires_at,
    )


async def entitlements_by_ids(ids: Sequence[UUID], *, tx: Transaction | None = None) -> list[Entitlement]:
    """Units by id, those that exist."""
    found = await (tx.rows if tx else db.rows)(BY_IDS, list(ids))
    return [entitlement_from(row) for row in found]


async def entitlements_of_sources(sources: Sequence[UUID], *, tx: Transaction | None = None) -> list[Entitlement]:
    """Units given for these sources (order lines), in their order."""
    found = await (tx.rows if tx else db.rows)(BY_SOURCES, list(sources))
    return [entitlement_from(row) for row in found]


async def any_waits(sources: Sequence[UUID]) -> bool:
    """Whether a unit given for these sources still waits to be delivered."""
    return bool(await db.value(ANY_WAITS, list(sources), [str(state) for state in WAITING]))


async def entitlements_of_party(
    party: UUID, *, before: UUID | None = None, states: Sequence[EntitlementState] | None = None, limit: int = 20
) -> list[Entitlement]:
    """A party's units, newest first."""
    wanted = None if states is None else [str(state) for state in states]
    return [entitlement_from(row) for row in await db.rows(BY_PARTY, party, before, wanted, limit)]


async def holders_of_codes(codes: Sequence[UUID]) -> list[Entitlement]:
    """Units that hold one of these codes."""
    return [entitlement_from(row) for row in await db.rows(BY_CODES, list(codes))]
