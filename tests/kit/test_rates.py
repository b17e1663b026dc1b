"""Rate limits: exact counts, over several processes, with and without Redis; and nothing personal in Redis."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from time import perf_counter

import pytest
from redis import Redis

from perkhub.kit import clock, rates
from perkhub.kit.errors import TooFast
from perkhub.kit.redis import close_redis, redis_client, set_redis


@pytest.fixture(autouse=True)
async def _redis(redis_url: str) -> AsyncIterator[None]:
    set_redis(redis_url)
    rates.forget_rates()
    yield
    rates.forget_rates()
    await close_redis()


async def allowed(times: int, bucket: str = "bucket", *, limit: int, seconds: int = 3600) -> int:
    async def one() -> bool:
        try:
            await rates.take(bucket, limit=limit, seconds=seconds)
        except TooFast:
            return False
        return True

    return sum(await asyncio.gather(*(one() for _ in range(times))))


@pytest.mark.parametrize("limit", [1, 5, 39, 40, 100, 601])
async def test_exactly_the_limit_is_allowed(limit: int):
    assert await allowed(limit + 50, limit=limit) == limit
    assert await allowed(10, limit=limit) == 0


async def test_buckets_do_not_know_each_other():
    assert await allowed(10, "one", limit=3) == 3
    assert await allowed(10, "two", limit=3) == 3


async def test_all_processes_together_stay_within_the_limit():
    """Another process knows nothing of our windows; only Redis tells it what is taken."""
    total = 0
    for _process in range(10):
        rates.forget_rates()
        total += await allowed(30, limit=100)
    # Tokens that a process took and did not spend are lost, and never more than a twentieth of the limit each.
    assert 100 - 10 * 5 <= total <= 100


async def test_a_small_limit_is_exact_over_all_processes():
    total = 0
    for _process in range(5):
        rates.forget_rates()
        total += await allowed(4, limit=12)
    assert total == 12


async def test_refusals_say_when_to_come_back_and_the_window_passes():
    assert await allowed(3, limit=3, seconds=60) == 3
    with pytest.raises(TooFast) as refused:
        await rates.take("bucket", limit=3, seconds=60)
    retry_after = refused.value.data["retry_after"]
    assert 1 <= retry_after <= 60
    with clock.travel(timedelta(seconds=retry_after)):
        assert await allowed(10, limit=3, seconds=60) == 3


async def test_without_redis_the_process_counts_alone_and_nobody_waits():
    set_redis("unix:///nowhere/redis.sock")
    begun = perf_counter()
    assert await allowed(200, limit=50) == 50
    assert perf_counter() - begun < 1
    set_redis(None)
    rates.forget_rates()
    assert await allowed(200, limit=50) == 50


async def test_a_redis_that_hangs_is_left_alone():
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        finally:
            writer.close()

    silent = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    set_redis(f"redis://127.0.0.1:{port}/0")
    begun = perf_counter()
    assert await allowed(40, limit=30) == 30
    assert await allowed(40, limit=30) == 0
    assert perf_counter() - begun < 1.5
    await close_redis()
    silent.close()
    await silent.wait_closed()


async def test_it_counts_in_redis_again_once_it_is_back(redis_url: str, monkeypatch: pytest.MonkeyPatch):
    set_redis("unix:///nowhere/redis.sock")
    assert await allowed(1, limit=10) == 1
    set_redis(redis_url)
    monkeypatch.setattr(rates, "_rest_until", 0.0)
    assert await allowed(5, limit=10) == 5
    with Redis.from_url(redis_url) as redis:
        assert len(redis.keys("rate:*")) == 1


async def test_redis_learns_no_name_and_forgets_in_time(redis_url: str):
    await rates.take("signin:+8613800000001", limit=5, seconds=60)
    await rates.take("signin:li.lei@example.com", limit=5, seconds=60)
    with Redis.from_url(redis_url) as redis:
        keys = redis.keys("*")
        assert len(keys) == 2
        assert not any(b"138" in key or b"lei" in key for key in keys)
        assert all(0 < redis.ttl(key) <= 120 for key in keys)


async def test_windows_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "MOST_WINDOWS", 20)
    for number in range(100):
        await rates.take(f"bucket {number}", limit=1000, seconds=60)
    assert len(rates._windows) <= 20


async def test_the_client_finds_a_new_connection_by_itself(redis_url: str):
    redis = redis_client()
    assert redis is not None
    await redis.set("kept", "1")
    with Redis.from_url(redis_url) as other:
        other.client_kill_filter(skipme=True, _type="normal")
    assert await redis.get("kept") == b"1"
