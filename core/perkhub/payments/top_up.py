"""Putting money into a wallet through a gateway."""

from dataclasses import dataclass
from uuid import UUID

from perkhub.accounts import ensure_not_blocked
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.money import Money
from perkhub.kit.outbox import emit
from perkhub.ledger import AlreadyBooked, Book, Entry, credit, post
from perkhub.payments.record import Payable, Payment, payment_by_id, record_gateway_payment
from perkhub.payments.states import TOP_UP, TopUpState
from perkhub.plugin.events import WalletToppedUp

TOP_UP_KIND = "top_up"
LARGEST = 50_000_00  # minor units; a business limit of the house against mistyped amounts

INSERT = "INSERT INTO top_up (id, party_id, state, currency, amount, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
BY_ID = "SELECT id, party_id, state, currency, amount FROM top_up WHERE id = $1"


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money on its way into a wallet."""

    id: UUID
    party_id: UUID
    state: TopUpState
    amount: Money


async def start_top_up(
    tx: Transaction, top_up: UUID, party: UUID, amount: Money, *, payment: UUID, method: str, return_url: str
) -> Payment:
    """Record the wish and its payment; `begin_at_gateway` follows after the commit.

    Raises:
        InvalidInput, CustomerBlocked, PaymentMethodUnknown.
    """
    await ensure_not_blocked(party)
    if not 0 < amount.minor <= LARGEST:
        raise InvalidInput(path=("amount",), reason=f"Above 0, at most {Money(LARGEST, amount.currency).amount}.")
    await tx.execute(INSERT, top_up, party, str(TOP_UP.birth(TopUpState.PENDING)), amount.currency, amount.minor, now())
    payable = Payable(TOP_UP_KIND, top_up)
    return record_gateway_payment(tx, payment, payable, party, amount, method=method, return_url=return_url)


async def apply_top_up(tx: Transaction, payment: UUID) -> None:
    """Move received money into the wallet, once per payment; a second payment for the same top-up counts as well."""
    known = await payment_by_id(payment, tx=tx)
    assert known is not None
    try:
        async with transaction() as attempt:
            await _fill_wallet(attempt, known)
    except AlreadyBooked:
        return  # this job ran before


async def _fill_wallet(tx: Transaction, payment: Payment) -> None:
    account = await credit(tx, payment.party_id, payment.amount)
    entries = [Entry(Book.UNAPPLIED, -payment.amount), Entry(Book.PARTY, payment.amount, account)]
    await post(tx, "top_up", payment.id, entries, actor=f"gateway:{payment.method}")
    await TOP_UP.move_many(tx, [payment.payable.id], TopUpState.DONE, event=None)
    emit(tx, WalletToppedUp(top_up_id=payment.payable.id))


async def top_up_by_id(top_up: UUID) -> TopUp | None:
    """The top-up, or None."""
    row = await db.row(BY_ID, top_up)
    if row is None:
        return None
    return TopUp(row["id"], row["party_id"], TopUpState(row["state"]), Money(row["amount"], row["currency"]))
