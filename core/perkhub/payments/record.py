"""Recording payments: one that the wallet just made, and one that a gateway is to make."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id, outbound_reference
from perkhub.kit.money import Money
from perkhub.payments.methods import gateway, wallet_key
from perkhub.payments.states import PAYMENT, PaymentState

FIRST_LOOKUP = timedelta(seconds=15)

INSERT = """
    INSERT INTO payment (id, payable_kind, payable_id, party_id, method, state, currency, amount, received, received_currency,
                         our_reference, return_url, next_lookup_at, lookups, created_at, settled_at)
    VALUES ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::text, $6::text, $7::text, $8::bigint, $9::bigint, $10::text, $11::text,
            $12::text, $13::timestamptz, 0, $14::timestamptz, $15::timestamptz)
"""
COLUMNS = """id, payable_kind, payable_id, party_id, method, state, currency, amount, received, received_currency,
             our_reference, gateway_reference, return_url, lookups, created_at, settled_at"""
BY_ID = f"SELECT {COLUMNS} FROM payment WHERE id = $1"
OF_PAYABLES = f"SELECT {COLUMNS} FROM payment WHERE payable_id = ANY($1) ORDER BY id"
IN_REVIEW = f"SELECT {COLUMNS} FROM payment WHERE state = 'review' AND ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2"


@dataclass(frozen=True, slots=True)
class Payable:
    """What is paid for, by kind and id: an order, a top-up."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it stands. `received` is what a gateway says really came."""

    id: UUID
    payable: Payable
    party_id: UUID
    method: str
    state: PaymentState
    amount: Money
    received: Money | None
    our_reference: str
    gateway_reference: str | None
    return_url: str | None
    lookups: int
    created_at: datetime
    settled_at: datetime | None


def payment_from(row: db.Row) -> Payment:
    """A row of the table as a value."""
    received = None if row["received"] is None else Money(row["received"], row["received_currency"])
    return Payment(
        id=row["id"],
        payable=Payable(row["payable_kind"], row["payable_id"]),
        party_id=row["party_id"],
        method=row["method"],
        state=PaymentState(row["state"]),
        amount=Money(row["amount"], row["currency"]),
        received=received,
        our_reference=row["our_reference"],
        gateway_reference=row["gateway_reference"],
        return_url=row["return_url"],
        lookups=row["lookups"],
        created_at=row["created_at"],
        settled_at=row["settled_at"],
    )


def record_wallet_payment(tx: Transaction, payable: Payable, party: UUID, amount: Money) -> Payment:
    """Record that the wallet paid; the caller debits the account and books the transfer in this transaction."""
    at = now()
    payment = Payment(
        id=new_id(),
        payable=payable,
        party_id=party,
        method=wallet_key(),
        state=PAYMENT.birth(PaymentState.SUCCEEDED),
        amount=amount,
        received=amount,
        our_reference=outbound_reference(),
        gateway_reference=None,
        return_url=None,
        lookups=0,
        created_at=at,
        settled_at=at,
    )
    _insert(tx, payment)
    return payment


def record_gateway_payment(
    tx: Transaction, payment: UUID, payable: Payable, party: UUID, amount: Money, *, method: str, return_url: str
) -> Payment:
    """Record that a gateway is to be asked; `begin_at_gateway` asks it, after the commit.

    Raises:
        PaymentMethodUnknown.
    """
    gateway(method, currency=amount.currency)
    recorded = Payment(
        id=payment,
        payable=payable,
        party_id=party,
        method=method,
        state=PAYMENT.birth(PaymentState.PENDING),
        amount=amount,
        received=None,
        our_reference=outbound_reference(),
        gateway_reference=None,
        return_url=return_url,
        lookups=0,
        created_at=now(),
        settled_at=None,
    )
    _insert(tx, recorded)
    return recorded


def _insert(tx: Transaction, payment: Payment) -> None:
    received = payment.received
    pending = payment.state is PaymentState.PENDING
    tx.later(
        INSERT,
        payment.id,
        payment.payable.kind,
        payment.payable.id,
        payment.party_id,
        payment.method,
        str(payment.state),
        payment.amount.currency,
        payment.amount.minor,
        received and received.minor,
        received and received.currency,
        payment.our_reference,
        payment.return_url,
        payment.created_at + FIRST_LOOKUP if pending else None,
        payment.created_at,
        payment.settled_at,
    )


async def payment_by_id(payment: UUID, *, tx: Transaction | None = None) -> Payment | None:
    """The payment, or None."""
    row = await (tx.row if tx else db.row)(BY_ID, payment)
    return None if row is None else payment_from(row)


async def payments_of(payables: list[UUID]) -> list[Payment]:
    """All payments for these payables, oldest first."""
    return [payment_from(row) for row in await db.rows(OF_PAYABLES, payables)]


async def payments_in_review(*, before: UUID | None = None, limit: int = 20) -> list[Payment]:
    """Payments that wait for a person, newest first."""
    return [payment_from(row) for row in await db.rows(IN_REVIEW, before, limit)]
