"""Members of staff and permission groups on the wire."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import Group, Rights, StaffRecord, rights_of
from perkhub_schema.accounts.links import LinkedIdentityType, linked_of
from perkhub_schema.accounts.loaders import load_groups
from perkhub_schema.graphql.access import PermissionEnum
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.nodes import Node


@strawberry.type(name="PermissionGroup", description="A named set of permissions that staff are members of.")
class PermissionGroupType(Node):
    name: str = strawberry.field(description="No two groups have the same.")
    description: str = strawberry.field(description="What it is for.")
    permissions: list[PermissionEnum] = strawberry.field(  # type: ignore[valid-type]
        description="What its members may do, in alphabetical order."
    )
    channel_ids: list[strawberry.ID] | None = strawberry.field(
        description="The channels that its permissions are limited to; null where they hold everywhere."
    )


def to_group(group: Group) -> PermissionGroupType:
    """The group on the wire."""
    return PermissionGroupType(
        id=global_id(Kind.PERMISSION_GROUP, group.id),
        name=group.name,
        description=group.description,
        permissions=sorted(group.permissions),
        channel_ids=None if group.channel_ids is None else [global_id(Kind.CHANNEL, one) for one in sorted(group.channel_ids)],
    )


@strawberry.type(description="What a member of staff may do in one channel, besides what they may everywhere.")
class ChannelPermissions:
    channel_id: strawberry.ID = strawberry.field(description="The channel.")
    permissions: list[PermissionEnum] = strawberry.field(  # type: ignore[valid-type]
        description="What their groups allow there, in alphabetical order."
    )


@strawberry.type(name="StaffMember", description="A person who runs the shop.")
class StaffMemberType(Node):
    record: strawberry.Private[StaffRecord]

    @strawberry.field(description="For colleagues.")
    def name(self) -> str | None:
        return self.record.name

    @strawberry.field(description='Their e-mail address, masked: "l••••@example.com".')
    def masked_email(self) -> str:
        return self.record.masked_email

    @strawberry.field(description="Whether they can sign in.")
    def active(self) -> bool:
        return self.record.active

    @strawberry.field(description="When they were added.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="The providers that they can sign in with.")
    async def identities(self, info: Info) -> list[LinkedIdentityType]:
        return await linked_of(info.context, self.record.id)

    @strawberry.field(description="The groups they are in.")
    async def groups(self, info: Info) -> list[PermissionGroupType]:
        return [to_group(group) for group in await self._groups(info)]

    @strawberry.field(
        description="What they may do everywhere: all that their groups without a limit may, in alphabetical order."
    )
    async def permissions(self, info: Info) -> list[PermissionEnum]:  # type: ignore[valid-type]
        return sorted((await self._rights(info)).everywhere)

    @strawberry.field(description="What they may do in some channels alone.")
    async def channel_permissions(self, info: Info) -> list[ChannelPermissions]:
        limited = (await self._rights(info)).in_channels
        return [
            ChannelPermissions(
                channel_id=global_id(Kind.CHANNEL, channel),
                permissions=sorted(permission for permission, channels in limited.items() if channel in channels),
            )
            for channel in sorted(frozenset[UUID]().union(*limited.values()))
        ]

    async def _rights(self, info: Info) -> Rights:
        return rights_of((group.permissions, group.channel_ids) for group in await self._groups(info))

    async def _groups(self, info: Info) -> list[Group]:
        found = await info.context.loader(load_groups).load_many(list(self.record.group_ids))
        return [group for group in found if group is not None]


def to_staff(record: StaffRecord) -> StaffMemberType:
    """The member of staff on the wire."""
    return StaffMemberType(id=global_id(Kind.STAFF, record.id), record=record)
