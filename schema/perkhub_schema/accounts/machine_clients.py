"""Machine clients on the wire, and reading them."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import (
    LiveSecret,
    MachineClientRecord,
    Permission,
    list_machine_clients,
    live_secrets,
    machine_clients_by_id,
)
from perkhub_schema.graphql.access import PermissionEnum, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id

MANAGE_MACHINES = requires(Permission.MANAGE_MACHINES)


@strawberry.type(name="MachineSecret", description="A secret of a machine client that is good now; its text was told once.")
class MachineSecretType:
    hint: str = strawberry.field(description="Its last four characters.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="Until when it goes on after a rotation; null for the newest.")


@strawberry.type(
    name="MachineClient",
    description="A program that acts by itself: it trades its secret for access tokens at /oauth/token (OAuth 2 client "
    "credentials), and does with them what its scopes allow. Its id is its client_id.",
)
class MachineClientType(Node):
    record: strawberry.Private[MachineClientRecord]

    @strawberry.field(description="For colleagues.")
    def name(self) -> str:
        return self.record.name

    @strawberry.field(description="What it may do, in alphabetical order.")
    def scopes(self) -> list[PermissionEnum]:  # type: ignore[valid-type]
        return sorted(self.record.scopes)

    @strawberry.field(description="The channels that its scopes are limited to; null where they hold everywhere.")
    def channel_ids(self) -> list[strawberry.ID] | None:
        limited = self.record.channel_ids
        return None if limited is None else [global_id(Kind.CHANNEL, one) for one in limited]

    @strawberry.field(description="Networks it may come from, as CIDR; empty: from anywhere.")
    def allowed_networks(self) -> list[str]:
        return list(self.record.networks)

    @strawberry.field(description="Requests it may send in a minute; null: as many as any client.")
    def requests_per_minute(self) -> int | None:
        return self.record.requests_per_minute

    @strawberry.field(description="Grows with each change; give it as `expectedVersion`.")
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="When it ends by itself; null: never.")
    def expires_at(self) -> datetime | None:
        return self.record.expires_at

    @strawberry.field(description="When it was revoked, for good; null where it was not.")
    def revoked_at(self) -> datetime | None:
        return self.record.revoked_at

    @strawberry.field(description="When it was last there, to the minute; null: never.")
    def last_used_at(self) -> datetime | None:
        return self.record.last_used_at

    @strawberry.field(description='Who made it: "staff:0197…".')
    def created_by(self) -> str:
        return self.record.created_by

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="Its secrets that are good now, oldest first: two during a rotation.")
    async def secrets(self, info: Info) -> list[MachineSecretType]:
        found: list[LiveSecret] = await info.context.loader(load_secrets).load(self.record.id)
        return [MachineSecretType(hint=one.hint, created_at=one.created_at, expires_at=one.expires_at) for one in found]


def to_machine_client(record: MachineClientRecord) -> MachineClientType:
    """The client on the wire."""
    return MachineClientType(id=global_id(Kind.MACHINE_CLIENT, record.id), record=record)


async def load_machine_clients(ids: list[UUID]) -> list[MachineClientRecord | None]:
    """Machine clients by id."""
    found = await machine_clients_by_id(ids)
    return [found.get(key) for key in ids]


async def load_secrets(ids: list[UUID]) -> list[list[LiveSecret]]:
    """Live secrets by client."""
    found = await live_secrets(ids)
    return [found[key] for key in ids]


@strawberry.type
class MachineQueries:
    @query(MANAGE_MACHINES, "A machine client; null when there is none.")
    async def machine_client(self, info: Info, id: strawberry.ID) -> MachineClientType | None:
        found = await info.context.loader(load_machine_clients).load(local_id(Kind.MACHINE_CLIENT, id, "id"))
        return None if found is None else to_machine_client(found)

    @query(MANAGE_MACHINES, "Every machine client, newest first, revoked ones too.")
    async def machine_clients(self, first: int | None = None, after: str | None = None) -> Connection[MachineClientType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_machine_clients(first=limit, after=before),
            to_node=to_machine_client,
            to_cursor=lambda client: client.id.hex,
        )
