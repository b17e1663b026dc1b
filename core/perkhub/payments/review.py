"""A person's decision about money that did not fit: give it back, or put it into the payer's wallet."""

from enum import StrEnum, auto
from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.states import IllegalMove
from perkhub.ledger import Book, Entry, credit, post
from perkhub.payments.errors import PaymentNotInReview
from perkhub.payments.record import payment_by_id
from perkhub.payments.refund import give_back
from perkhub.payments.states import PAYMENT, PaymentState


class ReviewDecision(StrEnum):
    GIVE_BACK = auto()
    INTO_WALLET = auto()


async def settle_review(tx: Transaction, payment: UUID, decision: ReviewDecision, *, actor: str) -> None:
    """Carry the decision out, once.

    Raises:
        NotFound, PaymentNotInReview.
    """
    known = await payment_by_id(payment, tx=tx)
    if known is None:
        raise NotFound("payment", "支付", path=("paymentId",))
    try:
        await PAYMENT.move(tx, payment, PaymentState.RETURNED, event=None)
    except IllegalMove:
        raise PaymentNotInReview(path=("paymentId",)) from None
    after = {"state": PaymentState.RETURNED, "decision": decision, "received": known.received}
    tx.note_change("payment", payment, before={"state": known.state, "received": known.received}, after=after)
    if not known.received:
        return  # a gateway that said "paid" and sent nothing: there is nothing to give to anybody
    taken_from = [Entry(Book.UNAPPLIED, -known.received)]
    if decision is ReviewDecision.GIVE_BACK:
        reason = "wrong amount"
        await give_back(tx, new_id(), known, known.received, taken_from=taken_from, reason=reason, actor=actor)
    else:
        account = await credit(tx, known.party_id, known.received)
        await post(tx, "payment.review", payment, [*taken_from, Entry(Book.PARTY, known.received, account)], actor=actor)
