"""Staff: who runs the shop, in which groups, and whether they still do. Signing in is `staff_sign_in`'s business."""

from collections.abc import Iterable
from uuid import UUID

from perkhub.accounts.contacts import ContactKind, parse_contact
from perkhub.accounts.errors import AdministratorExists, StaffExists
from perkhub.accounts.groups import (
    SOMEBODY_ADMINISTERS,
    administer,
    ensure_default_groups,
    ensure_grantable,
    ensure_somebody_administers,
    groups_of,
)
from perkhub.accounts.identity import Identity, IdentityKind
from perkhub.accounts.passwords import ensure_acceptable, hash_password
from perkhub.accounts.permissions import ADMINISTRATORS
from perkhub.accounts.personal import seal_personal, staff_index
from perkhub.accounts.sessions import revoke_sessions
from perkhub.accounts.tokens import forget_rights
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id

NAME_LENGTH = 80

ADD = """
    INSERT INTO staff (id, sealed_email, blind_index, masked, sealed_name, password_hash, active, version, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, true, 1, $7) ON CONFLICT (blind_index) DO NOTHING
"""
JOIN_GROUPS = """
    INSERT INTO staff_group (id, staff_id, group_id) SELECT r.id, $1, r.group_id
    FROM unnest($2::uuid[], $3::uuid[]) AS r(id, group_id) ON CONFLICT (staff_id, group_id) DO NOTHING
"""
LEAVE_GROUPS = "DELETE FROM staff_group WHERE staff_id = $1 AND group_id <> ALL($2)"
STANDING = """
    SELECT array(SELECT m.group_id FROM staff_group m WHERE m.staff_id = s.id ORDER BY m.group_id) AS groups, s.active
    FROM staff s WHERE s.id = $1
"""
SET_ACTIVE = "UPDATE staff SET active = $2, version = version + 1 WHERE id = $1 AND active <> $2"
SET_PASSWORD = "UPDATE staff SET password_hash = $2, version = version + 1 WHERE id = $1"  # noqa: S105


async def create_staff(
    tx: Transaction, *, email: str, password: str, groups: Iterable[UUID], name: str | None = None, by: Identity | None
) -> UUID:
    """A new member of staff, active at once. `by` is who makes it; None only for the command line and for setting up.

    Raises:
        InvalidInput, PasswordTooWeak, StaffExists, NotFound.
        NotAllowed: a group holds a permission that `by` does not.
    """
    contact = parse_contact(ContactKind.EMAIL, email, path=("email",))
    ensure_acceptable(password, path=("password",))
    sealed_name_of = _checked_name(name)
    password_hash = await hash_password(password)
    wanted = list(groups)
    await _ensure_groups_grantable(tx, by, wanted)
    staff_id = new_id()
    added = await tx.execute(
        ADD,
        staff_id,
        seal_personal(contact.value, ("staff", staff_id, "email")),
        staff_index(contact),
        contact.masked,
        seal_personal(sealed_name_of, ("staff", staff_id, "name")) if sealed_name_of else None,
        password_hash,
        now(),
    )
    if added == 0:
        raise StaffExists(path=("email",))
    await _join(tx, staff_id, wanted)
    # Of a name nothing is kept: the log outlives the account.
    tx.note_change("staff", staff_id, after={"masked_email": contact.masked, "groups": sorted(set(wanted)), "active": True})
    return staff_id


async def create_first_admin(tx: Transaction, email: str, password: str, *, force: bool = False) -> UUID:
    """The first administrator, from the command line; also makes the default groups.

    Raises:
        AdministratorExists: somebody already manages staff, and it is not forced.
        InvalidInput, PasswordTooWeak, StaffExists.
    """
    await administer(tx)
    if not force and await tx.value(SOMEBODY_ADMINISTERS):
        raise AdministratorExists
    groups = await ensure_default_groups(tx)
    return await create_staff(tx, email=email, password=password, groups=[groups[ADMINISTRATORS]], by=None)


async def set_staff_groups(tx: Transaction, staff_id: UUID, groups: Iterable[UUID], *, by: Identity | None) -> None:
    """Put a member of staff into exactly these groups.

    Raises:
        NotFound, LastAdministrator.
        NotAllowed: they hold, or would hold, a permission that `by` does not.
    """
    await administer(tx)
    before = await _ensure_manageable(tx, staff_id, by)
    wanted = list(groups)
    await _ensure_groups_grantable(tx, by, wanted)
    await tx.execute(LEAVE_GROUPS, staff_id, wanted)
    await _join(tx, staff_id, wanted)
    await ensure_somebody_administers(tx)
    tx.note_change("staff", staff_id, before=before, after={"groups": sorted(set(wanted))})
    _look_afresh_after(tx, staff_id)


async def deactivate_staff(tx: Transaction, staff_id: UUID, *, by: Identity | None) -> None:
    """End all sessions and every right of a member of staff.

    Raises:
        NotFound, NotAllowed, LastAdministrator.
    """
    await administer(tx)
    before = await _ensure_manageable(tx, staff_id, by)
    await tx.execute(SET_ACTIVE, staff_id, False)
    tx.note_change("staff", staff_id, before=before, after={"active": False})
    await revoke_sessions(tx, IdentityKind.STAFF, staff_id)
    await ensure_somebody_administers(tx)
    _look_afresh_after(tx, staff_id)


async def activate_staff(tx: Transaction, staff_id: UUID, *, by: Identity | None) -> None:
    """Let a member of staff sign in again, with the groups they had.

    Raises:
        NotFound, NotAllowed.
    """
    await administer(tx)
    before = await _ensure_manageable(tx, staff_id, by)
    await tx.execute(SET_ACTIVE, staff_id, True)
    tx.note_change("staff", staff_id, before=before, after={"active": True})
    _look_afresh_after(tx, staff_id)


async def reset_staff_password(tx: Transaction, staff_id: UUID, password: str, *, by: Identity | None) -> None:
    """Set a colleague's password and end all their sessions.

    Raises:
        PasswordTooWeak, NotFound, NotAllowed.
    """
    ensure_acceptable(password, path=("password",))
    password_hash = await hash_password(password)
    await administer(tx)
    await _ensure_manageable(tx, staff_id, by)
    await tx.execute(SET_PASSWORD, staff_id, password_hash)
    await revoke_sessions(tx, IdentityKind.STAFF, staff_id)
    tx.note_change("staff", staff_id, hidden=("password",))


async def _ensure_manageable(tx: Transaction, staff_id: UUID, by: Identity | None) -> Row:
    """As they are before the change."""
    held = await tx.row(STANDING, staff_id)
    if held is None:
        raise NotFound("member of staff", "员工", path=("staffId",))
    await _ensure_groups_grantable(tx, by, list(held["groups"]))
    return held


async def _ensure_groups_grantable(tx: Transaction, by: Identity | None, groups: list[UUID]) -> None:
    for group in await groups_of(tx, groups):
        ensure_grantable(by, group.permissions, group.channel_ids)


async def _join(tx: Transaction, staff_id: UUID, groups: list[UUID]) -> None:
    await tx.execute(JOIN_GROUPS, staff_id, [new_id() for _ in groups], groups)


def _checked_name(name: str | None) -> str:
    kept = (name or "").strip()
    if len(kept) > NAME_LENGTH or (kept and not kept.isprintable()):
        raise InvalidInput(
            path=("name",), reason=f"At most {NAME_LENGTH} characters.", reason_zh=f"最多 {NAME_LENGTH} 个字符。"
        )
    return kept


def _look_afresh_after(tx: Transaction, staff_id: UUID) -> None:
    async def forget() -> None:
        forget_rights(staff_id)

    tx.after_commit(forget)
