"""Posting transfers and spending from party accounts: the only writers of balances and entries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from perkhub.accounts import is_blocked
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import ClaimContended, Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.ledger.books import Book
from perkhub.ledger.errors import AccountFrozen, AlreadyBooked, InsufficientFunds
from perkhub.ledger.sql import (
    CREDIT,
    DEBIT,
    ENTRIES,
    LOCK_ACCOUNT,
    OPEN_ACCOUNT,
    READ_ACCOUNT,
    TRANSFER,
    TRANSFER_ONCE,
    TRANSFERS,
)

_Sums = dict[tuple[Book, UUID | None, str], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transfer; `account` only for Book.PARTY."""

    book: Book
    amount: Money
    account: UUID | None = None


async def debit(tx: Transaction, party: UUID, amount: Money) -> UUID:
    """Take money from the party's account and keep its row locked until the transaction ends. Returns the account.

    The caller posts the transfer that this is one side of, in the same transaction.

    Raises:
        InsufficientFunds, AccountFrozen.
    """
    account: UUID | None = await tx.value(DEBIT, party, amount.currency, amount.minor)
    if account is not None:
        return account
    present = await tx.row(READ_ACCOUNT, party, amount.currency)
    if present is None:
        raise InsufficientFunds(shortfall=amount)
    if present["frozen"]:
        raise AccountFrozen
    spendable = Money(present["balance"] - present["floor"], amount.currency)
    if amount <= spendable:
        raise ClaimContended  # money came in, or the wallet was unfrozen, between the two looks
    raise InsufficientFunds(shortfall=amount - spendable)


async def lock_account(tx: Transaction, party: UUID, currency: str) -> None:
    """Take the party account's lock early, where a later step will credit it: accounts come first in the lock order."""
    await tx.execute(LOCK_ACCOUNT, party, currency)


async def credit(tx: Transaction, party: UUID, amount: Money) -> UUID:
    """Add money to the party's account, opened on first use. Returns the account. The caller posts the transfer."""
    account: UUID | None = await tx.value(CREDIT, party, amount.currency, amount.minor)
    if account is None:
        # Whoever is blocked before they have a wallet gets a frozen one: freezing found none to freeze.
        await tx.execute(OPEN_ACCOUNT, new_id(), party, amount.currency, await is_blocked(tx, party), now())
        account = await tx.value(CREDIT, party, amount.currency, amount.minor)
    assert account is not None
    return account


async def post(tx: Transaction, kind: str, reference: UUID, entries: Iterable[Entry], *, actor: str) -> UUID:
    """Book one transfer. Entries of the same book are added up; what comes to nothing is left out.

    Raises:
        AlreadyBooked: this kind and reference stand in the ledger already.
        ValueError: the entries do not sum to zero per currency (a fault of ours, never the caller's).
    """
    sums = _summed(entries)
    transfer = new_id()
    if await tx.value(TRANSFER_ONCE, transfer, kind, reference, actor, correlation_id(), now()) is None:
        raise AlreadyBooked
    _write_entries(tx, transfer, sums)
    return transfer


def post_new(tx: Transaction, kind: str, reference: UUID, entries: Iterable[Entry], *, actor: str) -> UUID:
    """Book the transfer of something that this transaction itself makes, so that it cannot have been booked before.

    It is written with the transaction's other writes; should it stand there after all, the database refuses the whole.
    """
    sums = _summed(entries)
    transfer = new_id()
    tx.later(TRANSFER, transfer, kind, reference, actor, correlation_id(), now())
    _write_entries(tx, transfer, sums)
    return transfer


@dataclass(frozen=True, slots=True)
class Booking:
    """A transfer before it is posted, with the trail that it belongs to."""

    kind: str
    reference: UUID
    entries: Iterable[Entry]
    actor: str
    trail: str = field(default_factory=correlation_id)


def post_many_new(tx: Transaction, bookings: Iterable[Booking]) -> None:
    """Book transfers of what this transaction itself makes, as `post_new` does, in two writes however many they are."""
    at = now()
    transfers: list[tuple[object, ...]] = []
    entries: list[tuple[object, ...]] = []
    for one in bookings:
        transfer = new_id()
        transfers.append((transfer, one.kind, one.reference, one.actor, one.trail, at))
        entries += _rows_of(transfer, _summed(one.entries))
    if transfers:
        tx.later(*TRANSFERS.of(transfers))
    if entries:
        tx.later(*ENTRIES.of(entries))


def _write_entries(tx: Transaction, transfer: UUID, sums: _Sums) -> None:
    if sums:
        tx.later(*ENTRIES.of(_rows_of(transfer, sums)))


def _rows_of(transfer: UUID, sums: _Sums) -> list[tuple[object, ...]]:
    return [(transfer, str(book), account, currency, minor) for (book, account, currency), minor in sums.items()]


def _summed(entries: Iterable[Entry]) -> _Sums:
    sums: _Sums = defaultdict(int)
    for entry in entries:
        sums[entry.book, entry.account, entry.amount.currency] += entry.amount.minor
    kept = {place: minor for place, minor in sums.items() if minor}
    _refuse_imbalance(kept)
    return kept


def _refuse_imbalance(sums: _Sums) -> None:
    by_currency: dict[str, int] = defaultdict(int)
    for (_, _, currency), minor in sums.items():
        by_currency[currency] += minor
    if any(by_currency.values()):
        raise ValueError(f"entries do not sum to zero: {dict(by_currency)}")
