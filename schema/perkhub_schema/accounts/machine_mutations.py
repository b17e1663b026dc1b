"""Machine clients as those who manage them set them up: never beyond what they hold themselves."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import strawberry

from perkhub.accounts import (
    MachineChanges,
    MachineDraft,
    NewSecret,
    create_machine_client,
    revoke_machine_client,
    rotate_machine_secret,
    update_machine_client,
)
from perkhub.kit.db import transact
from perkhub_schema.accounts.channel_limits import named_channels
from perkhub_schema.accounts.machine_clients import (
    MANAGE_MACHINES,
    MachineClientType,
    load_machine_clients,
    to_machine_client,
)
from perkhub_schema.graphql.access import PermissionEnum
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.mutations import mutation


@strawberry.input(description="A new machine client.")
class MachineClientCreateInput:
    name: str = strawberry.field(description="For colleagues, at most 80 characters.", metadata=KEPT)
    scopes: list[PermissionEnum] = strawberry.field(  # type: ignore[valid-type]
        description="What it may do; nothing that you may not."
    )
    channel_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Limit its scopes to what belongs to these channels, at most 500; leave it out for no limit."
    )
    allowed_networks: list[str] = strawberry.field(
        default_factory=list,
        description='Networks it may come from, as CIDR ("203.0.113.0/24"), at most 50; none: from anywhere.',
        metadata=KEPT,
    )
    requests_per_minute: int | None = strawberry.field(
        default=None, description="Requests it may send in a minute, 1 to 1,000,000; null: as many as any client."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="When it ends by itself; null: never.")

    async def to_draft(self) -> MachineDraft:
        """The domain's draft."""
        return MachineDraft(
            name=self.name,
            scopes=frozenset(self.scopes),
            channel_ids=await named_channels(self.channel_ids),
            networks=self.allowed_networks,
            requests_per_minute=self.requests_per_minute,
            expires_at=self.expires_at,
        )


@strawberry.input(description="Changes of a machine client. What is left out stays as it is.")
class MachineClientUpdateInput:
    machine_client_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(
        description="`machineClient.version` as you read it; refused if it has moved since."
    )
    name: strawberry.Maybe[str] = strawberry.field(description="For colleagues, at most 80 characters.", metadata=KEPT)
    scopes: strawberry.Maybe[list[PermissionEnum]] = strawberry.field(  # type: ignore[valid-type]
        description="All that it may do; nothing that you may not. Tokens that are out follow within a second."
    )
    channel_ids: strawberry.Maybe[list[strawberry.ID] | None] = strawberry.field(
        description="Limit its scopes to what belongs to these channels, at most 500; null takes the limit away."
    )
    allowed_networks: strawberry.Maybe[list[str]] = strawberry.field(
        description="All networks it may come from, as CIDR, at most 50; none: from anywhere.", metadata=KEPT
    )
    requests_per_minute: strawberry.Maybe[int | None] = strawberry.field(
        description="Requests it may send in a minute, 1 to 1,000,000; null: as many as any client."
    )
    expires_at: strawberry.Maybe[datetime | None] = strawberry.field(description="When it ends by itself; null: never.")

    async def to_changes(self) -> MachineChanges:
        """What was given, null included."""
        names = {"name": "name", "scopes": "scopes", "allowed_networks": "networks"}
        names |= {"requests_per_minute": "requests_per_minute", "expires_at": "expires_at"}
        given: dict[str, Any] = {}
        for field, name in names.items():
            if (change := getattr(self, field)) is not None:
                given[name] = change.value
        if self.channel_ids is not None:
            given["channel_ids"] = await named_channels(self.channel_ids.value)
        return cast("MachineChanges", given)


@strawberry.input(description="A machine client that shall have a new secret.")
class MachineClientRotateInput:
    machine_client_id: strawberry.ID = strawberry.field(description="Which.")
    overlap_minutes: int = strawberry.field(
        default=1440,
        description="How long the secret before goes on, at most 30 days; 0 ends it, and every token that is out, at once.",
    )


@strawberry.input(description="A machine client.")
class MachineClientInput:
    machine_client_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The machine client after the change.")
class MachineClientPayload:
    machine_client: MachineClientType | None = strawberry.field(default=None, description="The client as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The machine client and its new secret.")
class MachineSecretPayload:
    machine_client: MachineClientType | None = strawberry.field(default=None, description="The client as it stands.")
    secret: str | None = strawberry.field(default=None, description="Told now and never again: keep it where secrets are kept.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_MACHINES, "Make a machine client and its first secret, which is told only now.")
async def machine_client_create(info: Info, input: MachineClientCreateInput) -> MachineSecretPayload:
    draft, by = await input.to_draft(), info.context.identity
    return await _with_secret(info.context, await transact(lambda tx: create_machine_client(tx, draft, by=by)))


@mutation(MANAGE_MACHINES, "Change a machine client; its tokens that are out follow within a second.")
async def machine_client_update(info: Info, input: MachineClientUpdateInput) -> MachineClientPayload:
    client, changes, by = _client_id(input.machine_client_id), await input.to_changes(), info.context.identity
    await transact(lambda tx: update_machine_client(tx, client, changes, expected_version=input.expected_version, by=by))
    return MachineClientPayload(machine_client=await _client(info.context, client))


@mutation(MANAGE_MACHINES, "Give a machine client a further secret; for a while the one before is good, too.")
async def machine_client_rotate(info: Info, input: MachineClientRotateInput) -> MachineSecretPayload:
    client, overlap, by = _client_id(input.machine_client_id), input.overlap_minutes, info.context.identity
    made = await transact(lambda tx: rotate_machine_secret(tx, client, overlap_minutes=overlap, by=by))
    return await _with_secret(info.context, made)


@mutation(MANAGE_MACHINES, "End a machine client for good, and within a second every token of its that is out.")
async def machine_client_revoke(info: Info, input: MachineClientInput) -> MachineClientPayload:
    client, by = _client_id(input.machine_client_id), info.context.identity
    await transact(lambda tx: revoke_machine_client(tx, client, by=by))
    return MachineClientPayload(machine_client=await _client(info.context, client))


def _client_id(given: strawberry.ID) -> UUID:
    return local_id(Kind.MACHINE_CLIENT, given, "machineClientId")


async def _client(context: Context, client: UUID) -> MachineClientType:
    return to_machine_client(await context.loader(load_machine_clients).load(client))


async def _with_secret(context: Context, made: NewSecret) -> MachineSecretPayload:
    return MachineSecretPayload(machine_client=await _client(context, made.client_id), secret=made.secret)


@strawberry.type
class MachineMutations:
    machine_client_create = machine_client_create
    machine_client_update = machine_client_update
    machine_client_rotate = machine_client_rotate
    machine_client_revoke = machine_client_revoke
