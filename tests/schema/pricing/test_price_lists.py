"""Price lists and bulk listings through HTTP: what operators set is what buyers see, in every place where prices are shown."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop, StockedVariant
from tests.pricing.making import a_group, a_list, at, of_party
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, refusal
from tests.schema.orders.till import counted

ROWS = "rows { nodes { variant { sku } minimumQuantity unitPrice { amount currency } percentOff } }"
LIST = f"id name scope {{ kind id }} channel currency priority holds version archivedAt {ROWS}"
CREATE = f"mutation ($input: PriceListCreateInput!) {{ priceListCreate(input: $input) {{ priceList {{ {LIST} }} {ERRORS} }} }}"
UPDATE = f"mutation ($input: PriceListUpdateInput!) {{ priceListUpdate(input: $input) {{ priceList {{ {LIST} }} {ERRORS} }} }}"
ARCHIVE = (
    f"mutation ($input: PriceListArchiveInput!) {{ priceListArchive(input: $input) {{ priceList {{ {LIST} }} {ERRORS} }} }}"
)
PUT = f"""mutation ($input: PriceListRowsUpsertInput!) {{ priceListRowsUpsert(input: $input) {{
    taken priceList {{ {LIST} }} {ERRORS} }} }}"""
BULK = f"""mutation ($input: ListingBulkUpsertInput!) {{ listingBulkUpsert(input: $input) {{
    taken results {{ listing {{ unitPrice {{ amount }} version reference {{ price {{ amount }} reason }} }}
    errors {{ code path }} }} {ERRORS} }} }}"""
END = f"mutation ($input: ListingsEndInput!) {{ listingsEnd(input: $input) {{ listings {{ publishedUntil }} {ERRORS} }} }}"
PRICE = """price { unit { amount } strikethrough { amount } breaks { minimumQuantity unit { amount } }
    trace { source label effect { amount } } }"""
PAGE = f"query ($id: ID!) {{ product(id: $id) {{ name variants {{ name availability limit {{ perCustomer }} {PRICE} }} }} }}"
QUOTE = """query ($input: QuoteInput!) { quote(input: $input) {
    quote { total { amount } lines { unit { amount } } } errors { code } } }"""
LISTS = "query ($scopeId: ID) { priceLists(scopeId: $scopeId) { nodes { id name } } }"


@pytest.fixture
async def pricer(shop: Shop) -> Person:
    """Whoever sets prices."""
    return await shop.staff(Permission.MANAGE_PRICES)


def the(variant: StockedVariant) -> str:
    return global_id(Kind.VARIANT, variant.id)


async def shown(api: Api, variant: StockedVariant, who: Person | None = None, **options: Any) -> Any:
    found = await read(api, PAGE, {"id": global_id(Kind.PRODUCT, variant.product_id)}, who, **options)
    return found["variants"][0]


async def test_a_list_prices_what_its_people_see_quote_and_pay(api: Api, shop: Shop, pricer: Person):
    variant, vip, stranger = await shop.variant(price="100.00", limit=9), await shop.customer(), await shop.customer()
    group = await a_group(vip)
    asked = {"name": {"en": "VIP", "zh": "会员价"}, "scopeId": global_id(Kind.CUSTOMER_GROUP, group.id), "currency": "CNY"}
    made = (await done(api, CREATE, {**asked, "priority": 3}, pricer))["priceList"]
    assert made == {
        "id": made["id"],
        "name": "VIP",
        "scope": {"kind": "GROUP", "id": asked["scopeId"]},
        "channel": None,
        "currency": "CNY",
        "priority": 3,
        "holds": True,
        "version": 1,
        "archivedAt": None,
        "rows": {"nodes": []},
    }
    rows = [
        {"variantId": the(variant), "percentOff": "20"},
        {"variantId": the(variant), "minimumQuantity": 5, "unitPrice": "75"},
    ]
    put = await done(api, PUT, {"priceListId": made["id"], "currency": "CNY", "rows": rows}, pricer)
    assert (put["taken"], put["priceList"]["version"]) == (2, 2)
    assert put["priceList"]["rows"]["nodes"][0]["percentOff"] == "20"
    price = (await shown(api, variant, vip, language="zh-CN"))["price"]
    assert price == {
        "unit": {"amount": "80.00"},
        "strikethrough": {"amount": "100.00"},
        "breaks": [{"minimumQuantity": 5, "unit": {"amount": "75.00"}}],
        "trace": [
            {"source": "LISTING", "label": price["trace"][0]["label"], "effect": {"amount": "100.00"}},
            {"source": "PRICE_LIST", "label": "会员价", "effect": {"amount": "-20.00"}},
        ],
    }
    plain = (await shown(api, variant, stranger))["price"]
    assert (plain["unit"], plain["strikethrough"], plain["breaks"], len(plain["trace"])) == ({"amount": "100.00"}, None, [], 1)
    for quantity, who, total in ((1, vip, "80.00"), (5, vip, "375.00"), (5, stranger, "500.00")):
        basket = {"input": {"lines": [{"variantId": the(variant), "quantity": quantity}]}}
        assert (await read(api, QUOTE, basket, who))["quote"]["total"]["amount"] == total
    stale = await refusal(api, ARCHIVE, {"priceListId": made["id"], "expectedVersion": 1}, pricer)
    assert (stale["code"], stale["version"]) == ("VERSION_MOVED", 2)
    put_away = (await done(api, ARCHIVE, {"priceListId": made["id"], "expectedVersion": 2}, pricer))["priceList"]
    assert put_away["holds"] is False
    assert (await shown(api, variant, vip))["price"]["unit"]["amount"] == "100.00"
    ended = await refusal(api, UPDATE, {"priceListId": made["id"], "expectedVersion": 3, "priority": 1}, pricer)
    assert (ended["code"], ended["path"]) == ("PRICE_LIST_ENDED", ["input", "priceListId"])


async def test_a_product_page_costs_four_statements_however_many_lists_there_are(api: Api, shop: Shop):
    variant, buyer = await shop.variant(limit=3), await shop.customer()
    asked = {"id": global_id(Kind.PRODUCT, variant.product_id)}
    for _ in range(2):
        costs = []
        for number in range(6):
            # Another wording each time, so that nothing is remembered of the one before.
            query = PAGE.replace("product(", f"n{number}: product(")
            costs.append((await counted(api, query, asked, buyer))[1])
        assert min(costs) <= 1 + 1 + 4  # besides: whether anything has changed, and whether the viewer has own prices
        await a_list(variant.channel, [at(variant.id, "5")])
        await a_list(of_party(buyer), [at(variant.id, "4")])


ODD: list[tuple[dict[str, Any], str, str]] = [
    ({"currency": "USD"}, "currency", "CURRENCY_MISMATCH"),
    ({"currency": "QQQ"}, "currency", "CURRENCY_MISMATCH"),
    ({"name": {}}, "name", "INVALID_INPUT"),
    ({"scopeId": f"cgr_{'0' * 32}"}, "scopeId", "NOT_FOUND"),
    ({"scopeId": f"org_{'0' * 32}"}, "scopeId", "NOT_FOUND"),
    ({"scopeId": f"chn_{'0' * 32}"}, "scopeId", "NOT_FOUND"),
    ({"scopeId": f"prd_{'0' * 32}"}, "scopeId", "INVALID_INPUT"),
    ({"priority": -1}, "priority", "INVALID_INPUT"),
    ({"startsAt": "2030-01-02T00:00:00Z", "endsAt": "2030-01-01T00:00:00Z"}, "endsAt", "INVALID_INPUT"),
]


async def test_an_odd_list_is_not_made(api: Api, shop: Shop, pricer: Person):
    scope = global_id(Kind.CHANNEL, (await shop.channel()).id)
    for given, path, code in ODD:
        error = await refusal(api, CREATE, {"name": {"en": "A"}, "scopeId": scope, "currency": "CNY", **given}, pricer)
        assert (error["code"], error["path"]) == (code, ["input", path]), given


async def test_rows_are_told_one_by_one_and_another_currency_takes_none(api: Api, shop: Shop, pricer: Person):
    variant = await shop.variant()
    made = await a_list(variant.channel)
    rows = [
        {"variantId": the(variant), "unitPrice": "5"},
        {"variantId": the(variant), "percentOff": "100.00001", "minimumQuantity": 2},
        {"variantId": the(variant), "minimumQuantity": 3},
        {"variantId": global_id(Kind.VARIANT, made), "unitPrice": "1"},
    ]
    asked = {"priceListId": global_id(Kind.PRICE_LIST, made), "currency": "CNY", "rows": rows}
    told = [["1", "percentOff"], ["2", "unitPrice"], ["3", "variantId"]]
    refused = await payload(api, PUT, asked, pricer)
    assert (refused["taken"], [error["path"][2:] for error in refused["errors"]]) == (0, told)
    partly = await payload(api, PUT, {**asked, "errorPolicy": "REJECT_FAILED_ROWS"}, pricer)
    assert (partly["taken"], [error["path"][2:] for error in partly["errors"]]) == (1, told)
    assert partly["priceList"]["rows"]["nodes"][0]["unitPrice"] == {"amount": "5.00", "currency": "CNY"}
    error = await refusal(api, PUT, {**asked, "currency": "USD"}, pricer)
    assert (error["code"], error["path"]) == ("CURRENCY_MISMATCH", ["input", "currency"])


async def test_listings_in_bulk_and_their_end(api: Api, shop: Shop, pricer: Person):
    one, two = await shop.variant(price="10"), await shop.variant(price="10")
    rows = [
        {"variantId": the(one), "unitPrice": "12", "reference": {"price": "15", "reason": "Printed on the card"}},
        {"variantId": the(two), "unitPrice": "-1"},
    ]
    asked = {"channel": "retail", "rows": rows}
    nothing = await payload(api, BULK, asked, pricer)
    assert (nothing["taken"], [error["path"] for error in nothing["errors"]]) == (0, [["input", "rows", "1", "unitPrice"]])
    partly = await payload(api, BULK, {**asked, "errorPolicy": "REJECT_FAILED_ROWS"}, pricer)
    assert partly["taken"] == 1
    assert partly["results"] == [
        {
            "listing": {
                "unitPrice": {"amount": "12.00"},
                "version": 2,
                "reference": {"price": {"amount": "15.00"}, "reason": "Printed on the card"},
            },
            "errors": [],
        },
        {"listing": None, "errors": [{"code": "INVALID_INPUT", "path": ["input", "rows", "1", "unitPrice"]}]},
    ]
    assert (await shown(api, one))["price"]["strikethrough"] == {"amount": "15.00"}
    await done(api, END, {"channel": "retail", "variantIds": [the(one), the(two)]}, pricer)
    assert await read(api, PAGE, {"id": global_id(Kind.PRODUCT, one.product_id)}) is None


async def test_lists_are_found_by_whom_they_are_for(api: Api, shop: Shop, pricer: Person):
    channel, person = await shop.channel(), await shop.customer()
    first, second = await a_list(channel, name="Here"), await a_list(of_party(person), name="Yours")
    assert [one["name"] for one in (await read(api, LISTS, {}, pricer))["nodes"]] == ["Yours", "Here"]
    for scope, found in ((global_id(Kind.CUSTOMER, person.party_id), second), (global_id(Kind.CHANNEL, channel.id), first)):
        nodes = (await read(api, LISTS, {"scopeId": scope}, pricer))["nodes"]
        assert [one["id"] for one in nodes] == [global_id(Kind.PRICE_LIST, found)]


async def test_who_keeps_one_channel_prices_nothing_elsewhere(api: Api, shop: Shop):
    here, there = await shop.channel(), await shop.channel("there")
    pricer = await shop.staff(Permission.MANAGE_PRICES, channels=[here])
    group, variant = await a_group(), await shop.variant()
    asked = {"name": {"en": "A"}, "currency": "CNY"}
    to_group = {**asked, "scopeId": global_id(Kind.CUSTOMER_GROUP, group.id)}
    elsewhere = global_id(Kind.CHANNEL, there.id)
    for given in (to_group, {**to_group, "channelId": elsewhere}, {**asked, "scopeId": elsewhere}):
        answer = await api(CREATE, {"input": given}, pricer.token)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    mine = (await done(api, CREATE, {**to_group, "channelId": global_id(Kind.CHANNEL, here.id)}, pricer))["priceList"]
    theirs = global_id(Kind.PRICE_LIST, await a_list(there))
    rows = [{"variantId": the(variant), "unitPrice": "1"}]
    answer = await api(PUT, {"input": {"priceListId": theirs, "currency": "CNY", "rows": rows}}, pricer.token)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    answer = await api(BULK, {"input": {"channel": "there", "rows": rows}}, pricer.token)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    assert [one["id"] for one in (await read(api, LISTS, {}, pricer))["nodes"]] == [mine["id"]]
