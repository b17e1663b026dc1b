"""An import of products: asked for, followed, and ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from perkhub.catalog.sheets.refusals import SheetRefusal
from perkhub.catalog.sheets.states import SHEET_IMPORT, SheetImportState
from perkhub.kit import db
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import DomainError
from perkhub.kit.outbox import enqueue
from perkhub.kit.uploads import UploadInUse, lock_upload

JOB = "catalog.import_products"
# What an import still works on stays, however long it waits for a worker.
TAKEN_IN = "SELECT upload_id FROM product_import WHERE state IN ('queued', 'checking', 'writing')"

INSERT = """
    INSERT INTO product_import (id, upload_id, filename, error_policy, dry_run, channel, channels, state, rows_read, created,
                                changed, unchanged, left_out, refused, refusals, actor, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0, '[]', $9, $10)
"""
WORKED_ON = (
    "SELECT true FROM product_import WHERE upload_id = $1 AND NOT dry_run AND state IN ('queued', 'checking', 'writing')"
)
COLUMNS = """id, upload_id, filename, error_policy, dry_run, channel, channels, state, rows_read, created, changed, unchanged,
             left_out, refused, refusals, failure, actor, created_at, finished_at"""
BY_IDS = f"SELECT {COLUMNS} FROM product_import WHERE id = ANY($1)"
LIST = f"SELECT {COLUMNS} FROM product_import WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"


@dataclass(frozen=True, kw_only=True)
class ProductImportRequest:
    """What an operator says of an upload. `channel` is that of rows which name none; `channels` are those in which the actor
    sets prices, None everywhere."""

    upload_id: UUID
    actor: str
    channels: Collection[UUID] | None
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_EVERYTHING
    dry_run: bool = False
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class ProductImportFailure:
    """Why an import ended before its time."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class ProductImport:
    """One import as it stands; of products, how many became what."""

    id: UUID
    upload_id: UUID
    filename: str
    error_policy: ErrorPolicy
    dry_run: bool
    channel: str | None
    channels: frozenset[UUID] | None
    state: SheetImportState
    rows_read: int
    created: int
    changed: int
    unchanged: int
    left_out: int
    refused: int
    refusals: tuple[SheetRefusal, ...]
    failure: ProductImportFailure | None
    actor: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return not SHEET_IMPORT.transitions[self.state]


async def request_product_import(tx: Transaction, import_id: UUID, request: ProductImportRequest) -> UUID:
    """Accept an import; a job does it. The upload stays after a dry run, and goes when a real import has ended.

    Raises:
        UploadUnusable, UploadInUse: their paths name the field of the request.
    """
    filename = await lock_upload(tx, request.upload_id, actor=request.actor)
    if not request.dry_run and await tx.value(WORKED_ON, request.upload_id):
        raise UploadInUse(path=("uploadId",))
    channels = None if request.channels is None else list(request.channels)
    asked = (request.upload_id, filename, str(request.error_policy), request.dry_run, request.channel, channels)
    born = str(SHEET_IMPORT.birth(SheetImportState.QUEUED))
    await tx.execute(INSERT, import_id, *asked, born, request.actor, now())
    enqueue(tx, JOB, import_id=import_id)
    tx.note_change("product_import", import_id, after=request)
    return import_id


async def product_imports_by_ids(ids: Sequence[UUID]) -> list[ProductImport]:
    """Imports by id."""
    return [_import(row) for row in await db.rows(BY_IDS, list(ids))]


async def read_product_import(import_id: UUID) -> ProductImport | None:
    """The import, or None."""
    found = await product_imports_by_ids([import_id])
    return found[0] if found else None


async def list_product_imports(*, before: UUID | None = None, limit: int = 20) -> list[ProductImport]:
    """Imports, the newest first."""
    return [_import(row) for row in await db.rows(LIST, before, limit)]


async def end_import(tx: Transaction, task: ProductImport, state: SheetImportState, failed: DomainError | None = None) -> None:
    """The import ends so; a failure says why."""
    columns: dict[str, Any] = {"finished_at": now()}
    if failed is not None:
        told = {"code": failed.code, "en": failed.message("en"), "zh": failed.message("zh")}
        columns["failure"] = orjson.dumps(told).decode()
    await SHEET_IMPORT.move(tx, task.id, state, event=None, **columns)


def _import(row: Row) -> ProductImport:
    values = dict(row)
    failure = values.pop("failure")
    return ProductImport(
        **{
            **values,
            "error_policy": ErrorPolicy(row["error_policy"]),
            "state": SheetImportState(row["state"]),
            "channels": None if row["channels"] is None else frozenset(row["channels"]),
            "refusals": tuple(SheetRefusal(**one) for one in orjson.loads(row["refusals"])),
            "failure": None if failure is None else ProductImportFailure(**orjson.loads(failure)),
        }
    )
