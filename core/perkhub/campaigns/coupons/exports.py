"""An export of a batch's codes: asked for, followed, and where its file is. Only who asked for it may have it, for a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.coupons.states import EXPORT, CouponExportState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.outbox import enqueue

JOB = "coupons.export"

BATCH_THERE = "SELECT true FROM coupon_batch WHERE id = $1"
INSERT = """
    INSERT INTO coupon_export (id, batch_id, filename, state, codes, actor, created_at) VALUES ($1, $2, $3, $4, 0, $5, $6)
"""
COLUMNS = "id, batch_id, filename, state, codes, file_id, actor, created_at, finished_at, expires_at"
BY_IDS = f"SELECT {COLUMNS} FROM coupon_export WHERE id = ANY($1)"
LIST = f"""
    SELECT {COLUMNS} FROM coupon_export WHERE actor = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
NOTE = "UPDATE coupon_export SET codes = $2 WHERE id = $1 AND state = 'queued'"


@dataclass(frozen=True, slots=True)
class CouponExport:
    """One export as it stands. Its file is there until `expires_at`."""

    id: UUID
    batch_id: UUID
    filename: str
    state: CouponExportState
    codes: int
    file_id: UUID | None
    actor: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None

    @property
    def fetchable(self) -> bool:
        """Whether its file is there now."""
        return self.file_id is not None and self.expires_at is not None and now() < self.expires_at


async def request_coupon_export(tx: Transaction, export_id: UUID, batch: UUID, *, actor: str) -> UUID:
    """Accept an export; a job does it.

    Raises:
        NotFound.
    """
    if await tx.value(BATCH_THERE, batch) is None:
        raise NotFound("batch", "批次", path=("batchId",))
    filename = f"coupons-{now():%Y%m%d-%H%M%S}.csv"
    born = str(EXPORT.birth(CouponExportState.QUEUED))
    await tx.execute(INSERT, export_id, batch, filename, born, actor, now())
    enqueue(tx, JOB, export_id=export_id)
    tx.note_change("coupon_export", export_id, after={"batch_id": batch, "filename": filename})
    return export_id


async def coupon_exports_by_ids(ids: Sequence[UUID]) -> list[CouponExport]:
    """Exports by id, whosever they are."""
    return [_export(row) for row in await db.rows(BY_IDS, list(ids))]


async def read_coupon_export(export_id: UUID, *, actor: str | None = None) -> CouponExport | None:
    """The export, or None; with `actor`, only theirs."""
    found = await coupon_exports_by_ids([export_id])
    return found[0] if found and actor in (None, found[0].actor) else None


async def list_coupon_exports(actor: str, *, before: UUID | None = None, limit: int = 20) -> list[CouponExport]:
    """The actor's exports, the newest first."""
    return [_export(row) for row in await db.rows(LIST, actor, before, limit)]


async def note_exported(tx: Transaction, export_id: UUID, codes: int) -> None:
    """Show how far it is."""
    await tx.execute(NOTE, export_id, codes)


async def end_export(tx: Transaction, export_id: UUID, file: UUID, *, expires_at: datetime) -> None:
    """The file is there."""
    there = CouponExportState.DONE
    await EXPORT.move(tx, export_id, there, event=None, file_id=file, expires_at=expires_at, finished_at=now())


def _export(row: Row) -> CouponExport:
    return CouponExport(**{**dict(row), "state": CouponExportState(row["state"])})
