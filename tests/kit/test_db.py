"""Transactions, their retries, and what may be left behind when one fails. Everything against a real PostgreSQL."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError, IntegrityError

from perkhub.domains import model_modules
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.connecting import parse_url
from perkhub.kit.db import Transaction
from perkhub.kit.models import DataKey
from tests.fixtures.session_servers import SessionServers, admin

Work = Callable[[Transaction], Awaitable[None]]

LOCKS_LEFT = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND datname = current_database()
"""
ADD = "INSERT INTO jar (name, coins) VALUES ($1, $2)"


@pytest.fixture
async def jars(database: str) -> str:
    """A table of two jars with ten coins each."""
    async with admin(database) as connection:
        await connection.execute("CREATE TABLE jar (name text PRIMARY KEY, coins int CHECK (coins >= 0))")
        await connection.execute("INSERT INTO jar VALUES ('left', 10), ('right', 10)")
    return database


async def data_key(purpose: str) -> None:
    await DataKey.create(purpose=purpose, wrapped=b"w", wrapped_by="k", created_at=now())


async def names() -> list[str]:
    return [row["name"] for row in await db.rows("SELECT name FROM jar ORDER BY name")]


async def roll_back(work: Work) -> None:
    """Do the work in a transaction that fails after it."""

    async def failing(tx: Transaction) -> None:
        await work(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.transact(failing)


# Reading and writing


async def test_reads_and_writes_by_hand(jars: str) -> None:
    async with db.transaction() as tx:
        assert await tx.execute("UPDATE jar SET coins = coins + $1", 1) == 2
        assert await tx.execute("INSERT INTO jar SELECT 'n' || n, 0 FROM generate_series(1, 12) n") == 12
        assert await tx.execute("CREATE TABLE other ()") == 0
        assert await tx.value("SELECT coins FROM jar WHERE name = $1", "left") == 11
        assert await tx.row("SELECT 1 WHERE false") is None
        returned = await tx.rows("UPDATE jar SET coins = 5 WHERE name < 'm' RETURNING name")
        assert [row["name"] for row in returned] == ["left"]
        assert await db.value("SELECT coins FROM jar WHERE name = 'left'") == 5  # a read sees the open transaction
    row = await db.row("SELECT coins FROM jar WHERE name = 'left'")
    assert row is not None
    assert row["coins"] == 5


async def test_the_orm_shares_the_transaction(database: str) -> None:
    async def work(tx: Transaction) -> None:
        await data_key("test")
        assert await tx.value("SELECT count(*) FROM data_key") == 1

    await roll_back(work)
    assert await DataKey.all().count() == 0


async def test_copy_is_part_of_the_transaction(jars: str) -> None:
    records = [(f"copied{number}", number) for number in range(1000)]

    async def work(tx: Transaction) -> None:
        await tx.copy("jar", columns=["name", "coins"], records=records)
        assert await tx.value("SELECT count(*) FROM jar") == 1002

    await roll_back(work)
    assert await names() == ["left", "right"]
    async with db.transaction() as tx:
        await tx.copy("jar", columns=["name", "coins"], records=iter(records))
    assert await db.value("SELECT sum(coins) FROM jar WHERE name LIKE 'copied%'") == sum(range(1000))


# Savepoints


async def test_a_failed_savepoint_leaves_the_outer_transaction_usable(jars: str) -> None:
    async def by_hand(inner: Transaction) -> None:
        await inner.execute(ADD, "inner", 1)
        await inner.execute(ADD, "left", 1)

    async def by_orm(_: Transaction) -> None:
        await data_key("twice")
        await data_key("twice")

    async with db.transaction() as outer:
        await outer.execute(ADD, "outer", 1)
        with pytest.raises(asyncpg.UniqueViolationError):
            await db.transact(by_hand)
        with pytest.raises(IntegrityError):
            await db.transact(by_orm)
        async with db.transaction() as inner:
            await inner.execute(ADD, "second", 1)
    assert await names() == ["left", "outer", "right", "second"]


async def test_an_outer_rollback_takes_its_savepoints_along(jars: str) -> None:
    async def work(_: Transaction) -> None:
        async with db.transaction() as inner:
            await inner.execute(ADD, "inner", 1)

    await roll_back(work)
    assert await names() == ["left", "right"]


# Before and after the commit


class Steps:
    """Notes what ran, and whether another connection could already see the row then."""

    def __init__(self, url: str) -> None:
        self.url, self.ran = url, list[tuple[str, bool]]()

    async def note(self, step: str) -> None:
        async with admin(self.url) as connection:
            self.ran.append((step, await connection.fetchval("SELECT EXISTS (SELECT FROM jar WHERE name = 'new')")))


@pytest.fixture
def steps(jars: str) -> Steps:
    return Steps(jars)


async def test_steps_run_before_and_after_the_commit(steps: Steps) -> None:
    async def before(tx: Transaction) -> None:
        await tx.execute(ADD, "new", 1)
        await steps.note("before")
        tx.before_commit(again)

    async def again(_: Transaction) -> None:
        await steps.note("again")

    async with db.transaction() as tx:
        tx.before_commit(before)
        tx.after_commit(lambda: steps.note("after"))
    assert steps.ran == [("before", False), ("again", False), ("after", True)]


async def test_nothing_runs_after_a_rollback(steps: Steps) -> None:
    async def fail(_: Transaction) -> None:
        raise ZeroDivisionError

    async def work(tx: Transaction) -> None:
        await tx.execute(ADD, "new", 1)
        tx.after_commit(lambda: steps.note("after"))

    async def work_that_fails_last(tx: Transaction) -> None:
        await work(tx)
        tx.before_commit(fail)

    await roll_back(work)
    with pytest.raises(ZeroDivisionError):
        await db.transact(work_that_fails_last)
    assert steps.ran == []
    assert await names() == ["left", "right"]


async def test_a_savepoints_steps_wait_for_the_outer_commit(steps: Steps) -> None:
    async def undone(tx: Transaction) -> None:
        tx.after_commit(lambda: steps.note("undone"))

    async with db.transaction() as outer:
        async with db.transaction() as inner:
            await inner.execute(ADD, "new", 1)
            inner.after_commit(lambda: steps.note("inner"))
        await roll_back(undone)
        outer.after_commit(lambda: steps.note("outer"))
        assert steps.ran == []
    assert steps.ran == [("inner", True), ("outer", True)]


async def test_a_step_that_fails_after_the_commit_neither_fails_the_caller_nor_the_other_steps(
    steps: Steps, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    async def fail() -> None:
        raise asyncpg.SerializationError

    async def work(tx: Transaction) -> str:
        nonlocal tries
        tries += 1
        await tx.execute(ADD, "new", 1)
        tx.after_commit(fail)
        tx.after_commit(lambda: steps.note("after"))
        return "done"

    with caplog.at_level(logging.ERROR):
        assert await db.transact(work) == "done"
    assert tries == 1
    assert steps.ran == [("after", True)]
    assert "after a commit" in caplog.text


# Conflicts


async def test_two_that_deadlock_both_get_through(jars: str) -> None:
    both_hold_one = asyncio.Barrier(2)
    tries: list[str] = []

    async def pour(first: str, second: str) -> None:
        async def work(tx: Transaction) -> None:
            tries.append(first)
            await tx.execute("SET LOCAL deadlock_timeout = '20ms'")
            await tx.execute("UPDATE jar SET coins = coins - 1 WHERE name = $1", first)
            if len(tries) <= 2:
                await both_hold_one.wait()
            await tx.execute("UPDATE jar SET coins = coins + 1 WHERE name = $1", second)

        await db.transact(work)

    await asyncio.gather(pour("left", "right"), pour("right", "left"))
    assert len(tries) == 3
    assert await db.value("SELECT array_agg(coins) FROM jar") == [10, 10]


async def spoiled(url: str, tries: list[int], *, times: int) -> None:
    """Adds a coin in a transaction whose row a competitor changes under it, the given number of times."""

    async def work(tx: Transaction) -> None:
        tries.append(1)
        await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await tx.value("SELECT coins FROM jar WHERE name = 'left'")
        if len(tries) <= times:
            async with admin(url) as competitor:
                await competitor.execute("UPDATE jar SET coins = coins + 1 WHERE name = 'left'")
        await tx.execute("UPDATE jar SET coins = coins + 100 WHERE name = 'left'")

    await db.transact(work)


async def test_a_serialisation_failure_retries_the_whole_work(jars: str) -> None:
    tries: list[int] = []
    await spoiled(jars, tries, times=2)
    assert len(tries) == 3
    assert await db.value("SELECT coins FROM jar WHERE name = 'left'") == 112


async def test_it_gives_up_after_three_times(jars: str) -> None:
    tries: list[int] = []
    with pytest.raises(asyncpg.SerializationError):
        await spoiled(jars, tries, times=3)
    assert len(tries) == 3
    assert await db.value("SELECT coins FROM jar WHERE name = 'left'") == 13


async def test_only_the_outermost_transaction_retries(jars: str) -> None:
    tries = {"outer": 0, "inner": 0}

    async def inner(_: Transaction) -> None:
        tries["inner"] += 1
        if tries["inner"] < 3:
            raise asyncpg.DeadlockDetectedError

    async def outer(tx: Transaction) -> None:
        tries["outer"] += 1
        await tx.execute("UPDATE jar SET coins = coins + 1 WHERE name = 'left'")
        await db.transact(inner)

    await db.transact(outer)
    assert tries == {"outer": 3, "inner": 3}
    assert await db.value("SELECT coins FROM jar WHERE name = 'left'") == 11


async def test_other_errors_are_not_retried(jars: str) -> None:
    tries = 0

    async def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        await tx.execute(ADD, "left", 1)

    with pytest.raises(asyncpg.UniqueViolationError):
        await db.transact(work)
    assert tries == 1


async def test_a_named_lock_is_held_by_one_at_a_time_and_goes_with_the_transaction(database: str) -> None:
    story: list[str] = []

    async def hold(name: str, lock: str) -> None:
        async with db.transaction() as tx:
            await tx.advisory_lock(lock)
            story.append(f"{name} in")
            await asyncio.sleep(0.05)
            story.append(f"{name} out")

    await asyncio.gather(hold("a", "one"), hold("b", "one"))
    assert story in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])
    story.clear()
    await asyncio.gather(hold("a", "one"), hold("b", "two"))
    assert {*story[:2]} == {"a in", "b in"}
    assert await db.value(LOCKS_LEFT) == 0


# Counting, connecting


async def test_statements_are_counted_for_whoever_asks_and_for_nobody_else(jars: str) -> None:
    counted: list[str] = []
    mark = db.statements.set(counted)
    try:
        async with db.transaction() as tx:
            await tx.rows("SELECT name FROM jar")
        await DataKey.all().count()
        await asyncio.create_task(_uncounted())
    finally:
        db.statements.reset(mark)
    await db.rows("SELECT 1")
    assert [statement.split()[0] for statement in counted] == ["BEGIN;", "SELECT", "COMMIT;", "SELECT"]


async def _uncounted() -> None:
    db.statements.set(None)
    await db.value("SELECT 1")


async def test_a_process_is_connected_to_one_database_at_a_time(database: str, servers: SessionServers) -> None:
    with pytest.raises(RuntimeError, match="already connected"):
        await db.connect(database, models=model_modules())
    assert await db.value("SELECT 1") == 1
    await db.disconnect()
    await db.disconnect()
    with pytest.raises(DBConnectionError):
        await db.connect(servers.database("no_such_database"), models=model_modules())
    await db.connect(database, models=model_modules())
    assert await db.value("SELECT current_database()") in database


async def test_tasks_that_began_before_the_connection_find_it(database: str) -> None:
    connected = asyncio.Event()

    async def request() -> object:
        await connected.wait()
        return await DataKey.all().count(), await db.value("SELECT 7")

    await db.disconnect()
    early = asyncio.create_task(request())
    await db.connect(database, models=model_modules())
    connected.set()
    assert await early == (0, 7)


@pytest.mark.parametrize(
    ("url", "keywords"),
    [
        (
            "postgresql://perkhub@/perkhub?host=/a/folder",
            {"user": "perkhub", "database": "perkhub", "host": "/a/folder", "port": 5432},
        ),
        (
            "postgresql://me:p%40ss%2Fword@db.example:6432/shop?sslmode=require",
            {"user": "me", "database": "shop", "host": "db.example", "port": 6432, "password": "p@ss/word", "ssl": "require"},
        ),
        (
            "postgresql:///shop?host=%2Fa%20b&port=5433&sslmode=disable",
            {"user": "postgres", "database": "shop", "host": "/a b", "port": 5433},
        ),
        ("postgresql://", {"user": "postgres", "database": "perkhub", "host": "localhost", "port": 5432}),
    ],
)
def test_a_url_becomes_keywords(url: str, keywords: dict[str, object]) -> None:
    assert parse_url(url) == keywords
