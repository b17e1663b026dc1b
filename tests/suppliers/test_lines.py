"""Lines to suppliers: never more calls than allowed, at the pace that is allowed, and away from who does not answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from perkhub.kit import redis as house_redis
from perkhub.kit.clock import travel
from perkhub.kit.ids import new_id
from perkhub.kit.logging import get_logger
from perkhub.plugin.supplier import Delivered, Echo, Rate, Unknown
from perkhub.suppliers import NotNow, a_line, accounts_by_ids, slots
from perkhub.suppliers.breaker import FAULTS, Breaker
from perkhub.suppliers.live import live
from perkhub.suppliers.slots import PREFIX, a_slot, take_turn
from tests.factories import Shop
from tests.fulfilment.scripted import USUAL, Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts

PATIENT = 100.0


@pytest.fixture
async def no_redis(house: None) -> AsyncIterator[None]:
    url = house_redis.redis_url()
    await house_redis.close_redis()
    house_redis.set_redis("redis://127.0.0.1:9/0")
    yield
    await house_redis.close_redis()
    house_redis.set_redis(url)


async def entered(account: UUID, wanted: int, **more: Any) -> int:
    """How many of so many came in at once."""
    capabilities = replace(USUAL, **more)
    inside, leave = 0, asyncio.Event()

    async def one() -> None:
        nonlocal inside
        with suppress(NotNow):
            async with a_slot(account, capabilities):
                inside += 1
                await leave.wait()

    running = [asyncio.create_task(one()) for _ in range(wanted)]
    await asyncio.sleep(0.5)
    leave.set()
    await asyncio.gather(*running)
    return inside


async def test_no_more_calls_than_allowed(house: None):
    account = new_id()
    assert await entered(account, 20, max_concurrency=3) == 3
    assert await entered(account, 20, max_concurrency=3) == 3


async def test_calls_of_other_processes_count(house: None):
    account = new_id()
    redis = house_redis.redis_client()
    assert redis is not None
    await redis.zadd(PREFIX + account.hex, {"another process": 10.0**15, "one that died": 1.0})
    assert await entered(account, 20, max_concurrency=3) == 2


async def test_a_redis_that_answers_too_late_keeps_no_place(house: None, monkeypatch: pytest.MonkeyPatch):
    """Who was let in without knowing it, and is turned away, leaves all the same: else nobody could call for minutes."""
    account = new_id()
    redis = house_redis.redis_client()
    assert redis is not None
    let_in = redis.eval

    async def too_late(*told: Any) -> Any:
        await let_in(*told)
        raise TimeoutError

    monkeypatch.setattr(redis, "eval", too_late)
    assert await entered(account, 3, max_concurrency=3) == 1
    assert await redis.zcard(PREFIX + account.hex) == 0


async def test_who_is_cut_off_at_the_door_keeps_no_place(house: None, monkeypatch: pytest.MonkeyPatch):
    account = new_id()
    redis = house_redis.redis_client()
    assert redis is not None
    let_in, asked = redis.eval, asyncio.Event()

    async def slowly(*told: Any) -> Any:
        answer = await let_in(*told)
        asked.set()
        await asyncio.sleep(0.1)
        return answer

    monkeypatch.setattr(redis, "eval", slowly)

    async def call() -> None:
        async with a_slot(account, USUAL):
            raise AssertionError("nobody was to call any more")

    calling = asyncio.create_task(call())
    await asked.wait()
    calling.cancel()
    assert await asyncio.gather(calling, return_exceptions=True)
    assert calling.cancelled()
    assert await redis.zcard(PREFIX + account.hex) == 0
    assert await entered(account, 20, max_concurrency=3) == 3


async def test_no_account_takes_all_the_jobs(house: None):
    assert await entered(new_id(), 50, max_concurrency=100) == 20  # half of the forty that one worker runs


async def test_without_redis_each_process_keeps_to_a_part(no_redis: None):
    assert await entered(new_id(), 20, max_concurrency=8) == 2


async def test_the_pace_is_kept_whoever_calls(house: None):
    """Twenty callers at once: their turns are evenly spaced, however they came."""
    account, rate = new_id(), Rate(calls=2, seconds=1)
    waits = sorted(await asyncio.gather(*(take_turn(account, rate, patience=PATIENT) for _ in range(20))))
    steps = [later - earlier for earlier, later in pairwise(waits)]
    assert all(0.4 < step < 0.65 for step in steps), steps
    with pytest.raises(NotNow):
        await take_turn(account, rate, patience=1)
    with travel(timedelta(seconds=30)):
        assert await take_turn(account, rate, patience=1) == 0


def test_a_breaker_opens_after_faults_in_a_row_and_lets_one_try():
    breaker = Breaker()
    for _ in range(FAULTS - 1):
        breaker.failed()
    breaker.answered()
    for _ in range(FAULTS):
        assert breaker.wait() == 0
        breaker.failed()
    assert breaker.wait() > 0
    breaker.closed_at = 0
    assert (breaker.wait(), breaker.wait()) == (0, 1.0)
    breaker.answered()
    assert breaker.wait() == 0


async def test_who_does_not_answer_is_left_alone_and_others_are_asked(shop: Shop, sourcing: Sourcing):
    with offered(scripted()):
        account = await sourcing.account("scripted", {"script": "silent"})
        known = (await accounts_by_ids([account]))[account]
        for _ in range(FAULTS):
            live(known).breaker.failed()
        with pytest.raises(NotNow):
            async with a_line(known):
                raise AssertionError("nobody was to be asked")
        variant = await shop.variant(codes=0, price="30.00")
        await sourcing.offer(account, variant.id, "sku", cost="10.00")
        other = await sourcing.account("scripted", {"script": "other"})
        await sourcing.offer(other, variant.id, "sku", cost="20.00")
        Scripted.scripts["other"].places.append(Delivered(Echo(), codes=codes(1)))
        units = await sourcing.settle(await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1)))
        assert [unit.state for unit in units] == ["issued"]
        assert [one.account_id for one in await attempts()] == [other]


async def test_a_plugin_that_hangs_is_cut_off(shop: Shop, sourcing: Sourcing):
    async def for_ever(_: Any) -> Any:
        await asyncio.sleep(3600)

    with offered(scripted(timeout=timedelta(seconds=0.1))):
        variant = await shop.variant(codes=0, price="30.00")
        await sourcing.offer(await sourcing.account("scripted", {"script": "hangs"}), variant.id, "sku", cost="10.00")
        Scripted.scripts["hangs"].places.append(for_ever)
        Scripted.scripts["hangs"].looks.extend([for_ever, Unknown("still")])
        bought = await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
        await sourcing.settle(bought, seconds=1)
        assert [(one.state, one.cause) for one in await attempts()] == [("unknown", "hangs")]


async def test_what_a_plugin_tells_of_its_secrets_stands_in_no_log(
    shop: Shop, sourcing: Sourcing, caplog: pytest.LogCaptureFixture
):
    secret, told = "hush-hush-its-me", get_logger("a.plugin")

    def talk(_: Any) -> Any:
        told.warning(f"my secret is {secret}", anything=secret, more={"inside": [secret]})
        raise ValueError(f"the secret {secret} was refused")

    with offered(scripted()):
        account = await sourcing.account("scripted", {"script": "talks", "secret": secret})
        variant = await shop.variant(codes=0, price="30.00")
        await sourcing.offer(account, variant.id, "sku", cost="10.00")
        Scripted.scripts["talks"].places.append(talk)
        Scripted.scripts["talks"].looks.append(Unknown("still"))
        await sourcing.settle(await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1)), seconds=1)
    assert "my secret is" in caplog.text
    assert secret not in caplog.text
    assert [one.state for one in await attempts()] == ["unknown"]


@pytest.mark.parametrize(
    ("told", "most"),
    [(1, 1), (7, 7), (100, 100), (101, 100), (0, 1), (-3, 1), ("20", 1), (None, 1), (ValueError("secret"), 1)],
)
async def test_an_order_is_for_no_more_than_its_sku_takes(sourcing: Sourcing, told: Any, most: int):
    def said(_: Scripted, sku: str) -> Any:
        assert sku == "mobile:50"
        if isinstance(told, Exception):
            raise told
        return told

    odd = type("Odd", (scripted("odd"),), {"most_at_once": said})
    with offered(odd):
        [account] = (await accounts_by_ids([await sourcing.account("odd", {"script": "x"})])).values()
        async with a_line(account) as line:
            assert line.most_of("mobile:50") == most


@pytest.mark.parametrize(("held", "least", "most"), [(0.0, 0.5, 0.5), (1.5, 1.4, 15.0), (100.0, 15.0, 15.0)])
async def test_whoever_is_turned_away_comes_back_as_seldom_as_a_place_is_free(
    house: None, monkeypatch: pytest.MonkeyPatch, held: float, least: float, most: float
):
    account, capabilities = new_id(), replace(USUAL, max_concurrency=1)
    async with a_slot(account, capabilities):
        begun = slots.monotonic()
        monkeypatch.setattr(slots, "monotonic", lambda: begun + held)
        with pytest.raises(NotNow) as turned_away:
            async with a_slot(account, capabilities):
                pass
    assert turned_away.value.busy
    assert least <= turned_away.value.seconds <= most
    assert slots._inside[account] == {}
