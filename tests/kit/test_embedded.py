"""Embedded servers, with real processes: who starts them, who stops them, and what a kill -9 of any of them leaves."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from pydantic import SecretStr

from perkhub.kit.embedded import (
    NoBinary,
    PostgresServer,
    RedisServer,
    ServerFailed,
    Servers,
    binaries,
    embedded_servers,
    places,
    postgres,
    processes,
    revive_servers,
    running_servers,
)
from perkhub.kit.settings import Settings
from tests.fixtures.session_servers import admin, roomy_parent

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL under another account")

USE = """
import sys
from pathlib import Path
from perkhub.kit.embedded import running_servers
with running_servers(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.readline()
"""


class User:
    """Another process that uses the folder's servers until it is told to leave."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", USE, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def wait_until_ready(self) -> "User":
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        return self

    def leave(self) -> None:
        self.process.communicate(b"\n", timeout=30)
        assert self.process.returncode == 0

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that does not exist yet; whatever runs in it afterwards is killed."""
    path = roomy_parent() / f"pk-{uuid4().hex[:8]}"
    yield path
    clear(path)


@pytest.fixture
def user(folder: Path) -> Iterator[Callable[[], User]]:
    """Starts further users of the folder."""
    users: list[User] = []

    def start() -> User:
        users.append(User(folder))
        return users[-1]

    yield start
    for one in users:
        one.end()


def clear(path: Path) -> None:
    if path.exists():
        for server in (PostgresServer.inside(path), RedisServer.inside(path)):
            server.stop()
            shutil.rmtree(server.sockets, ignore_errors=True)
            shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(path)


def pids(folder: Path) -> tuple[int | None, int | None]:
    return PostgresServer.inside(folder).pid, RedisServer.inside(folder).pid


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def state(pid: int | None) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def program(pid: int | None) -> Path:
    return Path(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0])


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def remember(servers: Servers) -> None:
    async with admin(servers.database_url) as connection:
        await connection.execute("CREATE TABLE memory (word text)")
        await connection.execute("INSERT INTO memory VALUES ('kept')")
    with closing(redis.Redis.from_url(servers.redis_url)) as connection:
        connection.set("word", "kept")


async def remembered(servers: Servers) -> list[str]:
    async with admin(servers.database_url) as connection:
        word = await connection.fetchval("SELECT word FROM memory")
    with closing(redis.Redis.from_url(servers.redis_url, decode_responses=True)) as connection:
        return [word, connection.get("word")]


async def test_they_start_with_our_settings_and_stop(folder: Path) -> None:
    with running_servers(folder) as servers:
        async with admin(servers.database_url) as connection:
            names = ("listen_addresses", "fsync", "synchronous_commit", "max_connections", "shared_buffers", "jit")
            shown = [await connection.fetchval(f"SHOW {name}") for name in names]
            assert shown == ["", "on", "on", "200", "256MB", "off"]
            assert await connection.fetchval("SELECT current_database()") == "perkhub"
        with closing(redis.Redis.from_url(servers.redis_url)) as connection:
            assert connection.config_get("appendonly") == {"appendonly": "yes"}
            assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert pids(folder) == (None, None)


def test_nobody_else_may_open_the_sockets(folder: Path) -> None:
    with running_servers(folder):
        postgres, cache = PostgresServer.inside(folder), RedisServer.inside(folder)
        assert mode(postgres.sockets / ".s.PGSQL.5432") == 0o700
        assert mode(cache.sockets / "redis.sock") == 0o700
        assert mode(postgres.folder) == 0o700
        assert mode(postgres.log) == 0o600


async def test_data_outlives_a_stop(folder: Path) -> None:
    with running_servers(folder) as servers:
        await remember(servers)
    with running_servers(folder) as servers:
        assert await remembered(servers) == ["kept", "kept"]


def test_a_second_process_attaches_and_the_last_one_out_stops_them(folder: Path, user: Callable[[], User]) -> None:
    first = user().wait_until_ready()
    before = pids(folder)
    second = user().wait_until_ready()
    assert pids(folder) == before
    first.leave()
    assert pids(folder) == before
    second.leave()
    assert pids(folder) == (None, None)


def test_four_that_start_at_once_share_one_pair(folder: Path, user: Callable[[], User]) -> None:
    users = [user() for _ in range(4)]
    for one in users:
        one.wait_until_ready()
    assert None not in pids(folder)
    for one in users:
        one.leave()
    assert pids(folder) == (None, None)
    assert PostgresServer.inside(folder).log.read_text().count("starting PostgreSQL") == 1


async def test_servers_of_a_killed_owner_are_adopted_and_stopped(folder: Path, user: Callable[[], User]) -> None:
    owner = user().wait_until_ready()
    before = pids(folder)
    with running_servers(folder) as servers:
        await remember(servers)
        owner.end()
    assert pids(folder) == (None, None)

    owner = user().wait_until_ready()
    before = pids(folder)
    owner.end()
    assert pids(folder) == before
    with running_servers(folder) as servers:
        assert pids(folder) == before
        assert await remembered(servers) == ["kept", "kept"]
    assert pids(folder) == (None, None)


async def test_a_killed_postgresql_and_a_killed_redis_come_back_with_their_data(folder: Path) -> None:
    with running_servers(folder) as servers:
        await remember(servers)
        before = pids(folder)
        for pid in before:
            kill(pid)
        revive_servers(folder)
        assert None not in pids(folder)
        assert not set(pids(folder)) & set(before)
        assert await remembered(servers) == ["kept", "kept"]
    assert pids(folder) == (None, None)


def test_no_zombie_of_ours_is_left(folder: Path) -> None:
    with running_servers(folder):
        before = pids(folder)
        for pid in before:
            kill(pid)
        revive_servers(folder)
        after = pids(folder)
    assert [pid for pid in (*before, *after) if Path(f"/proc/{pid}").exists()] == []


async def test_everything_killed_at_once(folder: Path, user: Callable[[], User]) -> None:
    with running_servers(folder) as servers:
        await remember(servers)
    owner = user().wait_until_ready()
    for pid in pids(folder):
        kill(pid)
    owner.end()
    with running_servers(folder) as servers:
        assert await remembered(servers) == ["kept", "kept"]


def test_zombies_count_as_dead(folder: Path, user: Callable[[], User]) -> None:
    owner = user().wait_until_ready()
    before = pids(folder)
    os.kill(owner.process.pid, signal.SIGSTOP)  # a parent that does not reap
    for pid in before:
        kill(pid)
    assert processes.wait_for(lambda: [state(pid) for pid in before] == ["Z", "Z"], seconds=10)
    assert pids(folder) == (None, None)
    with running_servers(folder):
        assert None not in pids(folder)
        assert not set(pids(folder)) & set(before)
        os.kill(owner.process.pid, signal.SIGKILL)
        owner.end()


def test_a_pid_that_went_to_another_process_is_not_the_server(folder: Path) -> None:
    with running_servers(folder):
        pass
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}/postgres\n")
    (folder / "postgres" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    (folder / "redis" / "redis.pid").write_text(f"{os.getpid()}\n")
    with running_servers(folder):
        assert None not in pids(folder)


async def test_a_kill_in_the_middle_of_making_the_cluster_leaves_nothing_in_the_way(folder: Path) -> None:
    places.data_folder(folder)
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    with running_servers(folder, redis=False) as servers:
        async with admin(servers.database_url) as connection:
            assert await connection.fetchval("SELECT 1") == 1


def test_data_of_another_version_is_refused(folder: Path) -> None:
    with running_servers(folder, redis=False):
        pass
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServerFailed, match="version 16"), running_servers(folder):
        pass
    assert pids(folder) == (None, None)


@pytest.mark.parametrize("name", ["long-" * 24, "with space % and 中文"], ids=["long", "odd"])
async def test_any_folder_name_will_do(folder: Path, name: str) -> None:
    inner = folder / name
    places.data_folder(folder)
    try:
        with running_servers(inner) as servers:
            await remember(servers)
        with running_servers(inner) as servers:
            assert await remembered(servers) == ["kept", "kept"]
            assert len(servers.redis_url) < 100
    finally:
        clear(inner)


@as_root
async def test_where_nobody_cannot_enter_data_goes_elsewhere_and_no_right_is_changed(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    places.data_folder(folder).chmod(0o700)
    inner = folder / "deep" / "data"
    try:
        with running_servers(inner) as servers:
            await remember(servers)
            assert PostgresServer.inside(inner).folder.is_relative_to("/var/tmp")
        assert "nobody" in caplog.text
        assert str(inner) in caplog.text
        assert mode(folder) == 0o700
        with running_servers(inner) as servers:
            assert await remembered(servers) == ["kept", "kept"]
    finally:
        shutil.rmtree(PostgresServer.inside(inner).folder.parent)


@as_root
def test_data_that_became_unreachable_is_not_replaced_by_an_empty_cluster(folder: Path) -> None:
    with running_servers(folder, redis=False):
        pass
    folder.chmod(0o700)
    with pytest.raises(ServerFailed, match="pass through"), running_servers(folder):
        pass
    folder.chmod(0o711)


@as_root
async def test_programs_that_nobody_cannot_reach_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = places.data_folder(folder / "elsewhere")
    monkeypatch.setattr(places, "KEPT", elsewhere)
    monkeypatch.setattr(places, "may_read", lambda *_: False)
    for _ in range(2):  # made, then found
        with running_servers(folder / "data", redis=False) as servers:
            async with admin(servers.database_url) as connection:
                assert await connection.fetchval("SELECT 1") == 1
            assert program(PostgresServer.inside(folder / "data").pid).is_relative_to(elsewhere)


@as_root
def test_a_folder_that_somebody_else_has_put_into_the_temp_folder_is_refused(folder: Path) -> None:
    places.data_folder(folder)
    taken = folder / "taken"
    taken.mkdir(mode=0o700)
    os.chown(taken, 65534, 65534)
    with pytest.raises(ServerFailed, match="somebody else"):
        places.private_folder(taken, mode=0o700)
    link = folder / "link"
    link.symlink_to(folder)
    with pytest.raises(ServerFailed, match="somebody else"):
        places.private_folder(link, mode=0o700)


@pytest.mark.parametrize(
    ("wanted", "variable"), [({"redis": False}, "PERKHUB_DATABASE_URL"), ({"postgres": False}, "PERKHUB_REDIS_URL")]
)
def test_without_a_wheel_the_error_names_the_variable(
    folder: Path, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, bool], variable: str
) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    with pytest.raises(NoBinary, match=variable), running_servers(folder, **wanted):
        pass


def test_a_server_that_cannot_start_shows_the_end_of_its_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "FAILING_SECONDS", 0.1)
    monkeypatch.setitem(postgres.SETTINGS, "max_connections", "none")
    with pytest.raises(ServerFailed, match="max_connections"), running_servers(folder):
        pass


def test_configured_servers_are_used_and_nothing_is_started(folder: Path) -> None:
    settings = Settings(
        data_folder=folder, database_url=SecretStr("postgresql://a@b/c"), redis_url=SecretStr("redis://d:6379/0")
    )
    with embedded_servers(settings) as servers:
        assert servers == Servers("postgresql://a@b/c", "redis://d:6379/0")
    assert not folder.exists()


async def test_only_what_is_not_configured_is_embedded(folder: Path) -> None:
    settings = Settings(data_folder=folder, database_url=SecretStr("postgresql://a@b/c"))
    with embedded_servers(settings) as servers:
        assert servers.database_url == "postgresql://a@b/c"
        with closing(redis.Redis.from_url(servers.redis_url)) as connection:
            assert connection.ping()
        assert not (folder / "postgres").exists()
