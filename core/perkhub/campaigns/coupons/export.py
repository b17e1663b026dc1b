"""Exporting the codes of a batch, for printing and sending: computed again from its secret, never read from a table."""

from typing import TextIO
from uuid import UUID

from perkhub.campaigns.coupons.codes import code_of, shown
from perkhub.campaigns.coupons.make import BATCH_ROW, open_secret
from perkhub.kit import db
from perkhub.kit.errors import NotFound

NUMBERS = "SELECT number FROM coupon WHERE batch_id = $1 AND number > $2 ORDER BY number LIMIT $3"
ROWS_AT_ONCE = 50_000


async def export_codes(batch: UUID, out: TextIO) -> int:
    """Write each code on a line of its own; how many they were.

    Raises:
        NotFound.
    """
    row = await db.row(BATCH_ROW, batch)
    if row is None:
        raise NotFound("batch", "批次", path=("batchId",))
    secret, last, written = open_secret(row["sealed"], batch), 0, 0
    while numbers := [one["number"] for one in await db.rows(NUMBERS, batch, last, ROWS_AT_ONCE)]:
        out.writelines(f"{shown(code_of(secret, number))}\n" for number in numbers)
        last, written = numbers[-1], written + len(numbers)
    return written
