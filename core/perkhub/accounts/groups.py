"""Permission groups: named sets of permissions that staff are members of, everywhere or in some channels alone.

Nobody gives out more than they hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from perkhub.accounts.errors import GroupExists, LastAdministrator
from perkhub.accounts.identity import Identity
from perkhub.accounts.permissions import DEFAULT_GROUPS, Permission, known_permissions
from perkhub.accounts.tokens import forget_rights
from perkhub.kit import db
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotAllowed, NotFound
from perkhub.kit.ids import new_id

NAME_LENGTH = 60
DESCRIPTION_LENGTH = 300
GROUPS_AT_MOST = 500
CHANNELS_AT_MOST = 500

ADD = """
    INSERT INTO permission_group (id, name, permissions, description, channel_ids) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO NOTHING
"""
CHANGE = "UPDATE permission_group SET name = $2, permissions = $3, description = $4, channel_ids = $5 WHERE id = $1"
NAME_TAKEN = "SELECT 1 FROM permission_group WHERE name = $2 AND id <> $1"
BY_ID = "SELECT id, name, permissions, description, channel_ids FROM permission_group WHERE id = ANY($1) ORDER BY name"
ALL = "SELECT id, name, permissions, description, channel_ids FROM permission_group ORDER BY name LIMIT $1"
SOMEBODY_ADMINISTERS = """
    SELECT EXISTS (SELECT FROM staff s JOIN staff_group m ON m.staff_id = s.id JOIN permission_group g ON g.id = m.group_id
                   WHERE s.active AND 'MANAGE_STAFF' = ANY(g.permissions) AND g.channel_ids IS NULL)
"""


@dataclass(frozen=True)
class Group:
    """A permission group as it stands; where it names channels, its permissions hold in those alone."""

    id: UUID
    name: str
    permissions: frozenset[Permission]
    description: str
    channel_ids: frozenset[UUID] | None = None


async def create_group(
    tx: Transaction,
    *,
    name: str,
    permissions: Iterable[Permission],
    description: str = "",
    channel_ids: Iterable[UUID] | None = None,
    by: Identity | None,
) -> UUID:
    """A new group. `by` is who makes it; None only for the command line and for setting up.

    With `channel_ids` its permissions hold in those channels alone; that they exist, the caller has looked at.

    Raises:
        GroupExists, InvalidInput.
        NotAllowed: it would hold a permission that its maker does not.
    """
    chosen, channels = frozenset(permissions), checked_channels(channel_ids)
    ensure_grantable(by, chosen, channels)
    name, description = _checked(name, description)
    await administer(tx)
    group_id = new_id()
    if await tx.execute(ADD, group_id, name, sorted(chosen), description, _stored(channels)) == 0:
        raise GroupExists(path=("name",))
    tx.note_change("permission_group", group_id, after=Group(group_id, name, chosen, description, channels))
    return group_id


async def update_group(
    tx: Transaction,
    group_id: UUID,
    *,
    name: str,
    permissions: Iterable[Permission],
    description: str,
    channel_ids: Iterable[UUID] | None = None,
    by: Identity | None,
) -> None:
    """Change a group, and so what each of its members may do.

    Raises:
        NotFound, GroupExists, InvalidInput, LastAdministrator.
        NotAllowed: it held or would hold a permission that `by` does not.
    """
    chosen, channels = frozenset(permissions), checked_channels(channel_ids)
    name, description = _checked(name, description)
    await administer(tx)
    [before] = await groups_of(tx, [group_id], path=("groupId",))
    ensure_grantable(by, before.permissions, before.channel_ids)
    ensure_grantable(by, chosen, channels)
    if await tx.value(NAME_TAKEN, group_id, name) is not None:
        raise GroupExists(path=("name",))
    await tx.execute(CHANGE, group_id, name, sorted(chosen), description, _stored(channels))
    await ensure_somebody_administers(tx)
    tx.note_change("permission_group", group_id, before=before, after=Group(group_id, name, chosen, description, channels))
    _look_afresh_after(tx)


async def groups_of(tx: Transaction, group_ids: Iterable[UUID], *, path: tuple[str, ...] = ("groupIds",)) -> list[Group]:
    """The groups with these ids.

    Raises:
        NotFound: one of them does not exist.
    """
    wanted = set(group_ids)
    found = [_group(row) for row in await tx.rows(BY_ID, sorted(wanted))]
    if len(found) != len(wanted):
        raise NotFound("permission group", "权限组", path=path)
    return found


async def groups_by_id(group_ids: Iterable[UUID]) -> dict[UUID, Group]:
    """The groups that are there, in one statement."""
    return {row["id"]: _group(row) for row in await db.rows(BY_ID, list(group_ids))}


async def all_groups() -> list[Group]:
    """The groups by name, as many as a page can hold."""
    return [_group(row) for row in await db.rows(ALL, GROUPS_AT_MOST)]


async def ensure_default_groups(tx: Transaction) -> dict[str, UUID]:
    """Make the groups of a fresh installation that are not there; what operators changed stays. Ids by name."""
    for group in DEFAULT_GROUPS:
        await tx.execute(ADD, new_id(), group.name, sorted(group.permissions), group.description, None)
    names = [group.name for group in DEFAULT_GROUPS]
    return {
        row["name"]: row["id"] for row in await tx.rows("SELECT id, name FROM permission_group WHERE name = ANY($1)", names)
    }


def ensure_grantable(by: Identity | None, permissions: frozenset[Permission], channels: frozenset[UUID] | None) -> None:
    """Nobody gives, takes or manages what they do not hold themselves, and as widely.

    Raises:
        NotAllowed
    """
    beyond = [permission for permission in permissions if by is not None and not by.may_give(permission, channels)]
    if beyond:
        raise NotAllowed(needs=", ".join(sorted(beyond)))


async def administer(tx: Transaction) -> None:
    """Wait one's turn: whoever changes who may manage staff does so alone, or two could lock each other out at once."""
    await tx.advisory_lock("accounts.administration")


async def ensure_somebody_administers(tx: Transaction) -> None:
    """After a change, and after `administer`: somebody active must still manage staff.

    Raises:
        LastAdministrator
    """
    if not await tx.value(SOMEBODY_ADMINISTERS):
        raise LastAdministrator


def _checked(name: str, description: str) -> tuple[str, str]:
    name, description = name.strip(), description.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise InvalidInput(
            path=("name",), reason=f"Give 1 to {NAME_LENGTH} characters.", reason_zh=f"请输入 1 至 {NAME_LENGTH} 个字符。"
        )
    if len(description) > DESCRIPTION_LENGTH or (description and not description.isprintable()):
        raise InvalidInput(
            path=("description",),
            reason=f"One line of at most {DESCRIPTION_LENGTH} characters.",
            reason_zh=f"单行,最多 {DESCRIPTION_LENGTH} 个字符。",
        )
    return name, description


def checked_channels(channel_ids: Iterable[UUID] | None) -> frozenset[UUID] | None:
    """The channels that rights are limited to; None is no limit. That they exist, the caller has looked at.

    Raises:
        InvalidInput
    """
    if channel_ids is None:
        return None
    named = list(channel_ids)
    if not 0 < len(named) <= CHANNELS_AT_MOST:
        raise InvalidInput(
            path=("channelIds",),
            reason=f"Name 1 to {CHANNELS_AT_MOST} channels, or leave it out for all.",
            reason_zh=f"请指定 1 至 {CHANNELS_AT_MOST} 个渠道;不限渠道时请省略。",
        )
    return frozenset(named)


def _stored(channels: frozenset[UUID] | None) -> list[UUID] | None:
    return None if channels is None else sorted(channels)


def _group(row: Row) -> Group:
    channels = frozenset(row["channel_ids"]) if row["channel_ids"] is not None else None
    return Group(row["id"], row["name"], known_permissions(row["permissions"]), row["description"], channels)


def _look_afresh_after(tx: Transaction) -> None:
    async def forget() -> None:
        forget_rights()

    tx.after_commit(forget)
