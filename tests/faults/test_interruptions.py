"""One fault at a time, at the worst moment: a process killed in the middle of its work, PostgreSQL restarted, Redis gone."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from perkhub.kit.connecting import parse_url
from tests.faults import compare, queries
from tests.faults.buyer import WALLET, Buyer
from tests.faults.door import Door, Troubles
from tests.faults.house import COMMANDS, House, running_house, seeded
from tests.faults.importer import ISSUER, Importer
from tests.faults.payer import Payer
from tests.faults.told import Told, ToldOrder, hash_of
from tests.fixtures.workbooks import workbook

BUYERS = 6
IMPORTED = 7_000
CHUNK = 5_000  # rows that an import takes in with one transaction
SETTINGS = {"requests_per_minute": "10000000", "reveals_per_minute": "100000", "access_token_seconds": "3600"}
WAITS = """
    SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = $2 AND state = 'active'
"""
# A pause in the transaction of the second chunk, long enough to be killed in.
PAUSE = f"""
    CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$;
    CREATE TRIGGER pause BEFORE UPDATE ON code_import FOR EACH ROW WHEN (NEW.rows_stocked > {CHUNK}) EXECUTE FUNCTION pause()
"""


@dataclass
class Place:
    """A running house and the people in it."""

    house: House
    buyers: list[Buyer]
    importer: Importer
    troubles: Troubles

    async def agree(self) -> list[str]:
        """What disagrees between what buyers were told and what is there."""
        return self.compared([buyer.told for buyer in self.buyers], await self.held())

    async def held(self) -> dict[str, list[str]]:
        """What the vault holds for the units that were shown."""
        units = [str(compare.local(unit)) for buyer in self.buyers for unit in buyer.told.shown]
        run = self.house.perkhub.run_python
        vault = await asyncio.to_thread(run, "tests.faults.vault_truth", {"units": units, "lots": []})
        return dict(vault["units"])

    def compared(self, told: list[Told], held: dict[str, list[str]]) -> list[str]:
        """What disagrees with these memories."""
        url = self.house.servers.database_url
        return [*compare.orders(url, told), *compare.keys(url, told), *compare.codes(url, told, held)]

    async def count(self, sql: str, *values: Any) -> int:
        """One number out of the database."""
        async with connection(self.house.servers.database_url) as database:
            return int(await database.fetchval(sql, *values))

    async def execute(self, sql: str) -> None:
        """Past the application."""
        async with connection(self.house.servers.database_url) as database:
            await database.execute(sql)

    async def ready(self) -> None:
        """Wait until web and worker serve."""
        await asyncio.to_thread(self.house.await_ready)


@pytest.fixture(scope="module")
async def place() -> AsyncIterator[Place]:
    """Real processes; the worker's rhythms are short, so that a killed one's work goes on after seconds."""
    commands = {**COMMANDS, "worker": (sys.executable, "-m", "tests.faults.quick_worker")}
    with running_house(SETTINGS, commands) as house:
        house.keep_alive()
        made = seeded(house, variants=2, codes=1500, customers=BUYERS, wallet="10000.00", limit=100_000)
        house.await_ready()
        troubles, payer = Troubles(), Payer(Random(1))
        doors = [Door(house.url, token, troubles, Random(2)) for token in (one["token"] for one in made["customers"])]
        staff = Door(house.url, made["staff"], troubles, Random(3))
        buyers = [
            Buyer(Told(one["party"], one["wallet"]), door, payer, made["variants"], Random(number))
            for number, (one, door) in enumerate(zip(made["customers"], doors, strict=True))
        ]
        importer = Importer(staff, made["variants"], Random(4))
        yield Place(house, buyers, importer, troubles)
        for door in (*doors, staff):
            await door.close()
        await payer.close()


async def test_an_order_that_was_cut_off_before_its_commit_never_was(place: Place) -> None:
    buyer = place.buyers[0]
    given = an_order(buyer, place)
    before = await everything(place)
    async with connection(place.house.servers.database_url) as competitor:
        lock = competitor.transaction()
        await lock.start()
        await competitor.execute("SELECT * FROM stock FOR UPDATE")  # the last row that an order wants
        asked = asyncio.create_task(ask_once(buyer, place, given))
        await until(lambda: place.count(WAITS, "perkhub web", "Lock"), "the order does not wait")
        place.house.kill_web_process()
        assert await asked == "lost"
        await lock.rollback()
    await until(lambda: place.count(f"SELECT (({WAITS}) = 0)::int", "perkhub web", "Lock"), "the transaction goes on")
    assert await everything(place) == before

    await place.ready()
    order, shown = await buyer.place_once(given)
    assert order is not None
    assert (order.state, len(shown)) == ("PAID", 1)
    after = await everything(place)
    assert after["orders"] == before["orders"] + 1
    assert after["balances"] == before["balances"] - order.total
    assert after["available"] == before["available"] - 1


async def test_an_order_whose_answer_was_lost_is_answered_again(place: Place) -> None:
    buyer = place.buyers[1]
    given = an_order(buyer, place)
    before = await everything(place)
    asked = asyncio.create_task(ask_once(buyer, place, given, read=False))
    committed = "SELECT count(*) FROM idempotency_key WHERE key = $1"
    await until(lambda: place.count(committed, given["idempotencyKey"]), "the order is not placed")
    place.house.kill_web_process()
    await asked

    await place.ready()
    order, shown = await buyer.place_once(given)
    assert order is not None
    assert (order.state, len(shown)) == ("PAID", 1)
    after = await everything(place)
    assert (after["orders"], after["balances"]) == (before["orders"] + 1, before["balances"] - order.total)


async def test_an_import_whose_worker_was_killed_goes_on_where_it_was(place: Place) -> None:
    await place.execute(PAUSE)
    rows = [(f"{7 * 10**15 + number}", f"{number:06}") for number in range(IMPORTED)]
    before = await everything(place)
    given = {
        "idempotencyKey": uuid4().hex,
        "uploadId": await place.importer.door.upload("big.xlsx", workbook([("卡号", "密码"), *rows])),
        "variantId": place.importer.variants[0],
        "issuer": ISSUER,
        "unitCost": {"amount": "8.25", "currency": "CNY"},
    }
    payload = await place.importer.door.mutation(queries.CODES_IMPORT, given)
    imported = compare.local(payload["codeImport"]["id"])
    await until(lambda: place.count(WAITS, "perkhub worker", "Timeout"), "the second chunk does not pause")
    assert await place.count("SELECT rows_stocked FROM code_import WHERE id = $1", imported) == CHUNK
    place.house.kill_worker()
    stuck = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    await place.execute(stuck)
    await place.execute("DROP TRIGGER pause ON code_import")

    await place.ready()
    done = "SELECT count(*) FROM code_import WHERE id = $1 AND state = 'done'"
    await until(lambda: place.count(done, imported), "the import does not end")
    after = await everything(place)
    assert (after["codes"], after["available"]) == (before["codes"] + IMPORTED, before["available"] + IMPORTED)
    assert await place.count("SELECT rows_stocked FROM code_import WHERE id = $1", imported) == IMPORTED
    assert await place.count("SELECT count(*) FROM fingerprint") == after["codes"]
    assert await place.count("SELECT max(attempts) FROM outbox WHERE name = 'vault.import'") == 2


async def test_a_restart_of_postgresql_costs_nobody_anything(place: Place) -> None:
    async with load(place):
        await asyncio.sleep(1)
        await asyncio.to_thread(place.house.stop_postgres)
        for path, given in (("/graphql", {"query": queries.IN_REVIEW}), ("/callbacks/sandbox_gateway", {}), ("/uploads", {})):
            answer = await place.importer.door.http.post(path, json=given)
            # Of GraphQL, 500 where not even the caller could be looked up.
            told = answer.status_code == 200 and '"INTERNAL"' in answer.text
            assert told or answer.status_code in (400, 415, 500), "an honest answer, whatever was to be asked of the database"
        await asyncio.sleep(0.3)
        await asyncio.to_thread(place.house.revive_servers)
        await asyncio.sleep(1.5)
    assert place.troubles.seen
    assert set(place.troubles.seen) == {"masked: INTERNAL"}, "the web server itself never went away"
    # The log's own form has no secrets in it; a server's traceback would quote the rows of a failed statement.
    assert "Traceback" not in place.house.web.child.log.read_text()
    assert await place.agree() == []


async def test_without_redis_no_mutation_fails_and_jobs_run_all_the_same(place: Place) -> None:
    place.troubles.seen.clear()
    buyer = place.buyers[2]
    await asyncio.to_thread(place.house.kill_redis)
    async with load(place):
        await buyer.top_up()
        await buyer.decide_due(float("inf"))
        await asyncio.sleep(2.5)
    assert place.troubles.seen == {}
    waiting = "SELECT (count(*) = 0)::int FROM outbox WHERE kind <> 'periodic' AND state <> 'done'"
    await until(lambda: place.count(waiting), "jobs do not run without Redis", seconds=20)
    await asyncio.to_thread(place.house.revive_servers)
    async with load(place):
        await asyncio.sleep(0.5)
    await until(lambda: place.count(waiting), "jobs do not run after Redis is back", seconds=20)
    assert (await asyncio.to_thread(place.house.perkhub.audit))["clean"]


async def test_the_comparison_sees_a_lost_order_a_wrong_sum_and_a_code_in_other_hands(place: Place) -> None:
    async with load(place):
        await asyncio.sleep(1)
    held = await place.held()
    assert place.compared([buyer.told for buyer in place.buyers], held) == []
    for falsify in FALSIFIED:
        told = [deepcopy(buyer.told) for buyer in place.buyers]
        falsify(told)
        assert len(place.compared(told, held)) in (1, 2), falsify.__name__


def an_order_that_was_never_there(told: list[Told]) -> None:
    told[0].orders[f"ord_{uuid4().hex}"] = ToldOrder("", 1)


def an_order_that_nobody_asked_for(told: list[Told]) -> None:
    order = next(iter(told[0].orders))
    del told[0].orders[order]


def another_key(told: list[Told]) -> None:
    one, other = [key for key, order in told[0].placed_by_key.items() if order][:2]
    told[0].placed_by_key[one] = told[0].placed_by_key[other]


def a_cent_too_much(told: list[Told]) -> None:
    next(order for order in told[0].orders.values() if order.state == "PAID").refunded += 1


def another_code(told: list[Told]) -> None:
    unit = next(iter(told[0].shown))
    told[0].shown[unit] = hash_of([("NUMBER", "another")])


def another_reader(told: list[Told]) -> None:
    unit = next(iter(told[0].shown))
    told[1].shown[unit] = told[0].shown.pop(unit)


FALSIFIED = (
    an_order_that_was_never_there,
    an_order_that_nobody_asked_for,
    another_key,
    a_cent_too_much,
    another_code,
    another_reader,
)


# --- steps ---


@asynccontextmanager
async def connection(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Past the application."""
    opened = await asyncpg.connect(**parse_url(url))
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def load(place: Place) -> AsyncIterator[None]:
    """Everybody buys and gives back, as long as the block lasts."""
    over = asyncio.Event()

    async def live(buyer: Buyer) -> None:
        acts = (buyer.buy_and_look, buyer.buy_then_look, buyer.buy_and_give_back, buyer.look_and_give_back_at_once)
        while not over.is_set():
            await buyer.rng.choice(acts)()
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        for buyer in place.buyers:
            group.create_task(live(buyer))
        try:
            yield
        finally:
            over.set()


def an_order(buyer: Buyer, place: Place) -> dict[str, Any]:
    """One unit, paid from the wallet and shown at once."""
    lines = [{"variantId": place.importer.variants[1], "quantity": 1}]
    return {"idempotencyKey": uuid4().hex, "lines": lines, "pay": WALLET, "reveal": True}


async def ask_once(buyer: Buyer, place: Place, given: dict[str, Any], *, read: bool = True) -> str:
    """As a client that does not try again."""
    body = {"query": queries.ORDER_PLACE, "variables": {"input": given}}
    headers = dict(buyer.door.http.headers)
    async with httpx2.AsyncClient(base_url=place.house.url, headers=headers, timeout=30, trust_env=False) as http:
        try:
            async with http.stream("POST", "/graphql", json=body) as answer:
                return "lost" if not read else (await answer.aread()).decode()
        except httpx2.TransportError:
            return "lost"


async def everything(place: Place) -> dict[str, int]:
    """What an order or an import changes, in numbers."""
    asked = {
        "orders": "SELECT count(*) FROM orders",
        "entitlements": "SELECT count(*) FROM entitlement",
        "balances": "SELECT sum(balance) FROM party_account",
        "available": "SELECT sum(available) FROM stock",
        "codes": "SELECT count(*) FROM code",
        "transfers": "SELECT count(*) FROM ledger_transfer WHERE kind = 'order.paid'",
        "keys": "SELECT count(*) FROM idempotency_key WHERE operation = 'orderPlace'",
    }
    return {what: await place.count(sql) for what, sql in asked.items()}


async def until(condition: Callable[[], Awaitable[int]], otherwise: str, *, seconds: float = 40) -> None:
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, otherwise
        await asyncio.sleep(0.01)
