"""Who among the staff answers for something, and where to write to them: those who hold its permission everywhere."""

from dataclasses import dataclass, field
from uuid import UUID

from perkhub.accounts.permissions import Permission
from perkhub.accounts.personal import unseal_personal
from perkhub.kit import db

# Whoever gives a permission to more people than this has not said who answers for it.
MOST_TOLD = 50
HOLDERS = """
    SELECT s.id, s.sealed_email FROM staff s
    WHERE s.active AND EXISTS (SELECT FROM staff_group m JOIN permission_group g ON g.id = m.group_id
                               WHERE m.staff_id = s.id AND $1 = ANY(g.permissions) AND g.channel_ids IS NULL)
    ORDER BY s.id LIMIT $2
"""


@dataclass(frozen=True)
class Colleague:
    """A member of staff who is written to. Never stored, logged or queued."""

    staff_id: UUID
    email: str = field(repr=False)


async def staff_who_may(permission: Permission) -> list[Colleague]:
    """The active staff with this permission in every channel, who joined first; at most fifty."""
    found = await db.rows(HOLDERS, str(permission), MOST_TOLD)
    return [Colleague(row["id"], unseal_personal(row["sealed_email"], ("staff", row["id"], "email"))) for row in found]
