"""Reading orders and benefits page by page, the shop's lists, and what each costs in statements."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.orders import desk
from tests.schema.conftest import Api
from tests.schema.ops.asking import read
from tests.schema.orders.till import counted

PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
MINE = f"""query Mine($first: Int, $after: String, $states: [OrderState!]) {{ me {{
    orders(first: $first, after: $after, states: $states) {{ nodes {{ id state number }} edges {{ cursor }} {PAGE} }} }} }}"""
BENEFITS = f"""query Benefits($first: Int, $after: String, $states: [EntitlementState!]) {{ me {{
    entitlements(first: $first, after: $after, states: $states) {{ nodes {{ id state }} {PAGE} }} }} }}"""
# As a front end asks for its pages, and how many statements each may cost, however long the page is.
# One of them asks whether what is kept of the catalog still holds.
BUDGETS = {
    "Orders": (
        """query Orders { me { orders(first: 20) { nodes { number state total { formatted } refunded { amount }
            lines { quantity variant { name product { name } } entitlements { state masked } }
            payments { state method } refunds { state amount { amount } } } } } }""",
        9,
    ),
    "MyBenefits": (
        """query MyBenefits { me { entitlements(first: 20) { nodes { state masked howToUse
            variant { name product { name brand { name } } } } } } }""",
        6,
    ),
    "Wallet": (
        "query Wallet { me { wallet { balance { formatted } } walletMovements { nodes { kind amount { amount } } } } }",
        3,
    ),
    "Products": (
        """query Products { products(first: 20) { nodes { slug name
            variants { name price { unit { formatted } } availability limit { perCustomer } } } } }""",
        5,
    ),
}


async def paged(api: Api, query: str, who: Person, field: str, size: int, **more: Any) -> list[list[str]]:
    """The ids of all pages, turned forward."""
    pages, after = [], None
    while True:
        page = (await read(api, query, {"first": size, "after": after, **more}, who))[field]
        pages.append([node["id"] for node in page["nodes"]])
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not page["pageInfo"]["hasNextPage"]:
            return pages
        after = page["pageInfo"]["endCursor"]


async def test_orders_are_turned_page_by_page_newest_first(api: Api, shop: Shop):
    variant, (buyer, other) = await shop.variant(codes=20), await shop.customers(2, wallet="500.00")
    bought = [await desk.buy(buyer, variant) for _ in range(5)]
    await desk.buy(other, variant)
    newest = [global_id(Kind.ORDER, order.id) for order in reversed(bought)]
    assert await paged(api, MINE, buyer, "orders", 2) == [newest[:2], newest[2:4], newest[4:]]
    assert await paged(api, MINE, buyer, "orders", 5) == [newest]
    first = (await read(api, MINE, {"first": 2}, buyer))["orders"]
    assert first["pageInfo"]["startCursor"] == first["edges"][0]["cursor"]
    # An order that came in meanwhile moves no page.
    await desk.buy(buyer, variant)
    second = (await read(api, MINE, {"first": 2, "after": first["pageInfo"]["endCursor"]}, buyer))["orders"]
    assert [node["id"] for node in second["nodes"]] == newest[2:4]


async def test_orders_and_benefits_are_found_by_their_state(api: Api, shop: Shop):
    variant, buyer = await shop.variant(codes=20), await shop.customer(wallet="500.00")
    paid, refunded = await desk.buy(buyer, variant), await desk.buy(buyer, variant)
    await desk.refund(buyer, refunded)
    await desk.place(buyer, variant)
    found = await paged(api, MINE, buyer, "orders", 9, states=["PAID", "REFUNDED"])
    assert found == [[global_id(Kind.ORDER, order.id) for order in (refunded, paid)]]
    [unit] = await desk.units_of(paid)
    assert await paged(api, BENEFITS, buyer, "entitlements", 9, states=["ISSUED"]) == [[global_id(Kind.ENTITLEMENT, unit.id)]]
    assert await paged(api, MINE, buyer, "orders", 9, states=[]) == [[]]


@pytest.mark.parametrize(
    "variables", [{"first": 0}, {"first": -1}, {"first": 101}, {"after": ""}, {"after": "x"}, {"after": "\x00"}]
)
@pytest.mark.parametrize("query", [MINE, BENEFITS])
async def test_odd_pages_are_refused(api: Api, shop: Shop, query: str, variables: dict[str, Any]):
    answer = await api(query, variables, (await shop.customer()).token)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]


@pytest.mark.parametrize("name", BUDGETS)
async def test_a_page_costs_the_same_however_long_it_is(api: Api, shop: Shop, name: str):
    query, most = BUDGETS[name]
    buyer = await shop.customer(wallet="1000.00")
    costs: list[int] = []
    for _ in range(2):
        for _ in range(4):
            order = await desk.buy(buyer, await shop.variant())
        await desk.refund(buyer, order)
        # A connection that sees a type for the first time asks what it is; the house needs no more than the least.
        costs.append(min([(await counted(api, query, None, buyer))[1] for _ in range(5)]))
    assert costs[0] == costs[1] <= most


async def test_staff_read_a_customers_orders_by_their_permission(api: Api, shop: Shop):
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, await shop.variant())
    reader = await shop.staff(Permission.READ_ORDERS)
    for asked in ({"id": global_id(Kind.ORDER, order.id)}, {"number": order.number}):
        query = (
            "query ($id: ID, $number: String) { order(id: $id, number: $number) { number lines { entitlements { masked } } } }"
        )
        found = await read(api, query, asked, reader)
        assert found["number"] == order.number
        # Staff see that there is a code, and its tail; never the code.
        assert found["lines"][0]["entitlements"][0]["masked"].startswith("••••")
    nobody = await read(api, '{ order(number: "P000000-XXXXXXXX") { id } }', None, reader)
    assert nobody is None
