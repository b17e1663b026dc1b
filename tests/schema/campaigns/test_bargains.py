"""Bargains as shops meet them: opened, shown to friends by an invitation, cut, watched, bought."""

from typing import Any

from perkhub_schema.app import build_app
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.bargains.haggling import Haggle
from tests.factories import Person, Shop
from tests.schema.api import Api
from tests.schema.campaigns.asking import told
from tests.schema.events import first_event
from tests.schema.orders.till import WALLET, basket

BARGAIN = """id state startsFrom { amount } price { amount } floor { amount } helpers helped
    leastCut { amount } mostCut { amount } openedAt closesAt serverTime isMine
    cuts { maskedName amount { amount } cutAt isMe }
    campaign { id ... on Bargain { floor { amount } helpers spreadPercent cutsPerDay onlyAtFloor limitLeft } }"""
START = (
    f"mutation ($input: BargainStartInput!) {{ bargainStart(input: $input) {{ bargain {{ {BARGAIN} }} errors {{ code }} }} }}"
)
CUT = f"""mutation ($input: BargainCutInput!) {{ bargainCut(input: $input) {{
    bargain {{ {BARGAIN} }} amount {{ amount currency }} errors {{ code path }} }} }}"""
ONE = f"query ($id: ID!) {{ bargain(id: $id) {{ {BARGAIN} }} }}"
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on CustomerBargain {{ {BARGAIN} }} }} }}"
OWN = "query ($id: ID!) { ownBargain(campaignId: $id) { id } }"
WATCH = "subscription ($id: ID!) { bargainChanged(id: $id) { state helped price { amount } } }"
PLACE = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {
    order { state total { amount } lines { trace { label } campaign { __typename } } } errors { code message path } } }"""


async def test_friends_bring_a_price_down(api: Api, shop: Shop):
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=2)
    owner, friend, last = await shop.customers(3, wallet="50.00")
    campaign = global_id(Kind.CAMPAIGN, haggle.campaign.id)
    assert await told(api, OWN, {"id": campaign}, owner) is None
    opened = (await told(api, START, {"input": {"campaignId": campaign}}, owner))["bargain"]
    assert (opened["state"], opened["startsFrom"], opened["price"]) == ("OPEN", {"amount": "19.90"}, {"amount": "19.90"})
    assert (opened["floor"], opened["leastCut"], opened["mostCut"]) == (
        {"amount": "9.90"},
        {"amount": "2.50"},
        {"amount": "7.50"},
    )
    assert opened["campaign"]["helpers"] == opened["helpers"] == 2
    invitation = opened["id"]
    assert await told(api, OWN, {"id": campaign}, owner) == {"id": invitation}

    async def cut(who: Person, bargain: str = invitation) -> dict[str, Any]:
        return await told(api, CUT, {"input": {"bargainId": bargain}}, who)

    first = await cut(friend)
    assert (first["errors"], first["bargain"]["helped"], first["amount"]["currency"]) == ([], 1, "CNY")
    for query in (ONE, NODE):
        shown = await told(api, query, {"id": invitation}, friend)
        [made] = shown["cuts"]
        assert (shown["isMine"], made["isMe"], made["amount"]["amount"]) == (False, True, first["amount"]["amount"])
    for who, code in ((friend, "CUT_TWICE"), (owner, "CUT_OWN")):
        assert [one["code"] for one in (await cut(who))["errors"]] == [code]
    assert [one["code"] for one in (await cut(last, global_id(Kind.BARGAIN, haggle.campaign.id)))["errors"]] == ["NOT_FOUND"]
    again = await told(api, START, {"input": {"campaignId": campaign}}, owner)
    assert [one["code"] for one in again["errors"]] == ["BARGAIN_TWICE"]
    assert (await cut(last))["bargain"]["price"] == {"amount": "9.90"}
    event = (await first_event(build_app(), WATCH, {"id": invitation}, None))["data"]["bargainChanged"]
    assert event == {"state": "OPEN", "helped": 2, "price": {"amount": "9.90"}}
    line = {
        "variantId": global_id(Kind.VARIANT, haggle.variant.id),
        "quantity": 1,
        "campaign": {"bargain": {"campaignId": campaign}},
    }
    placed = await told(api, PLACE, {"input": basket(line, pay=WALLET)}, owner)
    assert (placed["errors"], placed["order"]["state"], placed["order"]["total"]) == ([], "PAID", {"amount": "9.90"})
    [bought] = placed["order"]["lines"]
    assert (bought["trace"][-1], bought["campaign"]) == ({"label": "Bargain"}, {"__typename": "Bargain"})
    refused = await told(api, PLACE, {"input": basket(line, pay=WALLET)}, friend)
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [
        ("CAMPAIGN_REFUSED", ["input", "lines", "0", "campaign"])
    ]
    assert (await told(api, ONE, {"id": invitation}))["state"] == "BOUGHT"


async def test_nobody_helps_themselves_by_an_organisation(api: Api, shop: Shop):
    """Whoever helps is a person: they have one cut, and none of what is theirs or their organisation's."""
    haggle = await Haggle.of(await shop.variant(codes=5), helpers=3)
    owner, friend, looker = await shop.customers(3)
    ours = await shop.organisation(owner=owner, buyer=friend, viewer=looker)
    firm = {"Perkhub-Organisation": global_id(Kind.ORGANISATION, ours)}
    start = {"input": {"campaignId": global_id(Kind.CAMPAIGN, haggle.campaign.id)}}
    own = (await told(api, START, start, owner))["bargain"]["id"]

    async def cut(bargain: str, who: Person, headers: dict[str, str] | None = None) -> list[str]:
        answer = await api(CUT, {"input": {"bargainId": bargain}}, who.token, headers=headers)
        return [error["code"] for error in answer["data"]["bargainCut"]["errors"]]

    assert await cut(own, owner, firm) == ["CUT_OWN"]
    assert [await cut(own, friend, firm), await cut(own, friend)] == [[], ["CUT_TWICE"]]
    refused = await api(START, start, looker.token, headers=firm)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["NOT_ALLOWED"]
    firms = (await api(START, start, friend.token, headers=firm))["data"]["bargainStart"]["bargain"]["id"]
    assert [await cut(firms, owner), await cut(firms, friend, firm)] == [["CUT_OWN"], ["CUT_OWN"]]
    assert await cut(firms, await shop.customer()) == []
