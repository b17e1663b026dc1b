"""A whole Perkhub on this machine: its settings, its commands, its web and worker processes, and what it says of itself."""

import json
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil

from perkhub.kit.embedded import running_servers
from tests.processes.child import Child, ProcessFailed
from tests.processes.graphql import GraphQL
from tests.processes.memory import peak_megabytes, resident_megabytes
from tests.processes.ports import free_port
from tests.processes.servers import RealServers

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("perkhub")
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Web:
    """A web server: granian's first process, and below it the one that serves."""

    child: Child
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def graphql(self, token: str | None = None) -> GraphQL:
        """A client of this server."""
        return GraphQL(self.url, token=token)

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=2.0, trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False

    def await_ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Wait until requests can be served."""
        self.child.await_(self.is_ready, "did not become ready", seconds=seconds)

    @property
    def serving_pid(self) -> int:
        """The process that serves requests: the largest below the first."""
        below = [pid for pid in self.child.tree() if pid != self.child.pid]
        return max(below, key=resident_megabytes, default=self.child.pid)

    @property
    def peak_megabytes(self) -> float:
        """The most that the serving process held so far."""
        return peak_megabytes(self.serving_pid)

    @property
    def cpu_seconds(self) -> float:
        """The computing time that the serving process took so far."""
        spent = psutil.Process(self.serving_pid).cpu_times()
        return float(spent.user + spent.system)


@dataclass
class Installation:
    """Settings as the environment gives them, logs below the folder, and every process that was started."""

    folder: Path
    settings: dict[str, str]
    command: Path = COMMAND
    started: list[Child] = field(default_factory=list)

    def environment(self, **changed: str) -> dict[str, str]:
        """What a process of this installation sees: nothing of our own PERKHUB_ variables."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PERKHUB_")}
        given = {f"PERKHUB_{name.upper()}": value for name, value in {**self.settings, **changed}.items()}
        return {**kept, **given, "PYTHONUNBUFFERED": "1"}

    def run(self, *arguments: str, seconds: float = 600.0) -> subprocess.CompletedProcess[str]:
        """A `perkhub` command to its end, whatever that is."""
        return self._run([str(self.command), *arguments], None, seconds)

    def run_python(self, module: str, given: Any = None, *, seconds: float = 600.0) -> Any:
        """A module of the tests as a process of this installation: JSON in, JSON out as its last line."""
        done = self._run([sys.executable, "-m", module], json.dumps(given), seconds)
        if done.returncode != 0:
            raise ProcessFailed(module, f"ended with {done.returncode}", done.stderr[-4000:])
        return json.loads(done.stdout.splitlines()[-1])

    def migrate(self) -> None:
        """Bring the database's tables up to date."""
        done = self.run("migrate")
        if done.returncode != 0:
            raise ProcessFailed("perkhub migrate", f"ended with {done.returncode}", done.stderr[-4000:])

    def audit(self) -> dict[str, Any]:
        """What `perkhub audit --json` says: `clean`, and each of the `checks`."""
        done = self.run("audit", "--json")
        if done.returncode not in (0, 1) or not done.stdout:
            raise ProcessFailed("perkhub audit", f"ended with {done.returncode}", done.stderr[-4000:])
        verdict: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if verdict["clean"] is not (done.returncode == 0):
            raise ProcessFailed("perkhub audit", f"ended with {done.returncode} and says otherwise", done.stdout)
        return verdict

    def serve(self, *, port: int | None = None, ready: bool = True, **changed: str) -> Web:
        """A web server on a port of its own; `changed` overrides settings for it alone."""
        bound = port or free_port()
        web = Web(self._start("serve", port=str(bound), host="127.0.0.1", **changed), bound)
        if ready:
            web.await_ready()
        return web

    def worker(self, *, ready: bool = True, **changed: str) -> Child:
        """A worker."""
        child = self._start("worker", **changed)
        if ready:
            child.await_(lambda: "worker is ready" in child.tail(200), "did not become ready", seconds=READY_SECONDS)
        return child

    def sandbox(self, name: str) -> dict[str, Any]:
        """A remote party to talk to; what its first line says."""
        child = self._start("sandbox", name)
        child.await_(lambda: "\n" in child.log.read_text(), "did not become ready", seconds=READY_SECONDS)
        said: dict[str, Any] = json.loads(child.log.read_text().splitlines()[0])
        return said

    def close(self) -> None:
        """End whatever still runs."""
        for child in reversed(self.started):
            child.stop()
        self.started.clear()

    def _start(self, command: str, *arguments: str, **changed: str) -> Child:
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        log = logs / f"{command}-{len(self.started) + 1}.log"
        child = Child.start(
            f"perkhub {command}", [str(self.command), command, *arguments], environment=self.environment(**changed), log=log
        )
        self.started.append(child)
        return child

    def _run(self, command: list[str], given: str | None, seconds: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.environment(),
            timeout=seconds,
            check=False,
        )


def production(**changed: str) -> dict[str, str]:
    """Settings of a production installation, with fresh keys."""
    return {
        "environment": "production",
        "key_encryption_keys": f"first:{b64encode(secrets.token_bytes(32)).decode()}",
        "token_secret": secrets.token_urlsafe(48),
        **changed,
    }


@contextmanager
def installation(
    folder: Path, servers: RealServers | None, settings: Mapping[str, str] | None = None, *, command: Path = COMMAND
) -> Iterator[Installation]:
    """An installation on these servers; without any, with nothing configured, so that its processes start their own."""
    chosen = {"data_folder": str(folder / "data"), **(production() if settings is None else settings)}
    if servers is not None:
        chosen |= {"database_url": servers.database_url, "redis_url": servers.redis_url}
    made = Installation(folder, chosen, command)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def own_servers(made: Installation) -> Iterator[RealServers]:
    """Be one more user of the servers that an installation starts for itself, so that they outlive its processes."""
    folder = Path(made.settings["data_folder"])
    with running_servers(folder) as found:
        yield RealServers(found.database_url, found.redis_url, folder)
