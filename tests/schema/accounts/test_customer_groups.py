"""Customer groups as staff keep them: members by id and by contact, many at once, each entry answered for itself."""

from typing import Any

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop, an_email
from tests.schema.inputs import a_name
from tests.schema.standing import Standing, unchanged

ERRORS = "errors { code path }"
CREATE = f"""
    mutation ($input: CustomerGroupCreateInput!) {{
      customerGroupCreate(input: $input) {{ group {{ id name externalReference version size }} {ERRORS} }}
    }}
"""
UPDATE = f"""
    mutation ($input: CustomerGroupUpdateInput!) {{
      customerGroupUpdate(input: $input) {{ group {{ name description externalReference version }} {ERRORS} }}
    }}
"""
CHANGE = """
    mutation ($input: CustomerGroupMembers{0}Input!) {{
      customerGroupMembers{0}(input: $input) {{
        group {{ size }} results {{ position partyId error {{ code path }} }} errors {{ code path }}
      }}
    }}
"""
ADD, REMOVE = CHANGE.format("Add"), CHANGE.format("Remove")
MEMBERS = """
    query ($id: ID!) {
      customerGroup(id: $id) { members(first: 2) { nodes { partyId until customer { id } } pageInfo { hasNextPage } } }
    }
"""


async def keeper() -> str:
    return (await Shop().staff(Permission.READ_CUSTOMERS, Permission.MANAGE_CUSTOMERS)).token


async def a_group(standing: Standing, token: str, **said: Any) -> dict[str, Any]:
    answer = await standing.api(CREATE, {"input": {"name": a_name("Group"), **said}}, token)
    payload = answer["data"]["customerGroupCreate"]
    assert payload["errors"] == []
    group: dict[str, Any] = payload["group"]
    return group


async def test_members_come_in_by_id_and_contact_and_go_again(standing: Standing):
    token, people = await keeper(), await Shop().customers(3)
    group, ids = await a_group(standing, token), [global_id(Kind.CUSTOMER, person.party_id) for person in people]
    given = {"groupId": group["id"], "until": "2099-01-31T00:00:00Z"}
    members = [{"customerId": ids[0]}, {"email": people[1].contact.value.upper()}, {"customerId": ids[2]}]
    added = (await standing.api(ADD, {"input": {**given, "members": members}}, token))["data"]["customerGroupMembersAdd"]
    assert added["group"] == {"size": 3}
    assert added["results"] == [{"position": place, "partyId": id, "error": None} for place, id in enumerate(ids)]
    page = (await standing.api(MEMBERS, {"id": group["id"]}, token))["data"]["customerGroup"]["members"]
    assert page["pageInfo"]["hasNextPage"]
    assert {node["until"] for node in page["nodes"]} == {"2099-01-31T00:00:00+00:00"}
    assert all(node["customer"] == {"id": node["partyId"]} for node in page["nodes"])
    gone = await standing.api(REMOVE, {"input": {"groupId": group["id"], "members": members[:1]}}, token)
    assert gone["data"]["customerGroupMembersRemove"]["group"] == {"size": 2}


async def test_an_unknown_entry_stops_all_or_is_skipped_as_asked(standing: Standing):
    token, person = await keeper(), await Shop().customer()
    group = await a_group(standing, token)
    members = [{"email": an_email().value}, {"customerId": global_id(Kind.CUSTOMER, person.party_id)}]
    given = {"groupId": group["id"], "members": members}
    async with unchanged():
        refused = (await standing.api(ADD, {"input": given}, token))["data"]["customerGroupMembersAdd"]
    nobody = {"code": "NOT_FOUND", "path": ["input", "members", "0"]}
    assert refused == {"group": None, "results": [], "errors": [nobody]}
    added = (await standing.api(ADD, {"input": {**given, "skipUnknown": True}}, token))["data"]["customerGroupMembersAdd"]
    assert added["group"] == {"size": 1}
    assert [result["error"] for result in added["results"]] == [nobody, None]


async def test_a_change_leaves_what_it_does_not_name(standing: Standing):
    token = await keeper()
    group = await a_group(standing, token, externalReference=a_name("crm"), description="金卡会员 🎁")
    given = {"groupId": group["id"], "expectedVersion": 1, "name": a_name("Renamed")}
    changed = (await standing.api(UPDATE, {"input": given}, token))["data"]["customerGroupUpdate"]
    assert changed["group"] == {
        "name": given["name"],
        "description": "金卡会员 🎁",
        "externalReference": group["externalReference"],
        "version": 2,
    }
    async with unchanged():
        late = (await standing.api(UPDATE, {"input": given}, token))["data"]["customerGroupUpdate"]
    assert late["errors"] == [{"code": "VERSION_MOVED", "path": ["input", "expectedVersion"]}]
    query = "query ($given: String!) { customerGroup(externalReference: $given) { id } }"
    found = await standing.api(query, {"given": group["externalReference"]}, token)
    assert found["data"]["customerGroup"] == {"id": group["id"]}


async def test_customers_see_no_groups(standing: Standing):
    token, person = await keeper(), await Shop().customer()
    group = await a_group(standing, token)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await standing.api(node, {"id": group["id"]}, person.token))["data"]["node"] is None
    assert (await standing.api(node, {"id": group["id"]}, token))["data"]["node"] == {"id": group["id"]}
