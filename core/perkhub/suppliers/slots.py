"""How many calls to one account run at once, over all processes of the house, and how fast they follow each other.

The pace is kept in the database: evenly spaced calls are never more in any window than the supplier allows, whichever
processes make them. Running calls are counted in Redis, as leases that end by themselves where a process dies; without
Redis each process keeps to a quarter of what is allowed. In a process no account takes more than half of the jobs.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.redis import REDIS_AWAY, redis_client
from perkhub.kit.settings import settings
from perkhub.plugin.supplier import Capabilities, Rate

PREFIX = "supplier:calls:"
WITHOUT_REDIS = 4
AGAIN = 0.5

# Ended leases go first. All in one step, or two processes could both see the last free place.
ENTER = """
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
    if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
    redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
    redis.call('PEXPIREAT', KEYS[1], ARGV[3])
    return 1
"""

# One row an account: whoever updates it has this turn, and the next one is an interval later.
TAKE_TURN = """
    INSERT INTO supplier_pace AS p (account_id, next_at) VALUES ($1, $2::timestamptz + $3::interval)
    ON CONFLICT (account_id) DO UPDATE SET next_at = greatest(p.next_at, $2::timestamptz) + $3::interval
    WHERE p.next_at <= $2::timestamptz + $4::interval
    RETURNING next_at - $3::interval
"""
NEXT_TURN = "SELECT next_at FROM supplier_pace WHERE account_id = $1"

_running: Counter[UUID] = Counter()


class NotNow(Exception):
    """The account cannot be asked at this moment; nothing was sent. Try again after so many seconds."""

    def __init__(self, seconds: float, *, busy: bool = False) -> None:
        self.seconds = seconds
        self.busy = busy  # crowded, and not out of order
        super().__init__(f"not before {seconds:g} s")


def most_here(capabilities: Capabilities) -> int:
    """Calls that this process may make at once: a supplier that is slow to answer must leave jobs to the others."""
    jobs = max(1, min(settings().worker_jobs, settings().database_pool - 6))
    return max(1, min(capabilities.max_concurrency, jobs // 2))


@asynccontextmanager
async def a_slot(account: UUID, capabilities: Capabilities) -> AsyncIterator[None]:
    """A place among the account's running calls.

    Raises:
        NotNow.
    """
    if _running[account] >= most_here(capabilities):
        raise NotNow(AGAIN, busy=True)
    _running[account] += 1
    lease = uuid4().hex
    try:
        await _enter(account, capabilities, lease)
        try:
            yield
        finally:
            await _leave(account, lease)
    finally:
        _running[account] -= 1


async def take_turn(account: UUID, rate: Rate, *, patience: float) -> float:
    """Seconds to wait before the call may be made: the turn is taken.

    Raises:
        NotNow: the next turn is further off than `patience`.
    """
    at = now()
    interval = timedelta(seconds=rate.seconds / rate.calls)
    turn = await db.value(TAKE_TURN, account, at, interval, timedelta(seconds=patience))
    if turn is None:
        following = await db.value(NEXT_TURN, account)
        raise NotNow(max(AGAIN, (following - at).total_seconds() if following else AGAIN))
    return max(0.0, float((turn - at).total_seconds()))


async def _enter(account: UUID, capabilities: Capabilities, lease: str) -> None:
    redis = redis_client()
    entered: int | None = None
    if redis is not None:
        at = int(now().timestamp() * 1000)
        ends = at + int(capabilities.timeout.total_seconds() * 4000) + 10_000
        most = str(capabilities.max_concurrency)
        with suppress(*REDIS_AWAY):
            answer = redis.eval(ENTER, 1, PREFIX + account.hex, str(at), most, str(ends), lease)
            entered = cast("int", await cast("Awaitable[object]", answer))
    if entered is None and _running[account] > max(1, capabilities.max_concurrency // WITHOUT_REDIS):
        raise NotNow(AGAIN, busy=True)
    if entered == 0:
        raise NotNow(AGAIN, busy=True)


async def _leave(account: UUID, lease: str) -> None:
    redis = redis_client()
    if redis is not None:
        with suppress(*REDIS_AWAY):
            await redis.zrem(PREFIX + account.hex, lease)
