"""Staff and permission groups as those who manage them set them up, through HTTP."""

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import PASSWORD, Person, Shop, an_email
from tests.schema.accounts.operations import ERRORS, REFRESH, STAFF_SIGN_IN, payload, refusal
from tests.schema.conftest import Api

STAFF = f"staff {{ id name maskedEmail active permissions groups {{ id name }} }} {ERRORS}"
GROUP = f"group {{ id name description permissions }} {ERRORS}"
CREATE = f"mutation ($input: StaffCreateInput!) {{ staffCreate(input: $input) {{ {STAFF} }} }}"
ACTIVATE = f"mutation ($input: StaffInput!) {{ staffActivate(input: $input) {{ {STAFF} }} }}"
DEACTIVATE = f"mutation ($input: StaffInput!) {{ staffDeactivate(input: $input) {{ {STAFF} }} }}"
SET_GROUPS = f"mutation ($input: StaffGroupsSetInput!) {{ staffGroupsSet(input: $input) {{ {STAFF} }} }}"
RESET = f"mutation ($input: StaffPasswordResetInput!) {{ staffPasswordReset(input: $input) {{ {STAFF} }} }}"
CREATE_GROUP = f"mutation ($input: PermissionGroupCreateInput!) {{ permissionGroupCreate(input: $input) {{ {GROUP} }} }}"
UPDATE_GROUP = f"mutation ($input: PermissionGroupUpdateInput!) {{ permissionGroupUpdate(input: $input) {{ {GROUP} }} }}"
NEW = "a wholly new password"


def sid(person: Person) -> str:
    return global_id(Kind.STAFF, person.id)


async def test_a_colleague_joins_works_and_leaves(api: Api, shop: Shop):
    boss = await shop.staff(Permission.MANAGE_STAFF, Permission.READ_CUSTOMERS)
    told = {"name": "Readers", "permissions": ["READ_CUSTOMERS"], "description": "See customers"}
    group = (await payload(api, CREATE_GROUP, told, token=boss.token))["group"]
    assert {key: group[key] for key in told} == told

    email = an_email("colleague").value
    told = {"email": email, "password": PASSWORD, "name": "韩梅梅", "groupIds": [group["id"]]}
    made = (await payload(api, CREATE, told, token=boss.token))["staff"]
    assert (made["name"], made["active"], made["permissions"]) == ("韩梅梅", True, ["READ_CUSTOMERS"])
    assert made["groups"] == [{"id": group["id"], "name": "Readers"}]

    signed_in = await payload(api, STAFF_SIGN_IN, {"email": email, "password": PASSWORD})
    customers = "{ customers { nodes { id } } }"
    assert "errors" not in await api(customers, token=signed_in["accessToken"])

    told = {"groupId": group["id"], "name": "Nobody", "permissions": [], "description": ""}
    assert (await payload(api, UPDATE_GROUP, told, token=boss.token))["group"]["permissions"] == []
    denied = await api(customers, token=signed_in["accessToken"])
    assert denied["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"

    gone = (await payload(api, DEACTIVATE, {"staffId": made["id"]}, token=boss.token))["staff"]
    assert gone["active"] is False
    assert (await api(customers, token=signed_in["accessToken"]))["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
    assert (await refusal(api, REFRESH, {"refreshToken": signed_in["refreshToken"]}))["code"] == "SESSION_ENDED"
    back = (await payload(api, ACTIVATE, {"staffId": made["id"]}, token=boss.token))["staff"]
    assert (back["active"], len(back["groups"])) == (True, 1)


async def test_groups_are_set_as_a_whole(api: Api, shop: Shop):
    boss, member = await shop.staff(*Permission), await shop.staff(Permission.READ_JOBS)
    group = (await payload(api, CREATE_GROUP, {"name": "G", "permissions": ["READ_LEDGER"]}, token=boss.token))["group"]
    told = {"staffId": sid(member), "groupIds": [group["id"]]}
    assert (await payload(api, SET_GROUPS, told, token=boss.token))["staff"]["permissions"] == ["READ_LEDGER"]
    none = await payload(api, SET_GROUPS, {"staffId": sid(member), "groupIds": []}, token=boss.token)
    assert none["staff"]["groups"] == []


async def test_a_password_set_for_a_colleague_ends_their_sessions(api: Api, shop: Shop):
    boss, member = await shop.staff(Permission.MANAGE_STAFF), await shop.staff()
    assert (await payload(api, RESET, {"staffId": sid(member), "password": NEW}, token=boss.token))["errors"] == []
    assert (await refusal(api, REFRESH, {"refreshToken": member.refresh_token}))["code"] == "SESSION_ENDED"
    told = {"email": member.contact.value, "password": NEW}
    assert (await payload(api, STAFF_SIGN_IN, told))["errors"] == []


async def test_nobody_gives_what_they_do_not_hold(api: Api, shop: Shop):
    boss, stronger = await shop.staff(Permission.MANAGE_STAFF), await shop.staff(Permission.ADJUST_WALLETS)
    group = await db.value("SELECT group_id FROM staff_group WHERE staff_id = $1", stronger.id)
    gid = global_id(Kind.PERMISSION_GROUP, group)
    before = await db.rows("SELECT * FROM staff_group ORDER BY id"), await db.rows("SELECT * FROM staff ORDER BY id")
    attempts = [
        (CREATE_GROUP, {"name": "Mine", "permissions": ["ADJUST_WALLETS"]}),
        (UPDATE_GROUP, {"groupId": gid, "name": "Mine", "permissions": []}),
        (CREATE, {"email": an_email().value, "password": PASSWORD, "groupIds": [gid]}),
        (SET_GROUPS, {"staffId": sid(boss), "groupIds": [gid]}),
        (RESET, {"staffId": sid(stronger), "password": NEW}),
        (DEACTIVATE, {"staffId": sid(stronger)}),
    ]
    for operation, told in attempts:
        answer = await api(operation, {"input": told}, token=boss.token)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
        assert "ADJUST_WALLETS" in answer["errors"][0]["message"]
    assert before == (await db.rows("SELECT * FROM staff_group ORDER BY id"), await db.rows("SELECT * FROM staff ORDER BY id"))


async def test_the_last_who_manages_staff_stays(api: Api, shop: Shop):
    boss = await shop.staff(Permission.MANAGE_STAFF)
    for operation, told in [(DEACTIVATE, {}), (SET_GROUPS, {"groupIds": []})]:
        error = await refusal(api, operation, {"staffId": sid(boss), **told}, token=boss.token)
        assert error["code"] == "LAST_ADMINISTRATOR"
    zh = await refusal(api, DEACTIVATE, {"staffId": sid(boss)}, token=boss.token, language="zh-CN")
    assert zh["message"] == "至少须保留一名可管理员工的管理员。"
    assert await db.value("SELECT count(*) FROM staff WHERE active") == 1


@pytest.mark.parametrize(
    ("operation", "told", "code", "path"),
    [
        (CREATE, {"email": "nobody", "password": PASSWORD}, "INVALID_INPUT", ["email"]),
        (CREATE, {"email": "a@example.com", "password": "short"}, "PASSWORD_TOO_WEAK", ["password"]),
        (CREATE, {"email": "a@example.com", "password": PASSWORD, "name": "x" * 81}, "INVALID_INPUT", ["name"]),
        (CREATE, {"email": "a@example.com", "password": PASSWORD, "name": "a\x00b"}, "INVALID_INPUT", ["name"]),
        (CREATE, {"email": "a@example.com", "password": PASSWORD, "groupIds": ["x"]}, "INVALID_INPUT", ["groupIds", "0"]),
        (CREATE, {"email": "a@example.com", "password": PASSWORD, "groupIds": ["x"] * 51}, "INVALID_INPUT", ["groupIds"]),
        (CREATE, {"email": "a@example.com", "password": PASSWORD, "groupIds": ["grp_" + "0" * 32]}, "NOT_FOUND", ["groupIds"]),
        (ACTIVATE, {"staffId": "stf_" + "0" * 32}, "NOT_FOUND", ["staffId"]),
        (DEACTIVATE, {"staffId": "cus_" + "0" * 32}, "INVALID_INPUT", ["staffId"]),
        (SET_GROUPS, {"staffId": "stf_" + "0" * 32, "groupIds": []}, "NOT_FOUND", ["staffId"]),
        (RESET, {"staffId": "stf_" + "0" * 32, "password": PASSWORD}, "NOT_FOUND", ["staffId"]),
        (CREATE_GROUP, {"name": " ", "permissions": []}, "INVALID_INPUT", ["name"]),
        (CREATE_GROUP, {"name": "G", "permissions": [], "description": "x" * 301}, "INVALID_INPUT", ["description"]),
        (UPDATE_GROUP, {"groupId": "grp_" + "0" * 32, "name": "G", "permissions": []}, "NOT_FOUND", ["groupId"]),
    ],
)
async def test_bad_input_changes_nothing(
    api: Api, shop: Shop, operation: str, told: dict[str, object], code: str, path: list[str]
):
    boss = await shop.staff(*Permission)
    error = await refusal(api, operation, told, token=boss.token)
    assert (error["code"], error["path"]) == (code, ["input", *path])
    assert PASSWORD not in str(error)
    assert (await db.value("SELECT count(*) FROM staff"), await db.value("SELECT count(*) FROM permission_group")) == (1, 1)


async def test_names_are_taken_once(api: Api, shop: Shop):
    boss, member = await shop.staff(*Permission), await shop.staff()
    told = {"email": member.contact.value.upper(), "password": PASSWORD}
    taken = await refusal(api, CREATE, told, token=boss.token)
    assert (taken["code"], taken["path"]) == ("STAFF_EXISTS", ["input", "email"])
    told = {"name": "G", "permissions": []}
    await payload(api, CREATE_GROUP, told, token=boss.token)
    taken = await refusal(api, CREATE_GROUP, told, token=boss.token)
    assert (taken["code"], taken["path"]) == ("GROUP_EXISTS", ["input", "name"])


async def test_staff_are_read_page_by_page_in_few_statements(api: Api, shop: Shop):
    people = [await shop.staff(*Permission), *[await shop.staff() for _ in range(3)]]
    query = """query ($after: String) { staff(first: 3, after: $after) {
        nodes { id name maskedEmail permissions groups { name } } pageInfo { endCursor hasNextPage } } }"""
    await api(query, token=people[0].token)
    answer = await api.send(query, token=people[0].token)
    assert answer.headers["perkhub-statements"] == "2"
    first = answer.json()["data"]["staff"]
    second = (await api(query, {"after": first["pageInfo"]["endCursor"]}, token=people[0].token))["data"]["staff"]
    assert [node["id"] for node in first["nodes"] + second["nodes"]] == [sid(person) for person in people]


async def test_a_group_is_answered_with_however_many_there_are(api: Api, shop: Shop):
    boss = await shop.staff(Permission.MANAGE_STAFF)
    many = "INSERT INTO permission_group (id, name, permissions, description) SELECT gen_random_uuid(), 'A ' || n, '{}', '' "
    await db.rows(f"{many} FROM generate_series(1, 600) AS n")
    made = await payload(api, CREATE_GROUP, {"name": "Zhejiang", "permissions": []}, token=boss.token)
    assert made["group"]["name"] == "Zhejiang"
