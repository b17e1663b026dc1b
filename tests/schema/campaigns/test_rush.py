"""A crowd before a shop: exactly what there is gets sold, whoever must wait is told when to come again, and who is too late
hears it without a transaction; whatever becomes of Redis in between."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from perkhub.campaigns import Campaign, CampaignQueued, reserve
from perkhub.campaigns import sql as campaigns_sql
from perkhub.campaigns.rush import enter, leave
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.ids import new_id
from perkhub.kit.redis import close_redis, redis_client, set_redis
from perkhub.orders import expire_due_orders
from perkhub.pricing import BasketLine, Chosen
from tests.campaigns.making import counted, flash_sale, parts_of
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk
from tests.schema.api import Api
from tests.schema.campaigns.asking import taking_part, told
from tests.schema.orders.till import WALLET, basket
from tests.schema.orders.till import counted as with_statements

ERRORS = "errors { __typename code path ... on CampaignQueued { ticket position retryAfterMs } }"
PLACE = f"mutation ($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{ order {{ id state }} {ERRORS} }} }}"
ADMISSION = f"query ($ticket: String!) {{ admission(ticket: $ticket) {{ state position retryAfterMs ticket {ERRORS} }} }}"
NOWHERE = "redis://127.0.0.1:9/0"
MOST_OF_ONE = """
    SELECT max(units) FROM (SELECT sum(ol.quantity) AS units FROM order_line ol JOIN orders o ON o.id = ol.order_id
                            WHERE o.in_campaigns AND o.state IN ('placed', 'paid') GROUP BY o.party_id) s
"""
# Buyers, units, connections.
SMALL = (60, 12, 16)
FULL = pytest.param(2000, 200, 128, marks=pytest.mark.soak, id="full")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `house`, which reads it: few are let in, so that there is a queue, and many connections make them parallel."""
    monkeypatch.setenv("PERKHUB_CAMPAIGN_ORDERS_AT_ONCE", "8")
    monkeypatch.setenv("PERKHUB_DATABASE_POOL", "40")


async def attempt(api: Api, buyer: Person, given: dict[str, Any]) -> dict[str, Any]:
    """As a front end does: wait in the queue as long as it takes."""
    while True:
        answer = await told(api, PLACE, {"input": given}, buyer)
        queued = [error for error in answer["errors"] if error["code"] == "CAMPAIGN_QUEUED"]
        if not queued:
            return answer
        await asyncio.sleep(queued[0]["retryAfterMs"] / 1000)
        given = {**given, "ticket": queued[0]["ticket"]}


async def crowd(
    api: Api, buyers: Sequence[Person], variant: StockedVariant, sale: Campaign, *, at_once: int, **more: Any
) -> Counter[str]:
    """All of them, each once, at so many connections: how many came to what."""
    door = asyncio.Semaphore(at_once)

    async def one(buyer: Person) -> str:
        async with door:
            answer = await attempt(api, buyer, basket(taking_part(variant, sale), **more))
            return str(answer["errors"][0]["code"] if answer["errors"] else answer["order"]["state"])

    return Counter(await asyncio.gather(*(one(buyer) for buyer in buyers)))


@pytest.mark.parametrize(("many", "units", "at_once"), [SMALL, FULL])
async def test_a_crowd_buys_exactly_what_there_is(api: Api, shop: Shop, many: int, units: int, at_once: int):
    """Half of what the first crowd holds is not paid: the second gets exactly that."""
    variant = await shop.variant(codes=units + 50)
    sale = await flash_sale(variant, quantity=units, limit=1)
    first, second = await shop.customers(many // 2, wallet="20.00"), await shop.customers(many // 2, wallet="20.00")
    ended = await crowd(api, first[: units // 2], variant, sale, at_once=at_once, pay=WALLET)
    assert ended == {"PAID": units // 2}
    ended = await crowd(api, first[units // 2 :], variant, sale, at_once=at_once)
    assert ended == {"PLACED": units // 2, "CAMPAIGN_SOLD_OUT": many // 2 - units}
    with travel(timedelta(minutes=20)):
        await expire_due_orders()
    assert await counted(sale) == units // 2
    ended = await crowd(api, [*first, *second], variant, sale, at_once=at_once, pay=WALLET)
    # Of the first, half have theirs already, and whoever comes once all is gone hears that alone.
    assert ended["PAID"] == units // 2
    assert ended.total() - ended["PAID"] == ended["CAMPAIGN_SOLD_OUT"] + ended["CAMPAIGN_LIMIT_REACHED"]
    assert (await counted(sale), await db.value(MOST_OF_ONE)) == (units, 1)
    assert await parts_of(sale) == {"taken": units, "released": units // 2}
    await desk.assert_clean()


@pytest.mark.parametrize(("many", "units", "at_once"), [(60, 5, 60), FULL])
async def test_the_race_is_real(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch, many: int, units: int, at_once: int):
    """With the database's guard taken out the same crowd is sold more than there is: admission guards nothing."""
    condition = "(excluded.ceiling IS NULL OR n.value + excluded.value <= excluded.ceiling) AND"
    monkeypatch.setattr(reserve, "CLAIM", campaigns_sql.CLAIM.replace(condition, ""))
    await close_redis()  # it would let in too few at once to be wrong
    await db.value("ALTER TABLE campaign_counter DROP CONSTRAINT campaign_counter_value")
    variant = await shop.variant(codes=many)
    sale = await flash_sale(variant, quantity=units, limit=1)
    ended = await crowd(api, await shop.customers(many, wallet="20.00"), variant, sale, at_once=at_once, pay=WALLET)
    assert ended["PAID"] > units
    assert await counted(sale) == ended["PAID"]
    assert {"campaign.ceiling"} == await desk.breaches()


@pytest.mark.parametrize("lost", ["flushed", "gone"])
async def test_redis_is_lost_in_the_middle_of_a_rush(api: Api, shop: Shop, redis_url: str, lost: str):
    variant = await shop.variant(codes=40)
    sale = await flash_sale(variant, quantity=30, limit=1)
    buyers = await shop.customers(60, wallet="20.00")
    rush = asyncio.create_task(crowd(api, buyers, variant, sale, at_once=32, pay=WALLET))
    while await counted(sale) < 5:  # noqa: ASYNC110 - what is waited for is the database's
        await asyncio.sleep(0.005)
    redis = redis_client()
    assert redis is not None
    if lost == "gone":
        set_redis(NOWHERE)
    else:
        await redis.flushdb()
    assert await counted(sale) < 30
    assert await rush == {"PAID": 30, "CAMPAIGN_SOLD_OUT": 30}
    await redis.aclose()
    assert (await counted(sale), await db.value(MOST_OF_ONE)) == (30, 1)
    await desk.assert_clean()


async def test_whoever_waits_is_told_when_to_come_and_gets_in_with_the_same_request(api: Api, shop: Shop):
    variant = await shop.variant(codes=3)
    sale = await flash_sale(variant, quantity=3, limit=1)
    buyer, other = await shop.customers(2, wallet="20.00")
    others = [BasketLine(variant.id, 1, campaign=Chosen(sale.id))]
    inside = [await enter(others, other.party_id, key="key") for _ in range(8)]
    given = basket(taking_part(variant, sale), pay=WALLET)
    [queued] = (await told(api, PLACE, {"input": given}, buyer))["errors"]
    assert (queued["__typename"], queued["position"], queued["path"]) == (
        "CampaignQueued",
        1,
        ["input", "lines", "0", "campaign"],
    )
    assert await db.value("SELECT count(*) FROM orders") == 0
    # On another device they have the same place.
    [again] = (await told(api, PLACE, {"input": basket(taking_part(variant, sale))}, buyer))["errors"]
    assert (again["code"], again["position"]) == ("CAMPAIGN_QUEUED", 1)
    found = await told(api, ADMISSION, {"ticket": queued["ticket"]}, buyer)
    assert (found["state"], found["position"], found["errors"]) == ("WAITING", 1, [])
    [refused] = (await told(api, ADMISSION, {"ticket": queued["ticket"]}, other))["errors"]
    assert (refused["code"], refused["path"]) == ("WAITING_TICKET_INVALID", None)
    leave(inside[0])
    turn = await told(api, ADMISSION, {"ticket": found["ticket"]}, buyer)
    assert (turn["state"], turn["retryAfterMs"]) == ("YOUR_TURN", 0)
    bought = await told(api, PLACE, {"input": {**given, "ticket": turn["ticket"]}}, buyer)
    assert (bought["errors"], bought["order"]["state"]) == ([], "PAID")
    # Whoever has theirs and did not hear it waits behind nobody.
    assert await enter(others, other.party_id, key="key")
    with pytest.raises(CampaignQueued):
        await enter(others, new_id(), key="key")
    # As it was first sent, with the ticket that let it in, and with one that another order of theirs waits by since.
    [another] = (await told(api, PLACE, {"input": basket(taking_part(variant, sale))}, buyer))["errors"]
    for ticket in (None, turn["ticket"], another["ticket"]):
        repeated = await told(api, PLACE, {"input": {**given, "ticket": ticket}}, buyer)
        assert (repeated["errors"], repeated["order"]) == ([], bought["order"])


async def test_who_is_too_late_hears_it_without_a_transaction(api: Api, shop: Shop):
    variant = await shop.variant(codes=3)
    sale = await flash_sale(variant, quantity=1, limit=1)
    first, second, third = await shop.customers(3, wallet="20.00")
    given = basket(taking_part(variant, sale), pay=WALLET)
    bought = await told(api, PLACE, {"input": given}, first)
    for late in (second, third):
        answer, statements = await with_statements(api, PLACE, {"input": basket(taking_part(variant, sale))}, late)
        assert [error["code"] for error in answer["errors"]] == ["CAMPAIGN_SOLD_OUT"]
    assert statements == 1  # whether it is a repetition; one look serves all who come meanwhile
    assert (await told(api, PLACE, {"input": given}, first))["order"] == bought["order"]
