"""How many calls to one account run at once, over all processes of the house, and how fast they follow each other.

The pace is kept in the database: evenly spaced calls are never more in any window than the supplier allows, whichever
processes make them. Running calls are counted in Redis, as leases that end by themselves where a process dies; without
Redis each process keeps to a quarter of what is allowed. In a process no account takes more than half of the jobs.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import monotonic
from typing import cast
from uuid import UUID, uuid4

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.gathering import Gathered
from perkhub.kit.redis import REDIS_AWAY, redis_client
from perkhub.kit.settings import settings
from perkhub.plugin.supplier import Capabilities, Rate

PREFIX = "supplier:calls:"
WITHOUT_REDIS = 4
AGAIN, LONGEST_AGAIN = 0.5, 15.0

# Ended leases go first. All in one step, or two processes could both see the last free place. The first so many enter.
ENTER = """
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
    local free = tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[1])
    local entered = 0
    for place = 4, #ARGV do
        if entered >= free then break end
        redis.call('ZADD', KEYS[1], ARGV[3], ARGV[place])
        entered = entered + 1
    end
    if entered > 0 then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
    return entered
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
_inside: defaultdict[UUID, dict[str, float]] = defaultdict(dict)  # since when, by the lease of each call
_queues: dict[UUID, deque[asyncio.Future[None]]] = defaultdict(deque)


class NotNow(Exception):
    """The account cannot be asked at this moment; nothing was sent. Try again after so many seconds."""

    def __init__(self, seconds: float, *, busy: bool = False) -> None:
        self.seconds = seconds
        self.busy = busy  # crowded, and not out of order
        super().__init__(f"not before {seconds:g} s")


def most_here(capabilities: Capabilities) -> int:
    """Calls that this process may make at once: a supplier that is slow to answer must leave jobs to the others."""
    return max(1, min(capabilities.max_concurrency, share()))


def share() -> int:
    """Jobs of a worker that may be busy with one account, those that wait for their turn included: half of them all."""
    return max(1, settings().jobs_at_once // 2)


@asynccontextmanager
async def a_slot(account: UUID, capabilities: Capabilities) -> AsyncIterator[None]:
    """A place among the account's running calls; where they are taken, a few wait for the next one that is free.

    Raises:
        NotNow.
    """
    await _take_place(account, most_here(capabilities))
    lease = uuid4().hex
    try:
        await _enter(account, capabilities, lease)
    except BaseException:
        _pass_on(account)
        # Redis may have let them in all the same, and its answer have come too late.
        await _leave(account, lease)
        raise
    _inside[account][lease] = monotonic()
    try:
        yield
    finally:
        del _inside[account][lease]
        try:
            await _leave(account, lease)
        finally:
            _pass_on(account)


def _crowded(account: UUID) -> NotNow:
    """What has taken long will take longer: where calls hang, whoever waits for a place asks for it as seldom as one is free.
    A worker that turned two hundred away twice a second would have no time for other suppliers."""
    since = _inside[account].values()
    age = monotonic() - median(since) if since else 0.0
    return NotNow(min(LONGEST_AGAIN, max(AGAIN, age)), busy=True)


async def _take_place(account: UUID, most: int) -> None:
    queue = _queues[account]
    if _running[account] < most:
        _running[account] += 1
        return
    if _running[account] + len(queue) >= share():
        raise _crowded(account)
    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    queue.append(turn)
    try:
        await asyncio.wait({turn}, timeout=AGAIN)
    finally:
        if not turn.done():
            queue.remove(turn)
        elif (present := asyncio.current_task()) is not None and present.cancelling():
            _pass_on(account)
    if not turn.done():
        raise _crowded(account)


def _pass_on(account: UUID) -> None:
    """To whoever waits longest; else it is free."""
    if _queues[account]:
        _queues[account].popleft().set_result(None)
    else:
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
    entered = await _enters(_Entry(account, capabilities, lease))
    if entered is None and _running[account] > max(1, capabilities.max_concurrency // WITHOUT_REDIS):
        raise _crowded(account)
    if entered is False:
        raise _crowded(account)


async def _leave(account: UUID, lease: str) -> None:
    await _leaves((account, lease))


@dataclass(frozen=True, slots=True)
class _Entry:
    account: UUID
    capabilities: Capabilities
    lease: str


async def _enter_many(entries: Sequence[_Entry]) -> list[bool | None]:
    """Who has entered; None where Redis does not say."""
    answers: dict[str, bool | None] = {}
    by_account: dict[UUID, list[_Entry]] = defaultdict(list)
    for one in entries:
        by_account[one.account].append(one)
    for account, some in by_account.items():
        entered = await _entered(account, some[0].capabilities, [one.lease for one in some])
        answers |= {one.lease: None if entered is None else place < entered for place, one in enumerate(some)}
    return [answers[one.lease] for one in entries]


async def _entered(account: UUID, capabilities: Capabilities, leases: Sequence[str]) -> int | None:
    redis = redis_client()
    if redis is None:
        return None
    at = int(now().timestamp() * 1000)
    ends = at + int(capabilities.timeout.total_seconds() * 4000) + 10_000
    most = str(capabilities.max_concurrency)
    with suppress(*REDIS_AWAY):
        answer = redis.eval(ENTER, 1, PREFIX + account.hex, str(at), most, str(ends), *leases)
        return cast("int", await cast("Awaitable[object]", answer))
    return None


async def _leave_many(left: Sequence[tuple[UUID, str]]) -> list[None]:
    redis = redis_client()
    if redis is not None:
        with suppress(*REDIS_AWAY):
            async with redis.pipeline(transaction=False) as calls:
                for account, lease in left:
                    calls.zrem(PREFIX + account.hex, lease)
                await calls.execute()
    return [None] * len(left)


_enters = Gathered(_enter_many)
_leaves = Gathered(_leave_many)
