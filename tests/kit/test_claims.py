"""Claims in one statement, with the writes that waited for it; and how rows are told to one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from perkhub.kit import db
from perkhub.kit.claims import Claim, Granted, claim, claim_last
from perkhub.kit.db import Transaction, transact, transaction
from perkhub.kit.inserts import Given, telling
from tests.fixtures.session_servers import admin

TAKE = """{name} AS (UPDATE jar SET coins = coins - $2::int, at = clock_timestamp()
          WHERE name = '{name}' AND coins >= $2::int RETURNING $1::uuid AS key)"""
NOTE = "INSERT INTO note (text, at) VALUES ($1::text, clock_timestamp())"
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK")


class Refused(Exception):
    """There were not so many coins in the jar."""


@pytest.fixture(autouse=True)
async def jars(database: str) -> None:
    """Three jars with ten coins each, and notes."""
    async with admin(database) as connection:
        await connection.execute("CREATE TABLE jar (name text PRIMARY KEY, coins int, at timestamptz)")
        await connection.execute("CREATE TABLE note (text text PRIMARY KEY, at timestamptz)")
        await connection.execute("INSERT INTO jar VALUES ('cold', 10), ('hot', 10), ('hotter', 10)")


def take(name: str, coins: int) -> Claim:
    key: UUID = uuid4()

    async def settle(_: Transaction, granted: Granted) -> None:
        if key not in granted:
            raise Refused(name)

    return Claim(TAKE.format(name=name), f"SELECT t.key, true FROM {name} t", (key, coins), 1, settle)


async def test_what_was_to_be_written_goes_along_before_anything_is_locked():
    async def work(tx: Transaction) -> None:
        tx.later(NOTE, "first")
        tx.later(f"{NOTE} ON CONFLICT DO NOTHING RETURNING text", "second")
        await claim(tx, take("cold", 1), take("hot", 2))

    sent: list[str] = []
    token = db.statements.set(sent)
    await transact(work)
    db.statements.reset(token)
    assert len([sql for sql in sent if not sql.startswith(CONTROL)]) == 1
    told = await db.rows(
        "SELECT text AS what, at FROM note UNION ALL SELECT name || coins, at FROM jar WHERE at IS NOT NULL ORDER BY at"
    )
    assert [row["what"] for row in told] == ["first", "second", "cold9", "hot8"]


async def test_the_first_refusal_is_told_and_nothing_is_written():
    async def work(tx: Transaction) -> None:
        tx.later(NOTE, "first")
        await claim(tx, take("cold", 1), take("hot", 11))

    with pytest.raises(Refused, match="hot"):
        await transact(work)
    assert await db.value("SELECT count(*) FROM note") == 0
    assert await db.value("SELECT sum(coins) FROM jar") == 30


async def test_what_is_the_whole_of_a_transaction_commits_by_itself():
    async def work(tx: Transaction) -> None:
        tx.later(NOTE, "first")
        claim_last(tx, take("cold", 1), take("hot", 2))
        tx.later(NOTE, "last of all")

    assert await _sent(work, begun=False) == ["WITH"]
    assert await db.value("SELECT string_agg(text, ', ' ORDER BY at) FROM note") == "first, last of all"
    assert await db.value("SELECT sum(coins) FROM jar") == 27


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("begun", [False, True])
async def test_what_is_refused_at_the_end_undoes_the_whole(begun: bool, more: int):
    async def work(tx: Transaction) -> None:
        tx.later(NOTE, "first")
        claim_last(tx, take("cold", 1), take("hot", 11), take("hotter", 11))
        tx.after_commit(never)
        for _ in range(more):
            await tx.execute("SELECT 1")

    async def never() -> None:
        raise AssertionError

    with pytest.raises(Refused, match=r"^hot$"):
        await transact(work, begun=begun)
    assert await db.value("SELECT count(*) FROM note") == 0
    assert await db.value("SELECT sum(coins) FROM jar") == 30


async def test_what_is_asked_after_the_last_comes_after_it():
    async def work(tx: Transaction) -> None:
        claim_last(tx, take("cold", 1))
        assert await tx.value("SELECT coins FROM jar WHERE name = 'cold'") == 9
        async with transaction() as inner:
            claim_last(inner, take("cold", 1))
        assert await tx.value("SELECT coins FROM jar WHERE name = 'cold'") == 8

    assert await _sent(work, begun=False) == ["BEGIN;", "WITH", "SELECT", "SAVEPOINT", "WITH", "RELEASE", "SELECT", "COMMIT;"]


async def test_there_is_one_last_step():
    async def work(tx: Transaction) -> None:
        claim_last(tx, take("cold", 1))
        claim_last(tx, take("hot", 1))

    for begun in (True, False):
        with pytest.raises(RuntimeError):
            await transact(work, begun=begun)
    assert await db.value("SELECT sum(coins) FROM jar") == 30


async def test_claims_alone_are_a_transaction_and_so_is_nothing():
    async def claims(tx: Transaction) -> None:
        claim_last(tx, take("cold", 1))

    async def nothing(tx: Transaction) -> None:
        claim_last(tx)

    for begun in (True, False):
        await transact(claims, begun=begun)
        await transact(nothing, begun=begun)
    assert await db.value("SELECT coins FROM jar WHERE name = 'cold'") == 8


async def test_whoever_refuses_looks_at_what_it_has_locked(database: str, monkeypatch: pytest.MonkeyPatch):
    """What came back, since the database refused the whole, is there for whoever asks again."""
    at_once = Transaction.alone

    async def refilled(tx: Transaction, sql: str, *values: Any) -> None:
        try:
            await at_once(tx, sql, *values)
        except asyncpg.PostgresError:
            async with admin(database) as another:
                await another.execute("UPDATE jar SET coins = 11 WHERE name = 'hot'")
            raise

    async def work(tx: Transaction) -> None:
        tx.later(NOTE, "once")
        claim_last(tx, take("cold", 1), take("hot", 11))

    monkeypatch.setattr(Transaction, "alone", refilled)
    await transact(work, begun=False)
    assert await db.value("SELECT count(*) FROM note") == 1
    assert await db.value("SELECT coins FROM jar WHERE name = 'hot'") == 0


async def test_a_transaction_is_begun_in_its_own_task():
    async def work(tx: Transaction) -> None:
        await asyncio.gather(tx.execute("UPDATE jar SET coins = 0"))

    with pytest.raises(RuntimeError):
        await transact(work, begun=False)
    assert await db.value("SELECT sum(coins) FROM jar") == 30


async def test_of_a_transaction_that_reads_only_nothing_is_told():
    async def work(_: Transaction) -> None:
        assert await db.value("SELECT 1") == 1

    assert await _sent(work, begun=False) == ["SELECT"]


async def _sent(work: Callable[[Transaction], Awaitable[None]], *, begun: bool) -> list[str]:
    sent: list[str] = []
    token = db.statements.set(sent)
    await transact(work, begun=begun)
    db.statements.reset(token)
    return [sql.split()[0] for sql in sent]


async def test_nothing_waits_to_be_written():
    await transact(lambda tx: claim(tx, take("cold", 10)))
    assert await db.value("SELECT coins FROM jar WHERE name = 'cold'") == 0


@pytest.mark.parametrize("many", [0, 1, 2, 3])
async def test_rows_are_told_value_by_value_where_they_are_few(many: int):
    given = Given(("int", "text", "uuid"), few=2)
    rows = [(number, str(number), None) for number in range(many)]
    sql = telling("SELECT w.a, w.b, w.c FROM {given} AS w(a, b, c) WHERE $1::boolean", given, many, before=1)
    assert ("VALUES" in sql) is (many in (1, 2))
    assert [tuple(row) for row in await db.rows(sql, True, *given.values(rows))] == rows
