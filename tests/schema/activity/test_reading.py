"""Reading the activity log: by actor, thing, operation and time; page by page; and never a secret in it."""

from datetime import timedelta
from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.acting import COMMAND_LINE, Acting, act
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.api import Api

LOG = """query ($first: Int, $after: String, $where: ActivityWhere) { activity(first: $first, after: $after, where: $where) {
  nodes { id at operation actor { kind id name } origin { address userAgent client } correlationId input
          changes(first: 5) { nodes { subject subjectKind fields { field before after } } pageInfo { hasNextPage } } }
  pageInfo { hasNextPage endCursor } } }"""
HISTORY = """query ($subject: ID!, $first: Int, $after: String) { history(subject: $subject, first: $first, after: $after) {
  nodes { id subject at fields { field before after } activity { operation actor { name } } }
  pageInfo { hasNextPage endCursor } } }"""
CREATE = """mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { id version } errors { code path } } }"""
UPDATE = """mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) {
  product { id version } errors { code path } } }"""
PASSWORD = "never told to anybody 7731"


async def asked(api: Api, query: str, given: dict[str, Any], by: Person) -> Any:
    answer = await api(query, given, by.token)
    assert "errors" not in answer, answer["errors"]
    [found] = answer["data"].values()
    return found


@pytest.fixture
async def catalog(shop: Shop) -> Person:
    return await shop.staff(Permission.MANAGE_CATALOG, name="韩梅梅")


@pytest.fixture
async def reader(shop: Shop) -> Person:
    return await shop.staff(Permission.READ_ACTIVITY)


async def a_product(api: Api, by: Person, slug: str = "vip") -> dict[str, Any]:
    told = await asked(api, CREATE, {"input": {"slug": slug, "name": {"zh": "会员", "en": "VIP"}}}, by)
    product: dict[str, Any] = told["product"]
    return product


async def renamed(api: Api, product: dict[str, Any], by: Person, **name: str) -> dict[str, Any]:
    given = {"productId": product["id"], "expectedVersion": product["version"], "name": name}
    told = await asked(api, UPDATE, {"input": given}, by)
    assert told["errors"] == []
    changed: dict[str, Any] = told["product"]
    return changed


async def test_a_change_is_told_whole(api: Api, catalog: Person, reader: Person):
    product = await a_product(api, catalog)
    await renamed(api, product, catalog, zh="月卡", en="VIP")
    found = await asked(api, LOG, {}, reader)
    assert [deed["operation"] for deed in found["nodes"]] == ["productUpdate", "productCreate"]
    deed = found["nodes"][0]
    assert deed["actor"] == {"kind": "STAFF", "id": global_id(Kind.STAFF, catalog.id), "name": "韩梅梅"}
    assert deed["changes"] == {
        "nodes": [
            {
                "subject": product["id"],
                "subjectKind": "product",
                "fields": [{"field": "name.zh", "before": "会员", "after": "月卡"}],
            }
        ],
        "pageInfo": {"hasNextPage": False},
    }
    assert deed["input"]["productId"] == product["id"]
    assert deed["input"]["name"] == {"zh": "月卡", "en": "VIP"}
    created = found["nodes"][1]["changes"]["nodes"][0]["fields"]
    assert {"field": "howToUse", "before": None, "after": {}} not in created
    assert {"field": "slug", "before": None, "after": "vip"} in created


async def test_the_history_of_one_thing(api: Api, catalog: Person, reader: Person):
    product, other = await a_product(api, catalog), await a_product(api, catalog, "other")
    for name in ("一", "二", "三"):
        product = await renamed(api, product, catalog, zh=name)
    await renamed(api, other, catalog, zh="别的")
    seen: list[str] = []
    after = None
    while True:
        page = await asked(api, HISTORY, {"subject": product["id"], "first": 3, "after": after}, reader)
        named = [{one["field"]: one["after"] for one in change["fields"]} for change in page["nodes"]]
        seen += [told.get("slug") or told["name.zh"] for told in named]
        assert {change["activity"]["actor"]["name"] for change in page["nodes"]} == {"韩梅梅"}
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == ["三", "二", "一", "vip"]


async def test_the_log_is_asked_by_each_and_by_all(api: Api, shop: Shop, catalog: Person, reader: Person):
    another = await shop.staff(Permission.MANAGE_CATALOG)
    product = await a_product(api, catalog)
    await a_product(api, another, "other")
    await renamed(api, product, another, zh="新")
    me, him = (global_id(Kind.STAFF, one.id) for one in (catalog, another))
    past, future = (now() - timedelta(hours=1)).isoformat(), (now() + timedelta(hours=1)).isoformat()
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({"actor": me}, ["productCreate"]),
        ({"actor": him}, ["productUpdate", "productCreate"]),
        ({"subject": product["id"]}, ["productUpdate", "productCreate"]),
        ({"operation": "productUpdate"}, ["productUpdate"]),
        ({"actor": him, "subject": product["id"], "operation": "productUpdate", "at": {"since": past}}, ["productUpdate"]),
        ({"actor": me, "operation": "productUpdate"}, []),
        ({"at": {"since": future}}, []),
        ({"at": {"until": past}}, []),
        ({"at": {"since": past, "until": future}}, ["productUpdate", "productCreate", "productCreate"]),
        ({"correlationId": "nobody's"}, []),
        ({"actor": "cli"}, []),
        ({}, ["productUpdate", "productCreate", "productCreate"]),
    ]
    for where, operations in expected:
        found = await asked(api, LOG, {"where": where}, reader)
        assert [deed["operation"] for deed in found["nodes"]] == operations, where


async def test_pages_of_the_log(api: Api, catalog: Person, reader: Person):
    product = await a_product(api, catalog)
    for number in range(4):
        product = await renamed(api, product, catalog, zh=str(number))
    ids: list[str] = []
    after = None
    while True:
        page = await asked(api, LOG, {"first": 2, "after": after, "where": {"subject": product["id"]}}, reader)
        ids += [deed["id"] for deed in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(ids) == len(set(ids)) == 5


async def test_a_page_costs_three_statements(api: Api, catalog: Person, reader: Person):
    product = await a_product(api, catalog)
    for number in range(4):
        product = await renamed(api, product, catalog, zh=str(number))
    found = await asked(api, LOG, {}, reader)
    counted = db.statements.get() or []
    assert len(found["nodes"]) == 5
    # The driver asks about types besides, once a connection.
    assert [name for name in ("activity a", "activity_change x", "s.sealed_name") for sql in counted if name in sql] == [
        *("activity a", "activity_change x", "s.sealed_name")
    ]


async def test_the_command_line_acts_too(api: Api, reader: Person):
    async def work(tx: Transaction) -> None:
        tx.note_change("staff", reader.id, after={"active": True})

    with act(Acting(COMMAND_LINE, "admin create")):
        await transact(work)
    found = await asked(api, LOG, {"where": {"actor": "cli"}}, reader)
    [deed] = found["nodes"]
    assert deed["actor"] == {"kind": "COMMAND_LINE", "id": "cli", "name": None}
    assert deed["origin"] == {"address": None, "userAgent": None, "client": None}


async def test_a_machine_is_told_by_its_id(api: Api, reader: Person):
    machine = new_id()
    with act(Acting(f"machine:{machine}", "productCreate")):
        await transact(lambda tx: tx.execute("SELECT 1"))
    [deed] = (await asked(api, LOG, {}, reader))["nodes"]
    assert (deed["actor"]["kind"], deed["actor"]["name"]) == ("MACHINE", None)
    assert machine.hex in deed["actor"]["id"].replace("-", "")


async def test_no_password_is_ever_kept(api: Api, shop: Shop, reader: Person):
    by = await shop.staff(*Permission)
    create = "mutation ($input: StaffCreateInput!) { staffCreate(input: $input) { staff { id } errors { code } } }"
    given = {"email": "wang.wu@example.com", "password": PASSWORD, "name": "王五"}
    staff = (await asked(api, create, {"input": given}, by))["staff"]["id"]
    reset = "mutation ($input: StaffPasswordResetInput!) { staffPasswordReset(input: $input) { errors { code } } }"
    await asked(api, reset, {"input": {"staffId": staff, "password": PASSWORD + "!"}}, by)
    kept = str([dict(row) for table in ("activity", "activity_change") for row in await db.rows(f"SELECT * FROM {table}")])
    for secret in (PASSWORD, "wang.wu", "王五"):
        assert secret not in kept
    changes = (await asked(api, HISTORY, {"subject": staff}, reader))["nodes"]
    assert changes[0]["fields"] == [{"field": "password", "before": "[redacted]", "after": "[redacted]"}]
    told = {one["field"]: one["after"] for one in changes[1]["fields"]}
    assert told["maskedEmail"].endswith("••@example.com")
    [first, second] = (await asked(api, LOG, {"where": {"subject": staff}}, reader))["nodes"]
    assert first["input"] == {"staffId": staff, "password": "[redacted]"}
    assert second["input"] == {"email": "w••••@example.com", "password": "[redacted]", "name": "王••••", "groupIds": []}


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"where": {"actor": "prd_" + "0" * 32}}, ["where", "actor"]),
    ({"where": {"actor": "stf_zz"}}, ["where", "actor"]),
    ({"where": {"subject": "nobody"}}, ["where", "subject"]),
    ({"where": {"subject": "prd_"}}, ["where", "subject"]),
    ({"after": "nowhere"}, ["after"]),
    ({"after": "f" * 40 + "-" + "0" * 32}, ["after"]),
    ({"first": 0}, ["first"]),
    ({"where": {"operation": "a\x00b"}}, ["where", "operation"]),
]


@pytest.mark.parametrize(("given", "path"), WRONG, ids=str)
async def test_an_odd_question_is_refused(api: Api, reader: Person, given: dict[str, Any], path: list[str]):
    answer = await api(LOG, given, reader.token)
    assert answer["data"] is None
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_who_may_not_read_it_does_not(api: Api, shop: Shop, catalog: Person):
    product = await a_product(api, catalog)
    others = await shop.staff(*(set(Permission) - {Permission.READ_ACTIVITY}))
    for query, given in ((LOG, {}), (HISTORY, {"subject": product["id"]})):
        for who, code in ((others, "NOT_ALLOWED"), (None, "NOT_SIGNED_IN")):
            answer = await api(query, given, who.token if who else None)
            assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, code)
