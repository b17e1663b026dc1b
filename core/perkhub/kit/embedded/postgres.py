"""The embedded PostgreSQL: a cluster in a folder, reached by a unix socket that only its owner may open."""

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from perkhub.kit.embedded import binaries, places, processes
from perkhub.kit.embedded.errors import NoBinary, ServerFailed
from perkhub.kit.embedded.processes import Account

DATABASE = "perkhub"
SOCKET = ".s.PGSQL.5432"
RECOVERY_SECONDS = 120.0  # after a crash it replays its log first
FAILING_SECONDS = 10.0  # how long a start that fails is tried again: dying backends may still hold the old memory
LARGEST_LOG = 16 * 2**20
NO_SUCH_PID = 2**22 + 1  # above the highest pid a Linux kernel gives

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    # Without the DETAIL of an error: "Failing row contains (…)" would put rows into the log.
    "log_error_verbosity": "terse",
}
UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class PostgresServer:
    """One cluster, whoever started it."""

    data: Path
    folder: Path
    sockets: Path
    account: Account | None
    for_tests: bool

    @classmethod
    def inside(cls, data: Path, *, for_tests: bool = False) -> "PostgresServer":
        """The cluster of a data folder."""
        account = processes.unprivileged_account()
        folder = places.postgres_folder(data, account)
        return cls(data, folder, places.socket_folder(folder, SOCKET), account, for_tests)

    @property
    def log(self) -> Path:
        return self.data / "postgres.log"

    @property
    def url(self) -> str:
        return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(self.sockets))}"

    @property
    def pid(self) -> int | None:
        """The running postmaster."""
        pid = processes.read_pid(self.folder / "postmaster.pid")
        return pid if pid is not None and processes.is_running(pid, str(self.folder)) else None

    def start(self) -> None:
        """Bring it up unless it is up, and make our database. Only under the folder's start lock."""
        programs = binaries.postgres_programs(self.account)
        places.prepare_postgres_folder(self.folder, self.data)
        if self.sockets != self.folder:
            places.private_folder(self.sockets, mode=0o700, account=self.account)
        if not (self.folder / "PG_VERSION").exists():
            self._make_cluster(programs)
        self._check_cluster()
        self._come_up(programs)
        if self._ask(programs, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'") != "1":
            self._ask(programs, f"CREATE DATABASE {DATABASE}")

    def stop(self) -> None:
        """End it without waiting for clients; what is committed is on disk."""
        pid = self.pid
        if pid is not None:  # fast, then immediate (the next start recovers)
            processes.stop(pid, str(self.folder), signals=[signal.SIGINT, signal.SIGQUIT, signal.SIGKILL], patience=20)

    def _make_cluster(self, programs: Path) -> None:
        unfinished = self.folder.with_name("postgres.new")  # a kill in the middle must not leave half a cluster
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(unfinished, self.account.uid, self.account.gid)
        command: list[object] = [
            programs / "initdb", "-D", unfinished, f"--username={DATABASE}", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", *(["--no-sync"] if self.for_tests else []),
        ]  # fmt: skip
        try:
            made = processes.run(command, folder=unfinished, account=self.account)
        except OSError as refused:  # a wheel for another machine or C library
            raise NoBinary("PostgreSQL", variable="PERKHUB_DATABASE_URL") from refused
        if made.returncode != 0:
            raise ServerFailed("PostgreSQL", made.stderr[-2000:])
        unfinished.rename(self.folder)

    def _check_cluster(self) -> None:
        owner = os.geteuid() if self.account is None else self.account.uid
        if self.folder.stat().st_uid != owner:
            raise ServerFailed("PostgreSQL", f"{self.folder} belongs to another account")
        version = (self.folder / "PG_VERSION").read_text().strip()
        if version != binaries.POSTGRES_VERSION:
            raise ServerFailed("PostgreSQL", f"{self.folder} holds data of version {version}, not {binaries.POSTGRES_VERSION}")

    def _come_up(self, programs: Path) -> None:
        began = time.monotonic()
        child: subprocess.Popen[bytes] | None = None
        while not (self._accepts() and self._ask(programs, "SELECT 1") == "1"):
            waited = time.monotonic() - began
            fell = child is not None and child.poll() is not None
            if waited > RECOVERY_SECONDS or (fell and waited > FAILING_SECONDS):
                raise ServerFailed("PostgreSQL", processes.tail(self.log))
            # Somebody else's may still be stopping, or recovering: only a dead one is replaced.
            if (child is None or fell) and self.pid is None:
                self._forget_the_dead()
                child = self._launch(programs)
            time.sleep(0.1 if fell else processes.STEP)

    def _launch(self, programs: Path) -> subprocess.Popen[bytes]:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.unlink()
        chosen = SETTINGS | {"unix_socket_directories": str(self.sockets)} | (UNSAFE_AND_FAST if self.for_tests else {})
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        command: list[object] = [programs / "postgres", "-D", self.folder, "-p", "5432", *options]
        return processes.launch(command, folder=self.folder, log=self.log, account=self.account)

    def _forget_the_dead(self) -> None:
        """Let go of a killed postmaster whose pid still seems taken (a zombie, or the pid given to another process).

        Its pid file stays, with a pid that cannot exist: it also names the shared memory, and PostgreSQL will not start
        while backends of the dead postmaster use that. Without this check two sets of backends would ruin the data.
        """
        file = self.folder / "postmaster.pid"
        if file.exists():
            _, _, rest = file.read_text().partition("\n")
            file.write_text(f"{NO_SUCH_PID}\n{rest}")
        (self.sockets / f"{SOCKET}.lock").unlink(missing_ok=True)

    def _accepts(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            return probe.connect_ex(str(self.sockets / SOCKET)) == 0

    def _ask(self, programs: Path, statement: str) -> str | None:
        """The answer of one statement, or None while it is not ready for any."""
        command: list[object] = [
            programs / "psql",
            "-XAtq",
            "-h",
            self.sockets,
            "-p",
            "5432",
            "-U",
            DATABASE,
            "-d",
            "postgres",
            "-c",
            statement,
        ]
        answer = processes.run(command, folder=Path("/"))
        return answer.stdout.strip() if answer.returncode == 0 else None
