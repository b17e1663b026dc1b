"""An export of products: asked for, followed, and where its file is. Only who asked for it may have it, and for a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from uuid import UUID

from pydantic import TypeAdapter

from perkhub.catalog.search.where import Where
from perkhub.catalog.sheets.states import SHEET_EXPORT, SheetExportState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.outbox import enqueue

JOB = "catalog.export_products"
LARGEST_ASKED = 100_000

INSERT = """
    INSERT INTO product_export (id, asked, filename, state, products, rows, actor, created_at)
    VALUES ($1, $2, $3, $4, 0, 0, $5, $6)
"""
COLUMNS = "id, asked, filename, state, products, rows, file_id, actor, created_at, finished_at, expires_at"
BY_IDS = f"SELECT {COLUMNS} FROM product_export WHERE id = ANY($1)"
LIST = f"""
    SELECT {COLUMNS} FROM product_export WHERE actor = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
NOTE = "UPDATE product_export SET products = $2, rows = $3 WHERE id = $1 AND state = 'queued'"


class SheetFormat(StrEnum):
    """What a sheet is written as."""

    XLSX = auto()
    CSV = auto()


@dataclass(frozen=True, kw_only=True)
class ProductExportAsked:
    """Which products, of which channels the listings (None: of all), and how they are written.

    `channel` is the one whose prices and stock the conditions mean, where they mean any.
    """

    where: Where
    channels: tuple[UUID, ...] | None
    channel: UUID | None = None
    format: SheetFormat = SheetFormat.XLSX
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class ProductExport:
    """One export as it stands. Its file is there until `expires_at`."""

    id: UUID
    asked: ProductExportAsked
    filename: str
    state: SheetExportState
    products: int
    rows: int
    file_id: UUID | None
    actor: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None

    @property
    def fetchable(self) -> bool:
        """Whether its file is there now."""
        return self.file_id is not None and self.expires_at is not None and now() < self.expires_at


KEPT: TypeAdapter[ProductExportAsked] = TypeAdapter(ProductExportAsked)


async def request_product_export(tx: Transaction, export_id: UUID, asked: ProductExportAsked, *, actor: str) -> UUID:
    """Accept an export; a job does it.

    Raises:
        InvalidInput: conditions that nobody would write by hand, nor a console for them.
    """
    kept = KEPT.dump_json(asked).decode()
    if len(kept) > LARGEST_ASKED:
        reason, reason_zh = "These are too many conditions, or too long ones.", "筛选条件过多或过长。"
        raise InvalidInput(path=("where",), reason=reason, reason_zh=reason_zh)
    filename = f"products-{now():%Y%m%d-%H%M%S}.{asked.format}"
    born = str(SHEET_EXPORT.birth(SheetExportState.QUEUED))
    await tx.execute(INSERT, export_id, kept, filename, born, actor, now())
    enqueue(tx, JOB, export_id=export_id)
    tx.note_change("product_export", export_id, after={"format": asked.format, "filename": filename})
    return export_id


async def product_exports_by_ids(ids: Sequence[UUID]) -> list[ProductExport]:
    """Exports by id, whosever they are."""
    return [_export(row) for row in await db.rows(BY_IDS, list(ids))]


async def read_product_export(export_id: UUID, *, actor: str | None = None) -> ProductExport | None:
    """The export, or None; with `actor`, only theirs."""
    found = await product_exports_by_ids([export_id])
    return found[0] if found and actor in (None, found[0].actor) else None


async def list_product_exports(actor: str, *, before: UUID | None = None, limit: int = 20) -> list[ProductExport]:
    """The actor's exports, the newest first."""
    return [_export(row) for row in await db.rows(LIST, actor, before, limit)]


async def note_written(tx: Transaction, export_id: UUID, *, products: int, rows: int) -> None:
    """Show how far it is."""
    await tx.execute(NOTE, export_id, products, rows)


async def end_export(tx: Transaction, export: ProductExport, file: UUID, *, expires_at: datetime) -> None:
    """The file is there."""
    await SHEET_EXPORT.move(
        tx, export.id, SheetExportState.DONE, event=None, file_id=file, expires_at=expires_at, finished_at=now()
    )


def _export(row: Row) -> ProductExport:
    return ProductExport(**{**dict(row), "asked": KEPT.validate_json(row["asked"]), "state": SheetExportState(row["state"])})
