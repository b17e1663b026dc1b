"""Setting channels up, and every channel for operators."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.channels import (
    close_channel,
    create_channel,
    every_channel,
    grant_channel,
    known_channel,
    reopen_channel,
    revoke_channel,
    update_channel,
)
from perkhub.kit.db import transact
from perkhub_schema.channels.inputs import ChannelCreateInput, ChannelGrantsInput, ChannelOpenInput, ChannelUpdateInput
from perkhub_schema.channels.types import ChannelType, to_channel
from perkhub_schema.graphql.access import requires, requires_in_channel
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation, query
from perkhub_schema.scopes import to_scopes

ONE_OF_THEM = requires_in_channel(Permission.MANAGE_CHANNELS)


@strawberry.type(description="The channel.")
class ChannelPayload:
    channel: ChannelType | None = strawberry.field(default=None, description="The channel as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


def _named(info: Info, given: str) -> UUID:
    """The channel of the input, where the caller may manage it."""
    channel = local_id(Kind.CHANNEL, given, "channelId")
    ensure_permission(info.context.identity, Permission.MANAGE_CHANNELS, channel=channel)
    return channel


async def _told(channel: UUID) -> ChannelPayload:
    return ChannelPayload(channel=to_channel(await known_channel(channel)))


@mutation(requires(Permission.MANAGE_CHANNELS), "Open a channel.")
async def channel_create(input: ChannelCreateInput) -> ChannelPayload:
    draft = input.to_draft()
    return await _told(await transact(lambda tx: create_channel(tx, input.key, draft, currency=input.currency)))


@mutation(ONE_OF_THEM, "Change a channel, unless somebody else changed it since you read it; felt everywhere within a second.")
async def channel_update(info: Info, input: ChannelUpdateInput) -> ChannelPayload:
    channel, changes = _named(info, input.channel_id), input.to_changes()
    await transact(lambda tx: update_channel(tx, channel, changes, expected_version=input.expected_version))
    return await _told(channel)


@mutation(ONE_OF_THEM, "Let nobody enter a channel any more; what was bought there stays bought.")
async def channel_close(info: Info, input: ChannelOpenInput) -> ChannelPayload:
    channel = _named(info, input.channel_id)
    await transact(lambda tx: close_channel(tx, channel, expected_version=input.expected_version))
    return await _told(channel)


@mutation(ONE_OF_THEM, "Open a closed channel again, to whom it is for.")
async def channel_reopen(info: Info, input: ChannelOpenInput) -> ChannelPayload:
    channel = _named(info, input.channel_id)
    await transact(lambda tx: reopen_channel(tx, channel, expected_version=input.expected_version))
    return await _told(channel)


@mutation(ONE_OF_THEM, "Let customers, organisations and customer groups into a channel with access by CONTRACT.")
async def channel_grants_add(info: Info, input: ChannelGrantsInput) -> ChannelPayload:
    channel, holders = _named(info, input.channel_id), to_scopes(input.holder_ids, "holderIds")
    await transact(lambda tx: grant_channel(tx, channel, holders))
    return await _told(channel)


@mutation(ONE_OF_THEM, "Take a channel away from those it was open to by CONTRACT; felt everywhere within a second.")
async def channel_grants_remove(info: Info, input: ChannelGrantsInput) -> ChannelPayload:
    channel, holders = _named(info, input.channel_id), to_scopes(input.holder_ids, "holderIds")
    await transact(lambda tx: revoke_channel(tx, channel, holders))
    return await _told(channel)


@strawberry.type
class ChannelMutations:
    channel_create = channel_create
    channel_update = channel_update
    channel_close = channel_close
    channel_reopen = channel_reopen
    channel_grants_add = channel_grants_add
    channel_grants_remove = channel_grants_remove


@strawberry.type
class ChannelQueries:
    @query(ONE_OF_THEM, "Every channel that you may manage, open or closed, by key.")
    async def channels(self, info: Info) -> list[ChannelType]:
        may = info.context.identity.may
        found = await every_channel(closed=True)
        return [to_channel(channel) for channel in found if may(Permission.MANAGE_CHANNELS, channel=channel.id)]
