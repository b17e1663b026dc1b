"""Staff: the first administrator, nobody gives more than they hold, and somebody is always left who manages staff."""

from datetime import timedelta

import pytest

from perkhub.accounts import (
    DEFAULT_GROUPS,
    Identity,
    Permission,
    activate_staff,
    all_groups,
    change_staff_password,
    create_first_admin,
    create_group,
    create_staff,
    deactivate_staff,
    identify,
    list_staff,
    refresh_session,
    reset_staff_password,
    set_staff_groups,
    sign_in_staff,
    staff_by_id,
    tokens,
    update_group,
)
from perkhub.accounts.errors import (
    AdministratorExists,
    GroupExists,
    LastAdministrator,
    PasswordTooWeak,
    SessionEnded,
    SignInFailed,
    StaffExists,
)
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn
from perkhub.kit.ids import new_id
from tests.accounts.people import PASSWORD, all_at_once, staff_with, tally, the_admin

pytestmark = pytest.mark.usefixtures("accounts")
NEW = "a wholly new password"


async def group_id(name: str) -> object:
    return await db.value("SELECT id FROM permission_group WHERE name = $1", name)


async def test_the_first_administrator_may_do_everything():
    admin = await the_admin()
    assert admin.permissions == frozenset(Permission)
    assert admin.actor == f"staff:{admin.id}"
    assert {group.name: group.permissions for group in await all_groups()} == {g.name: g.permissions for g in DEFAULT_GROUPS}


async def test_a_second_first_administrator_is_refused_unless_forced():
    await the_admin()
    with pytest.raises(AdministratorExists):
        await transact(lambda tx: create_first_admin(tx, "other@example.com", PASSWORD))
    await transact(lambda tx: create_first_admin(tx, "other@example.com", PASSWORD, force=True))
    with pytest.raises(StaffExists):
        await transact(lambda tx: create_first_admin(tx, "Other@Example.com", PASSWORD, force=True))
    assert await db.value("SELECT count(*) FROM staff") == 2


async def test_of_many_first_administrators_at_once_one_is_made():
    results = tally(
        await all_at_once(transact(lambda tx, n=n: create_first_admin(tx, f"admin{n}@example.com", PASSWORD)) for n in range(8))
    )
    assert results == {"UUID": 1, "AdministratorExists": 7}


async def test_signing_in():
    identity = await staff_with(Permission.READ_ORDERS)
    [member] = (await staff_by_id([identity.id])).values()
    assert (member.name, member.active) == ("李雷", True)
    assert member.masked_email.endswith("••••@example.com")
    assert "李雷" not in repr(member)
    for email, password in [("staff0@example.com", PASSWORD), ("nobody@example.com", PASSWORD)]:
        with pytest.raises(SignInFailed):
            await sign_in_staff(email, password)
    with pytest.raises(InvalidInput):
        await sign_in_staff("no address", PASSWORD)


async def test_what_is_wrong_with_a_new_member():
    admin = await the_admin()

    async def made(**changed: object) -> object:
        given = {"email": "new@example.com", "password": PASSWORD, "groups": [], "by": admin} | changed
        return await transact(lambda tx: create_staff(tx, **given))

    for changed, error in [
        ({"email": "no address"}, InvalidInput),
        ({"password": "short"}, PasswordTooWeak),
        ({"groups": [new_id()]}, NotFound),
        ({"name": "x" * 81}, InvalidInput),
        ({"name": "a\nb"}, InvalidInput),
        ({"email": "ADMIN@example.com"}, StaffExists),
    ]:
        with pytest.raises(error):
            await made(**changed)
    assert await db.value("SELECT count(*) FROM staff") == 1
    await made()
    assert len(await list_staff()) == 2
    assert [m.id for m in await list_staff(first=1, after=(await list_staff(first=1))[0].id)] == [(await list_staff())[1].id]


async def test_nobody_gives_what_they_do_not_hold():
    admin = await the_admin()
    manager = await staff_with(Permission.MANAGE_STAFF, Permission.READ_ORDERS)
    administrators = await group_id("Administrators")
    support = await group_id("Support")
    target = await transact(lambda tx: create_staff(tx, email="t@example.com", password=PASSWORD, groups=[], by=manager))
    attempts = [
        lambda tx: create_group(tx, name="Mine", permissions=[Permission.ADJUST_WALLETS], by=manager),
        lambda tx: update_group(tx, support, name="Support", permissions=[], description="", by=manager),
        lambda tx: create_staff(tx, email="x@example.com", password=PASSWORD, groups=[administrators], by=manager),
        lambda tx: set_staff_groups(tx, manager.id, [administrators], by=manager),
        lambda tx: set_staff_groups(tx, target, [support], by=manager),
        lambda tx: deactivate_staff(tx, admin.id, by=manager),
        lambda tx: reset_staff_password(tx, admin.id, NEW, by=manager),
        lambda tx: set_staff_groups(tx, admin.id, [], by=manager),
    ]
    before = str(await db.rows("SELECT s::text FROM staff s ORDER BY 1")) + str(await all_groups())
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            await transact(attempt)
    assert str(await db.rows("SELECT s::text FROM staff s ORDER BY 1")) + str(await all_groups()) == before
    mine = await transact(lambda tx: create_group(tx, name="Mine", permissions=[Permission.READ_ORDERS], by=manager))
    await transact(lambda tx: set_staff_groups(tx, target, [mine], by=manager))


async def test_groups_have_names_of_their_own():
    admin = await the_admin()
    for name in ("Support", " Support "):
        with pytest.raises(GroupExists):
            await transact(lambda tx, name=name: create_group(tx, name=name, permissions=[], by=admin))
    for name in ("", " ", "x" * 61, "a\x00b"):
        with pytest.raises(InvalidInput):
            await transact(lambda tx, name=name: create_group(tx, name=name, permissions=[], by=admin))
    catalog = await group_id("Catalog")
    with pytest.raises(GroupExists):
        await transact(lambda tx: update_group(tx, catalog, name="Vault", permissions=[], description="", by=admin))
    with pytest.raises(NotFound):
        await transact(lambda tx: update_group(tx, new_id(), name="Ours", permissions=[], description="", by=admin))


async def test_deactivation_ends_sessions_and_rights_at_once():
    admin = await the_admin()
    await transact(lambda tx: create_staff(tx, email="t@example.com", password=PASSWORD, groups=[], by=admin))
    session = await sign_in_staff("t@example.com", PASSWORD)
    await identify(session.access_token)
    await transact(lambda tx: deactivate_staff(tx, session.subject_id, by=admin))
    with pytest.raises(NotSignedIn):
        await identify(session.access_token)
    with pytest.raises(SessionEnded):
        await refresh_session(session.refresh_token)
    with pytest.raises(SignInFailed):
        await sign_in_staff("t@example.com", PASSWORD)
    await transact(lambda tx: activate_staff(tx, session.subject_id, by=admin))
    await sign_in_staff("t@example.com", PASSWORD)
    await identify(session.access_token)  # its ten minutes are not over; it was never the session's right to refresh


async def test_other_processes_see_changed_rights_within_five_seconds():
    identity = await staff_with(Permission.READ_ORDERS)
    session = await sign_in_staff_of(identity)
    assert (await identify(session)).permissions == {Permission.READ_ORDERS}
    await db.value("DELETE FROM staff_group")  # as another process would: nothing here is told
    assert (await identify(session)).permissions == {Permission.READ_ORDERS}
    with travel(timedelta(seconds=6)):
        assert (await identify(session)).permissions == frozenset()


async def sign_in_staff_of(identity: Identity) -> str:
    assert identity.id is not None
    assert identity.session_id is not None
    return tokens.issue_access_token(identity.kind, identity.id, session_id=identity.session_id)[0]


async def test_somebody_is_left_who_manages_staff():
    admin = await the_admin()
    administrators = await group_id("Administrators")
    for attempt in [
        lambda tx: deactivate_staff(tx, admin.id, by=admin),
        lambda tx: set_staff_groups(tx, admin.id, [], by=admin),
        lambda tx: update_group(tx, administrators, name="Administrators", permissions=[], description="", by=admin),
    ]:
        with pytest.raises(LastAdministrator):
            await transact(attempt)
    assert (await identify(await sign_in_staff_of(admin))).permissions == frozenset(Permission)


async def test_two_administrators_cannot_lock_each_other_out_at_once():
    first = await the_admin()
    second_id = await transact(lambda tx: create_first_admin(tx, "second@example.com", PASSWORD, force=True))
    results = tally(
        await all_at_once(
            [
                transact(lambda tx: deactivate_staff(tx, second_id, by=first)),
                transact(lambda tx: deactivate_staff(tx, first.id, by=first)),
            ]
        )
    )
    assert results == {"NoneType": 1, "LastAdministrator": 1}
    assert await db.value("SELECT count(*) FROM staff WHERE active") == 1


async def test_passwords_of_staff():
    admin = await the_admin()
    member = await transact(lambda tx: create_staff(tx, email="t@example.com", password=PASSWORD, groups=[], by=admin))
    before = await sign_in_staff("t@example.com", PASSWORD)
    with pytest.raises(SignInFailed):
        await change_staff_password(member, old="wrong horse battery", new=NEW)
    after = await change_staff_password(member, old=PASSWORD, new=NEW)
    with pytest.raises(SessionEnded):
        await refresh_session(before.refresh_token)
    await transact(lambda tx: reset_staff_password(tx, member, f"{NEW} again", by=admin))
    with pytest.raises(SessionEnded):
        await refresh_session(after.refresh_token)
    await sign_in_staff("t@example.com", f"{NEW} again")


async def test_a_stored_word_that_is_no_permission_is_passed_over():
    identity = await staff_with(Permission.READ_ORDERS)
    await db.value("UPDATE permission_group SET permissions = permissions || '{FLY}'::text[]")
    tokens.forget_rights()
    assert (await identify(await sign_in_staff_of(identity))).permissions == {Permission.READ_ORDERS}
