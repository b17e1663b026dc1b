"""Making units: one statement for all units of a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from perkhub.entitlements.states import ENTITLEMENT, EntitlementState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.inserts import Insert
from perkhub.kit.money import Money

INSERT = Insert(
    "entitlement",
    {
        "id": "uuid",
        "party_id": "uuid",
        "variant_id": "uuid",
        "source_kind": "text",
        "source_id": "uuid",
        "position": "int",
        "state": "text",
        "currency": "text",
        "price": "bigint",
        "face_value": "numeric",
        "face_currency": "text",
        "cost": "numeric",
        "cost_currency": "text",
        "code_id": "uuid",
        "masked": "text",
        "created_at": "timestamptz",
        "issued_at": "timestamptz",
        "revealed_at": "timestamptz",
        "expires_at": "timestamptz",
    },
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit before it is written. `price` is this unit's share of its line; cost and code are there once issued."""

    id: UUID
    variant_id: UUID
    source_id: UUID
    position: int
    price: Money
    state: EntitlementState
    face_value: Decimal | None = None
    face_currency: str | None = None
    cost: Decimal | None = None
    cost_currency: str | None = None
    code_id: UUID | None = None
    masked: str | None = None
    expires_at: datetime | None = None


def give(tx: Transaction, party: UUID, units: Sequence[Unit], *, source_kind: str) -> None:
    """Write the units of one party, with the transaction's other writes."""
    if units:
        at = now()
        tx.later(*INSERT.of([_values(unit, party, source_kind, at) for unit in units]))


def _values(unit: Unit, party: UUID, source_kind: str, at: datetime) -> list[object]:
    state = ENTITLEMENT.birth(unit.state)
    issued_at = at if unit.code_id is not None and state is not EntitlementState.PENDING else None
    revealed_at = at if state is EntitlementState.REVEALED else None
    origin = [unit.id, party, unit.variant_id, source_kind, unit.source_id, unit.position, str(state)]
    worth = [unit.price.currency, unit.price.minor, unit.face_value, unit.face_currency, unit.cost, unit.cost_currency]
    return [*origin, *worth, unit.code_id, unit.masked, at, issued_at, revealed_at, unit.expires_at]
