"""Worker processes under a test's hand, and the log that their jobs keep."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.embedded.binaries import redis_program
from perkhub.kit.jobs import list_jobs
from perkhub.kit.outbox import OutboxKind, OutboxState, enqueue

ROOT = Path(__file__).parents[2]
QUICK = {"lease": 1.5, "beat": 0.3, "sweep": 0.3, "stale": 1.0, "outage": 0.5, "grace": 5.0, "periodic": 0.1}

Process = subprocess.Popen[bytes]
StartWorker = Callable[..., Awaitable[Process]]


class OwnRedis:
    """A Redis that a test may kill. It keeps nothing: what it knew is lost with it."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.process: Process | None = None

    def start(self) -> None:
        command = [redis_program(), "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.socket.unlink(missing_ok=True)


@contextmanager
def workers_of(database_url: str) -> Iterator[StartWorker]:
    """Starts workers of a database, with quick rhythms, and kills those that are left at the end."""
    with ExitStack() as stack:

        def launch(redis_url: str, timing: dict[str, float]) -> Process:
            command = [sys.executable, "-W", "error", "-m", "tests.kit.worker_process", database_url, redis_url]
            process = subprocess.Popen([*command, json.dumps({**QUICK, **timing})], cwd=ROOT)
            stack.callback(process.wait, 10)
            stack.callback(process.kill)
            return process

        async def start(redis_url: str, **timing: float) -> Process:
            process = launch(redis_url, timing)
            await until(lambda: _is_up(process.pid), seconds=30)
            return process

        yield start


async def _is_up(pid: int) -> bool:
    return bool(await db.value("SELECT count(*) FROM run_log WHERE thing = $1", f"worker {pid}"))


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 15) -> None:
    """Wait for what must come true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, await story()
        await asyncio.sleep(0.05)


async def accepted(name: str = "test.worker.note", **arguments: Any) -> UUID:
    """A job of `tests.kit.worker_process`."""

    async def work(tx: db.Transaction) -> UUID:
        return enqueue(tx, name, **arguments)

    return await transact(work)


async def story() -> list[tuple[str, int, str]]:
    """What the jobs noted, in order: thing, attempt, what."""
    rows = await db.rows("SELECT thing, attempt, what FROM run_log WHERE what <> 'up' AND thing <> 'tick' ORDER BY id")
    return [(row["thing"], row["attempt"], row["what"]) for row in rows]


async def is_told(thing: str, attempt: int, what: str) -> bool:
    """Whether a job noted this."""
    return (thing, attempt, what) in await story()


async def all_done() -> bool:
    """Whether no job is left."""
    jobs = [row for row in await list_jobs(limit=100) if row.kind is not OutboxKind.PERIODIC]
    return all(row.state is OutboxState.DONE for row in jobs)
