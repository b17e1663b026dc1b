"""Claims in one statement, with the writes that waited for it; and how rows are told to one."""

from uuid import UUID, uuid4

import pytest

from perkhub.kit import db
from perkhub.kit.claims import Claim, Granted, claim
from perkhub.kit.db import Transaction, transact
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
    """Two jars with ten coins each, and notes."""
    async with admin(database) as connection:
        await connection.execute("CREATE TABLE jar (name text PRIMARY KEY, coins int, at timestamptz)")
        await connection.execute("CREATE TABLE note (text text PRIMARY KEY, at timestamptz)")
        await connection.execute("INSERT INTO jar VALUES ('cold', 10), ('hot', 10)")


def take(name: str, coins: int) -> Claim:
    key: UUID = uuid4()

    async def settle(_: Transaction, granted: Granted) -> None:
        if key not in granted:
            raise Refused(name)

    return Claim(TAKE.format(name=name), f"SELECT t.key, true FROM {name} t", (key, coins), settle)


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
    told = await db.rows("SELECT text AS what, at FROM note UNION ALL SELECT name || coins, at FROM jar ORDER BY at")
    assert [row["what"] for row in told] == ["first", "second", "cold9", "hot8"]


async def test_the_first_refusal_is_told_and_nothing_is_written():
    async def work(tx: Transaction) -> None:
        tx.later(NOTE, "first")
        await claim(tx, take("cold", 1), take("hot", 11))

    with pytest.raises(Refused, match="hot"):
        await transact(work)
    assert await db.value("SELECT count(*) FROM note") == 0
    assert await db.value("SELECT sum(coins) FROM jar") == 20


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
