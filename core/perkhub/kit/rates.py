"""Rate limits: so many of something in so many seconds, counted in Redis for all processes together.

Windows are fixed, and begin at another moment for each bucket. Of generous limits a process takes several tokens at a
time and spends them by itself, so that most calls cost no round trip; never more is allowed than the limit, and at most
a twentieth of it may lie unused in each process. Without Redis every process counts alone: a limit turns people away
early, it guards nothing that must not break.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from math import ceil
from time import monotonic
from typing import cast

from perkhub.kit.clock import now
from perkhub.kit.errors import TooFast
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told
from perkhub.kit.redis import REDIS_AWAY, TIMEOUT, redis_client
from perkhub.kit.settings import settings

log = get_logger(__name__)

PREFIX = "rate:"
SHARE = 20
# After a failure Redis is left alone for so long, lest every call waits for its timeout.
REST = 1.0
MOST_WINDOWS = 20_000

# Both steps in one, or a process that dies in between would leave a counter that never goes.
COUNT = """
    local taken = redis.call('INCRBY', KEYS[1], ARGV[1])
    if taken == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
    return taken
"""


@dataclass(slots=True)
class _Window:
    """What this process knows of a bucket in one window."""

    number: int
    ends: float
    used: int = 0
    tokens: int = 0  # taken from Redis and not yet spent
    exhausted: bool = False
    # One asks Redis for all who wait, or each of many at once would take its handful and leave the most of it unspent.
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


_windows: dict[bytes, _Window] = {}
_rest_until = 0.0


async def take(bucket: str, *, limit: int, seconds: int, tokens: int = 1, lenient: bool = False) -> None:
    """Take a token of a bucket, say `"reveal:<party id>"`, or several at once.

    `lenient` lets each process give away a twentieth of the limit in every window without counting it: whoever sends a
    few requests then costs no round trip at all.

    Raises:
        TooFast: all are taken; it says when to come back.
    """
    key = _hashed(bucket, limit, seconds)
    at = now().timestamp()
    number, into = divmod(int(at) + int.from_bytes(key[:4]) % seconds, seconds)
    window = _windows.get(key)
    if window is None or window.number != number:
        free = limit // SHARE if lenient else 0
        window = _open_window(key, _Window(number, ends=at + seconds - into, tokens=free))
    while window.tokens < tokens and not window.exhausted:
        async with window.asking:
            if window.tokens < tokens and not await _fill(window, key, limit=limit, seconds=seconds, least=tokens):
                break
    if window.tokens < tokens:
        raise TooFast(max(1, ceil(window.ends - at)))
    window.tokens -= tokens
    window.used += tokens


def forget_rates() -> None:
    """Forget what this process has counted; for tests."""
    global _rest_until
    _windows.clear()
    _rest_until = 0.0


async def _fill(window: _Window, key: bytes, *, limit: int, seconds: int, least: int) -> bool:
    """Get tokens; whether there were any."""
    wanted = max(least - window.tokens, limit // SHARE)
    taken = await _count_in_redis(f"{key.hex()}:{window.number}", wanted, seconds)
    if taken is None:
        granted = max(0, min(least, limit - window.used) - window.tokens)
    else:
        granted = max(0, min(wanted, limit - (taken - wanted)))
        # Counters only grow: until the window ends there is no need to ask again.
        window.exhausted = granted == 0
    window.tokens += granted
    return granted > 0


async def _count_in_redis(key: str, wanted: int, seconds: int) -> int | None:
    """How many tokens are taken now, ours included; None where Redis cannot tell."""
    global _rest_until
    redis = redis_client()
    if redis is None or monotonic() < _rest_until:
        return None
    try:
        # The client may wait for others who wait for a connection: the whole call has its limit.
        async with asyncio.timeout(2 * TIMEOUT):
            return cast(
                "int", await cast("Awaitable[object]", redis.eval(COUNT, 1, PREFIX + key, str(wanted), str(2 * seconds)))
            )
    except REDIS_AWAY as away:
        if _rest_until < monotonic() - 60:
            log.warning("Redis is away; every process counts rates alone", error=told(away))
        _rest_until = monotonic() + REST
        return None


def _open_window(key: bytes, window: _Window) -> _Window:
    if len(_windows) >= MOST_WINDOWS:
        at = now().timestamp()
        for old in [name for name, known in _windows.items() if known.ends <= at]:
            del _windows[old]
        if len(_windows) >= MOST_WINDOWS:
            _windows.clear()  # Redis still knows
    _windows[key] = window
    return window


def _hashed(bucket: str, limit: int, seconds: int) -> bytes:
    """Buckets are named for addresses, phones and people: none of them shall be read, or guessed, from a key in Redis."""
    return blake2b(f"{bucket}\0{limit}\0{seconds}".encode(), digest_size=16, key=_pepper()).digest()


@cache
def _pepper() -> bytes:
    secret = settings().token_secret
    return (
        b"" if secret is None else blake2b(secret.get_secret_value().encode(), digest_size=32, person=b"perkhub rates").digest()
    )
