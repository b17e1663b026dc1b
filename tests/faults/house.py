"""The processes of a run: started again when they end, as any supervisor does, and killed when their turn comes."""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.plugins.gateway import RunningGateway, running_gateway
from tests.processes import (
    Child,
    Installation,
    RealServers,
    Web,
    free_port,
    installation,
    new_folder,
    production,
    real_servers,
)
from tests.processes.installation import COMMAND

TERM_PATIENCE = 3.0
READY_SECONDS = 120.0
COMMANDS = {"serve": (str(COMMAND), "serve"), "worker": (str(COMMAND), "worker")}
WORKER_IS_READY = "worker is ready"


@dataclass
class House:
    """Web, worker, PostgreSQL, Redis and the gateway, which alone is never killed: it is another company."""

    folder: Path
    servers: RealServers
    perkhub: Installation
    gateway: RunningGateway
    port: int
    commands: Mapping[str, Sequence[str]] = field(default_factory=lambda: COMMANDS)
    _web: Web | None = None
    _worker: Child | None = None
    starts: int = field(default=0)

    # --- keeping alive ---

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def temporary_files(self) -> Path:
        """Where web and worker put them, if they made any."""
        return self.folder / "tmp"

    @property
    def web(self) -> Web:
        assert self._web is not None
        return self._web

    @property
    def worker(self) -> Child:
        assert self._worker is not None
        return self._worker

    def keep_alive(self) -> None:
        """Start web and worker where they do not run."""
        if self._web is None or not self._web.child.alive():
            self._web = Web(self._start("serve"), self.port)
        if self._worker is None or not self._worker.alive():
            self._worker = self._start("worker")

    def await_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until all of them serve."""
        deadline = time.monotonic() + seconds
        while not (self.web_is_ready() and self.worker_is_ready()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not ready:\n{self.web.child.tail()}\n{self.worker.tail()}")
            self.keep_alive()
            time.sleep(0.02)

    def web_is_ready(self) -> bool:
        return self.web.child.alive() and self.web.is_ready()

    def web_process_age(self) -> float:
        """For how many seconds the process that serves has been there."""
        try:
            return time.time() - psutil.Process(self.web.serving_pid).create_time()
        except psutil.NoSuchProcess:
            return 0.0

    def worker_is_ready(self) -> bool:
        return self.worker.alive() and WORKER_IS_READY in self.worker.log.read_text(errors="replace")

    def close(self) -> None:
        """End web and worker as an operator does."""
        for child in (self._worker, None if self._web is None else self._web.child):
            if child is not None and child.alive():
                child.stop()

    def keep_logs(self) -> None:
        """Put what the processes said where it outlives the run, and say where that is."""
        kept = Path(tempfile.mkdtemp(prefix="perkhub-faults-logs-"))
        shutil.copytree(self.folder / "logs", kept, dirs_exist_ok=True)
        shutil.copy(self.servers.postgres.log, kept)
        sys.stdout.write(f"logs are kept in {kept}\n")

    # --- killing; each waits until the victim is gone ---

    def kill_web_process(self) -> None:
        """The process that serves; granian starts another one."""
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            os.kill(self.web.serving_pid, signal.SIGKILL)

    def kill_web(self) -> None:
        if self.web.child.alive():
            self.web.child.kill()

    def kill_worker(self) -> None:
        """It alone: a child that reads a workbook is left behind without a parent."""
        self.worker.popen.kill()
        self.worker.popen.wait()

    def kill_postgres(self) -> None:
        self.servers.kill_postgres()

    def kill_backend(self) -> None:
        """One of PostgreSQL's own processes, as the kernel does when memory runs out; all its connections go with it."""
        postmaster = self.servers.postgres.pid
        if postmaster is None:
            return
        with suppress(psutil.Error, ProcessLookupError):
            backends = [one.pid for one in psutil.Process(postmaster).children() if "[local]" in " ".join(one.cmdline())]
            os.kill(max(backends, default=0) or postmaster, signal.SIGKILL)

    def kill_redis(self) -> None:
        self.servers.kill_redis()

    def stop_postgres(self) -> None:
        self.servers.stop_postgres()

    def stop_redis(self) -> None:
        self.servers.stop_redis()

    def stop_web(self) -> None:
        self._stop(self.web.child)

    def stop_worker(self) -> None:
        self._stop(self.worker)

    def revive_servers(self) -> None:
        """PostgreSQL, recovered, and Redis."""
        self.servers.revive()

    def _stop(self, child: Child) -> None:
        # The pid of one that has ended by itself may be another's by now.
        if child.alive():
            child.stop(patience=TERM_PATIENCE)

    def _start(self, command: str) -> Child:
        self.starts += 1
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        environment = self.perkhub.environment(port=str(self.port), host="127.0.0.1")
        environment["TMPDIR"] = str(self.temporary_files)
        log = logs / f"{self.starts:05}-{command}.log"
        return Child.start(f"perkhub {command}", self.commands[command], environment=environment, log=log)


@contextmanager
def running_house(settings: Mapping[str, str], commands: Mapping[str, Sequence[str]] = COMMANDS) -> Iterator[House]:
    """All of it in a folder of its own, migrated; web and worker are still to be started. Servers are durable."""
    port = free_port()
    with new_folder("perkhub-faults") as folder, running_gateway() as gateway, real_servers(folder) as servers:
        given = {f"sandbox_gateway_{name}": value for name, value in gateway.settings.items()}
        chosen = production(public_url=f"http://127.0.0.1:{port}", **given, **settings)
        with installation(folder, servers, chosen) as perkhub:
            perkhub.migrate()
            house = House(folder, servers, perkhub, gateway, port, commands)
            house.temporary_files.mkdir()
            try:
                yield house
            except BaseException:
                house.keep_logs()
                raise
            finally:
                house.close()


def seeded(house: House, **wanted: Any) -> dict[str, Any]:
    """What `tests.faults.seed` has put in."""
    made: dict[str, Any] = house.perkhub.run_python("tests.faults.seed", wanted)
    return made
