"""Groups as shops meet them: opened, shown, joined by an invitation, watched, and why one may not join."""

from typing import Any

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.jobs import drain
from perkhub_schema.app import build_app
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.circles.groups import Group
from tests.factories import Person, Shop
from tests.schema.api import Api
from tests.schema.campaigns.asking import told
from tests.schema.events import first_event
from tests.schema.orders.till import WALLET, basket, counted

CIRCLE = """id state seats joined placesLeft openedAt closesAt serverTime campaign { id ... on GroupBuy { size hoursOpen } }
    members { maskedName joinedAt isOpener isMe }"""
ONE = f"query ($id: ID!) {{ circle(id: $id) {{ {CIRCLE} }} }}"
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on Circle {{ {CIRCLE} }} }} }}"
LIST = f"""query ($id: ID!, $first: Int, $after: String) {{ circles(campaignId: $id, first: $first, after: $after) {{
    nodes {{ {CIRCLE} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
WATCH = f"subscription ($id: ID!) {{ circleChanged(id: $id) {{ {CIRCLE} }} }}"
PLACE = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {
    order { id state total { amount } lines { circle { id state joined placesLeft } entitlements { state } } }
    errors { code message path } } }"""
ORDER = """query ($id: ID!) { node(id: $id) { ... on Order {
    lines { circle { state joined } entitlements { state } } } } }"""


def joining(group: Group, circle: str | None = None) -> dict[str, Any]:
    """A line that opens a group, or joins one."""
    said = {"campaignId": global_id(Kind.CAMPAIGN, group.campaign.id), **({} if circle is None else {"group": circle})}
    return {"variantId": global_id(Kind.VARIANT, group.variant.id), "quantity": 1, "campaign": {"groupBuy": said}}


async def join(api: Api, group: Group, who: Person, circle: str | None = None, **more: Any) -> dict[str, Any]:
    return await told(api, PLACE, {"input": basket(joining(group, circle), **{"pay": WALLET, **more})}, who)


async def test_two_fill_a_group_by_an_invitation(api: Api, shop: Shop):
    group = await Group.of(await shop.variant(codes=5), seats=2)
    leader, friend = await shop.customers(2, wallet="50.00")
    opened = (await join(api, group, leader))["order"]
    [line] = opened["lines"]
    assert (opened["state"], opened["total"], line["entitlements"]) == ("PAID", {"amount": "5.00"}, [{"state": "PENDING"}])
    assert (line["circle"]["state"], line["circle"]["joined"], line["circle"]["placesLeft"]) == ("OPEN", 1, 1)
    invitation = line["circle"]["id"]
    for query in (ONE, NODE):
        shown = await told(api, query, {"id": invitation})
        assert (shown["state"], shown["seats"], shown["campaign"]["size"]) == ("OPEN", 2, 2)
        [member] = shown["members"]
        assert (member["maskedName"], member["isOpener"], member["isMe"]) == ("***", True, False)
    assert (await told(api, ONE, {"id": invitation}, leader))["members"][0]["isMe"]
    assert (await first_event(build_app(), WATCH, {"id": invitation}, None))["data"]["circleChanged"]["joined"] == 1
    joined = (await join(api, group, friend, invitation))["order"]
    assert joined["lines"][0]["circle"]["state"] == "FULL"
    await drain()
    shown = await told(api, ORDER, {"id": opened["id"]}, leader)
    assert shown["lines"] == [{"circle": {"state": "SETTLED", "joined": 2}, "entitlements": [{"state": "ISSUED"}]}]
    assert (await told(api, LIST, {"id": global_id(Kind.CAMPAIGN, group.campaign.id)}))["nodes"] == []


async def test_why_one_may_not_join(api: Api, shop: Shop):
    group = await Group.of(await shop.variant(codes=5), seats=2)
    leader, second, third = await shop.customers(3, wallet="50.00")
    invitation = (await join(api, group, leader))["order"]["lines"][0]["circle"]["id"]

    async def refused(who: Person, circle: str | None) -> tuple[str, list[str]]:
        [error] = (await join(api, group, who, circle))["errors"]
        return error["code"], error["path"]

    where = ["input", "lines", "0", "campaign"]
    assert await refused(leader, invitation) == ("CIRCLE_TWICE", where)
    assert await refused(leader, None) == ("CIRCLE_TWICE", where)
    assert await refused(third, global_id(Kind.CIRCLE, group.campaign.id)) == ("CIRCLE_UNKNOWN", where)
    assert (await refused(third, "cir_nonsense"))[0] == "INVALID_INPUT"
    await join(api, group, second, invitation, pay=None)
    assert await refused(third, invitation) == ("CIRCLE_FULL", where)
    # Rather than a day, its end comes to the clock: nobody would be signed in any more.
    await db.value("UPDATE circle SET closes_at = $1", now())
    assert await refused(third, invitation) == ("CIRCLE_OVER", where)
    assert (await told(api, ONE, {"id": invitation}))["state"] == "LAPSED"


async def test_open_groups_are_listed_by_their_end_with_few_statements(api: Api, shop: Shop):
    group = await Group.of(await shop.variant(codes=20))
    campaign = global_id(Kind.CAMPAIGN, group.campaign.id)
    people = await shop.customers(7, wallet="50.00")
    circles = [global_id(Kind.CIRCLE, await group.buy(leader)) for leader in people[:2]]
    await group.place(people[6])
    few = (await counted(api, LIST, {"id": campaign}, None))[1]
    circles += [global_id(Kind.CIRCLE, await group.buy(leader)) for leader in people[2:6]]
    answer, many = await counted(api, LIST, {"id": campaign}, None)
    assert [one["id"] for one in answer["nodes"]] == circles
    assert many <= few
    first = await told(api, LIST, {"id": campaign, "first": 4})
    rest = await told(api, LIST, {"id": campaign, "first": 4, "after": first["pageInfo"]["endCursor"]})
    assert [one["id"] for one in (*first["nodes"], *rest["nodes"])] == circles


async def test_what_a_paid_place_costs(api: Api, shop: Shop):
    """Its circle's own statement is one, for who opens as for who joins; who fills it moves the members on."""
    group = await Group.of(await shop.variant(codes=20))
    first, *people = await shop.customers(4, wallet="50.00")
    circle = (await join(api, group, first))["order"]["lines"][0]["circle"]["id"]
    for person, wanted, statements in zip(people, (None, circle, circle), (9, 9, 13), strict=True):
        given = {"input": basket(joining(group, wanted), pay=WALLET)}
        answer, spent = await counted(api, PLACE, given, person)
        assert (answer["errors"], spent <= statements) == ([], True), spent
