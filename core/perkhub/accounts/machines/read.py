"""Reading machine clients, for those who manage them. A secret is never among it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.accounts.permissions import Permission, known_permissions
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row

CLIENTS = """
    SELECT id, name, scopes, channel_ids, networks, requests_per_minute, version, expires_at, revoked_at, last_used_at,
           created_by, created_at FROM machine_client
"""
SECRETS = """
    SELECT client_id, hint, created_at, expires_at FROM machine_secret
    WHERE client_id = ANY($1) AND (expires_at IS NULL OR expires_at > $2) ORDER BY client_id, created_at, id
"""


@dataclass(frozen=True)
class MachineClientRecord:
    """A machine client as it stands."""

    id: UUID
    name: str
    scopes: frozenset[Permission]
    channel_ids: tuple[UUID, ...] | None
    networks: tuple[str, ...]
    requests_per_minute: int | None
    version: int
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class LiveSecret:
    """A secret that is good now, as far as it may be told."""

    hint: str
    created_at: datetime
    expires_at: datetime | None


async def machine_clients_by_id(ids: Iterable[UUID]) -> dict[UUID, MachineClientRecord]:
    """The clients with these ids."""
    return {row["id"]: _record(row) for row in await db.rows(f"{CLIENTS} WHERE id = ANY($1)", list(ids))}


async def list_machine_clients(*, first: int = 20, after: UUID | None = None) -> list[MachineClientRecord]:
    """Every client, newest first, from below `after` on; revoked ones too."""
    start = "WHERE id < $2" if after is not None else "WHERE $2::uuid IS NULL"
    return [_record(row) for row in await db.rows(f"{CLIENTS} {start} ORDER BY id DESC LIMIT $1", first, after)]


async def live_secrets(client_ids: Iterable[UUID]) -> dict[UUID, list[LiveSecret]]:
    """The secrets that are good now, oldest first."""
    found: dict[UUID, list[LiveSecret]] = {client: [] for client in client_ids}
    for row in await db.rows(SECRETS, list(found), now()):
        found[row["client_id"]].append(LiveSecret(row["hint"], row["created_at"], row["expires_at"]))
    return found


def _record(row: Row) -> MachineClientRecord:
    channels = None if row["channel_ids"] is None else tuple(row["channel_ids"])
    given = {"scopes": known_permissions(row["scopes"]), "channel_ids": channels, "networks": tuple(row["networks"])}
    return MachineClientRecord(**{**dict(row), **given})
