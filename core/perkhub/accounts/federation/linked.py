"""Reading which providers, and host applications, somebody's account is linked to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from perkhub.kit import db

OF_OWNERS = """
    SELECT e.id, coalesce(e.party_id, e.staff_id) AS owner, e.source_kind, e.label, e.created_at, p.key, p.name AS names,
           i.name
    FROM external_identity e
    LEFT JOIN identity_provider p ON p.id = e.source_id LEFT JOIN trusted_issuer i ON i.id = e.source_id
    WHERE e.party_id = ANY($1) OR e.staff_id = ANY($1) ORDER BY e.created_at, e.id
"""


@dataclass(frozen=True)
class LinkedIdentity:
    """That somebody can sign in with a provider, or comes from a host application; `label` is masked."""

    id: UUID
    provider_key: str | None
    name: dict[str, str]
    label: str
    created_at: datetime


async def linked_identities(owners: Iterable[UUID]) -> dict[UUID, list[LinkedIdentity]]:
    """By customer's party or member of staff, oldest first."""
    found: dict[UUID, list[LinkedIdentity]] = {owner: [] for owner in owners}
    for row in await db.rows(OF_OWNERS, list(found)):
        name = orjson.loads(row["names"]) if row["names"] is not None else {"en": row["name"] or "", "zh": row["name"] or ""}
        found[row["owner"]].append(LinkedIdentity(row["id"], row["key"], name, row["label"], row["created_at"]))
    return found
