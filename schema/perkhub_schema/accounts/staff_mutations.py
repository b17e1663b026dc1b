"""Staff and permission groups as those who manage them set them up: never beyond what they hold themselves."""

from collections.abc import Awaitable, Callable
from typing import TypedDict
from uuid import UUID

import strawberry

from perkhub.accounts import (
    Permission,
    activate_staff,
    create_group,
    create_staff,
    deactivate_staff,
    reset_staff_password,
    set_staff_groups,
    update_group,
)
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub_schema.accounts.channel_limits import named_channels
from perkhub_schema.accounts.colleagues import PermissionGroupType, StaffMemberType, to_group, to_staff
from perkhub_schema.accounts.loaders import load_groups, load_staff
from perkhub_schema.graphql.access import PermissionEnum, requires
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT, MASKED, NEVER_KEPT
from perkhub_schema.graphql.mutations import mutation

MANAGE_STAFF = requires(Permission.MANAGE_STAFF)
MOST_GROUPS = 50


@strawberry.input(description="A new member of staff.")
class StaffCreateInput:
    email: str = strawberry.field(description="What they sign in with.", metadata=MASKED)
    password: str = strawberry.field(
        description="Their first password, at least 10 characters; let them change it.", metadata=NEVER_KEPT
    )
    name: str | None = strawberry.field(default=None, description="For colleagues.", metadata=MASKED)
    group_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Groups to join, at most 50.")


@strawberry.input(description="A member of staff.")
class StaffInput:
    staff_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="The groups of a member of staff.")
class StaffGroupsSetInput:
    staff_id: strawberry.ID = strawberry.field(description="Who.")
    group_ids: list[strawberry.ID] = strawberry.field(description="All groups they shall be in, at most 50.")


@strawberry.input(description="A colleague's new password.")
class StaffPasswordResetInput:
    staff_id: strawberry.ID = strawberry.field(description="Whose.")
    password: str = strawberry.field(description="At least 10 characters; let them change it.", metadata=NEVER_KEPT)


@strawberry.input(description="A new permission group.")
class PermissionGroupCreateInput:
    name: str = strawberry.field(description="At most 60 characters; no two groups have the same.", metadata=KEPT)
    permissions: list[PermissionEnum] = strawberry.field(  # type: ignore[valid-type]
        description="What its members may do; nothing that you may not."
    )
    description: str = strawberry.field(default="", description="What it is for, at most 300 characters.")
    channel_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=(
            "Limit its permissions to what belongs to these channels, at most 500; leave it out for no limit. What belongs "
            "to no channel (products, customers, staff …) can be changed by groups without a limit alone."
        ),
    )


@strawberry.input(description="A permission group as it shall be.")
class PermissionGroupUpdateInput(PermissionGroupCreateInput):
    group_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The member of staff after the change.")
class StaffPayload:
    staff: StaffMemberType | None = strawberry.field(default=None, description="The member of staff as they stand.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The group after the change.")
class PermissionGroupPayload:
    group: PermissionGroupType | None = strawberry.field(default=None, description="The group as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_STAFF, "Add a member of staff; they can sign in at once.")
async def staff_create(info: Info, input: StaffCreateInput) -> StaffPayload:
    groups, by = _groups(input.group_ids), info.context.identity
    made = await transact(
        lambda tx: create_staff(tx, email=input.email, password=input.password, groups=groups, name=input.name, by=by)
    )
    return await _staff(info.context, made)


@mutation(MANAGE_STAFF, "Let a member of staff sign in again, with the groups they had.")
async def staff_activate(info: Info, input: StaffInput) -> StaffPayload:
    return await _change(info.context, input.staff_id, activate_staff)


@mutation(MANAGE_STAFF, "End all sessions and every right of a member of staff.")
async def staff_deactivate(info: Info, input: StaffInput) -> StaffPayload:
    return await _change(info.context, input.staff_id, deactivate_staff)


@mutation(MANAGE_STAFF, "Put a member of staff into exactly these groups.")
async def staff_groups_set(info: Info, input: StaffGroupsSetInput) -> StaffPayload:
    groups = _groups(input.group_ids)
    return await _change(info.context, input.staff_id, lambda tx, staff, *, by: set_staff_groups(tx, staff, groups, by=by))


@mutation(MANAGE_STAFF, "Set a colleague's password and end all their sessions.")
async def staff_password_reset(info: Info, input: StaffPasswordResetInput) -> StaffPayload:
    return await _change(
        info.context,
        input.staff_id,
        lambda tx, staff, *, by: reset_staff_password(tx, staff, input.password, by=by),
    )


@mutation(MANAGE_STAFF, "Make a permission group.")
async def permission_group_create(info: Info, input: PermissionGroupCreateInput) -> PermissionGroupPayload:
    by, said = info.context.identity, await _said(input)
    made = await transact(lambda tx: create_group(tx, **said, by=by))
    return PermissionGroupPayload(group=to_group(await info.context.loader(load_groups).load(made)))


@mutation(MANAGE_STAFF, "Change a permission group, and so what each of its members may do.")
async def permission_group_update(info: Info, input: PermissionGroupUpdateInput) -> PermissionGroupPayload:
    group, by = local_id(Kind.PERMISSION_GROUP, input.group_id, "groupId"), info.context.identity
    said = await _said(input)
    await transact(lambda tx: update_group(tx, group, **said, by=by))
    return PermissionGroupPayload(group=to_group(await info.context.loader(load_groups).load(group)))


class _Said(TypedDict):
    name: str
    permissions: list[Permission]
    description: str
    channel_ids: list[UUID] | None


async def _said(given: PermissionGroupCreateInput) -> _Said:
    """What the group shall be; the channels that it names are there."""
    channels = await named_channels(given.channel_ids)
    return _Said(name=given.name, permissions=given.permissions, description=given.description, channel_ids=channels)


async def _change(context: Context, given: strawberry.ID, verb: Callable[..., Awaitable[None]]) -> StaffPayload:
    """Carry the verb out on a colleague, by whoever asks."""
    staff, by = local_id(Kind.STAFF, given, "staffId"), context.identity
    await transact(lambda tx: verb(tx, staff, by=by))
    return await _staff(context, staff)


async def _staff(context: Context, staff: UUID) -> StaffPayload:
    return StaffPayload(staff=to_staff(await context.loader(load_staff).load(staff)))


def _groups(given: list[strawberry.ID]) -> list[UUID]:
    if len(given) > MOST_GROUPS:
        reason_zh = f"最多 {MOST_GROUPS} 个权限组。"
        raise InvalidInput(path=("groupIds",), reason=f"At most {MOST_GROUPS} groups.", reason_zh=reason_zh)
    return [local_id(Kind.PERMISSION_GROUP, one, "groupIds", str(position)) for position, one in enumerate(given)]


@strawberry.type
class StaffMutations:
    staff_create = staff_create
    staff_activate = staff_activate
    staff_deactivate = staff_deactivate
    staff_groups_set = staff_groups_set
    staff_password_reset = staff_password_reset
    permission_group_create = permission_group_create
    permission_group_update = permission_group_update
