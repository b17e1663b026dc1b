"""Real PostgreSQL and Redis for a run: our own in a folder, which may be killed and revived, or somebody else's by URL."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from perkhub.kit.embedded import PostgresServer, RedisServer, revive_servers, running_servers
from perkhub.kit.embedded.processes import wait_for

GONE_SECONDS = 20.0


@dataclass(frozen=True)
class RealServers:
    """Where they are. Without a folder they are not ours, and are never killed."""

    database_url: str
    redis_url: str
    folder: Path | None = None
    durable: bool = True

    @property
    def postgres(self) -> PostgresServer:
        """Our PostgreSQL."""
        return PostgresServer.inside(self._ours(), for_tests=not self.durable)

    @property
    def redis(self) -> RedisServer:
        """Our Redis."""
        return RedisServer.inside(self._ours(), for_tests=not self.durable)

    def kill_postgres(self) -> bool:
        """Kill the postmaster without a word, and wait until it is gone; its backends follow. Whether one ran."""
        return _kill(self.postgres)

    def kill_redis(self) -> bool:
        """Kill Redis without a word. Whether one ran."""
        return _kill(self.redis)

    def stop_postgres(self) -> None:
        """End PostgreSQL as an operator does; what is committed is on disk."""
        self.postgres.stop()

    def stop_redis(self) -> None:
        """End Redis as an operator does."""
        self.redis.stop()

    def revive(self) -> None:
        """Start again whatever does not run, and wait until it answers; recovery included."""
        revive_servers(self._ours(), for_tests=not self.durable)

    def _ours(self) -> Path:
        if self.folder is None:
            raise RuntimeError("these servers are not ours to touch")
        return self.folder


@contextmanager
def real_servers(folder: Path, *, durable: bool = True) -> Iterator[RealServers]:
    """PostgreSQL and Redis of our own in the folder, up from nothing in half a second and stopped at the end.

    `durable` is as in production: synchronous commit and fsync on, Redis with its append-only file.
    """
    data = folder / "servers"
    with running_servers(data, for_tests=not durable) as found:
        yield RealServers(found.database_url, found.redis_url, data, durable)


def given_servers(database_url: str, redis_url: str) -> RealServers:
    """Somebody else's servers."""
    return RealServers(database_url, redis_url)


def _kill(server: PostgresServer | RedisServer) -> bool:
    pid = server.pid
    if pid is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: server.pid is None, seconds=GONE_SECONDS)
    return True
