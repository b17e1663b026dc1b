"""Importing products from a sheet, read in a limited child process. Where one fault refuses everything, the whole sheet is
looked at before one row of it is taken, and then taken by one transaction: whatever happens in between, all of it is there
or nothing. Else a sheet is written batch by batch, and killed writing goes on after its last batch.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from perkhub.catalog.bulk.drafts import Outcome
from perkhub.catalog.sheets.batches import House, in_batches, read_entries, read_house
from perkhub.catalog.sheets.columns import Layout, find_layout
from perkhub.catalog.sheets.entries import Entry
from perkhub.catalog.sheets.errors import SheetProductsUntaken, SheetRefused, SheetRowsRefused
from perkhub.catalog.sheets.groups import Grouping, ProductGroup
from perkhub.catalog.sheets.imports import ProductImport, end_import, read_product_import
from perkhub.catalog.sheets.states import SHEET_IMPORT, SheetImportState
from perkhub.catalog.sheets.taking import Checking, WholeRefused, Writing, WritingWhole
from perkhub.channels import every_channel
from perkhub.kit import db
from perkhub.kit.ahead import ahead
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.db import Transaction, transact, transaction
from perkhub.kit.errors import DomainError
from perkhub.kit.jobs import Context, Postpone
from perkhub.kit.settings import settings
from perkhub.kit.tabular.errors import WorkbookRefused
from perkhub.kit.tabular.reading import Table, read_table
from perkhub.kit.tabular.table import Limits
from perkhub.kit.uploads import UploadUnusable, delete_upload, open_upload

COLUMNS = 512
CELL_CHARACTERS = 32_767  # as many as Excel's cells hold
ROWS = 300_000
WHOLE = "catalog.sheets.whole"
CONFLICT_SECONDS = 2.0
NOTE_REFUSALS = "UPDATE product_import SET refusals = $2::jsonb WHERE id = $1"
COUNTED = "SELECT created + changed + unchanged AS taken, left_out FROM product_import WHERE id = $1"
BEGIN: dict[str, Any] = {"rows_read": 0, "created": 0, "changed": 0, "unchanged": 0, "left_out": 0, "refused": 0}
REFUSED = (WorkbookRefused, SheetRefused, UploadUnusable)


class Taker(Protocol):
    """What becomes of a batch."""

    async def take(self, entries: Sequence[Entry]) -> None: ...


@dataclass(frozen=True)
class Sheet:
    """A sheet that is being read."""

    table: Table
    layout: Layout
    house: House

    async def read(self, taker: Taker, *, begin_after: int = 1) -> None:
        """Have every batch taken; the next one is read while the database works on one."""
        products = Grouping(self.layout).products(self.table.chunks(), begin_after=begin_after)
        async for entries in ahead(self._entries(products)):
            await taker.take(entries)

    async def read_within(self, taker: Taker) -> None:
        """The same inside a transaction of the taker's: one thing after the other, for both would have one connection."""
        async with aclosing(self._entries(Grouping(self.layout).products(self.table.chunks(), begin_after=1))) as batches:
            async for entries in batches:
                await taker.take(entries)

    async def _entries(self, products: AsyncIterator[ProductGroup]) -> AsyncGenerator[list[Entry], None]:
        async for groups in in_batches(products):
            yield await read_entries(groups, self.layout, self.house)


async def run_product_import(context: Context, import_id: UUID) -> None:
    """Do the import, or go on with it; done again after its end, it does nothing."""
    task = await read_product_import(import_id)
    if task is None or task.ended:
        return
    checked_first = task.dry_run or task.error_policy is ErrorPolicy.REJECT_EVERYTHING
    if checked_first and task.state is not SheetImportState.WRITING and not await _check(task):
        return
    if task.state is SheetImportState.QUEUED and not checked_first:
        await transact(lambda tx: _begin_writing(tx, task))
    await (_write_whole(task) if task.error_policy is ErrorPolicy.REJECT_EVERYTHING else _write(context, task))


async def _check(task: ProductImport) -> bool:
    """Look at the whole sheet; whether to go on with writing it."""
    if task.state is SheetImportState.QUEUED:
        await transact(lambda tx: SHEET_IMPORT.move(tx, task.id, SheetImportState.CHECKING, event=None))
    try:
        async with _opened(task) as sheet:
            checking = Checking(task, sheet.layout)
            await sheet.read(checking)
    except REFUSED as refused:
        reason = refused
        await transact(lambda tx: _fail(tx, task, reason))
        return False
    return await transact(lambda tx: _after_check(tx, task, checking))


async def _after_check(tx: Transaction, task: ProductImport, checking: Checking) -> bool:
    if task.dry_run:
        await tx.execute(NOTE_REFUSALS, task.id, checking.tally.as_json())
        await end_import(tx, task, SheetImportState.CHECKED)
        return False
    if checking.tally.count:
        await tx.execute(NOTE_REFUSALS, task.id, checking.tally.as_json())
        await _fail(tx, task, SheetRowsRefused(count=checking.counts[Outcome.LEFT_OUT]))
        return False
    await _begin_writing(tx, task)
    return True


async def _begin_writing(tx: Transaction, task: ProductImport) -> None:
    await SHEET_IMPORT.move(tx, task.id, SheetImportState.WRITING, event=None, **BEGIN)


async def _write(context: Context, task: ProductImport) -> None:
    try:
        async with _opened(task) as sheet:
            await sheet.read(Writing(context, task, sheet.layout), begin_after=context.progress.get("row", 1))
    except REFUSED as refused:
        reason = refused
        await transact(lambda tx: _fail(tx, task, reason))
        return
    await transact(lambda tx: _end(tx, task))


async def _write_whole(task: ProductImport) -> None:
    """All of it by one transaction. What was fine when it was looked at may have a fault by now: then nothing is taken."""
    refused: DomainError | None = None
    try:
        async with _opened(task) as sheet, transaction() as tx:
            # One at a time: two that name the same products in another order would each wait for the other one's batches.
            await tx.advisory_lock(WHOLE)
            writing = WritingWhole(tx, task, sheet.layout)
            await sheet.read_within(writing)
            writing.refuse_faults()
            await _end(tx, task)
    except WholeRefused as faults:
        refused, noted = SheetRowsRefused(count=faults.left_out), faults.tally.as_json()
        await transact(lambda tx: tx.execute(NOTE_REFUSALS, task.id, noted))
    except REFUSED as reason:
        refused = reason
    except db.CONFLICTS:
        raise Postpone(CONFLICT_SECONDS) from None  # somebody changes the same products; nothing of ours is there
    if refused is not None:
        told = refused
        await transact(lambda tx: _fail(tx, task, told))


async def _end(tx: Transaction, task: ProductImport) -> None:
    counts = await tx.row(COUNTED, task.id)
    assert counts is not None
    if counts["taken"]:
        await end_import(tx, task, SheetImportState.DONE)
        await delete_upload(tx, task.upload_id)
    else:
        await _fail(tx, task, SheetProductsUntaken(count=counts["left_out"]))


async def _fail(tx: Transaction, task: ProductImport, reason: DomainError) -> None:
    """After a dry run the upload waits, for the reason may lie in the request."""
    await end_import(tx, task, SheetImportState.FAILED, reason)
    if not task.dry_run:
        await delete_upload(tx, task.upload_id)


@asynccontextmanager
async def _opened(task: ProductImport) -> AsyncIterator[Sheet]:
    limits = Limits(
        rows=ROWS,
        columns=COLUMNS,
        cell_characters=CELL_CHARACTERS,
        file_bytes=settings().upload_megabytes << 20,
        memory_megabytes=settings().import_memory_megabytes,
    )
    async with (
        aclosing(open_upload(task.upload_id, task.actor)) as pieces,
        read_table(pieces, filename=task.filename, limits=limits) as table,
    ):
        layout = find_layout(table.columns)
        yield Sheet(table, layout, await read_house(layout, task, await every_channel(closed=True)))
