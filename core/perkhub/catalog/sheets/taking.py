"""Taking batch after batch of a sheet in, or only looking at them: each in one transaction, with its counts and its cursor."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from perkhub.catalog.bulk.drafts import Outcome
from perkhub.catalog.bulk.known import Named
from perkhub.catalog.bulk.upsert import Upserted, upsert_rows
from perkhub.catalog.sheets.columns import Layout
from perkhub.catalog.sheets.entries import Entry
from perkhub.catalog.sheets.imports import ProductImport
from perkhub.catalog.sheets.refusals import SheetRefusal, Tally, refusals_of
from perkhub.kit.bulk import BulkRow
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs import Context

# Of all batches so far; refusals are noted when all were looked at.
NOTE = """
    UPDATE product_import SET rows_read = $2, created = $3, changed = $4, unchanged = $5, left_out = $6, refused = $7
    WHERE id = $1
"""
# Only on top of the batch before.
COUNT = """
    UPDATE product_import SET rows_read = $2, created = created + $3, changed = changed + $4, unchanged = unchanged + $5,
           left_out = left_out + $6, refused = refused + $7, refusals = refusals || $8::jsonb
    WHERE id = $1 AND rows_read = $9
"""
TOLD = (Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.LEFT_OUT)


class BatchLost(Exception):
    """The database died and came back without the batch before, while this run went on: it begins again from its cursor."""


class Checking:
    """Looks at batches and writes nothing of them. What a batch has named, no later one may."""

    def __init__(self, task: ProductImport, layout: Layout) -> None:
        self._task = task
        self._layout = layout
        self._named = Named()
        self.counts: Counter[Outcome] = Counter()
        self.tally = Tally()

    async def take(self, entries: Sequence[Entry]) -> None:
        """One batch."""
        # Of a try that fails nothing stays.
        self._named, done = await transact(partial(self._look, entries=entries))
        self.counts.update(done.outcomes)
        self.tally.add(_refusals(entries, done, self._layout))
        told = [self.counts[one] for one in TOLD]
        read = entries[-1].group.last_row - 1
        await transact(lambda tx: tx.execute(NOTE, self._task.id, read, *told, self.tally.count))

    async def _look(self, tx: Transaction, entries: Sequence[Entry]) -> tuple[Named, Upserted]:
        named = self._named.copy()
        return named, await _upsert(tx, self._task, entries, named, dry_run=True)


class Writing:
    """Takes batches in. A killed run goes on after its last batch."""

    def __init__(self, context: Context, task: ProductImport, layout: Layout) -> None:
        self._context = context
        self._task = task
        self._layout = layout
        self._named = Named()

    async def take(self, entries: Sequence[Entry]) -> None:
        """One batch.

        Raises:
            BatchLost: tried again by the next run.
        """
        self._named = await transact(partial(self._write, entries=entries))

    async def _write(self, tx: Transaction, entries: Sequence[Entry]) -> Named:
        # Whatever comes later and is durable makes this durable too; lost, it comes again with its cursor.
        await tx.execute("SET LOCAL synchronous_commit = off")
        named = self._named.copy()
        done = await _upsert(tx, self._task, entries, named, dry_run=False)
        tally = Tally()
        tally.add(_refusals(entries, done, self._layout))
        counts, cursor = Counter(done.outcomes), entries[-1].group.last_row
        before, kept = self._context.progress.get("row", 1), self._context.progress.get("refusals", 0)
        told = [counts[one] for one in TOLD]
        refused = (tally.count, tally.as_json(kept=kept))
        if not await tx.execute(COUNT, self._task.id, cursor - 1, *told, *refused, before - 1):
            raise BatchLost
        await self._context.save_progress(tx, {"row": cursor, "refusals": kept + len(tally.refusals)})
        return named


class WholeRefused(Exception):
    """Something of a sheet has a fault, of which all or nothing is taken; raised so that nothing stays."""

    def __init__(self, left_out: int, tally: Tally) -> None:
        self.left_out, self.tally = left_out, tally
        super().__init__(f"{left_out} left out")


class WritingWhole:
    """Takes all batches in by one transaction, without a cursor: a killed run has written nothing."""

    def __init__(self, tx: Transaction, task: ProductImport, layout: Layout) -> None:
        self._tx = tx
        self._task = task
        self._layout = layout
        self._named = Named()
        self._counts: Counter[Outcome] = Counter()
        self._tally = Tally()

    async def take(self, entries: Sequence[Entry]) -> None:
        """One batch. Faults are counted to the end, so that all of them are told."""
        done = await _upsert(self._tx, self._task, entries, self._named, dry_run=False)
        self._counts.update(done.outcomes)
        self._tally.add(_refusals(entries, done, self._layout))
        told = [self._counts[one] for one in TOLD]
        await self._tx.execute(NOTE, self._task.id, entries[-1].group.last_row - 1, *told, self._tally.count)

    def refuse_faults(self) -> None:
        """Go on with a sheet without any.

        Raises:
            WholeRefused.
        """
        if self._counts[Outcome.LEFT_OUT] or self._tally.count:
            raise WholeRefused(self._counts[Outcome.LEFT_OUT], self._tally)


async def _upsert(tx: Transaction, task: ProductImport, entries: Sequence[Entry], named: Named, *, dry_run: bool) -> Upserted:
    rows = [BulkRow(place, entry.upsert) for place, entry in enumerate(entries)]
    return await upsert_rows(tx, rows, named, policy=task.error_policy, dry_run=dry_run)


def _refusals(entries: Sequence[Entry], done: Upserted, layout: Layout) -> list[SheetRefusal]:
    return [one for entry, row in zip(entries, done.rows, strict=True) for one in refusals_of(entry, row.refusals, layout)]
