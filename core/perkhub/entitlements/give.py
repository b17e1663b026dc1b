"""Making units: one statement for all units of a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from perkhub.entitlements.states import ENTITLEMENT, EntitlementState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.money import Money

INSERT = """
    INSERT INTO entitlement (id, party_id, variant_id, source_kind, source_id, position, state, currency, price,
                             face_value, face_currency, cost, cost_currency, code_id, masked, created_at, issued_at,
                             revealed_at, expires_at)
    SELECT u.id, $1::uuid, u.variant_id, $2::text, u.source_id, u.position, u.state, $3::text, u.price,
           u.face_value, u.face_currency, u.cost, u.cost_currency, u.code_id, u.masked, $4::timestamptz,
           CASE WHEN u.code_id IS NOT NULL AND u.state <> 'pending' THEN $4::timestamptz END,
           CASE WHEN u.state = 'revealed' THEN $4::timestamptz END, u.expires_at
    FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::int[], $9::text[], $10::bigint[], $11::numeric[], $12::text[],
                $13::uuid[], $14::text[], $15::timestamptz[], $16::numeric[], $17::text[])
         AS u(id, variant_id, source_id, position, state, price, cost, cost_currency, code_id, masked, expires_at,
              face_value, face_currency)
"""


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
    """Write the units of one party and one currency, with the transaction's other writes."""
    if not units:
        return
    tx.later(
        INSERT,
        party,
        source_kind,
        units[0].price.currency,
        now(),
        [unit.id for unit in units],
        [unit.variant_id for unit in units],
        [unit.source_id for unit in units],
        [unit.position for unit in units],
        [str(ENTITLEMENT.birth(unit.state)) for unit in units],
        [unit.price.minor for unit in units],
        [unit.cost for unit in units],
        [unit.cost_currency for unit in units],
        [unit.code_id for unit in units],
        [unit.masked for unit in units],
        [unit.expires_at for unit in units],
        [unit.face_value for unit in units],
        [unit.face_currency for unit in units],
    )
