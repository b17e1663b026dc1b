"""Reading a day of a supplier's own statement: kept line by line, each with the order of ours that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import Context
from perkhub.kit.money import UNIT_PLACES, CurrencyMismatch, exponent
from perkhub.kit.outbox import enqueue
from perkhub.kit.states import IllegalMove
from perkhub.plugin.registry import registry
from perkhub.plugin.supplier import StatementLine, SupplierProblem, offers
from perkhub.suppliers.accounts import Account, account_by_id, plugin_of
from perkhub.suppliers.errors import SupplierNotAnswering
from perkhub.suppliers.guarded import Reading, read_all
from perkhub.suppliers.mapping import LARGEST_COST
from perkhub.suppliers.statements.differences import compare
from perkhub.suppliers.states import STATEMENT, SyncState

STATEMENT_JOB = "suppliers.statement"
MOST_LINES = 500_000
# A day is over everywhere on earth, and its last sales are written down.
OVER_AFTER = timedelta(hours=14)
FAILED_AGAIN = timedelta(hours=6)

COLUMNS = "id, account_id, day, state, lines, failure, created_at, finished_at"
ADD = """
    INSERT INTO supplier_statement (id, account_id, day, state, lines, created_at) VALUES ($1, $2, $3, $4, 0, $5)
    ON CONFLICT (account_id, day) WHERE state = 'queued' DO NOTHING
"""
WAITING = "SELECT id FROM supplier_statement WHERE account_id = $1 AND day = $2 AND state = 'queued'"
BY_IDS = f"SELECT {COLUMNS} FROM supplier_statement WHERE id = ANY($1)"
LATEST = f"SELECT {COLUMNS} FROM supplier_statement WHERE account_id = $1 ORDER BY id DESC LIMIT $2"
UNREAD = """
    SELECT a.id FROM supplier_account a WHERE a.plugin = ANY($1) AND a.state = 'active' AND NOT EXISTS (
        SELECT FROM supplier_statement s WHERE s.account_id = a.id AND s.day = $2
           AND (s.state <> 'failed' OR s.created_at > $3)) ORDER BY a.id
"""
# Without a reference of ours, a line is about the order that has the supplier's.
KEEP = """
    INSERT INTO supplier_statement_line (id, statement_id, order_id, supplier_reference, at, kind, amount, currency)
    SELECT l.id, $1, o.id, l.theirs, l.at, l.kind, l.amount, l.currency
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::numeric[], $9::text[])
         AS l(id, ours, theirs, at, kind, amount, currency)
    LEFT JOIN LATERAL (
        SELECT o.id FROM supplier_order o WHERE o.account_id = $2
           AND (o.reference = l.ours OR (l.ours IS NULL AND o.supplier_reference = l.theirs)) ORDER BY o.id LIMIT 1
    ) AS o ON true
"""
BEGIN_ANEW = "DELETE FROM supplier_statement_line WHERE statement_id = $1"
FORGET_OLDER = """
    DELETE FROM supplier_statement_line l USING supplier_statement s
    WHERE s.id = l.statement_id AND s.account_id = $1 AND s.day = $2 AND s.id <> $3
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One reading: while it is QUEUED, it waits or runs."""

    id: UUID
    account_id: UUID
    day: date
    state: SyncState
    lines: int
    failure: str | None
    created_at: datetime
    finished_at: datetime | None


async def request_statement(tx: Transaction, account: Account, day: date) -> UUID:
    """Accept a reading of a day; one that waits already serves all.

    Raises:
        InvalidInput, SupplierUnknown.
        SupplierNotAnswering: it has no statements.
    """
    if day > now().astimezone(UTC).date() + timedelta(days=1):
        raise InvalidInput(path=("day",), reason="This day has not come yet.", reason_zh="该日期尚未到来。")
    if not offers(plugin_of(account.plugin), "statement"):
        raise SupplierNotAnswering(reason="no_statement")
    statement = new_id()
    if not await tx.execute(ADD, statement, account.id, day, str(STATEMENT.birth(SyncState.QUEUED)), now()):
        waiting: UUID = await tx.value(WAITING, account.id, day)
        return waiting
    enqueue(tx, STATEMENT_JOB, statement_id=statement)
    tx.note_change("supplier_statement", statement, after={"account_id": account.id, "day": day})
    return statement


async def request_statements() -> None:
    """Of every account that has statements, the last day that is over; one that failed again after some hours."""
    day = (now() - OVER_AFTER).astimezone(UTC).date() - timedelta(days=1)
    telling = [key for key, offered in registry().suppliers.items() if offers(offered, "statement")]
    for row in await db.rows(UNREAD, telling, day, now() - FAILED_AGAIN):
        account = await account_by_id(row["id"])
        await transact(partial(request_statement, account=account, day=day))


async def read_statement(context: Context, statement_id: UUID) -> None:
    """Carry one reading out, and compare it. It may begin anew.

    Raises:
        Postpone: the account cannot be asked at this moment.
    """
    statement = (await statements_by_ids([statement_id])).get(statement_id)
    if statement is None or statement.state is not SyncState.QUEUED:
        return
    account, many = await account_by_id(statement.account_id), 0
    await transact(lambda tx: tx.execute(BEGIN_ANEW, statement.id))

    async def keep(lines: list[StatementLine]) -> None:
        nonlocal many
        many += len(lines)
        await transact(partial(_keep, statement=statement, lines=lines))

    reading = Reading(
        ask=lambda supplier: supplier.statement(f"{statement.day:%F}"),
        is_decent=_surely_decent,
        keep=keep,
        most=MOST_LINES,
        too_many="too_many_lines",
    )
    failure = await read_all(context, account, reading)
    await transact(lambda tx: _end(tx, statement, many, failure))


def _surely_decent(line: object) -> bool:
    """A line that is left out would be money that nobody asks for."""
    if not _is_decent(line):
        raise SupplierProblem("odd_line")
    return True


def _is_decent(line: object) -> bool:
    if not isinstance(line, StatementLine) or not 0 < len(line.supplier_reference) <= 120 or line.at.tzinfo is None:
        return False
    amount = line.cost.amount
    if "\x00" in line.supplier_reference + (line.reference or "") + line.kind or not isinstance(amount, Decimal):
        return False
    try:
        exponent(line.cost.currency)
    except CurrencyMismatch:
        return False
    return amount.is_finite() and abs(amount) <= LARGEST_COST


async def _keep(tx: Transaction, *, statement: Statement, lines: Sequence[StatementLine]) -> None:
    columns: list[list[Any]] = [
        [new_id() for _ in lines],
        [line.reference for line in lines],
        [line.supplier_reference for line in lines],
        [line.at for line in lines],
        [line.kind[:20] for line in lines],
        [line.cost.amount.quantize(UNIT_PLACES) for line in lines],
        [line.cost.currency for line in lines],
    ]
    await tx.execute(KEEP, statement.id, statement.account_id, *columns)


async def _end(tx: Transaction, statement: Statement, lines: int, failure: str | None) -> None:
    state = SyncState.DONE if failure is None else SyncState.FAILED
    columns: dict[str, Any] = {"lines": lines, "failure": failure, "finished_at": now()}
    try:
        await STATEMENT.move(tx, statement.id, state, event=None, **columns)
    except IllegalMove:
        return  # another run has told
    if failure is not None:
        # Of a part nobody can say what is missing in it.
        await tx.execute(BEGIN_ANEW, statement.id)
        return
    await tx.execute(FORGET_OLDER, statement.account_id, statement.day, statement.id)
    await compare(tx, statement.account_id, statement.id, statement.day)


async def statements_by_ids(ids: Sequence[UUID]) -> dict[UUID, Statement]:
    """Readings by id."""
    return {row["id"]: _statement(row) for row in await db.rows(BY_IDS, list(ids))}


async def latest_statements(account: UUID, limit: int = 10) -> list[Statement]:
    """The account's last readings, newest first."""
    return [_statement(row) for row in await db.rows(LATEST, account, limit)]


def _statement(row: Row) -> Statement:
    told = {name: row[name] for name in Statement.__slots__}
    return Statement(**{**told, "state": SyncState(row["state"])})
