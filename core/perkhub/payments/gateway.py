"""Talking to a gateway about one payment: begin it, look it up, and apply the looked-up answer. Never on a callback's word."""

from asyncio import gather
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.money import Money
from perkhub.kit.settings import settings
from perkhub.kit.states import IllegalMove
from perkhub.ledger import Book, Entry, post
from perkhub.payments.errors import PaymentNotStarted
from perkhub.payments.methods import gateway
from perkhub.payments.record import Payment, payment_by_id
from perkhub.payments.states import PAYMENT, PaymentState
from perkhub.plugin.events import PaymentFailed, PaymentInReview, PaymentSucceeded
from perkhub.plugin.payment import (
    Failed,
    LookupRequest,
    NotFound,
    Paid,
    PaymentAction,
    PaymentOutcome,
    PaymentRequest,
    StartRefused,
    StartUnanswered,
    Unknown,
)

# A gateway that has never heard of a payment after this long never will: the customer did not reach it.
FORGOTTEN = timedelta(hours=24)
LONGEST_WAIT = timedelta(minutes=30)
LOOKUPS_AT_ONCE = 10

DUE = "SELECT id FROM payment WHERE state = 'pending' AND next_lookup_at <= $1 ORDER BY next_lookup_at LIMIT $2"
WAIT = "UPDATE payment SET next_lookup_at = $2, lookups = lookups + 1 WHERE id = $1 AND state = 'pending'"
REMEMBER = "UPDATE payment SET gateway_reference = $2 WHERE id = $1 AND gateway_reference IS NULL"
BY_REFERENCE = "SELECT id FROM payment WHERE our_reference = $1 AND method = $2"


class GatewayUnanswered(Exception):
    """A lookup brought nothing that could be believed or denied."""

    def __init__(self, our_reference: str) -> None:
        self.our_reference = our_reference
        super().__init__(f"nothing is known of {our_reference}")


async def begin_at_gateway(payment: Payment, *, subject: str, locale: str) -> PaymentAction:
    """Ask the gateway to take the payment; what the customer has to do next. Repeating it begins nothing twice.

    Raises:
        PaymentNotStarted: a final no, or no answer; in the second case a later lookup still tells the truth.
    """
    method = gateway(payment.method, currency=payment.amount.currency)
    public = settings().public_url.rstrip("/")
    request = PaymentRequest(
        our_reference=payment.our_reference,
        amount_minor=payment.amount.minor,
        currency=payment.amount.currency,
        subject=subject,
        locale=locale,
        return_url=payment.return_url or public,
        notify_url=f"{public}/callbacks/{payment.method}",
        expires_at=payment.created_at + timedelta(minutes=settings().unpaid_order_minutes),
    )
    try:
        started = await method.start(request)
    except StartRefused as refused:
        await transact(lambda tx: _fail(tx, payment.id))
        raise PaymentNotStarted(reason=refused.reason) from None
    except StartUnanswered as unanswered:
        raise PaymentNotStarted(reason=unanswered.reason) from None
    if started.gateway_reference is not None:
        await transact(lambda tx: tx.execute(REMEMBER, payment.id, started.gateway_reference))
    return started.action


async def settle_payment(payment: UUID) -> Payment | None:
    """Look the payment up at its gateway and apply the answer; safe to repeat, and by many at once."""
    return await _look_up(payment, hinted=False)


async def settle_hinted_payment(payment: UUID) -> Payment | None:
    """The same on a gateway's own hint that it is worth a look.

    Raises:
        GatewayUnanswered: the gateway told nothing. Whoever paid waits at this moment: look again soon, not by the turns of
            payments that nobody has paid yet.
    """
    return await _look_up(payment, hinted=True)


async def _look_up(payment: UUID, *, hinted: bool) -> Payment | None:
    known = await payment_by_id(payment)
    if known is None or known.state not in (PaymentState.PENDING, PaymentState.FAILED):
        return known
    method = gateway(known.method, currency=known.amount.currency)
    outcome = await method.lookup(LookupRequest(known.our_reference, known.gateway_reference))
    if hinted and isinstance(outcome, Unknown):
        raise GatewayUnanswered(known.our_reference)
    with suppress(IllegalMove):  # a competitor applied the same answer first
        await transact(lambda tx: apply_outcome(tx, known, outcome))
    return await payment_by_id(payment)


async def apply_outcome(tx: Transaction, payment: Payment, outcome: PaymentOutcome) -> None:
    """Book what a lookup said. Money that came is always booked, whatever else is wrong with it."""
    match outcome:
        case Paid():
            await _receive(tx, payment, outcome)
        case Failed():
            await _fail(tx, payment.id)
        case NotFound() if now() - payment.created_at > FORGOTTEN:
            await _fail(tx, payment.id)
        case _:
            wait = min(LONGEST_WAIT, timedelta(seconds=15 * 2 ** min(payment.lookups, 10)))
            await tx.execute(WAIT, payment.id, now() + wait)


async def _receive(tx: Transaction, payment: Payment, paid: Paid) -> None:
    received = Money(paid.amount_minor, paid.currency)
    fits = received == payment.amount
    event = PaymentSucceeded(payment_id=payment.id) if fits else PaymentInReview(payment_id=payment.id)
    await PAYMENT.move(
        tx,
        payment.id,
        PaymentState.SUCCEEDED if fits else PaymentState.REVIEW,
        event=event,
        received=received.minor,
        received_currency=received.currency,
        gateway_reference=paid.gateway_reference,
        settled_at=now(),
    )
    entries = [Entry(Book.CLEARING, -received), Entry(Book.UNAPPLIED, received)]
    await post(tx, "payment.received", payment.id, entries, actor=f"gateway:{payment.method}")


async def _fail(tx: Transaction, payment: UUID) -> None:
    await PAYMENT.move_many(
        tx,
        [payment],
        PaymentState.FAILED,
        event=PaymentFailed(payment_id=payment),
        origin=[PaymentState.PENDING],
        settled_at=now(),
    )


async def settle_due_payments(limit: int = 100) -> None:
    """Look up the pending payments whose turn has come.

    Raises:
        ExceptionGroup: some could not be looked up; their turn comes again, and the others were.
    """
    due = [row["id"] for row in await db.rows(DUE, now(), limit)]
    faults: list[Exception] = []
    # Some at once: a gateway that is slow to answer must not hold up the customers of another.
    for start in range(0, len(due), LOOKUPS_AT_ONCE):
        batch = due[start : start + LOOKUPS_AT_ONCE]
        for payment, ended in zip(batch, await gather(*map(settle_payment, batch), return_exceptions=True), strict=True):
            if isinstance(ended, Exception):
                # To the end of the queue: those that cannot be looked up must not stand before all others for ever.
                await db.value(WAIT, payment, now() + LONGEST_WAIT)
                faults.append(ended)
    if faults:
        raise ExceptionGroup("payments could not be looked up", faults)


async def payment_by_reference(reference: str, *, method: str) -> UUID | None:
    """The payment that we gave this reference to this gateway for."""
    found: UUID | None = await db.value(BY_REFERENCE, reference, method)
    return found
