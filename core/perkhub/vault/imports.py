"""An import as its job sees it: what was asked, how far it is, and how it ends."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from perkhub.catalog import minimum_validities
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import DomainError
from perkhub.kit.outbox import emit
from perkhub.kit.uploads import delete_upload
from perkhub.plugin.events import ImportFinished, LotImported
from perkhub.vault.models import NEVER
from perkhub.vault.refusals import Tally
from perkhub.vault.rows import Terms
from perkhub.vault.states import IMPORT, ImportState

READ = """
    SELECT id, state, upload_id, filename, variant_id, lot_id, issuer, reference, unit_cost, currency, columns,
           default_expires_at, zone, dry_run, skip_refused_rows, actor, created_at
    FROM code_import WHERE id = $1
"""
NOTE_CHECKED = "UPDATE code_import SET rows_read = $2, rows_refused = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class ImportTask:
    """One import."""

    id: UUID
    state: ImportState
    upload_id: UUID
    filename: str
    variant_id: UUID
    lot_id: UUID | None
    issuer: str
    reference: str | None
    unit_cost: Decimal
    currency: str
    columns: dict[str, str] | None
    terms: Terms
    dry_run: bool
    skip_refused_rows: bool
    actor: str

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return not IMPORT.transitions[self.state]


async def read_task(import_id: UUID) -> ImportTask | None:
    """The import, or None."""
    row = await db.row(READ, import_id)
    if row is None:
        return None
    validity = (await minimum_validities([row["variant_id"]]))[row["variant_id"]]
    terms = Terms(
        usable_at=row["created_at"] + validity,
        zone=row["zone"],
        default_expires_at=row["default_expires_at"] or NEVER,
    )
    return ImportTask(
        id=row["id"],
        state=ImportState(row["state"]),
        upload_id=row["upload_id"],
        filename=row["filename"],
        variant_id=row["variant_id"],
        lot_id=row["lot_id"],
        issuer=row["issuer"],
        reference=row["reference"],
        unit_cost=row["unit_cost"],
        currency=row["currency"],
        columns=orjson.loads(row["columns"]) if row["columns"] else None,
        terms=terms,
        dry_run=row["dry_run"],
        skip_refused_rows=row["skip_refused_rows"],
        actor=row["actor"],
    )


async def note_checked(tx: Transaction, task: ImportTask, tally: Tally) -> None:
    """Show how far the check is."""
    await tx.execute(NOTE_CHECKED, task.id, tally.read, tally.refused)


async def end_check(tx: Transaction, task: ImportTask, tally: Tally) -> None:
    """A dry run ends here; its upload waits for the real import."""
    await note_checked(tx, task, tally)
    finished = ImportFinished(import_id=task.id)
    await IMPORT.move(tx, task.id, ImportState.CHECKED, event=finished, refusals=tally.as_json(), finished_at=now())


async def end_stocked(tx: Transaction, task: ImportTask, lot: UUID) -> None:
    """Everything that can be in stock is."""
    await IMPORT.move(tx, task.id, ImportState.DONE, event=ImportFinished(import_id=task.id), finished_at=now())
    emit(tx, LotImported(lot_id=lot))
    await delete_upload(tx, task.upload_id)


async def end_failed(tx: Transaction, task: ImportTask, refused: DomainError, tally: Tally | None = None) -> None:
    """The import ends for the given reason; after a dry run the upload waits, for the reason may lie in the request."""
    told = {"code": refused.code, "en": refused.message("en"), "zh": refused.message("zh")}
    columns: dict[str, Any] = {"failure": orjson.dumps(told).decode(), "finished_at": now()}
    if tally is not None:
        await note_checked(tx, task, tally)
        columns["refusals"] = tally.as_json()
    await IMPORT.move(tx, task.id, ImportState.FAILED, event=ImportFinished(import_id=task.id), **columns)
    if not task.dry_run:
        await delete_upload(tx, task.upload_id)
