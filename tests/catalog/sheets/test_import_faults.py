"""Imports that die in the middle go on where they were, nothing twice and nothing lost; those that meet share nothing."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import Context
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from perkhub.catalog import ProductDraft, ProductImport, SheetImportState, VariantDraft, create_product, create_variant
from perkhub.catalog.sheets import batches, import_products
from perkhub.catalog.sheets.taking import BatchLost, Writing, WritingWhole
from perkhub.channels.read import forget_channels
from perkhub.kit import db
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.clock import travel
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs import drain, sweep
from perkhub.kit.keys import set_keyring
from perkhub.reactions import register_reactions
from tests.catalog.sheets.desk import ask, bring_in, counts, found, numbered, told, xlsx
from tests.factories import Shop
from tests.vault.desk import open_keys

ROOT = Path(__file__).resolve().parents[3]
PRODUCTS = 400
ODD = [("bad slug", "名", "ODD", "月卡", "retail", 1)]
POLICIES = [ErrorPolicy.REJECT_FAILED_ROWS, ErrorPolicy.IGNORE_FAILED]


class Killed(Exception):
    """What no handler expects."""


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    """A shop on a database that another process can open with the same keys."""
    forget_channels()
    register_reactions()
    await open_keys()
    made = Shop()
    await made.channel()
    yield made
    set_keyring(None)
    forget_channels()


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PRODUCTS_AT_ONCE", 100)


async def ensure_all_came_in(done: ProductImport, *, products: int) -> None:
    assert (done.state, counts(done)) == (SheetImportState.DONE, (products, 0, 0, 0))
    for table, many in (("product", products), ("variant", products), ("listing", products), ("product_search", products)):
        assert await db.value(f"SELECT count(*) FROM {table}") == many
    assert await db.value("SELECT count(DISTINCT listing_id) FROM public_price") == products
    assert await db.value("SELECT max(version) FROM product") == 1
    assert await db.value("SELECT count(*) FROM upload") == 0


def dying(at: int, *, after: bool, writer: Any = Writing) -> Any:
    """The nth batch is the last thing its process does, or did."""
    real, calls = writer.take, 0

    async def take(self: Any, entries: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == at and not after:
            raise Killed
        await real(self, entries)
        if calls == at:
            raise Killed

    return take


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 3, 5])
async def test_a_killed_import_goes_on_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch, at: int, after: bool):
    asked = await ask(xlsx([*ODD, *numbered(PRODUCTS)]), error_policy=POLICIES[after])
    with monkeypatch.context() as patched:
        patched.setattr(Writing, "take", dying(at, after=after))
        await drain(strict=False)
    assert (await found(asked)).state is SheetImportState.WRITING
    taken = max(0, min((at if after else at - 1) * 100 - 1, PRODUCTS))
    assert (await found(asked)).created == await db.value("SELECT count(*) FROM product") == taken
    with travel(timedelta(hours=1)):
        await drain()
    done = await found(asked)
    assert (done.state, counts(done), done.rows_read) == (SheetImportState.DONE, (PRODUCTS, 0, 0, 1), PRODUCTS + 1)
    assert told(done) == [(2, "slug", "INVALID_INPUT")]


async def test_a_process_killed_in_the_middle_of_writing(shop: Shop, database: str):
    """Really killed, twice."""
    asked = await ask(xlsx(numbered(2_000)), error_policy=ErrorPolicy.REJECT_FAILED_ROWS)
    killed_at = []
    for kill in range(2):
        target = (await found(asked)).created + kill * 100
        command = [sys.executable, "-m", "tests.catalog.sheets.import_process", database]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
        await _until(lambda beyond=target: _has_made(asked, beyond))
        process.kill()
        await process.wait()
        await _until(_nobody_is_connected)
        killed_at.append((await found(asked)).created)
        assert await db.value("SELECT count(*) FROM product") == killed_at[-1]
        await _take_over()
    assert 0 < killed_at[0] < killed_at[1] < 2_000, "it was killed while it wrote"
    await drain()
    await ensure_all_came_in(await found(asked), products=2_000)


async def test_a_process_killed_while_it_writes_all_or_nothing(shop: Shop, database: str):
    """Really killed, in the middle of the one transaction: nothing is there, and the next run brings all of it."""
    asked = await ask(xlsx(numbered(2_000)))
    command = [sys.executable, "-m", "tests.catalog.sheets.import_process", database]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    await _until(_is_writing)
    process.kill()
    await process.wait()
    await _until(_nobody_is_connected)
    assert (await found(asked)).state is SheetImportState.WRITING
    assert await db.value("SELECT count(*) FROM product") == 0
    await _take_over()
    await drain()
    await ensure_all_came_in(await found(asked), products=2_000)


@pytest.mark.parametrize("at", [1, 3, 5])
async def test_all_or_nothing_however_it_ends(shop: Shop, monkeypatch: pytest.MonkeyPatch, at: int):
    asked = await ask(xlsx(numbered(PRODUCTS)))
    with monkeypatch.context() as patched:
        patched.setattr(WritingWhole, "take", dying(at, after=True, writer=WritingWhole))
        await drain(strict=False)
    everything = at > PRODUCTS // 100
    assert await db.value("SELECT count(*) FROM product") == (PRODUCTS if everything else 0)
    with travel(timedelta(hours=1)):
        await drain()
    await ensure_all_came_in(await found(asked), products=PRODUCTS)


async def test_a_fault_that_appears_after_the_check_refuses_all(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Somebody takes an SKU of the last batch between the look and the writing."""
    real = WritingWhole.take
    sold: list[UUID] = []

    async def take(self: WritingWhole, entries: Any) -> None:
        if not sold:
            sold.append(await asyncio.create_task(_taken("SKU-399"), context=Context()))
        await real(self, entries)

    monkeypatch.setattr(WritingWhole, "take", take)
    done = await bring_in(xlsx(numbered(PRODUCTS)))
    assert done.failure is not None
    assert (done.state, done.failure.code) == (SheetImportState.FAILED, "SHEET_ROWS_REFUSED")
    assert {one[0] for one in told(done)} == {PRODUCTS + 1}
    assert [row["id"] for row in await db.rows("SELECT id FROM variant")] == sold


async def _taken(sku: str) -> UUID:
    product = ProductDraft("another", {"en": "Another"}, how_to_use={})

    async def work(tx: Transaction) -> UUID:
        return await create_variant(tx, await create_product(tx, product), VariantDraft(sku, {"en": "Another"}))

    return await transact(work)


async def _is_writing() -> bool:
    """By its locks: what it has written nobody sees."""
    held = """SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
              WHERE a.application_name = 'perkhub to be killed' AND l.relation = 'product'::regclass
                AND l.mode = 'RowExclusiveLock'"""
    return bool(await db.value(held))


async def _has_made(import_id: UUID, products: int) -> bool:
    view = await found(import_id)
    return view.state is SheetImportState.WRITING and view.created > products


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = asyncio.get_running_loop().time() + 60
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


async def _nobody_is_connected() -> bool:
    sessions = await db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'perkhub to be killed'")
    return bool(sessions == 0)


async def _take_over() -> None:
    """What the sweeper does once the lease has lapsed, without the wait."""
    with travel(timedelta(minutes=2)):
        await sweep()
    await db.rows("UPDATE outbox SET run_at = created_at WHERE state = 'ready'")


async def test_a_batch_that_the_database_lost_ends_the_run(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """With commits that need not be durable, a batch may be gone: the next one must not be taken on top of nothing."""
    asked, real = await ask(xlsx(numbered(PRODUCTS)), error_policy=ErrorPolicy.REJECT_FAILED_ROWS), Writing.take
    lost: list[bool] = []

    async def take(self: Writing, entries: Any) -> None:
        if (await found(asked)).created == 200 and not lost:
            lost.append(True)
            await db.value("UPDATE product_import SET rows_read = 100 WHERE id = $1", asked)
            with pytest.raises(BatchLost):
                await real(self, entries)
            await db.value("UPDATE product_import SET rows_read = 200 WHERE id = $1", asked)
            raise BatchLost
        await real(self, entries)

    monkeypatch.setattr(Writing, "take", take)
    await drain(strict=False)
    assert lost
    with travel(timedelta(hours=1)):
        await drain()
    await ensure_all_came_in(await found(asked), products=PRODUCTS)


WAYS = [(ErrorPolicy.REJECT_FAILED_ROWS, "_write"), (ErrorPolicy.REJECT_EVERYTHING, "_write_whole")]


@pytest.mark.parametrize(("policy", "way"), WAYS, ids=["by_batches", "as_a_whole"])
async def test_two_imports_of_the_same_products_at_once_make_each_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, policy: ErrorPolicy, way: str
):
    """Both have found everything new when they begin to write."""
    rows = numbered(300)
    asked = [await ask(xlsx(rows), error_policy=policy), await ask(xlsx(rows[::-1]), error_policy=policy)]
    both, real = asyncio.Barrier(2), getattr(import_products, way)

    async def together(*arguments: Any) -> None:
        await both.wait()
        await real(*arguments)

    monkeypatch.setattr(import_products, way, together)
    await asyncio.gather(drain(), drain())
    done = [await found(one) for one in asked]
    assert {one.state for one in done} == {SheetImportState.DONE}
    assert sum(one.created for one in done) == sum(one.unchanged for one in done) == 300
    assert await db.value("SELECT count(*) FROM listing WHERE version = 1") == 300


async def test_what_came_up_between_check_and_writing_is_refused_then(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    real = import_products._write

    async def later(*arguments: Any) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(import_products, "_write", real)
            await bring_in(xlsx([("other", "别", "SKU-7", "月卡", "retail", 1)]))
        await real(*arguments)

    monkeypatch.setattr(import_products, "_write", later)
    asked = await ask(xlsx(numbered(150)), error_policy=ErrorPolicy.REJECT_FAILED_ROWS)
    await drain(strict=False)
    done = await found(asked)
    assert (done.state, counts(done), told(done)) == (SheetImportState.DONE, (149, 0, 0, 1), [(9, "sku", "ALREADY_NAMED")])
