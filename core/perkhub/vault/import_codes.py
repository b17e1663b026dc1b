"""Importing codes: the whole table is checked before one row of it is stocked.

The file is read twice, both times in a limited child process; neither a plain code nor the file ever touches a disk. A
killed check begins anew, killed stocking goes on after its last chunk.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.ahead import ahead
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs import Context
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import Sealer
from perkhub.kit.settings import settings
from perkhub.kit.tabular.errors import WorkbookRefused
from perkhub.kit.tabular.reading import Table, read_table
from perkhub.kit.tabular.table import CellProblem, Limits
from perkhub.kit.uploads import UploadUnusable, open_upload
from perkhub.vault.columns import find_layout
from perkhub.vault.errors import EveryRowRefused, ImportRefused, LotNotOpen, RowsRefused
from perkhub.vault.imports import (
    ImportTask,
    end_check,
    end_failed,
    end_stocked,
    note_checked,
    read_task,
)
from perkhub.vault.refusals import Refusal, RowFault, Tally
from perkhub.vault.rows import GoodRow, RowCheck, Rows
from perkhub.vault.sql import KNOWN_FINGERPRINTS
from perkhub.vault.states import IMPORT, ImportState
from perkhub.vault.stocking import Prepared, open_lot, prepare, stock_chunk

ROWS_AT_ONCE = 5_000
KEY_OF_LOT = "SELECT data_key_id FROM lot WHERE id = $1"

Batch = tuple[Rows, list[CellProblem]]


async def run_import(context: Context, import_id: UUID) -> None:
    """Do the import, or go on with it; done again after its end, it does nothing."""
    task = await read_task(import_id)
    if task is None or task.ended:
        return
    lot = task.lot_id
    if lot is None:
        lot = await _check_table(task)
    if lot is not None:
        await _stock_table(context, task, lot)


async def _check_table(task: ImportTask) -> UUID | None:
    """The first pass. The lot to fill, or None where the import has ended with this."""
    if task.state is ImportState.QUEUED:
        await transact(lambda tx: IMPORT.move(tx, task.id, ImportState.CHECKING, event=None))
    tally = Tally()
    try:
        await _read_all(task, tally)
    except (WorkbookRefused, ImportRefused, UploadUnusable) as refused:
        # Caught names end with their clause, and the transaction may run more than once.
        reason = refused
        await transact(lambda tx: end_failed(tx, task, reason, tally))
        return None
    return await transact(lambda tx: _after_check(tx, task, tally))


async def _read_all(task: ImportTask, tally: Tally) -> None:
    """Check every row. Codes that are in this file twice are told from those in the vault."""
    seen: set[int] = set()
    async with _opened(task) as (table, check), aclosing(ahead(_checked(table, check))) as chunks:
        async for good, counted in chunks:
            tally.add(counted)
            known = {row["value"] for row in await db.rows(KNOWN_FINGERPRINTS, [row.fingerprint for row in good])}
            _refuse_duplicates(good, known, seen, tally, check.identifying_column.name)
            await transact(lambda tx: note_checked(tx, task, tally))


async def _checked(table: Table, check: RowCheck) -> AsyncGenerator[tuple[list[GoodRow], Tally], None]:
    async for rows, problems in _batches(table):
        yield await asyncio.to_thread(check.check, rows, problems)


def _refuse_duplicates(good: list[GoodRow], known: set[UUID], seen: set[int], tally: Tally, column: str) -> None:
    for row in good:
        if row.fingerprint.int in seen:
            tally.refuse([Refusal(row.number, column, RowFault.DUPLICATE_IN_FILE)])
        elif row.fingerprint in known:
            tally.refuse([Refusal(row.number, column, RowFault.DUPLICATE_IN_VAULT)])
        seen.add(row.fingerprint.int)


async def _after_check(tx: Transaction, task: ImportTask, tally: Tally) -> UUID | None:
    """End what ends with the check; else open the lot. Stocking counts refused rows anew, for it has the last word."""
    if task.dry_run:
        await end_check(tx, task, tally)
        return None
    if tally.refused == tally.read:
        await end_failed(tx, task, EveryRowRefused(count=tally.refused), tally)
        return None
    if tally.refused and not task.skip_refused_rows:
        await end_failed(tx, task, RowsRefused(count=tally.refused), tally)
        return None
    lot = await open_lot(tx, task)
    await IMPORT.move(tx, task.id, ImportState.STOCKING, event=None, lot_id=lot, rows_read=tally.read, rows_refused=0)
    return lot


async def _stock_table(context: Context, task: ImportTask, lot: UUID) -> None:
    """The second pass. A file that cannot be read now could be read before: that is our trouble, and tried again."""
    try:
        await _stock_all(context, task, lot)
    except LotNotOpen as recalled:
        reason = recalled
        await transact(lambda tx: end_failed(tx, task, reason))
    else:
        await transact(lambda tx: end_stocked(tx, task, lot))


async def _stock_all(context: Context, task: ImportTask, lot: UUID) -> None:
    sealer = Sealer(await keyring().data_key(await db.value(KEY_OF_LOT, lot)))
    begin_after: int = context.progress.get("row", 0)
    async with (
        _opened(task) as (table, check),
        aclosing(ahead(_prepared(table, check, sealer, task, lot, begin_after=begin_after))) as chunks,
    ):
        async for prepared in chunks:
            await _commit(context, task, prepared, lot)


async def _prepared(
    table: Table, check: RowCheck, sealer: Sealer, task: ImportTask, lot: UUID, *, begin_after: int
) -> AsyncGenerator[Prepared, None]:
    async for rows, problems in _batches(table, begin_after=begin_after):
        yield await asyncio.to_thread(prepare, rows, problems, check, sealer, lot=lot, variant=task.variant_id)


async def _commit(context: Context, task: ImportTask, prepared: Prepared, lot: UUID) -> None:
    await transact(lambda tx: stock_chunk(tx, context, task, prepared, lot=lot))


@asynccontextmanager
async def _opened(task: ImportTask) -> AsyncIterator[tuple[Table, RowCheck]]:
    limits = Limits(file_bytes=settings().upload_megabytes << 20, memory_megabytes=settings().import_memory_megabytes)
    async with (
        aclosing(open_upload(task.upload_id, task.actor)) as pieces,
        read_table(pieces, filename=task.filename, limits=limits) as table,
    ):
        layout = find_layout(table.columns, task.columns)
        yield table, RowCheck(layout, task.terms, key=keyring().house_key(HouseKey.FINGERPRINT), issuer=task.issuer)


async def _batches(table: Table, *, begin_after: int = 0) -> AsyncIterator[Batch]:
    """Rows with content, so many at a time that a transaction is short and a million rows are not a million of them."""
    rows: list[tuple[int, list[str]]] = []
    problems: list[CellProblem] = []
    async for chunk in table.chunks():
        rows += [(number, cells) for number, cells in chunk.numbered() if number > begin_after]
        problems += chunk.problems
        if len(rows) >= ROWS_AT_ONCE:
            yield rows, problems
            rows, problems = [], []
    if rows:
        yield rows, problems
