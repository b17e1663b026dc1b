"""Reading balances and movements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.db import Transaction
from perkhub.kit.money import Money
from perkhub.ledger.books import Book

BALANCES = """
    SELECT party_id, currency, balance, floor, frozen FROM party_account WHERE party_id = ANY($1) ORDER BY party_id, currency
"""
REASONS = "SELECT id, reason FROM wallet_adjustment WHERE id = ANY($1)"

MOVEMENTS = """
    SELECT e.id, t.kind, t.reference_id, t.created_at, e.amount, e.currency
    FROM ledger_entry e
    JOIN party_account a ON a.id = e.account_id
    JOIN ledger_transfer t ON t.id = e.transfer_id
    WHERE a.party_id = $1 AND ($2::bigint IS NULL OR e.id < $2)
    ORDER BY e.id DESC LIMIT $3
"""

BOOKED_BY = """
    SELECT t.reference_id, e.currency, sum(e.amount)::bigint AS amount
    FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
    WHERE t.kind = ANY($2) AND t.reference_id = ANY($3) AND e.book = $1
    GROUP BY t.reference_id, e.currency
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a party can see of one of its accounts; `spendable` is down to the floor."""

    balance: Money
    spendable: Money
    frozen: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry on a party's account; `id` is its cursor."""

    id: int
    kind: str
    reference_id: UUID
    at: datetime
    amount: Money


async def balances(party: UUID) -> list[Balance]:
    """The party's accounts, one per currency it ever used."""
    return (await balances_of([party]))[party]


async def balances_of(parties: Sequence[UUID]) -> dict[UUID, list[Balance]]:
    """The accounts of many parties, in one statement."""
    found: dict[UUID, list[Balance]] = {party: [] for party in parties}
    for row in await db.rows(BALANCES, list(found)):
        money = Money(row["balance"], row["currency"])
        spendable = Money(row["balance"] - row["floor"], row["currency"])
        found[row["party_id"]].append(Balance(balance=money, spendable=spendable, frozen=row["frozen"]))
    return found


async def movements(party: UUID, *, before: int | None = None, limit: int = 20) -> list[Movement]:
    """The party's entries, newest first."""
    return [
        Movement(row["id"], row["kind"], row["reference_id"], row["created_at"], Money(row["amount"], row["currency"]))
        for row in await db.rows(MOVEMENTS, party, before, limit)
    ]


async def adjustment_reasons(references: Sequence[UUID]) -> dict[UUID, str]:
    """Why operators made these adjustments, by the reference of the movement."""
    return {row["id"]: row["reason"] for row in await db.rows(REASONS, list(references))}


async def booked_by(
    tx: Transaction, book: Book, kinds: Sequence[str], references: Sequence[UUID]
) -> dict[tuple[UUID, str], Money]:
    """What transfers of these kinds have moved into a book, by what they were for and by currency."""
    rows = await tx.rows(BOOKED_BY, str(book), list(kinds), list(references))
    return {(row["reference_id"], row["currency"]): Money(row["amount"], row["currency"]) for row in rows}
