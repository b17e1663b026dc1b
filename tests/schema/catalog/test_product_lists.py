"""Lists of products through HTTP: narrowed, searched, sorted, and paged from both ends."""

from decimal import Decimal
from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.catalog import AttributeDraft, AttributeOption, AttributeType, CategoryDraft, create_attribute, create_category
from perkhub.channels import Scope, ScopeKind
from perkhub.kit import db
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.db import transact
from perkhub.pricing import PriceListDraft, RowDraft, create_price_list, upsert_list_rows
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.catalog.search.shelf import Shelf
from tests.factories import Shop
from tests.schema.conftest import Api

ARGUMENTS = "first: $first, after: $after, last: $last, before: $before, where: $where, search: $search, sortBy: $sort"
LIST = f"""
    query ($first: Int, $after: String, $last: Int, $before: String, $where: ProductWhere, $search: String,
           $sort: ProductSort) {{
        products({ARGUMENTS}) {{
            totalCount nodes {{ slug }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}
"""


@pytest.fixture
async def shelf(shop: Shop) -> Shelf:
    """Three products, by name and price."""
    shelf = Shelf(await shop.channel())
    for slug, name, price in (("a", "爱奇艺会员", "30"), ("b", "腾讯视频会员", "10"), ("c", "星巴克", "20")):
        await shelf.put(name, slug=slug, price=price)
    return shelf


async def listed(api: Api, **asked: Any) -> dict[str, Any]:
    answer = await api(LIST, asked)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["products"]
    return found


async def slugs(api: Api, **asked: Any) -> str:
    return "".join(node["slug"] for node in (await listed(api, **asked))["nodes"])


async def refused(api: Api, **asked: Any) -> tuple[str, Any]:
    [error] = (await api(LIST, asked))["errors"]
    return error["extensions"]["code"], error["extensions"].get("path")


async def test_lists_are_searched_sorted_and_narrowed(api: Api, shelf: Shelf):
    assert await slugs(api) == "cba"
    assert await slugs(api, search="会员") == "ba"
    assert await slugs(api, search="aqy") == "a"
    assert await slugs(api, search=" ") == "cba"
    assert await slugs(api, sort="PRICE_ASC") == "bca"
    assert await slugs(api, sort="NAME_ASC") == "abc"
    assert await slugs(api, search="会员", sort="PRICE_DESC") == "ab"
    assert await slugs(api, where={"price": {"gte": "15", "lte": "30"}}) == "ca"
    assert await slugs(api, where={"OR": [{"slug": {"eq": "a"}}, {"slug": {"oneOf": ["c"]}}]}) == "ca"
    assert await slugs(api, where={"NOT": {"slug": {"eq": "a"}}, "AND": [{"price": {"lte": "10"}}]}) == "b"
    assert await slugs(api, where={"slug": {"eq": "a", "oneOf": ["b"]}}) == ""
    assert await slugs(api, where={"createdAt": {"gte": "2000-01-01T00:00:00Z"}, "inStock": False}) == "cba"
    assert (await listed(api, where={"kind": {"eq": "CODE"}}, first=1))["totalCount"] == 3


async def test_pages_from_both_ends(api: Api, shelf: Shelf):
    first = await listed(api, first=2, sort="PRICE_ASC")
    assert ([one["slug"] for one in first["nodes"]], first["totalCount"]) == (["b", "c"], 3)
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    rest = await listed(api, after=first["pageInfo"]["endCursor"], sort="PRICE_ASC")
    assert [one["slug"] for one in rest["nodes"]] == ["a"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    last = await listed(api, last=2, sort="PRICE_ASC")
    assert [one["slug"] for one in last["nodes"]] == ["c", "a"]
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    before = await listed(api, last=5, before=last["pageInfo"]["startCursor"], sort="PRICE_ASC")
    assert [one["slug"] for one in before["nodes"]] == ["b"]
    assert (before["pageInfo"]["hasNextPage"], before["pageInfo"]["hasPreviousPage"]) == (True, False)


async def test_what_cannot_be_is_told_with_its_place(api: Api, shelf: Shelf):
    cursor = (await listed(api))["pageInfo"]["endCursor"]
    assert await refused(api, after=cursor, sort="NAME_ASC") == ("CURSOR_OF_ANOTHER_ORDER", ["after"])
    assert await refused(api, before="nonsense", last=1) == ("INVALID_INPUT", ["before"])
    assert await refused(api, first=1, last=1) == ("INVALID_INPUT", ["last"])
    assert await refused(api, last=101) == ("INVALID_INPUT", ["last"])
    assert await refused(api, search="长" * 201) == ("INVALID_INPUT", ["search"])
    assert await refused(api, search="a\x00b") == ("INVALID_INPUT", ["search"])
    assert await refused(api, where={"brand": {"eq": "prd_1"}}) == ("INVALID_INPUT", ["where", "brand", "eq"])
    odd = {"AND": [{"NOT": {"id": {"oneOf": ["x"]}}}]}
    assert await refused(api, where=odd) == ("INVALID_INPUT", ["where", "AND", "0", "NOT", "id", "oneOf", "0"])
    assert await refused(api, where={"slug": {"oneOf": ["a"] * 201}}) == ("INVALID_INPUT", ["where", "slug", "oneOf"])
    assert await refused(api, where={"price": {"gte": "1e30"}}) == ("INVALID_INPUT", ["where", "price", "gte"])
    deep: dict[str, Any] = {"slug": {"eq": "a"}}
    for _ in range(4):
        deep = {"NOT": deep}
    assert (await refused(api, where=deep))[0] == "INVALID_INPUT"


async def test_a_list_within_a_collection(api: Api, shelf: Shelf, shop: Shop):
    rows = await db.rows("SELECT id FROM product WHERE slug = ANY($1) ORDER BY slug", ["a", "c"])
    collection = await shop.collection(*(row["id"] for row in rows))
    slug = await db.value("SELECT slug FROM collection WHERE id = $1", collection)
    for named in ({"id": {"eq": global_id(Kind.COLLECTION, collection)}}, {"slug": {"oneOf": [slug, "nobody"]}}):
        assert await slugs(api, where={"collection": named}) == "ca"
        assert await slugs(api, where={"collection": named}, sort="PRICE_DESC") == "ac"
        assert await slugs(api, where={"collection": named}, search="会员") == "a"
        assert await slugs(api, where={"NOT": {"collection": named}}) == "b"
        answer = await api(FACETS, {"where": {"collection": named}})
        assert answer["data"]["productFacets"]["totalCount"] == 2
    assert await slugs(api, where={"collection": {}}) == "cba"
    assert await slugs(api, where={"collection": {"slug": {"eq": "nobody"}}}) == ""
    odd = {"OR": [{"collection": {"id": {"oneOf": ["prd_1"]}}}]}
    assert await refused(api, where=odd) == ("INVALID_INPUT", ["where", "OR", "0", "collection", "id", "oneOf", "0"])
    many = {"collection": {"slug": {"oneOf": [f"c{number}" for number in range(11)]}}}
    assert await refused(api, where=many) == ("INVALID_INPUT", ["where"])


async def test_operators_see_what_is_not_on_sale(api: Api, shelf: Shelf, shop: Shop):
    await shelf.put("没有上架的会员", price=None, slug="d")
    keeper = (await shop.staff(Permission.MANAGE_CATALOG)).token
    asked = """query ($search: String, $where: ProductWhere, $sort: ProductSort) {
        allProducts(search: $search, where: $where, sortBy: $sort) { totalCount nodes { slug } } }"""

    async def all_of(**given: Any) -> tuple[str, int]:
        found = (await api(asked, given, keeper))["data"]["allProducts"]
        return "".join(node["slug"] for node in found["nodes"]), found["totalCount"]

    assert await all_of(search="会员") == ("dba", 3)
    assert await all_of(sort="PRICE_ASC") == ("bcad", 4)
    assert await all_of(sort="PRICE_DESC") == ("acbd", 4)
    assert await all_of(where={"price": {"gte": "15"}}) == ("ca", 2)


async def test_in_stock_is_what_can_be_bought(api: Api, shop: Shop):
    full, empty, spent = await shop.variant(codes=2), await shop.variant(codes=0), await shop.variant(codes=2, quota=1)
    await db.value("UPDATE listing SET taken = quota WHERE id = $1", spent.listing_id)

    async def found(in_stock: bool) -> set[str]:
        answer = await api("query ($w: ProductWhere) { products(where: $w) { nodes { id } } }", {"w": {"inStock": in_stock}})
        return {node["id"] for node in answer["data"]["products"]["nodes"]}

    assert await found(True) == {global_id(Kind.PRODUCT, full.product_id)}
    assert await found(False) == {global_id(Kind.PRODUCT, one.product_id) for one in (empty, spent)}


async def test_a_page_from_the_end_costs_as_much(api: Api, shelf: Shelf):
    costs = []
    for size in ("first: 50", "last: 50", "first: 1"):
        costs.append((await api(f"{{ products({size}) {{ nodes {{ variants {{ id }} }} }} }}"))["extensions"]["cost"])
    assert costs[0] == costs[1] > costs[2]


FACETS = """query ($where: ProductWhere, $search: String) { productFacets(where: $where, search: $search) {
    totalCount brands { count brand { slug } } categories { count category { slug } } kinds { kind count }
    prices { count begin { amount currency } end { amount } least { amount } most { amount } }
    attributes { code attribute { name } values { value label count } least most } } }"""


async def test_facets_tell_what_there_is_to_choose_from(api: Api, shelf: Shelf, shop: Shop):
    options = (AttributeOption("gold", {"zh": "黄金", "en": "Gold"}),)
    tier = AttributeDraft("tier", AttributeType.SELECT, {"en": "Tier"}, options, filterable=True)
    months = AttributeDraft("months", AttributeType.NUMBER, {"en": "Months"}, filterable=True)
    for attribute in (tier, months):
        await transact(lambda tx, attribute=attribute: create_attribute(tx, attribute))
    film = await transact(lambda tx: create_category(tx, CategoryDraft("film", {"en": "Film"})))
    said = {"tier": ("gold",), "months": Decimal("1.5")}
    await shelf.put("会员金", slug="d", price="12", brand_id=await shop.brand(), category_ids=(film,), attributes=said)

    async def facets(**asked: Any) -> dict[str, Any]:
        answer = await api(FACETS, asked)
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]["productFacets"]
        return found

    found = await facets(search="会员")
    assert (found["totalCount"], found["kinds"]) == (3, [{"kind": "CODE", "count": 3}])
    assert [(one["count"], one["brand"]["slug"]) for one in found["brands"]] == [(1, "acme")]
    assert found["categories"] == [{"count": 1, "category": {"slug": "film"}}]
    assert [(one["begin"]["amount"], one["end"]["amount"], one["count"]) for one in found["prices"]] == [
        ("10.00", "20.00", 2),
        ("20.00", "50.00", 1),
    ]
    gold = {"value": "gold", "label": "Gold", "count": 1}
    assert found["attributes"] == [
        {"code": "months", "attribute": {"name": "Months"}, "values": [], "least": "1.5", "most": "1.5"},
        {"code": "tier", "attribute": {"name": "Tier"}, "values": [gold], "least": None, "most": None},
    ]
    narrowed = {"attributes": [{"code": "tier", "eq": "gold"}, {"code": "months", "number": {"gte": "1", "lte": "2"}}]}
    assert (await facets(where=narrowed))["totalCount"] == 1
    assert await slugs(api, where=narrowed) == "d"
    by_address = {"categorySlug": {"eq": "film"}, "brandSlug": {"oneOf": ["acme"]}, "price": {"gte": "10", "lt": "20"}}
    assert await slugs(api, where=by_address) == "d"
    assert [one["count"] for one in (await facets(where=by_address))["prices"]] == [1]
    assert await slugs(api, where={"price": {"lt": "12"}}) == "b"
    assert await refused(api, where={"price": {"lt": "9" * 13}}) == ("INVALID_INPUT", ["where", "price", "lt"])
    assert await slugs(api, where={"attributes": [{"code": "tier", "oneOf": []}]}) == ""
    assert await slugs(api, where={"attributes": [{"code": "x", "boolean": True, "date": {"gte": "2027-01-01"}}]}) == ""
    assert await refused(api, where={"attributes": [{"code": "x", "oneOf": ["a"] * 201}]}) == (
        "INVALID_INPUT",
        ["where", "attributes", "0", "oneOf"],
    )


async def test_prices_are_the_viewers_in_filters_orders_and_facets(api: Api, shelf: Shelf, shop: Shop):
    """A list for one customer makes the dearest product the cheapest, for them alone."""
    buyer = await shop.customer()
    scope, draft = Scope(ScopeKind.PARTY, buyer.party_id), PriceListDraft({"en": "Theirs"})
    variant = await db.value("SELECT v.id FROM variant v JOIN product p ON p.id = v.product_id WHERE p.slug = 'a'")
    theirs = await transact(lambda tx: create_price_list(tx, scope, draft, currency="CNY"))
    row, policy = RowDraft(variant, unit_price=Decimal(1)), ErrorPolicy.REJECT_EVERYTHING
    await transact(lambda tx: upsert_list_rows(tx, theirs, [row], currency="CNY", policy=policy))

    async def seen(asked: dict[str, Any]) -> list[str]:
        found = []
        for token in (None, buyer.token):
            nodes = (await api(LIST, asked, token))["data"]["products"]["nodes"]
            found.append("".join(node["slug"] for node in nodes))
        return found

    assert await seen({"sort": "PRICE_ASC"}) == ["bca", "abc"]
    assert await seen({"sort": "PRICE_DESC"}) == ["acb", "cba"]
    assert await seen({"sort": "PRICE_ASC", "search": "会员"}) == ["ba", "ab"]
    assert await seen({"where": {"price": {"lte": "5"}}}) == ["", "a"]
    assert await seen({"where": {"price": {}}}) == ["cba", "cba"]
    bands = [
        [one["begin"]["amount"] for one in (await api(FACETS, {}, token))["data"]["productFacets"]["prices"]]
        for token in (None, buyer.token)
    ]
    assert bands == [["10.00", "20.00"], ["1.00", "10.00", "20.00"]]
