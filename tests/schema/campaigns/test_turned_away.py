"""The short way out of a rush gives the same answer as the long one, to those alone whom the long one would give it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from perkhub.campaigns import Campaign, forget_sold_out
from perkhub.campaigns.rush import sold_out
from perkhub.campaigns.tally import tallies_of
from perkhub.kit.clock import travel
from perkhub.orders import expire_due_orders
from perkhub_schema.orders import mutations
from tests.campaigns.making import flash_sale
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk
from tests.schema.api import Api
from tests.schema.campaigns.asking import taking_part, told
from tests.schema.orders.till import WALLET, basket

ERRORS = "errors { code message path ... on CampaignSoldOut { available } }"
PLACE = f"mutation ($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{ order {{ id state }} {ERRORS} }} }}"
OTHERWISE = "mutation ($given: OrderPlaceInput!) { refused: orderPlace(input: $given) { errors { code } } }"
TWICE = f"""mutation ($input: OrderPlaceInput!) {{ one: orderPlace(input: $input) {{ order {{ id }} {ERRORS} }}
    two: orderPlace(input: $input) {{ order {{ id }} {ERRORS} }} }}"""


class Late:
    """A sale that is over for everybody but its one buyer."""

    def __init__(self, api: Api, variant: StockedVariant, sale: Campaign, buyer: Person, given: dict[str, Any]) -> None:
        self.api, self.variant, self.sale, self.buyer, self.given = api, variant, sale, buyer, given
        self.long_way = 0

    def wish(self, **more: Any) -> dict[str, Any]:
        return basket(taking_part(self.variant, self.sale), **more)

    async def come(self, who: Person | None, query: str = PLACE, name: str = "input", **more: Any) -> dict[str, Any]:
        """The whole answer, without its trail."""
        return await self.api(query, {name: self.wish()}, None if who is None else who.token, **more)


@pytest.fixture
async def late(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Late:
    variant = await shop.variant(codes=3)
    sale = await flash_sale(variant, quantity=1, limit=1)
    buyer = await shop.customer(wallet="50.00")
    given = basket(taking_part(variant, sale))
    assert (await told(api, PLACE, {"input": given}, buyer))["errors"] == []
    found = Late(api, variant, sale, buyer, given)
    await found.come(await shop.customer())
    place = mutations.place

    async def noted(*args: Any) -> Any:
        found.long_way += 1
        return await place(*args)

    monkeypatch.setattr(mutations, "place", noted)
    return found


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On a slow machine nobody is sent to look again in the middle of a test."""
    monkeypatch.setattr(sold_out, "LOOK_AGAIN_SECONDS", 60)
    yield
    forget_sold_out()


async def test_the_answer_is_the_same_to_the_byte(late: Late, shop: Shop):
    first, second = await shop.customers(2)
    for query, name, language in ((PLACE, "input", "en"), (PLACE, "input", "zh"), (OTHERWISE, "given", "en")):
        before = late.long_way
        long = await late.come(first, query, name, language=language)
        assert late.long_way == before + 1
        assert await late.come(second, query, name, language=language) == long
        assert late.long_way == before + 1
    assert long["data"] == {"refused": {"errors": [{"code": "CAMPAIGN_SOLD_OUT"}]}}


async def test_the_headers_are_the_same(late: Late, shop: Shop):
    """But for what names the request, and counts its statements."""
    first, second = await shop.customers(2)
    long, short = [await late.api.send(PLACE, {"input": late.wish()}, who.token) for who in (first, second)]
    assert (late.long_way, short.status_code, short.content) == (1, long.status_code, long.content)
    told = [{name: said for name, said in one.headers.items() if not name.startswith("perkhub-")} for one in (long, short)]
    assert told[0] == told[1]
    assert {name for name in long.headers if name.startswith("perkhub-")} == set(short.headers) - set(told[1])


async def test_a_device_says_nothing_and_anything_else_does(late: Late, shop: Shop):
    buyer = await shop.customer()
    for more in ({}, {"deviceKey": "mine"}):
        await late.api(PLACE, {"input": late.wish(**more)}, buyer.token)
    assert late.long_way == 1
    await late.api(PLACE, {"input": late.wish(pay=WALLET)}, buyer.token)
    assert late.long_way == 2
    await late.api(PLACE, {"input": late.wish(deviceKey="a\nb")}, buyer.token)
    assert late.long_way == 3


async def test_what_no_device_is_called_is_told_so(late: Late, shop: Shop):
    buyer = await shop.customer()
    await late.come(buyer)
    for odd in (False, 0, [], {}):
        answer = await late.api(PLACE, {"input": late.wish(deviceKey=odd)}, buyer.token)
        assert "deviceKey" in answer["errors"][0]["message"]


async def test_a_repetition_hears_what_came_of_it(late: Late, shop: Shop):
    for _ in range(2):
        await late.come(await shop.customer())
    assert late.long_way == 1
    again = await told(late.api, PLACE, {"input": late.given}, late.buyer)
    assert (again["errors"], again["order"]["state"]) == ([], "PLACED")
    assert late.long_way == 2


async def test_nobody_is_answered_who_may_not_ask(late: Late, shop: Shop):
    buyer, staff = await shop.customer(), await shop.staff()
    await late.come(buyer)
    for nobody, code in ((None, "NOT_SIGNED_IN"), (staff, "NOT_ALLOWED")):
        assert [error["extensions"]["code"] for error in (await late.come(nobody))["errors"]] == [code]
    closed = await late.come(buyer, channel="nowhere")
    assert [error["code"] for error in closed["data"]["orderPlace"]["errors"]] == ["CHANNEL_NOT_FOUND"]
    bad = await late.api(PLACE, {"input": late.wish()}, "no token")
    assert [error["extensions"]["code"] for error in bad["errors"]] == ["NOT_SIGNED_IN"]


async def test_what_does_more_than_place_one_order_goes_the_long_way(late: Late, shop: Shop):
    buyer = await shop.customer()
    for _ in range(2):
        await late.come(buyer, TWICE)
    assert late.long_way == 4


async def test_refusals_are_counted_and_what_comes_back_is_sold(late: Late, shop: Shop):
    for _ in range(5):
        await late.come(await shop.customer())
    assert late.long_way == 1
    assert (await tallies_of([late.sale.id]))[late.sale.id]["CAMPAIGN_SOLD_OUT"] == 6
    with travel(timedelta(minutes=20)):
        await expire_due_orders()
    buyer = await shop.customer()
    answer = await told(late.api, PLACE, {"input": late.wish()}, buyer)
    assert (answer["errors"], answer["order"]["state"]) == ([], "PLACED")
    await desk.assert_clean()
