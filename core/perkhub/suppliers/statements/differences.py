"""Comparing a supplier's statement with our orders and our ledger: what differs waits for a person, or until both agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.kit.texts import refuse_odd_text
from perkhub.ledger import Book, booked_by
from perkhub.suppliers.errors import DifferenceClosed
from perkhub.suppliers.statements.models import DifferenceKind

LONGEST_REASON = 500
BY_ITSELF = "system"
# Every way in which money at a supplier moves for an order.
BOOKED = (
    "supplier.delivered", "supplier.late", "supplier.reversed", "supplier.exposed", "supplier.exposure_ended",
)  # fmt: skip

# An order of the day before may stand in the day before that, or in this one, by the supplier's calendar: when all were
# read it must be in one of them. Orders that differed are looked at again: lookups may have settled them meanwhile.
ABOUT = """
    SELECT order_id FROM supplier_statement_line WHERE statement_id = $2 AND order_id IS NOT NULL
    UNION SELECT order_id FROM supplier_difference WHERE account_id = $1 AND closed_at IS NULL AND order_id IS NOT NULL
    UNION SELECT o.id FROM supplier_order o WHERE o.account_id = $1 AND o.settled_at >= $3 AND o.settled_at < $4
        AND o.state IN ('delivered', 'partial', 'late', 'reversed')
        AND 2 = (SELECT count(DISTINCT s.day) FROM supplier_statement s
                 WHERE s.account_id = $1 AND s.state = 'done' AND s.day IN ($5, $6))
"""
ORDERS = "SELECT id, reference, currency FROM supplier_order WHERE id = ANY($1)"
# Lines of other kinds (a deposit, a fee of the month) are about no order.
TOLD = """
    SELECT order_id, currency, sum(CASE kind WHEN 'refund' THEN -abs(amount) ELSE amount END) AS amount
    FROM supplier_statement_line WHERE order_id = ANY($1) AND kind IN ('purchase', 'refund') GROUP BY order_id, currency
"""
STRANGE = """
    SELECT l.supplier_reference, l.currency, sum(CASE l.kind WHEN 'refund' THEN -abs(l.amount) ELSE l.amount END) AS amount
    FROM supplier_statement_line l JOIN supplier_statement s ON s.id = l.statement_id
    WHERE s.account_id = $1 AND l.order_id IS NULL AND l.kind IN ('purchase', 'refund')
      AND (l.statement_id = $2 OR l.supplier_reference IN (
           SELECT subject FROM supplier_difference WHERE account_id = $1 AND order_id IS NULL AND closed_at IS NULL))
    GROUP BY l.supplier_reference, l.currency
"""
# What a person has closed is not raised again as long as it is the same.
RAISE = """
    INSERT INTO supplier_difference (id, account_id, subject, order_id, kind, ours, theirs, currency, created_at)
    SELECT $1, $2::uuid, $3::text, $4::uuid, $5, $6::bigint, $7::bigint, $8::text, $9 WHERE NOT EXISTS (
        SELECT FROM supplier_difference d WHERE d.account_id = $2 AND d.subject = $3 AND d.currency = $8
           AND d.ours = $6 AND d.theirs = $7 AND d.closed_by IS NOT NULL AND d.closed_by <> 'system')
    ON CONFLICT (account_id, subject, currency) WHERE closed_at IS NULL
    DO UPDATE SET kind = excluded.kind, ours = excluded.ours, theirs = excluded.theirs
    RETURNING id = $1 AS fresh
"""
REVIEW = "UPDATE supplier_order SET review_since = coalesce(review_since, $2) WHERE id = ANY($1)"
AGREED = """
    UPDATE supplier_difference SET closed_at = $2, closed_by = 'system'
    WHERE account_id = $1 AND closed_at IS NULL AND NOT id = ANY($3)
"""
OPEN = "SELECT id FROM supplier_difference WHERE account_id = $1 AND subject = $2 AND currency = $3 AND closed_at IS NULL"
CLOSE = """
    UPDATE supplier_difference SET closed_at = $2, closed_by = $3, reason = $4 WHERE id = $1 AND closed_at IS NULL RETURNING id
"""
COLUMNS = "id, account_id, subject, order_id, kind, ours, theirs, currency, reason, closed_by, created_at, closed_at"
BY_IDS = f"SELECT {COLUMNS} FROM supplier_difference WHERE id = ANY($1)"
LIST = f"""
    SELECT {COLUMNS} FROM supplier_difference
    WHERE ($1::uuid IS NULL OR id < $1) AND ($2::uuid IS NULL OR account_id = $2)
      AND ($3::boolean IS NULL OR (closed_at IS NULL) = $3)
    ORDER BY id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What we booked and what the supplier says, of one order or of a reference that is none of ours; in minor units."""

    id: UUID
    account_id: UUID
    subject: str
    order_id: UUID | None
    kind: DifferenceKind
    ours: int
    theirs: int
    currency: str
    reason: str | None
    closed_by: str | None
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Found:
    subject: str
    order_id: UUID | None
    kind: DifferenceKind
    ours: Money
    theirs: Money


async def compare(tx: Transaction, account: UUID, statement: UUID, day: date) -> None:
    """Compare what was read last, and whatever differed before."""
    midnight, one_day = datetime.combine(day, time(), UTC), timedelta(days=1)
    days = (midnight - one_day, midnight, day - one_day, day)
    about = [row["order_id"] for row in await tx.rows(ABOUT, account, statement, *days)]
    found = [*await _of_orders(tx, about), *await _strange(tx, account, statement)]
    still = [await _raise(tx, account, one) for one in found]
    await tx.execute(AGREED, account, now(), [difference for difference in still if difference is not None])


async def _of_orders(tx: Transaction, orders: Sequence[UUID]) -> list[_Found]:
    known = {row["id"]: row for row in await tx.rows(ORDERS, list(orders))}
    theirs = {
        (row["order_id"], row["currency"]): _money(row["amount"], row["currency"]) for row in await tx.rows(TOLD, list(orders))
    }
    ours = await booked_by(tx, Book.PREPAID, BOOKED, orders)
    listed = {order for order, _ in theirs}
    found = []
    for order, currency in sorted({*theirs, *ours, *((id, row["currency"]) for id, row in known.items())}):
        nothing = Money(0, currency)
        booked, told = ours.get((order, currency), nothing), theirs.get((order, currency), nothing)
        kind = DifferenceKind.AMOUNT if order in listed else DifferenceKind.MISSING_THERE
        if booked != told:
            found.append(_Found(known[order]["reference"], order, kind, booked, told))
    return found


async def _strange(tx: Transaction, account: UUID, statement: UUID) -> list[_Found]:
    rows = await tx.rows(STRANGE, account, statement)
    told = [(row["supplier_reference"], _money(row["amount"], row["currency"])) for row in rows]
    kind = DifferenceKind.UNKNOWN_HERE
    return [_Found(subject, None, kind, Money(0, money.currency), money) for subject, money in told if money]


async def _raise(tx: Transaction, account: UUID, found: _Found) -> UUID | None:
    """The open difference; None where a person has closed just this one."""
    values = (found.subject, found.order_id, str(found.kind), found.ours.minor, found.theirs.minor, found.ours.currency)
    at = now()
    raised = await tx.row(RAISE, new_id(), account, *values, at)
    if raised is None:
        return None
    if raised["fresh"] and found.order_id is not None:
        await tx.execute(REVIEW, [found.order_id], at)
    still: UUID = await tx.value(OPEN, account, found.subject, found.ours.currency)
    return still


async def close_difference(tx: Transaction, difference: UUID, *, reason: str, by: str) -> None:
    """A person has cleared it up with the supplier, and says how.

    Raises:
        InvalidInput, NotFound, DifferenceClosed.
    """
    refuse_odd_text(reason, "reason", longest=LONGEST_REASON, lines=True)
    if not reason.strip():
        raise InvalidInput(path=("reason",), reason="Say how.", reason_zh="请说明处理结果。")
    if not await differences_by_ids([difference]):
        raise NotFound("difference", "差异", path=("differenceId",))
    if await tx.value(CLOSE, difference, now(), by, reason.strip()) is None:
        raise DifferenceClosed(path=("differenceId",))
    tx.note_change("supplier_difference", difference, after={"closed": True})


async def differences_by_ids(ids: Sequence[UUID]) -> list[Difference]:
    """Differences by id, those that exist."""
    return [_difference(row) for row in await db.rows(BY_IDS, list(ids))]


async def list_differences(
    *, before: UUID | None = None, limit: int = 20, account: UUID | None = None, is_open: bool | None = None
) -> list[Difference]:
    """Differences, newest first."""
    return [_difference(row) for row in await db.rows(LIST, before, account, is_open, limit)]


def _money(amount: Decimal, currency: str) -> Money:
    return Money.line(amount, 1, currency)


def _difference(row: Row) -> Difference:
    told = {name: row[name] for name in Difference.__slots__}
    return Difference(**{**told, "kind": DifferenceKind(row["kind"])})
