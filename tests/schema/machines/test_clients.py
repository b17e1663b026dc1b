"""Machine clients in GraphQL: made, changed, rotated, revoked and read by those who may manage them."""

from typing import Any

from perkhub.accounts import Permission
from perkhub.kit import db
from tests.factories import Shop
from tests.schema.accounts.operations import payload, refusal
from tests.schema.conftest import Api

ERRORS = "errors { code message path }"
CLIENT = """machineClient { id name scopes allowedNetworks requestsPerMinute version expiresAt revokedAt lastUsedAt createdBy
    secrets { hint expiresAt } }"""
CREATE = f"mutation ($input: MachineClientCreateInput!) {{ machineClientCreate(input: $input) {{ {CLIENT} secret {ERRORS} }} }}"
UPDATE = f"mutation ($input: MachineClientUpdateInput!) {{ machineClientUpdate(input: $input) {{ {CLIENT} {ERRORS} }} }}"
ROTATE = f"mutation ($input: MachineClientRotateInput!) {{ machineClientRotate(input: $input) {{ {CLIENT} secret {ERRORS} }} }}"
REVOKE = f"mutation ($input: MachineClientInput!) {{ machineClientRevoke(input: $input) {{ {CLIENT} {ERRORS} }} }}"
LIST = """query ($first: Int, $after: String) { machineClients(first: $first, after: $after) {
    nodes { id } pageInfo { endCursor hasNextPage } } }"""
ERP: dict[str, Any] = {
    "name": "ERP 系统",
    "scopes": ["READ_ORDERS"],
    "allowedNetworks": ["203.0.113.9/24"],
    "requestsPerMinute": 90,
}


async def manager(shop: Shop) -> str:
    return (await shop.staff(Permission.MANAGE_MACHINES, Permission.READ_ORDERS)).token


async def test_a_life_from_birth_to_end(api: Api, shop: Shop):
    token = await manager(shop)
    made = await payload(api, CREATE, ERP, token=token)
    client = made["machineClient"]
    assert (client["scopes"], client["allowedNetworks"], client["requestsPerMinute"]) == (
        ["READ_ORDERS"],
        ["203.0.113.0/24"],
        90,
    )
    assert client["secrets"] == [{"hint": made["secret"][-4:], "expiresAt": None}]
    which = {"machineClientId": client["id"]}
    changed = await payload(
        api, UPDATE, {**which, "expectedVersion": 1, "name": "ERP 2", "requestsPerMinute": None}, token=token
    )
    assert (changed["machineClient"]["name"], changed["machineClient"]["requestsPerMinute"]) == ("ERP 2", None)
    assert changed["machineClient"]["scopes"] == ["READ_ORDERS"]
    rotated = await payload(api, ROTATE, which, token=token)
    assert [one["hint"] for one in rotated["machineClient"]["secrets"]] == [made["secret"][-4:], rotated["secret"][-4:]]
    assert (await refusal(api, ROTATE, which, token=token))["code"] == "ROTATION_UNDER_WAY"
    assert (await payload(api, REVOKE, which, token=token))["machineClient"]["revokedAt"]
    assert (await refusal(api, REVOKE, which, token=token))["code"] == "MACHINE_CLIENT_REVOKED"
    read = await api("query ($id: ID!) { node(id: $id) { id ... on MachineClient { name } } }", {"id": client["id"]}, token)
    assert read["data"]["node"] == {"id": client["id"], "name": "ERP 2"}


async def test_nobody_gives_what_they_do_not_hold(api: Api, shop: Shop):
    token = await manager(shop)
    answer = await api(CREATE, {"input": {**ERP, "scopes": ["READ_ORDERS", "ADJUST_WALLETS"]}}, token)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_ALLOWED"]
    assert await db.value("SELECT count(*) FROM machine_client") == 0


async def test_a_machine_makes_machines_within_its_own_scopes(api: Api, shop: Shop):
    machine = await shop.machine(Permission.MANAGE_MACHINES, Permission.READ_ORDERS)
    made = await payload(api, CREATE, ERP, token=machine.token)
    assert made["machineClient"]["createdBy"] == f"machine:{machine.id}"
    answer = await api(CREATE, {"input": {**ERP, "scopes": ["MANAGE_STAFF"]}}, machine.token)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_ALLOWED"]


async def test_the_list_is_turned_page_by_page(api: Api, shop: Shop):
    token = await manager(shop)
    ids = [(await payload(api, CREATE, ERP, token=token))["machineClient"]["id"] for _ in range(3)]
    page = (await api(LIST, {"first": 2}, token))["data"]["machineClients"]
    assert [node["id"] for node in page["nodes"]] == ids[:0:-1]
    rest = (await api(LIST, {"first": 2, "after": page["pageInfo"]["endCursor"]}, token))["data"]["machineClients"]
    assert [node["id"] for node in rest["nodes"]] == ids[:1]
