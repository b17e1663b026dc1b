"""Reading staff: names for those who may manage them, e-mail addresses masked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.accounts.personal import unseal_personal
from perkhub.kit import db
from perkhub.kit.db import Row

LARGEST_PAGE = 100

STAFF = """
    SELECT s.id, s.sealed_name, s.masked, s.active, s.created_at,
           array(SELECT m.group_id FROM staff_group m WHERE m.staff_id = s.id ORDER BY m.group_id) AS group_ids
    FROM staff s
"""


@dataclass(frozen=True)
class StaffRecord:
    """A member of staff as colleagues see them."""

    id: UUID
    name: str | None = field(repr=False)
    masked_email: str
    active: bool
    created_at: datetime
    group_ids: tuple[UUID, ...]


async def staff_by_id(staff_ids: Iterable[UUID]) -> dict[UUID, StaffRecord]:
    """The staff with these ids, in one statement."""
    return {row["id"]: _record(row) for row in await db.rows(f"{STAFF} WHERE s.id = ANY($1)", list(staff_ids))}


async def list_staff(*, first: int = 50, after: UUID | None = None) -> list[StaffRecord]:
    """Staff in the order of their joining, from above `after` on; at most a hundred at once."""
    start = "WHERE s.id > $2" if after is not None else "WHERE $2::uuid IS NULL"
    rows = await db.rows(f"{STAFF} {start} ORDER BY s.id LIMIT $1", min(max(first, 0), LARGEST_PAGE + 1), after)
    return [_record(row) for row in rows]


def _record(row: Row) -> StaffRecord:
    name = unseal_personal(row["sealed_name"], ("staff", row["id"], "name")) if row["sealed_name"] is not None else None
    return StaffRecord(row["id"], name, row["masked"], row["active"], row["created_at"], tuple(row["group_ids"]))
