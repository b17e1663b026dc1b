"""Campaigns as shops meet them: found, shown, priced, and bought in; by statements that do not grow with their number."""

from datetime import timedelta

from perkhub.accounts import Permission
from perkhub.campaigns import create_campaign, end_campaign, pause_campaign
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.plugin.registry import load_plugins, set_registry
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.making import a_flash_sale, flash_sale, published
from tests.factories import Shop
from tests.schema.api import Api
from tests.schema.campaigns.asking import FIGURES, QUOTE, SALE, id_of, taking_part, told
from tests.schema.orders.till import ERRORS, WALLET, basket, counted

LIST = f"""query ($where: CampaignWhere, $first: Int, $after: String) {{
    campaigns(where: $where, first: $first, after: $after) {{ nodes {{ {SALE} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
ONE = f"query ($id: ID!) {{ campaign(id: $id) {{ __typename {SALE} }} }}"
PLACE = f"""mutation ($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{ order {{ id state total {{ amount }}
    lines {{ unit {{ amount }} campaign {{ __typename id name }}
    trace {{ source effect {{ amount }} campaign {{ id }} }} }} }}
    {ERRORS.rstrip("} ")} }} ... on CampaignSoldOut {{ available }} ... on CampaignLimitReached {{ limit }} }} }} }}"""
OF_PRODUCTS = "{ products { nodes { campaigns { id name state ... on FlashSale { price { amount } left { level } } } } } }"
# One of them reads the campaigns of the channel again, if the second for which they are remembered is over.
BUDGET_LIST, BUDGET_PRODUCTS = 4, 5


async def listed(api: Api, **asked: object) -> list[str]:
    return [one["id"] for one in (await told(api, LIST, asked))["nodes"]]


async def test_a_shop_finds_what_is_on_and_what_is_to_come(api: Api, shop: Shop):
    variant, other = await shop.variant(), await shop.variant()
    coming = await published(a_flash_sale(variant, starts_at=now() + timedelta(hours=1), ends_at=now() + timedelta(hours=2)))
    live = await flash_sale(variant)
    elsewhere = await flash_sale(other)
    for state in (pause_campaign, end_campaign):
        hidden = await flash_sale(variant)
        await transact(lambda tx, state=state, hidden=hidden: state(tx, hidden.id))
    draft = a_flash_sale(variant)
    await transact(lambda tx: create_campaign(tx, draft))
    assert await listed(api) == [id_of(live), id_of(elsewhere), id_of(coming)]
    assert await listed(api, where={"live": True}) == [id_of(live), id_of(elsewhere)]
    assert await listed(api, where={"live": False}) == [id_of(coming)]
    assert await listed(api, where={"variantId": global_id(Kind.VARIANT, other.id)}) == [id_of(elsewhere)]
    assert await listed(api, where={"mechanic": "blind_box"}) == []
    first = await told(api, LIST, {"first": 2})
    assert first["pageInfo"]["hasNextPage"]
    assert await listed(api, first=2, after=first["pageInfo"]["endCursor"]) == [id_of(coming)]


async def test_a_campaign_is_there_until_long_after_its_end(api: Api, shop: Shop):
    """A page that is open can say that it is over."""
    variant = await shop.variant()
    live = await flash_sale(variant)
    shown = await told(api, ONE, {"id": id_of(live)}, language="zh")
    assert (shown["__typename"], shown["name"], shown["mechanicTitle"]) == ("FlashSale", "活动", "秒杀")
    await transact(lambda tx: end_campaign(tx, live.id))
    assert (await told(api, ONE, {"id": id_of(live)}))["state"] == "ENDED"


async def test_drafts_and_other_channels_campaigns_are_for_staff(api: Api, shop: Shop):
    variant = await shop.variant()
    draft = a_flash_sale(variant)
    made = await transact(lambda tx: create_campaign(tx, draft))
    other = await shop.channel(key="other")
    there = await flash_sale(await shop.variant(channel=other))
    reader = await shop.staff(Permission.READ_CAMPAIGNS)
    for hidden in (made, there):
        for who in (None, await shop.customer(), await shop.staff(Permission.READ_ORDERS)):
            answer = await api(ONE, {"id": id_of(hidden)}, None if who is None else who.token)
            assert answer["data"] == {"campaign": None}
        assert (await told(api, ONE, {"id": id_of(hidden)}, reader))["id"] == id_of(hidden)
    every = await told(api, "{ allCampaigns(where: {state: DRAFT}) { nodes { id } } }", {}, reader)
    assert [one["id"] for one in every["nodes"]] == [id_of(made)]


async def test_a_basket_is_priced_with_its_campaign(api: Api, shop: Shop):
    variant = await shop.variant(price="9.90")
    sale = await flash_sale(variant, price="5.00", limit=3)
    quote = (await told(api, QUOTE, {"input": {"lines": [taking_part(variant, sale, 2)]}}))["quote"]
    [line] = quote["lines"]
    assert (quote["total"], line["unit"]) == ({"amount": "10.00"}, {"amount": "5.00"})
    assert line["trace"][-1]["source"] == "CAMPAIGN"
    assert line["trace"][-1]["campaign"]["id"] == id_of(sale)
    assert [step["campaign"] for step in line["trace"][:-1]] == [None]
    assert quote["reasons"] == [
        {
            "applies": True,
            "lines": [0],
            "discount": {"amount": "9.80"},
            "campaign": {"id": id_of(sale)},
            "refusal": None,
        }
    ]


async def test_who_buys_in_it_pays_its_price_until_it_is_sold_out(api: Api, shop: Shop):
    variant = await shop.variant(price="9.90", codes=5)
    sale = await flash_sale(variant, quantity=2, limit=1)
    first, second, third = [await shop.customer(wallet="50.00") for _ in range(3)]
    for buyer in (first, second):
        bought = await told(api, PLACE, {"input": basket(taking_part(variant, sale), pay=WALLET)}, buyer)
        assert bought["errors"] == []
        [line] = bought["order"]["lines"]
        assert (bought["order"]["state"], line["unit"]) == ("PAID", {"amount": "5.00"})
        assert line["campaign"] == {"__typename": "FlashSale", "id": id_of(sale), "name": "Campaign"}
    [error] = (await told(api, PLACE, {"input": basket(taking_part(variant, sale), pay=WALLET)}, third))["errors"]
    assert (error["code"], error["path"][:4]) == ("CAMPAIGN_SOLD_OUT", ["input", "lines", "0", "campaign"])
    [error] = (await told(api, PLACE, {"input": basket(taking_part(variant, sale), pay=WALLET)}, first))["errors"]
    assert error["code"] in ("CAMPAIGN_LIMIT_REACHED", "CAMPAIGN_SOLD_OUT")
    assert (await told(api, ONE, {"id": id_of(sale)}))["left"] == {"level": "NONE", "count": 0}
    assert (await told(api, ONE, {"id": id_of(sale)}, first))["limitLeft"] == 0
    reader = await shop.staff(Permission.READ_CAMPAIGNS)
    figures = (await told(api, f"query ($id: ID!) {{ campaign(id: $id) {{ {FIGURES} }} }}", {"id": id_of(sale)}, reader))[
        "figures"
    ]
    assert (figures["orders"], figures["paid"], figures["unitsSold"], figures["givenAway"]) == (2, 2, 2, {"amount": "9.80"})
    assert figures["counters"] == [{"name": "sold", "taken": 2, "most": 2}]
    assert sum(one["count"] for one in figures["refusals"]) == 2
    assert figures["views"] == 2


async def test_a_product_says_what_it_is_part_of(api: Api, shop: Shop):
    variant, other = await shop.variant(), await shop.variant()
    sale = await flash_sale(variant)
    products = (await told(api, OF_PRODUCTS, {}))["nodes"]
    assert [[one["id"] for one in product["campaigns"]] for product in products] == [[], [id_of(sale)]], other


async def test_an_order_stays_explained_when_the_mechanic_is_gone(api: Api, shop: Shop):
    variant = await shop.variant()
    sale = await flash_sale(variant)
    buyer = await shop.customer(wallet="50.00")
    placed = await told(api, PLACE, {"input": basket(taking_part(variant, sale), pay=WALLET)}, buyer)
    set_registry(load_plugins([]))
    orders = "{ me { orders { nodes { lines { campaign { __typename id name } trace { label campaign { id } } } } } } }"
    [order] = (await told(api, orders, {}, buyer))["orders"]["nodes"]
    [line] = order["lines"]
    assert placed["errors"] == []
    assert line["campaign"] == {"__typename": "RetiredCampaign", "id": id_of(sale), "name": "Campaign"}
    assert line["trace"][-1] == {"label": "Flash sale", "campaign": {"id": id_of(sale)}}
    assert await listed(api) == []


async def measured(api: Api, query: str) -> tuple[int, int]:
    """How many there are, and how many statements it takes once the process knows its channels and campaigns."""
    await counted(api, query, {}, None)
    told, statements = await counted(api, query, {}, None)
    return len(told["nodes"]), statements


async def test_lists_cost_the_same_however_long(api: Api, shop: Shop):
    for many in (3, 5):
        for _ in range(many):
            await flash_sale(await shop.variant())
        so_many = await db.value("SELECT count(*) FROM campaign")
        for query, budget in ((LIST, BUDGET_LIST), (OF_PRODUCTS, BUDGET_PRODUCTS)):
            shown, statements = await measured(api, query)
            assert (shown, statements <= budget) == (so_many, True), (query, statements)
