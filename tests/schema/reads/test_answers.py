"""Remembered answers: nobody can tell them from answers that were read, but by what they cost."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.catalog import ListingDraft, VariantDraft, create_variant, update_product, upsert_listing
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.redis import set_redis
from perkhub.kit.settings import settings
from perkhub.reactions import reader_changes
from perkhub_schema.reads import reading
from perkhub_schema.reads.answers import Answer, Answers, answers, etag_of
from tests.factories import Shop, StockedVariant
from tests.orders import desk
from tests.schema.api import Api
from tests.schema.reads.asking import DETAIL, LIST, prices, read


async def reprice(variant: StockedVariant, price: str, **window: Any) -> None:
    draft = ListingDraft(Decimal(price), **window)
    await transact(lambda tx: upsert_listing(tx, variant.channel.id, variant.id, draft))


async def test_the_second_reader_costs_one_look(api: Api, shop: Shop):
    await shop.variant(price="19.90")
    first, second = await api.send(LIST), await api.send(LIST)
    assert (read(first), read(second)) == (True, False)
    assert first.content == second.content
    assert second.headers["content-type"] == first.headers["content-type"] == "application/json"
    assert second.headers["cache-control"] == first.headers["cache-control"] == "private, no-store"


async def test_a_change_is_in_the_next_answer(api: Api, shop: Shop):
    variant = await shop.variant(price="19.90")
    await api.send(LIST)
    for price in ("5.00", "6.00", "7.00"):
        await reprice(variant, price)
        answer = await api.send(LIST)
        assert prices(answer) == [price]
        assert read(answer)
        assert not read(await api.send(LIST))


async def test_every_kind_of_change_is_seen(api: Api, shop: Shop):
    variant = await shop.variant(codes=1)
    one = {"slug": (await db.value("SELECT slug FROM product"))}
    seen = {(await api.send(query, one)).text for query in (LIST, DETAIL)}

    async def rename() -> None:
        await transact(lambda tx: update_product(tx, variant.product_id, {"name": {"en": "New"}}, expected_version=1))

    async def add() -> None:
        added = await transact(lambda tx: create_variant(tx, variant.product_id, VariantDraft("more", {"en": "More"})))
        await transact(lambda tx: upsert_listing(tx, variant.channel.id, added, ListingDraft(Decimal(3))))

    async def sell_out() -> None:
        await desk.buy(await shop.customer(wallet="500.00"), variant)

    async def by_hand() -> None:
        await db.value("UPDATE listing SET unit_price = 99 WHERE variant_id = $1", variant.id)

    for change in (rename, add, sell_out, by_hand):
        await change()
        answers_now = {(await api.send(query, one)).text for query in (LIST, DETAIL)}
        assert answers_now - seen, change.__name__
        assert not read(await api.send(LIST, one)), "and then it is remembered"
        seen |= answers_now


async def test_another_channel_is_left_alone(api: Api, shop: Shop):
    here, there = await shop.variant(), await shop.variant(channel=await shop.channel("partner"))
    for channel in ("retail", "partner"):
        await api.send(LIST, channel=channel)
    await reprice(there, "2.00")
    assert not read(await api.send(LIST))
    assert prices(await api.send(LIST, channel="partner")) == ["2.00"]
    assert prices(await api.send(LIST)) == [str(here.price.amount)]


async def test_nobody_is_given_what_another_wording_would_bring(api: Api, shop: Shop):
    await shop.variant()
    await shop.variant(channel=await shop.channel("partner"), price="3.00")
    answers_of = {
        (await api.send(query, variables, channel=channel, language=language)).text
        for query in (LIST, DETAIL)
        for variables in ({"first": 1, "slug": "x"}, {"first": 2, "slug": "x"})
        for channel in ("retail", "partner")
        for language in ("en", "zh-CN")
        for _ in range(2)
    }
    # Two sizes (of another cost), two channels, two languages; and everywhere there is no product "x".
    assert len(answers_of) == 2 * 2 * 2 + 1


async def test_signed_in_readers_are_read_for(api: Api, shop: Shop):
    await shop.variant()
    await api.send(LIST)
    buyer = await shop.customer()
    for _ in range(2):
        assert len(prices(await api.send(LIST, token=buyer.token))) == 1
        assert (await api.send(LIST, token="no token")).json()["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
    assert len(answers()) == 1


async def test_only_what_lasts_is_remembered(api: Api, shop: Shop):
    variant = await shop.variant()
    stock = "{ products { nodes { variants { stock } } } }"
    line = f'{{variantId: "var_{variant.id.hex}"}}'
    quote = f"query {{ quote(input: {{lines: [{line}]}}) {{ quote {{ total {{ amount }} }} }} }}"
    mixed = "{ shop { channel } me { id } }"
    for query in ("{ shop { serverTime } }", stock, quote, mixed, "{ __typename }", "{ shop { channel } ", "{ nothing }"):
        assert (await api.send(query)).text
    assert len(answers()) == 0
    hidden = "{ shop { ...a } } fragment a on Shop { currency ...b } fragment b on Shop { serverTime }"
    assert (await api.send(hidden)).json()["data"]["shop"]["currency"] == "CNY"
    assert len(answers()) == 0
    assert (await api.send("{ shop { currency } }")).status_code == 200
    assert len(answers()) == 1


async def test_errors_are_not_remembered(api: Api, shop: Shop):
    await shop.variant()
    for _ in range(2):
        assert "errors" in (await api.send(LIST, {"first": 1000})).json()
        assert "errors" in (await api.send(LIST, channel="nowhere")).json()
    assert len(answers()) == 0


async def test_an_answer_ends_at_the_edge_of_a_window(api: Api, shop: Shop):
    variant = await shop.variant(price="19.90")
    later = await shop.variant(price="9.90")
    await reprice(variant, "19.90", published_until=now() + timedelta(seconds=20))
    await reprice(later, "9.90", published_from=now() + timedelta(seconds=10))
    assert prices(await api.send(LIST)) == ["19.90"]
    assert not read(await api.send(LIST))
    with travel(timedelta(seconds=11)):
        assert prices(await api.send(LIST)) == ["9.90", "19.90"]
        assert not read(await api.send(LIST))
    with travel(timedelta(seconds=21)):
        assert prices(await api.send(LIST)) == ["9.90"]


async def test_an_answer_has_an_end_anyway(api: Api, shop: Shop):
    await shop.variant()
    await api.send(LIST)
    with travel(timedelta(seconds=settings().response_cache_seconds - 2)):
        assert not read(await api.send(LIST))
    with travel(timedelta(seconds=settings().response_cache_seconds + 1)):
        assert read(await api.send(LIST))


async def test_what_was_read_before_a_change_is_not_kept_after_it(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """A competitor writes while the first reader is between reading and keeping."""
    variant = await shop.variant(price="19.90")
    raced = []

    async def change() -> None:
        await reprice(variant, "1.00")
        await reader_changes().caught_up()

    real_edge = reading.next_edge

    async def slow_edge(*given: Any) -> float:
        if not raced:
            raced.append(True)
            await change()
        return await real_edge(*given)

    monkeypatch.setattr(reading, "next_edge", slow_edge)
    assert prices(await api.send(LIST)) == ["19.90"]
    assert len(answers()) == 0
    assert prices(await api.send(LIST)) == ["1.00"]


async def test_without_that_check_it_would_be_stale(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """The tests above can fail: where nobody looks at what has changed, the old price stays."""
    variant = await shop.variant(price="19.90")
    await api.send(LIST)
    monkeypatch.setattr(Answer, "holds", lambda _: True)
    await reprice(variant, "1.00")
    assert prices(await api.send(LIST)) == ["19.90"]


async def test_many_readers_of_what_has_changed_read_it_once(api: Api, shop: Shop):
    variant = await shop.variant()
    await api.send(LIST)
    await reprice(variant, "4.00")
    told = await asyncio.gather(*(api.send(LIST) for _ in range(8)))
    assert {tuple(prices(answer)) for answer in told} == {("4.00",)}
    assert sum(map(read, told)) == 1


async def test_readers_and_a_writer_at_once_never_meet_an_old_price(api: Api, shop: Shop):
    """Each reader may see what is newer than what was committed when it asked, never what is older."""
    variant = await shop.variant(price="1.00")
    committed, over = [1], asyncio.Event()

    async def write() -> None:
        for price in range(2, 40):
            await reprice(variant, f"{price}.00")
            committed.append(price)
        over.set()

    async def look() -> int:
        looks = 0
        while not over.is_set():
            least = committed[-1]
            [seen] = prices(await api.send(LIST))
            assert Decimal(seen) >= least
            looks += 1
        return looks

    done = await asyncio.gather(write(), *(look() for _ in range(4)))
    assert sum(count or 0 for count in done) > 0


async def test_without_redis_answers_are_remembered_and_right(api: Api, shop: Shop):
    variant = await shop.variant(price="19.90")
    set_redis(None)
    await api.send(LIST)
    assert not read(await api.send(LIST))
    await reprice(variant, "3.00")
    assert prices(await api.send(LIST)) == ["3.00"]


async def test_while_nobody_knows_what_has_changed_all_is_read(api: Api, shop: Shop, database_url: str):
    variant = await shop.variant(price="19.90")
    await api.send(LIST)
    await reader_changes().close()
    assert read(await api.send(LIST))
    await reprice(variant, "3.00")
    assert prices(await api.send(LIST)) == ["3.00"]
    reader_changes().follow(database_url)
    assert prices(await api.send(LIST)) == ["3.00"]
    assert not read(await api.send(LIST))


async def test_remembered_answers_count_as_requests(few_requests: None, api: Api, shop: Shop):
    await shop.variant()
    statuses = [(await api.send(LIST)).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


@pytest.fixture
def few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERKHUB_REQUESTS_PER_MINUTE", "5")


async def test_it_can_be_switched_off(no_answers: None, api: Api, shop: Shop):
    await shop.variant()
    assert all([read(await api.send(LIST)) for _ in range(3)])
    assert len(answers()) == 0


@pytest.fixture
def no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERKHUB_RESPONSE_CACHE_MEGABYTES", "0")


async def test_headers_that_come_twice_poison_nothing(api: Api, shop: Shop):
    await shop.variant(price="19.90")
    await shop.variant(channel=await shop.channel("partner"), price="3.00")
    twice = [("Perkhub-Channel", "partner"), ("Perkhub-Channel", "retail"), ("Accept-Language", "en")]
    for _ in range(2):
        answer = await api.http.post("/graphql", json={"query": LIST, "variables": None}, headers=twice)
        assert prices(answer) == ["3.00"]
        assert prices(await api.send(LIST)) == ["19.90"]
        assert prices(await api.send(LIST, channel="partner")) == ["3.00"]


async def test_operators_see_their_change_in_the_shop_at_once(api: Api, shop: Shop):
    variant = await shop.variant(price="19.90")
    await api.send(LIST)
    token = (await shop.staff(Permission.MANAGE_PRICES)).token
    change = """mutation ($input: ListingUpsertInput!) { listingUpsert(input: $input) { errors { code } } }"""
    given = {"channel": "retail", "variantId": f"var_{variant.id.hex}", "unitPrice": "12.34"}
    assert (await api(change, {"input": given}, token))["data"]["listingUpsert"]["errors"] == []
    assert prices(await api.send(LIST)) == ["12.34"]


def an_answer(channel: Any, *, size: int) -> Answer:
    body = b"x" * size
    return Answer(body, etag_of(body), channel, 0, float("inf"))


def test_memory_is_bounded_and_the_least_used_goes_first():
    kept = Answers(100_000)
    for number in range(100):
        kept.put(number, an_answer(None, size=4000))
        kept.get(0)
    assert kept.bytes <= 100_000
    assert (kept.get(0) is not None, kept.get(1), kept.get(99) is not None) == (True, None, True)
    kept.put("huge", an_answer(None, size=50_000))
    assert kept.get("huge") is None
    kept.put(0, an_answer(None, size=10))
    while len(kept):
        kept.drop(next(iter(kept._kept)))
    assert kept.bytes == 0
