"""Many rows in one mutation, on the wire: the policy for those that cannot be taken, and every refusal with its row's path."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from perkhub.kit.bulk import BulkRow, ErrorPolicy, NothingTaken
from perkhub.kit.db import Transaction, transact
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorInterface, to_error

ErrorPolicyEnum = described(
    ErrorPolicy,
    "What becomes of many rows where some cannot be taken. Whatever is refused stands in `errors`, with the path of its row.",
    {
        ErrorPolicy.IGNORE_FAILED: "Of each row what can be taken is taken; what is faulty stays as it was.",
        ErrorPolicy.REJECT_FAILED_ROWS: "Rows with a fault are left out, all others are taken.",
        ErrorPolicy.REJECT_EVERYTHING: "Nothing is taken as soon as one row has a fault.",
    },
)


def errors_of(rows: Iterable[BulkRow[Any]], language: str) -> list[ErrorInterface]:
    """Every refusal of these rows."""
    return [to_error(refusal, language) for row in rows for refusal in row.refusals]


async def work_off(work: Callable[[Transaction], Awaitable[list[BulkRow[Any]]]]) -> list[BulkRow[Any]]:
    """Carry the work out in a transaction of its own, which leaves nothing behind where no row was taken."""
    try:
        return await transact(work)
    except NothingTaken as refused:
        return refused.rows
