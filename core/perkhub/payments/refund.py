"""Giving money back the way it came: into the wallet at once, through a gateway by a job that never refunds twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import outbound_reference
from perkhub.kit.money import Money
from perkhub.kit.outbox import emit
from perkhub.kit.states import IllegalMove
from perkhub.ledger import Book, Entry, credit, post
from perkhub.payments.methods import gateway, wallet_key
from perkhub.payments.record import Payment, payment_by_id
from perkhub.payments.states import REFUND, RefundState
from perkhub.plugin.events import RefundRequested, RefundSettled
from perkhub.plugin.payment import RefundDone, RefundNotFound, RefundRejected, RefundRequest

INSERT = """
    INSERT INTO refund (id, payment_id, state, currency, amount, reason, our_reference, actor, created_at, settled_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
COLUMNS = "r.id, r.payment_id, r.state, r.currency, r.amount, r.reason, r.our_reference, r.created_at, r.settled_at"
BY_ID = f"SELECT {COLUMNS} FROM refund r WHERE r.id = $1"
OF_PAYABLES = f"""
    SELECT {COLUMNS}, p.payable_id FROM refund r JOIN payment p ON p.id = r.payment_id
    WHERE p.payable_id = ANY($1) ORDER BY r.id
"""


class RefundUnsettled(Exception):
    """The gateway has not said yes or no; ask again later."""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to its payer."""

    id: UUID
    payment_id: UUID
    state: RefundState
    amount: Money
    reason: str
    our_reference: str
    created_at: datetime
    settled_at: datetime | None


def _refund_from(row: db.Row) -> Refund:
    amount = Money(row["amount"], row["currency"])
    state = RefundState(row["state"])
    identity = (row["id"], row["payment_id"], state, amount)
    return Refund(*identity, row["reason"], row["our_reference"], row["created_at"], row["settled_at"])


async def give_back(
    tx: Transaction, refund: UUID, payment: Payment, amount: Money, *, taken_from: Sequence[Entry], reason: str, actor: str
) -> None:
    """Book a refund under its id, once; `taken_from` are the entries that pay for it and sum to minus the amount."""
    through_gateway = payment.method != wallet_key()
    state = RefundState.PENDING if through_gateway else RefundState.DONE
    at = now()
    if through_gateway:
        back = Entry(Book.REFUNDING, amount)
        emit(tx, RefundRequested(refund_id=refund))
    else:
        back = Entry(Book.PARTY, amount, await credit(tx, payment.party_id, amount))
    told = (payment.id, str(REFUND.birth(state)), amount.currency, amount.minor, reason[:200], outbound_reference(), actor, at)
    await tx.execute(INSERT, refund, *told, None if through_gateway else at)
    await post(tx, "refund", refund, [*taken_from, back], actor=actor)


async def was_given_back(tx: Transaction, refund: UUID) -> bool:
    """Whether a refund of this id was booked before."""
    return await tx.value("SELECT true FROM refund WHERE id = $1", refund) is not None


async def carry_out_refund(refund: UUID) -> None:
    """Ask the gateway for a pending refund: look first, then send the same reference, and book only what it confirms.

    Raises:
        RefundUnsettled: no clear answer; the job comes back.
    """
    row = await db.row(BY_ID, refund)
    if row is None or row["state"] != RefundState.PENDING:
        return
    known = _refund_from(row)
    payment = await payment_by_id(known.payment_id)
    assert payment is not None
    method = gateway(payment.method, currency=payment.amount.currency)
    money = (known.amount.minor, known.amount.currency)
    request = RefundRequest(known.our_reference, payment.our_reference, payment.gateway_reference, *money)
    outcome = await method.lookup_refund(request)
    if isinstance(outcome, RefundNotFound):
        outcome = await method.refund(request)
    match outcome:
        case RefundDone() if Money(outcome.amount_minor, outcome.currency) == known.amount:
            await _apply(known, payment, RefundState.DONE, outcome.gateway_reference)
        case RefundRejected():
            await _apply(known, payment, RefundState.REJECTED, None)
        case _:
            raise RefundUnsettled


async def _apply(refund: Refund, payment: Payment, state: RefundState, gateway_reference: str | None) -> None:
    async def settle(tx: Transaction) -> None:
        event = RefundSettled(refund_id=refund.id)
        await REFUND.move(tx, refund.id, state, event=event, gateway_reference=gateway_reference, settled_at=now())
        if state is RefundState.DONE:
            back = Entry(Book.CLEARING, refund.amount)
        else:
            # What the gateway will not take back is still the customer's: it goes into the wallet.
            back = Entry(Book.PARTY, refund.amount, await credit(tx, payment.party_id, refund.amount))
        entries = [Entry(Book.REFUNDING, -refund.amount), back]
        await post(tx, "refund.settled", refund.id, entries, actor=f"gateway:{payment.method}")

    try:
        await transact(settle)
    except IllegalMove:
        return  # a competitor booked it first


async def refunds_of(payables: list[UUID]) -> list[tuple[UUID, Refund]]:
    """All refunds for these payables, each with its payable, oldest first."""
    return [(row["payable_id"], _refund_from(row)) for row in await db.rows(OF_PAYABLES, payables)]
