"""The database: one pool, transactions with retry, hand SQL, COPY and advisory locks.

The ORM (Tortoise) and hand SQL share the transaction's connection. Nothing here leaves session state behind, because
connections go back to the pool without a reset.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError, OperationalError

from perkhub.kit.acting import Changes, present_acting
from perkhub.kit.composed import Ahead, along, in_one, is_plain
from perkhub.kit.connecting import APP, begin_transaction, tortoise_config

log = logging.getLogger(__name__)

T = TypeVar("T")
Row = asyncpg.Record


class ClaimContended(Exception):
    """What was wanted is locked by a competitor who may yet let go of it: try the transaction again.

    `otherwise` is what to tell the caller if it is still so after the last try.
    """

    def __init__(self, otherwise: Exception | None = None) -> None:
        self.otherwise = otherwise
        super().__init__("locked by a competitor")


CONFLICTS = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
LOST = (asyncpg.ConnectionDoesNotExistError, asyncpg.InterfaceError, ConnectionError)
# What is seen while the server stops, is down, recovers, or has taken our connections with it.
DATABASE_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    DBConnectionError,
    OperationalError,
    OSError,
    TimeoutError,
)
ATTEMPTS = 3
# For ClaimContended: whole transactions of competitors have to end first, in a crowd many of them; over a second in all.
CLAIM_ATTEMPTS = 12
FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.25

# Filled only while someone counts: tests and benchmarks.
statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)

_context: TortoiseContext | None = None
_size = 0
# Those that may run at once; None: as many as there are connections.
_room: asyncio.Semaphore | None = None

Step = Callable[["Transaction"], Awaitable[None]]


class Transaction:
    """One open transaction. Hand SQL uses $1, $2 …; values never go into the text."""

    def __init__(self, begin: Callable[[], Awaitable[TransactionWrapper]]) -> None:
        self._begin = begin
        self._client: TransactionWrapper | None = None  # until the database was told that it begins
        self.outbox: list[Any] = []  # rows of `kit.outbox` that are not written yet
        self._changes = Changes()
        self._later: list[tuple[str, tuple[Any, ...]]] = []
        self._ahead: Ahead | None = None
        self._last: Callable[[bool], Awaitable[None]] | None = None
        self._gather: list[Callable[[], None]] = []
        self._before: list[Step] = []
        self._after: list[Callable[[], Awaitable[None]]] = []

    async def begin(self) -> TransactionWrapper:
        """Tell the database, where that was put off: before anything of the ORM, and before a savepoint."""
        if self._client is None:
            self._client = await self._begin()
        return self._client

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Every row the statement returns."""
        await self.flush()
        async with (await self.begin()).acquire_connection() as connection:
            return await connection.fetch(sql, *values)

    async def row(self, sql: str, *values: Any) -> Row | None:
        """The first row, or None."""
        await self.flush()
        async with (await self.begin()).acquire_connection() as connection:
            return await connection.fetchrow(sql, *values)

    async def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        if self._ahead is not None and is_plain(sql) and not (self._later or self._gather or self._last):
            return await self._value_after(self._ahead, sql, *values)
        await self.flush()
        async with (await self.begin()).acquire_connection() as connection:
            return await connection.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> int:
        """Run a statement; the number of rows it touched."""
        await self.flush()
        async with (await self.begin()).acquire_connection() as connection:
            tag = await connection.execute(sql, *values)
        return int(tag.rsplit(" ", 1)[-1]) if tag[-1].isdigit() else 0

    async def copy(self, table: str, *, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
        """COPY records into a table: the fastest way in for many rows."""
        await self.flush()
        async with (await self.begin()).acquire_connection() as connection:
            await connection.copy_records_to_table(table, columns=list(columns), records=records)

    def put_back(self, ahead: Ahead | None, waiting: list[tuple[str, tuple[Any, ...]]]) -> None:
        """What was taken, and not written after all."""
        self._ahead, self._later = ahead, waiting + self._later

    async def alone(self, sql: str, *values: Any) -> None:
        """Carry out what is the whole of a transaction that the database was not told of: done and committed in one."""
        async with _client().acquire_connection() as connection:
            await connection.execute(sql, *values)

    def later(self, sql: str, *values: Any) -> None:
        """Write something whose result nobody waits for: sent with its neighbours as one statement, before the next
        statement that returns something, or the commit.

        One INSERT, UPDATE or DELETE, with a cast on each $n. Neighbours do not see each other's rows, so never two
        writes of the same row; constraints are checked when all are in.
        """
        self._later.append((sql, values))

    def ahead(self, sql: str, *values: Any, settle: Callable[[bool], Awaitable[None]]) -> None:
        """Write a row before all else that this transaction does, along with it where that can be; `settle` hears whether it
        was written before anybody hears anything else. One INSERT with RETURNING."""
        if self._ahead is not None or self._client is not None:
            raise RuntimeError("there is one write ahead of a transaction, before it was begun")
        self._ahead = Ahead(sql, values, settle)

    def last(self, step: Callable[[bool], Awaitable[None]]) -> None:
        """Put off what locks the hottest rows to the end, or to whatever else is asked of the database before. `step` hears
        whether it is the whole of the transaction, and then sends all that waits by `alone`."""
        if self._last is not None:
            raise RuntimeError("one step is the last of a transaction")
        self._last = step

    def take_ahead(self) -> Ahead | None:
        """What was to go ahead, for who sends it along with a statement of their own."""
        ahead, self._ahead = self._ahead, None
        return ahead

    def take_waiting(self) -> list[tuple[str, tuple[Any, ...]]]:
        """The waiting writes, for who sends them along with a statement of their own: SQL and values of each."""
        if self._gather:
            steps, self._gather = self._gather, []
            for step in steps:
                step()
        waiting, self._later = self._later, []
        return waiting

    def gather(self, step: Callable[[], None]) -> None:
        """Call a step just before the waiting writes are sent, so that it can add its own."""
        self._gather.append(step)

    async def settle_ahead(self) -> None:
        """Send what goes ahead, though nothing may follow."""
        if ahead := self.take_ahead():
            async with (await self.begin()).acquire_connection() as connection:
                written = await connection.fetchrow(ahead.sql, *ahead.values)
            await ahead.settle(written is not None)

    async def flush(self) -> None:
        """Send whatever waits."""
        await self.settle_ahead()
        if self._last is not None:
            last, self._last = self._last, None
            await last(False)
        if waiting := self.take_waiting():
            sql = in_one(tuple(sql for sql, _ in waiting))
            async with (await self.begin()).acquire_connection() as connection:
                await connection.execute(sql, *(value for _, values in waiting for value in values))

    async def close(self, *, outermost: bool) -> None:
        """Take the last steps, and send whatever waits for the last time."""
        while self._before:
            steps, self._before = self._before, []
            for step in steps:
                await step(self)
        if outermost:
            for sql, values in self._changes.writes():
                self.later(sql, *values)
        if self._client is None and self._last is not None:
            last, self._last = self._last, None
            await last(True)
        await self.flush()

    async def open_another(self) -> None:
        """Be ready for a savepoint: what it must not come before is sent."""
        if self._last is not None:
            await self.flush()
        await self.settle_ahead()
        await self.begin()

    async def _value_after(self, ahead: Ahead, sql: str, *values: Any) -> Any:
        self._ahead = None
        async with (await self.begin()).acquire_connection() as connection:
            found = await connection.fetchrow(along(ahead.sql, len(ahead.values), sql), *ahead.values, *values)
        assert found is not None
        await ahead.settle(found["ahead_written"])
        return found[1]

    async def advisory_lock(self, name: str) -> None:
        """Wait for the named lock; it goes with the transaction."""
        await self.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)

    def note_change(self, subject: str, id: UUID, *, before: Any = None, after: Any = None, hidden: Iterable[str] = ()) -> None:
        """Tell the activity log what a verb changed, in one line: a product, a price, a member of staff.

        `subject` is the global id's kind in small letters. `before` and `after` are mappings, rows or dataclasses; of them
        the fields that differ are kept, those of `after` where there is one. Contacts only masked; of a password, that it
        changed: `hidden=("password",)`. Where no operator acts, nothing is kept.
        """
        self._changes.note(subject, id, before=before, after=after, hidden=hidden)

    def before_commit(self, step: "Step") -> None:
        """Run a last step inside the transaction."""
        self._before.append(step)

    def after_commit(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step once the commit is durable; its failure never undoes or fails the transaction."""
        self._after.append(step)


_current: ContextVar[Transaction | None] = ContextVar("transaction", default=None)


@asynccontextmanager
async def transaction(*, begun: bool = True) -> AsyncIterator[Transaction]:
    """Open a transaction; a nested one is a savepoint of its outer one, and its after-commit steps wait for the outer's.

    Unless `begun`, the database hears of it with its first statement; until then, what is read by this module is read outside
    of it, which is the same at READ COMMITTED. Of the ORM nothing may be the first.
    """
    outer = _current.get()
    if outer is not None:
        await outer.open_another()
    opener = asyncio.current_task()
    async with AsyncExitStack() as opened:

        async def begin() -> TransactionWrapper:
            if asyncio.current_task() is not opener:
                raise RuntimeError("a transaction is begun in the task that opened it: only there it is the present one")
            if _room is not None and outer is None:
                await opened.enter_async_context(_room)
            return await begin_transaction(opened)

        tx = Transaction(begin)
        if begun or outer is not None:
            await tx.begin()
        token = _current.set(tx)
        try:
            yield tx
            await tx.close(outermost=outer is None)
        finally:
            _current.reset(token)
    if outer is not None:
        outer._after += tx._after
        outer._changes.take_over(tx._changes)
        return
    if (acting := present_acting()) is not None:
        acting.logged = True
    for after in tx._after:
        try:
            await after()
        except Exception:  # the commit is durable: whoever called must hear that the work is done
            log.exception("a step after a commit failed")


async def transact(work: Callable[[Transaction], Awaitable[T]], *, begun: bool = True) -> T:
    """Run the work in a transaction; deadlocks and serialisation failures retry the whole of it, three times in all.

    Claims that competitors hold locked are waited for with pauses, in which no connection is held. Inside another
    transaction only the outermost one retries: a savepoint cannot undo what lost the conflict.
    """
    outermost = _current.get() is None
    for attempt in count(1):
        try:
            async with transaction(begun=begun) as tx:
                return await work(tx)
        except CONFLICTS:
            if not outermost or attempt >= ATTEMPTS:
                raise
        except ClaimContended as contended:
            if not outermost:
                raise
            if attempt >= CLAIM_ATTEMPTS:
                raise contended.otherwise or contended from None
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
    raise AssertionError("unreachable")


def outside_transactions() -> bool:
    """Whether what is read here and now is committed."""
    return _current.get() is None


def ensure_no_transaction() -> None:
    """For work that must stay done whatever its caller rolls back: called inside a transaction it is a bug of the caller."""
    if isinstance(get_connection(APP), TransactionWrapper):
        raise RuntimeError("this commits by itself and must not be called inside a transaction")


async def rows(sql: str, *values: Any) -> list[Row]:
    """Read outside (or, where one is open, inside) a transaction."""
    async with _client().acquire_connection() as connection:
        return cast("list[Row]", await connection.fetch(sql, *values))


async def row(sql: str, *values: Any) -> Row | None:
    """The first row, or None."""
    async with _client().acquire_connection() as connection:
        return cast("Row | None", await connection.fetchrow(sql, *values))


async def value(sql: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    async with _client().acquire_connection() as connection:
        return await connection.fetchval(sql, *values)


def _client() -> AsyncpgDBClient:
    return cast("AsyncpgDBClient", get_connection(APP))


async def connect(
    url: str, *, models: Sequence[str], pool: int = 16, application: str = "perkhub", counting: bool = True
) -> None:
    """Open the pool and tell the ORM about the tables. One database per process; after `disconnect` another may follow.

    `counting` lets `statements` be filled; it costs a little with each statement, so servers do without it.
    """
    global _context, _size
    if _context is not None:
        raise RuntimeError("this process is already connected to a database")
    _size = pool
    init = _count_statements if counting else None
    config = tortoise_config(url, models=models, pool=pool, application=application, init=init)
    # Requests run in other tasks than the one that starts the application: what they find is the global fallback. The
    # context itself is left as soon as it is ready, or it would stay behind in this task after `disconnect`.
    _context = TortoiseContext()
    try:
        with _context:
            await _context.init(config=config, _enable_global_fallback=True)
        await value("SELECT 1")
    except BaseException:
        await disconnect()
        raise


def leave_free(connections: int) -> None:
    """From here on, until `disconnect`, transactions leave so many connections of the pool to single statements: a heartbeat
    must not wait until others have done their work. One transaction may run in any case."""
    global _room
    _room = asyncio.Semaphore(max(1, _size - connections))


async def disconnect() -> None:
    """Close the pool."""
    global _context, _room
    _room = None
    if _context is not None:
        context, _context = _context, None
        await context.close_connections()


async def _count_statements(connection: asyncpg.Connection) -> None:
    def note(record: Any) -> None:
        counted = statements.get()
        if counted is not None:
            counted.append(record.query)

    connection.add_query_logger(note)
