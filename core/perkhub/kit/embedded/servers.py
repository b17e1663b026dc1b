"""Which servers a process uses, and who stops the embedded ones.

The first process that uses a data folder starts its servers, the last one to leave stops them. A killed process stops
nothing: the servers live on, which keeps data safe, and belong to whoever uses the folder next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perkhub.kit.embedded import places
from perkhub.kit.embedded.postgres import PostgresServer
from perkhub.kit.embedded.redis import RedisServer
from perkhub.kit.embedded.usage import one_at_a_time, used_by_us
from perkhub.kit.settings import Settings


@dataclass(frozen=True)
class Servers:
    """Where to find PostgreSQL and Redis."""

    database_url: str
    redis_url: str


@contextmanager
def embedded_servers(settings: Settings) -> Iterator[Servers]:
    """The servers of the settings: those they name, and embedded ones in place of those they do not.

    Blocks for about half a second where it has to start them; call it before the event loop runs.
    """
    database = settings.database_url.get_secret_value() if settings.database_url else None
    redis = settings.redis_url.get_secret_value() if settings.redis_url else None
    if database and redis:
        yield Servers(database, redis)
        return
    with running_servers(settings.data_folder, postgres=not database, redis=not redis) as embedded:
        yield Servers(database or embedded.database_url, redis or embedded.redis_url)


@contextmanager
def running_servers(folder: Path, *, postgres: bool = True, redis: bool = True, for_tests: bool = False) -> Iterator[Servers]:
    """Use the embedded servers of a data folder: start what does not run, and stop all when the last user leaves."""
    folder = places.data_folder(folder)
    servers = (PostgresServer.inside(folder, for_tests=for_tests), RedisServer.inside(folder, for_tests=for_tests))

    def stop() -> None:
        for server in servers:
            server.stop()

    with used_by_us(folder, first=lambda: _start(servers, postgres=postgres, redis=redis), last=stop):
        yield Servers(servers[0].url, servers[1].url)


def revive_servers(folder: Path, *, for_tests: bool = False) -> None:
    """Start again what has died of a data folder's servers, for somebody who uses them."""
    folder = places.data_folder(folder)
    with one_at_a_time(folder):
        _start((PostgresServer.inside(folder, for_tests=for_tests), RedisServer.inside(folder, for_tests=for_tests)))


def _start(servers: tuple[PostgresServer, RedisServer], *, postgres: bool = True, redis: bool = True) -> None:
    if postgres:
        servers[0].start()
    if redis:
        servers[1].start()
