"""Reading organisations: by id, and page by page for staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.accounts.organisations.states import OrganisationState
from perkhub.kit import db
from perkhub.kit.db import Row

SELECT = "SELECT id, name, external_reference, state, reason, version, created_at FROM organisation"


@dataclass(frozen=True)
class OrganisationRecord:
    """An organisation as it stands; `reason` is why it was declined or suspended."""

    id: UUID
    name: str
    external_reference: str | None
    state: OrganisationState
    reason: str | None
    version: int
    created_at: datetime


async def organisations_by_id(ids: Iterable[UUID]) -> dict[UUID, OrganisationRecord]:
    """The organisations among these parties, in one statement."""
    return {row["id"]: _record(row) for row in await db.rows(f"{SELECT} WHERE id = ANY($1)", list(ids))}


async def list_organisations(
    *,
    limit: int,
    after: UUID | None = None,
    states: Iterable[OrganisationState] | None = None,
    external_reference: str | None = None,
) -> list[OrganisationRecord]:
    """Organisations, newest first, from below `after` on; only what is asked for is said to the database."""
    asked: dict[str, object] = {}
    if after is not None:
        asked["id < ${}"] = after
    if states is not None:
        asked["state = ANY(${})"] = [str(state) for state in states]
    if external_reference is not None:
        asked["external_reference = ${}"] = external_reference
    conditions = [condition.format(place) for place, condition in enumerate(asked, start=2)]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = await db.rows(f"{SELECT} {where} ORDER BY id DESC LIMIT $1", limit, *asked.values())
    return [_record(row) for row in rows]


def _record(row: Row) -> OrganisationRecord:
    return OrganisationRecord(**{**row, "state": OrganisationState(row["state"])})
