"""The one Redis client of this process. Redis is never the truth: everything here must be able to do without."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

# Nobody waits longer than this for what is only a convenience.
TIMEOUT = 0.2
# What is seen while Redis is down, starting, full, or out of reach.
REDIS_AWAY = (RedisError, OSError, TimeoutError)

_url: str | None = None
_client: Redis | None = None


def set_redis(url: str | None) -> None:
    """Say where Redis is: redis://, rediss:// or unix:///path/to/socket?db=0. None: there is none."""
    global _url, _client
    _url = url
    _client = None if url is None else open_client(url)


def redis_url() -> str | None:
    """Where Redis is."""
    return _url


def redis_client() -> Redis | None:
    """The client, or None where no Redis was set. Any call may raise one of REDIS_AWAY."""
    return _client


def open_client(url: str, *, timeout: float | None = TIMEOUT) -> Redis:
    """A further client, which the caller closes. Listeners take one without a timeout: they wait for others to speak."""
    # One more try on a fresh connection, for the pool may hold connections from before a restart of Redis.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    client: Redis = Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT,
        socket_timeout=timeout,
        retry=retry,
        retry_on_error=[RedisConnectionError],
    )
    return client


async def close_redis() -> None:
    """Close the client's connections; `set_redis` opens a new one."""
    global _client, _url
    client, _client, _url = _client, None, None
    if client is not None:
        await client.aclose()
