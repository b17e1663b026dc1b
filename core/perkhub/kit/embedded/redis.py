"""The embedded Redis: append-only data in a folder, reached by a unix socket that only its owner may open."""

import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from perkhub.kit.embedded import binaries, places, processes
from perkhub.kit.embedded.errors import NoBinary, ServerFailed

SOCKET = "redis.sock"
START_SECONDS = 60.0  # it reads its append-only file first


@dataclass(frozen=True)
class RedisServer:
    """One Redis, whoever started it."""

    folder: Path
    sockets: Path
    log: Path
    for_tests: bool

    @classmethod
    def inside(cls, data: Path, *, for_tests: bool = False) -> "RedisServer":
        """The Redis of a data folder."""
        folder = data / "redis"
        return cls(folder, places.socket_folder(folder, SOCKET), data / "redis.log", for_tests)

    @property
    def url(self) -> str:
        return f"unix://{self.sockets / SOCKET}?db=0"

    @property
    def pid(self) -> int | None:
        """The running server. It shows its socket as its command line."""
        pid = processes.read_pid(self.folder / "redis.pid")
        return pid if pid is not None and processes.is_running(pid, str(self.sockets / SOCKET)) else None

    def start(self) -> None:
        """Bring it up unless it is up. Only under the folder's start lock: a second one would take over the socket."""
        program = binaries.redis_program()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.sockets != self.folder:
            places.private_folder(self.sockets, mode=0o700)
        began = time.monotonic()
        child: subprocess.Popen[bytes] | None = None
        while not self._answers():
            fell = child is not None and child.poll() is not None
            if fell or time.monotonic() - began > START_SECONDS:
                raise ServerFailed("Redis", processes.tail(self.log))
            if child is None and self.pid is None:
                child = self._launch(program)
            time.sleep(processes.STEP)

    def stop(self) -> None:
        """End it; it writes out its append-only file first."""
        pid = self.pid
        if pid is not None:
            processes.stop(pid, str(self.sockets / SOCKET), signals=[signal.SIGTERM, signal.SIGKILL], patience=20)

    def _launch(self, program: Path) -> subprocess.Popen[bytes]:
        self.log.unlink(missing_ok=True)
        command: list[object] = [
            program, "--port", "0", "--unixsocket", self.sockets / SOCKET, "--unixsocketperm", "700", "--dir", self.folder,
            "--pidfile", self.folder / "redis.pid", "--appendonly", "no" if self.for_tests else "yes", "--save", "",
            "--maxmemory-policy", "noeviction",
        ]  # fmt: skip
        try:
            return processes.launch(command, folder=self.folder, log=self.log)
        except OSError as refused:  # a wheel for another machine or C library
            raise NoBinary("Redis", variable="PERKHUB_REDIS_URL") from refused

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self.sockets / SOCKET))
                probe.sendall(b"PING\r\n")
                return probe.recv(64).startswith(b"+PONG")
            except OSError:
                return False
