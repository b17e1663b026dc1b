"""Draws as front ends show them: what was promised before, what came of it, and a stranger who computes it alone."""

import hashlib
import hmac
import json
from typing import Any

from perkhub.accounts import Permission
from perkhub.campaigns import end_campaign
from perkhub.campaigns.draws import retire_seeds
from perkhub.kit.db import transact
from perkhub_schema.app import build_app
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.boxes import a_box
from tests.campaigns.making import flash_sale
from tests.factories import Person, Shop
from tests.schema.api import Api
from tests.schema.campaigns.asking import id_of, operator, told
from tests.schema.events import first_event
from tests.schema.orders.till import WALLET, basket, counted

SEED = "number commitment oddsHash odds committedAt revealedAt seed"
CAMPAIGN = f"""query ($id: ID!) {{ campaign(id: $id) {{ id drawSeed {{ {SEED} }}
    ... on BlindBox {{ prizes {{ key odds quantity }} guaranteeAfter guaranteed exhausted }} }} }}"""
ORDER = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Order {{ lines {{ campaign {{ id }} entitlements {{ variant {{ id }} }}
    draws {{ position at drawn given variant {{ id }} clientSeed who nonce pity seed {{ {SEED} }} }} }} }} }} }}"""
OVER = f"""query ($id: ID!, $first: Int, $after: String) {{ drawSeeds(campaignId: $id, first: $first, after: $after) {{
    nodes {{ {SEED} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
ROTATE = f"""mutation ($input: DrawSeedRotateInput!) {{ drawSeedRotate(input: $input) {{
    campaign {{ id drawSeed {{ {SEED} }} }} errors {{ code message path }} }} }}"""
CONSENTS = "query ($id: ID!) { campaign(id: $id) { consents { about version text } } }"
AGREED = """query ($id: ID!) { node(id: $id) { ... on Order { placedById lines { consents { about version at } } } } }"""
NEWS = "subscription ($id: ID!) { drawsChanged(id: $id) { at maskedName isMe given variant { id } } }"
PLACE = "mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } errors { code message path } } }"


def sha256(told: bytes) -> str:
    return hashlib.sha256(told).hexdigest()


def computed(draw: dict[str, Any], campaign: str, owner: str) -> str:
    """The prize that a draw falls on, by what `Draw` and `DrawSeed` say of themselves and by nothing of ours."""
    shown = draw["seed"]
    assert sha256(shown["odds"].encode()) == shown["oddsHash"]
    seed = bytes.fromhex(shown["seed"])
    assert sha256(b"perkhub draw 1" + seed + bytes.fromhex(shown["oddsHash"])) == shown["commitment"]
    who = sha256(bytes.fromhex(campaign.removeprefix("cmp_")) + bytes.fromhex(owner.partition("_")[2]))[:24]
    assert who == draw["who"]
    odds = json.loads(shown["odds"])
    candidates, guarantee = odds["prizes"], odds["guarantee"]
    if guarantee is not None and draw["pity"] >= guarantee["after"]:
        candidates = [prize for prize in candidates if prize["key"] in guarantee["among"]]
    whole = sum(prize["weight"] for prize in candidates)
    message, more, taken = f"{draw['clientSeed']}:{who}:{draw['nonce']}:{draw['pity']}", 0, None
    while taken is None:
        digest = hmac.new(seed, (f"{message}:{more}" if more else message).encode(), "sha256").digest()
        numbers = [int.from_bytes(digest[at : at + 8], "big") for at in (0, 8, 16, 24)]
        taken = next((number % whole for number in numbers if number < 2**64 - 2**64 % whole), None)
        more += 1
    for prize in candidates:
        if taken < prize["weight"]:
            return str(prize["key"])
        taken -= prize["weight"]
    raise AssertionError("no prize")


async def buy(api: Api, who: Person, made: tuple[Any, ...], quantity: int = 1, seed: str = "my-luck") -> str:
    """So many boxes, paid at once; the order."""
    box, campaign = made[0], made[-1]
    said = {"blindBox": {"campaignId": id_of(campaign), "clientSeed": seed, "ofAge": True}}
    line = {"variantId": global_id(Kind.VARIANT, box.id), "quantity": quantity, "campaign": said}
    answer = await told(api, PLACE, {"input": basket(line, pay=WALLET)}, who)
    assert answer["errors"] == []
    order: str = answer["order"]["id"]
    return order


async def test_a_stranger_computes_each_draw_by_the_descriptions_alone(api: Api, shop: Shop):
    made = await a_box(shop)
    campaign, buyer, staff = id_of(made[-1]), await shop.customer(wallet="500.00"), await operator(shop)
    promised = (await told(api, CAMPAIGN, {"id": campaign}))["drawSeed"]
    assert (promised["number"], promised["seed"], promised["revealedAt"]) == (1, None, None)
    order = await buy(api, buyer, made, 10)
    [line] = (await told(api, ORDER, {"id": order}, buyer))["lines"]
    assert [draw["position"] for draw in line["draws"]] == list(range(10))
    assert {draw["seed"]["seed"] for draw in line["draws"]} == {None}
    answer = await told(api, ROTATE, {"input": {"campaignId": campaign}}, staff)
    assert answer["errors"] == []
    assert answer["campaign"]["drawSeed"]["number"] == 2
    assert answer["campaign"]["drawSeed"]["commitment"] != promised["commitment"]
    [line] = (await told(api, ORDER, {"id": order}, buyer))["lines"]
    owner, months = global_id(Kind.CUSTOMER, buyer.party_id), 0
    for nonce, draw in enumerate(line["draws"], start=1):
        assert (draw["nonce"], draw["seed"]["commitment"]) == (nonce, promised["commitment"])
        assert computed(draw, line["campaign"]["id"], owner) == draw["drawn"]
        months += draw["given"] == "month"
    assert months < 10  # after five months a season is promised
    assert sorted(one["variant"]["id"] for one in line["draws"]) == sorted(one["variant"]["id"] for one in line["entitlements"])
    # One byte of the seed, and nothing holds.
    draw = line["draws"][0]
    changed = {**draw, "seed": {**draw["seed"], "seed": "00" + draw["seed"]["seed"][2:]}}
    try:
        computed(changed, line["campaign"]["id"], owner)
    except AssertionError:
        return
    raise AssertionError("a changed seed was not found")


async def test_staff_see_that_a_buyer_agreed_and_to_which_text(api: Api, shop: Shop):
    made = await a_box(shop)
    [asked] = (await told(api, CONSENTS, {"id": id_of(made[-1])}))["consents"]
    assert (asked["about"], "guardian" in asked["text"]) == ("of_age", True)
    buyer, staff = await shop.customer(wallet="500.00"), await shop.staff(Permission.READ_ORDERS)
    order = await buy(api, buyer, made)
    for who in (buyer, staff):
        shown = await told(api, AGREED, {"id": order}, who)
        [given] = shown["lines"][0]["consents"]
        assert (given["about"], given["version"], shown["placedById"]) == (
            "of_age",
            asked["version"],
            global_id(Kind.CUSTOMER, buyer.party_id),
        )
    assert (await told(api, AGREED, {"id": order}, await shop.customer())) is None


async def test_odds_on_the_page_are_those_that_were_hashed(api: Api, shop: Shop):
    *_, made = await a_box(shop)
    shown = await told(api, CAMPAIGN, {"id": id_of(made)})
    odds = json.loads(shown["drawSeed"]["odds"])
    assert [(one["key"], one["quantity"], float(one["odds"]) * 1_000_000) for one in shown["prizes"]] == [
        (one["key"], one["quantity"], one["weight"]) for one in odds["prizes"]
    ]
    assert (odds["guarantee"], odds["exhausted"]) == (
        {"after": shown["guaranteeAfter"], "among": shown["guaranteed"]},
        shown["exhausted"],
    )


async def test_seeds_that_are_over_are_listed_and_no_others(api: Api, shop: Shop):
    *_, made = await a_box(shop)
    campaign, staff = id_of(made), await operator(shop)
    assert (await told(api, OVER, {"id": campaign}))["nodes"] == []
    for _ in range(3):
        await told(api, ROTATE, {"input": {"campaignId": campaign}}, staff)
    first = await told(api, OVER, {"id": campaign, "first": 2})
    rest = await told(api, OVER, {"id": campaign, "first": 2, "after": first["pageInfo"]["endCursor"]})
    assert [seed["number"] for seed in (*first["nodes"], *rest["nodes"])] == [1, 2, 3]
    assert all(seed["seed"] and seed["revealedAt"] for seed in first["nodes"])
    await transact(lambda tx: end_campaign(tx, made.id))
    assert await retire_seeds() == 1
    assert [seed["number"] for seed in (await told(api, OVER, {"id": campaign}))["nodes"]] == [1, 2, 3, 4]
    assert (await told(api, CAMPAIGN, {"id": campaign}))["drawSeed"]["seed"] is not None
    [error] = (await told(api, ROTATE, {"input": {"campaignId": campaign}}, staff))["errors"]
    assert (error["code"], error["path"]) == ("CAMPAIGN_NOT_MOVABLE", ["input", "campaignId"])


async def test_where_nothing_is_drawn(api: Api, shop: Shop):
    sale = id_of(await flash_sale(await shop.variant()))
    assert (await told(api, CAMPAIGN, {"id": sale}))["drawSeed"] is None
    [error] = (await told(api, ROTATE, {"input": {"campaignId": sale}}, await operator(shop)))["errors"]
    assert error["code"] == "NOT_FOUND"
    answer = await api(OVER, {"id": sale, "after": "x"}, None)
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_what_was_drawn_last_is_told_without_names(api: Api, shop: Shop):
    made = await a_box(shop)
    campaign, buyer = id_of(made[-1]), await shop.customer(wallet="500.00")
    assert (await first_event(build_app(), NEWS, {"id": campaign}, None))["data"]["drawsChanged"] == []
    await buy(api, buyer, made, 10)
    await buy(api, await shop.customer(wallet="500.00"), made, 2)
    seen = (await first_event(build_app(), NEWS, {"id": campaign}, buyer.token))["data"]["drawsChanged"]
    assert [one["isMe"] for one in seen] == [False] * 2 + [True] * 10
    assert {one["maskedName"] for one in seen} == {"***"}
    assert {one["given"] for one in seen} <= {"month", "season"}


async def test_draws_cost_the_same_however_many(api: Api, shop: Shop):
    made = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    one, many = await buy(api, buyer, made), await buy(api, buyer, made, 9)
    few = (await counted(api, ORDER, {"id": one}, buyer))[1]
    assert (await counted(api, ORDER, {"id": many}, buyer))[1] <= few
