"""Everything that a running house leaves behind, as bytes by place."""

import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import redis

from perkhub.kit.embedded import binaries
from tests.faults.house import House
from tests.faults.settle import ask

# The console notifier's own frames, on the standard error of a worker: showing codes there is what it is for.
FRAME = re.compile(rb"^(\xe2\x94\x8c|\xe2\x94\x82 |\xe2\x94\x94).*\n", re.MULTILINE)
LOOKS_EVERY = 0.1
CORE = re.compile(r"^Max core file size +(\S+) +(\S+)", re.MULTILINE)
# What was never written, or is zeroed: most of a write-ahead log.
ZEROES = re.compile(rb"\0{512,}")


def left_behind(house: House) -> Iterator[tuple[str, bytes]]:
    """Redis by its keys, a dump by tables, and every file: data, write-ahead log, logs, uploads, temporary files."""
    yield from _redis(house)
    ask(house.servers.database_url, "CHECKPOINT")  # what is still only in memory goes to the files
    yield "pg_dump", _dump(house)
    for path in sorted(house.folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(house.folder)), _content(path)


def may_dump_core(house: House) -> list[str]:
    """Processes with plain codes in their memory that would write it to a disk when they fall."""
    limits = {pid: Path(f"/proc/{pid}/limits") for pid in (house.web.serving_pid, house.worker.pid)}
    found = {pid: CORE.search(file.read_text()) for pid, file in limits.items() if file.exists()}
    return [f"{pid}: {line and line[0]}" for pid, line in found.items() if line is None or set(line.groups()) != {"0"}]


class CommandLines:
    """Every command line on this machine during a block, looked at again and again."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "CommandLines":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOKS_EVERY):
            for process in psutil.process_iter(["cmdline"]):
                self.seen.add(" ".join(process.info["cmdline"] or ()).encode(errors="replace"))


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if path.name.endswith("-worker.log"):
        content = FRAME.sub(b"", content)
    return ZEROES.sub(bytes(64), content)


def _dump(house: House) -> bytes:
    postgres = house.servers.postgres
    command = [binaries.postgres_programs(postgres.account) / "pg_dump", "--dbname", house.servers.database_url]
    return subprocess.run([str(part) for part in command], capture_output=True, check=True, cwd="/").stdout


def _redis(house: House) -> Iterator[tuple[str, bytes]]:
    """Keys and values as they are; then a snapshot and the append-only file, which are among the files."""
    client: Any = redis.Redis.from_url(house.servers.redis_url)
    with client as connection:
        for key in connection.scan_iter(count=1000):
            yield f"redis key {key!r}", key + b"\n" + _value(connection, key)
        connection.config_set("rdbcompression", "no")
        connection.save()


def _value(connection: Any, key: bytes) -> bytes:
    kind = connection.type(key)
    if kind == b"string":
        return bytes(connection.get(key) or b"")
    readers = {
        b"hash": connection.hgetall,
        b"set": connection.smembers,
        b"zset": lambda name: connection.zrange(name, 0, -1),
        b"list": lambda name: connection.lrange(name, 0, -1),
        b"stream": connection.xrange,
    }
    # Their own spelling of bytes, which is clear enough for the mark.
    return repr(readers[kind](key)).encode()
