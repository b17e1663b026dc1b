"""Imports that die in the middle go on where they were: no row twice, none lost; and imports that meet share nothing."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact, transaction
from perkhub.kit.jobs import drain, sweep
from perkhub.vault import ImportState, ImportView, import_codes, recall_lot
from perkhub.vault.errors import LotNotOpen
from perkhub.vault.stocking import ChunkLost
from tests.factories import Shop
from tests.vault.desk import ask, books, count_of, csv, ensure_counters_agree, found, numbered, opened, upload, xlsx

ROOT = Path(__file__).resolve().parents[2]
ROWS = 5_000
# A code of an earlier row of the file, one of a row in another chunk, one that is malformed.
ODD = [numbered(3, 1)[0], numbered(4_000, 1)[0], ("6", "1", "")]


class Killed(Exception):
    """What no handler of the vault expects."""


class Lost(Exception):
    """What a transaction is rolled back with."""


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_codes, "ROWS_AT_ONCE", 1_000)


def dying(step: str, at: int, *, after: bool) -> Any:
    """The step of an import that is killed at its nth call, before its work or after it."""
    real, calls = getattr(import_codes, step), 0

    async def killed(*arguments: Any, **keywords: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at and not after:
            raise Killed
        result = await real(*arguments, **keywords)
        if calls == at:
            raise Killed
        return result

    return killed


async def ensure_all_came_in(done: ImportView, *, rows: int, odd: int) -> None:
    assert (done.state, done.rows_read, done.rows_stocked, done.rows_refused) == (ImportState.DONE, rows + odd, rows, odd)
    assert await db.value("SELECT count(DISTINCT value) FROM fingerprint") == await count_of("code") == rows
    assert await books() == {"inventory": -950 * rows, "payable": 950 * rows}
    assert await count_of("lot") == 1
    assert await count_of("upload") == 0
    await ensure_counters_agree()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("step", "at"), [("note_checked", 2), ("_after_check", 1), ("_commit", 1), ("_commit", 3), ("_commit", 6)]
)
async def test_a_killed_import_goes_on_where_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str, at: int, after: bool
):
    variant = await shop.variant(codes=0)
    asked = await ask(await upload(xlsx([*numbered(1, ROWS), *ODD])), variant.id, skip_refused_rows=True)
    with monkeypatch.context() as patched:
        patched.setattr(import_codes, step, dying(step, at, after=after))
        await drain(strict=False)
    assert (await found(asked)).state in {ImportState.CHECKING, ImportState.STOCKING}
    committed = at if after else at - 1
    stocked = min(committed * 1_000, ROWS) if step == "_commit" else 0
    assert (await found(asked)).rows_stocked == await count_of("code") == stocked
    await ensure_counters_agree()
    with travel(timedelta(hours=1)):
        await drain()
    done = await found(asked)
    await ensure_all_came_in(done, rows=ROWS, odd=len(ODD))
    faults = [(one.row, one.code) for one in done.refusals]
    assert faults == [(5_002, "DUPLICATE_IN_FILE"), (5_003, "DUPLICATE_IN_FILE"), (5_004, "CODE_MALFORMED")]


async def test_a_process_killed_in_the_middle_of_stocking(shop: Shop, database: str):
    """Really killed, three times, each time a little later."""
    variant = await shop.variant(codes=0)
    asked = await ask(await upload(xlsx(numbered(1, 12_000))), variant.id)
    killed_at = []
    for kill in range(3):
        target = (await found(asked)).rows_stocked + kill * 1_000
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.vault.import_process", database, cwd=ROOT)
        await _until(lambda beyond=target: _has_stocked_beyond(asked, beyond))
        process.kill()
        await process.wait()
        await _until(_nobody_is_connected)
        killed_at.append((await found(asked)).rows_stocked)
        await ensure_counters_agree()
        await _take_over()
    assert sorted(set(killed_at)) == killed_at
    assert 0 < killed_at[0] < 12_000, "it was killed while it stocked"
    await drain()
    await ensure_all_came_in(await found(asked), rows=12_000, odd=0)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


async def _has_stocked_beyond(import_id: UUID, rows: int) -> bool:
    return (await found(import_id)).rows_stocked > rows


async def _nobody_is_connected() -> bool:
    sessions = await db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'perkhub to be killed'")
    return bool(sessions == 0)


async def _take_over() -> None:
    """What the sweeper does once the lease has lapsed, without the wait."""
    with travel(timedelta(minutes=2)):
        await sweep()
    await db.rows("UPDATE outbox SET run_at = created_at WHERE state = 'ready'")


async def test_two_imports_of_the_same_codes_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Both have found nothing against any row when they begin to stock: each code enters once all the same."""
    one, two = await shop.variant(codes=0), await shop.variant(codes=0)
    rows = numbered(1, 3_000)
    backwards = csv(reversed(rows))
    asked = [await ask(await upload(xlsx(rows)), one.id), await ask(await upload(backwards, name="b.csv"), two.id)]
    both, real = asyncio.Barrier(2), import_codes._stock_table

    async def together(*arguments: Any) -> None:
        await both.wait()
        await real(*arguments)

    monkeypatch.setattr(import_codes, "_stock_table", together)
    await asyncio.gather(drain(), drain())
    done = [await found(import_id) for import_id in asked]
    assert {view.state for view in done} == {ImportState.DONE}
    assert sum(view.rows_stocked for view in done) == sum(view.rows_refused for view in done) == 3_000
    assert {one.code for view in done for one in view.refusals} == {"DUPLICATE_IN_VAULT"}
    numbers = [next(iter(code.values())) for variant in (one, two) for code in await opened(variant.id)]
    assert len(set(numbers)) == len(numbers) == 3_000
    await ensure_counters_agree()


async def test_a_run_that_lost_its_lease_commits_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    variant = await shop.variant(codes=0)
    asked = await ask(await upload(xlsx(numbered(1, ROWS))), variant.id)
    real, calls = import_codes._commit, 0

    async def overtaken(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            await db.rows("UPDATE outbox SET attempts = attempts + 1 WHERE name = 'vault.import'")
        await real(*arguments)

    monkeypatch.setattr(import_codes, "_commit", overtaken)
    await drain()
    assert (await found(asked)).rows_stocked == await count_of("code") == 2_000
    await ensure_counters_agree()


async def test_a_chunk_that_was_lost_with_the_database_comes_again(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Chunks are not flushed one by one: a database that comes back without the last one must not get the next one."""
    variant = await shop.variant(codes=0)
    asked = await ask(await upload(xlsx(numbered(1, ROWS))), variant.id)
    real, calls = import_codes._commit, 0

    async def losing(context: Any, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        with suppress(Lost):
            async with transaction():
                await real(context, *arguments)
                if calls == 3:
                    raise Lost
        if calls == 3:
            context.progress = context.progress | {"row": 3_001, "rows": 3_000}  # what the run believes

    monkeypatch.setattr(import_codes, "_commit", losing)
    with pytest.raises(ChunkLost):
        await drain()
    assert (await found(asked)).rows_stocked == await count_of("code") == 2_000
    with travel(timedelta(hours=1)):
        await drain()
    await ensure_all_came_in(await found(asked), rows=ROWS, odd=0)


async def test_a_lot_recalled_while_it_is_filled(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    variant = await shop.variant(codes=0)
    asked = await ask(await upload(xlsx(numbered(1, ROWS))), variant.id)
    real, calls = import_codes._commit, 0

    async def recalled(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            lot = await db.value("SELECT id FROM lot")
            await transact(lambda tx: recall_lot(tx, lot, reason="Stolen", actor="tests"))
        await real(*arguments)

    monkeypatch.setattr(import_codes, "_commit", recalled)
    await drain()
    done = await found(asked)
    assert (done.state, done.rows_stocked) == (ImportState.FAILED, 2_000)
    assert done.failure is not None
    assert done.failure.code == LotNotOpen.code
    assert await db.value("SELECT count(*) FROM code WHERE state = 'frozen'") == await count_of("code") == 2_000
    assert await books() == {"inventory": 0, "payable": 2_000 * 950, "loss": -2_000 * 950}
    await ensure_counters_agree()
