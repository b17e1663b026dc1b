"""Exporting the codes of a batch that nobody has yet, for printing and sending: computed again from its secret, never read
from a table, into a sealed file. A killed export begins anew."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from perkhub.campaigns.coupons.codes import codes_of, shown
from perkhub.campaigns.coupons.exports import CouponExport, end_export, note_exported, read_coupon_export
from perkhub.campaigns.coupons.make import BATCH_ROW, open_secret
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.uploads import KEPT_FOR, receive_upload

NUMBERS = """
    SELECT array_agg(number) FROM (
        SELECT number FROM coupon WHERE batch_id = $1 AND state = 'free' AND number > $2 ORDER BY number LIMIT $3
    ) page
"""
CODES_AT_ONCE = 20_000
LARGEST_FILE = 256 << 20
HEADING = b"code\n"


async def run_coupon_export(export_id: UUID) -> None:
    """Do the export; done again after its end, it does nothing."""
    export = await read_coupon_export(export_id)
    if export is None or export.file_id is not None:
        return
    expires_at = now() + KEPT_FOR
    file = await receive_upload(export.filename, _written(export), actor=export.actor, limit_bytes=LARGEST_FILE)
    await transact(lambda tx: end_export(tx, export.id, file, expires_at=expires_at))


async def export_codes(batch: UUID) -> AsyncIterator[list[str]]:
    """Each code that nobody has, as it is printed, some thousand at a time.

    Raises:
        NotFound.
    """
    row = await db.row(BATCH_ROW, batch)
    if row is None:
        raise NotFound("batch", "批次", path=("batchId",))
    secret, last = open_secret(row["sealed"], batch), 0
    while numbers := await db.value(NUMBERS, batch, last, CODES_AT_ONCE):
        last = numbers[-1]
        # Computed in a thread, so that the worker's other jobs go on.
        yield await asyncio.to_thread(_codes, secret, numbers)


async def _written(export: CouponExport) -> AsyncIterator[bytes]:
    yield HEADING
    written = 0
    async for codes in export_codes(export.batch_id):
        yield "".join(f"{code}\n" for code in codes).encode()
        written += len(codes)
        await transact(lambda tx: note_exported(tx, export.id, written))  # noqa: B023 - awaited here


def _codes(secret: bytes, numbers: list[int]) -> list[str]:
    return [shown(code) for code in codes_of(secret, numbers)]
