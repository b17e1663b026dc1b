"""One process of ours with all its children: its log in a file, its end clean or sudden, its memory told."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

STEP = 0.01


class ProcessFailed(Exception):
    """A process ended, or did not become ready in time; the end of its log says why."""

    def __init__(self, name: str, what: str, log: str) -> None:
        super().__init__(f"{name} {what}:\n{log}")


@dataclass(frozen=True)
class Child:
    """A process in a session of its own, so that one signal reaches the whole tree."""

    name: str
    log: Path
    popen: subprocess.Popen[bytes]

    @classmethod
    def start(cls, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> "Child":
        """Start it; what it says goes to the log."""
        with log.open("ab") as sink:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=dict(environment),
                start_new_session=True,
            )
        return cls(name, log, popen)

    @property
    def pid(self) -> int:
        return self.popen.pid

    def alive(self) -> bool:
        """Whether the first process of the tree still runs."""
        return self.popen.poll() is None

    def tree(self) -> list[int]:
        """The living processes of the session. Embedded servers that it started are none: they have their own sessions."""
        try:
            family = [self.pid, *(child.pid for child in psutil.Process(self.pid).children(recursive=True))]
        except psutil.NoSuchProcess:
            return []
        return [pid for pid in family if _session(pid) == self.pid]

    def stop(self, *, patience: float = 30.0) -> int:
        """Ask it to end, wait, and tell its exit code; what is left after that is killed."""
        if self.alive():
            self.popen.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(patience)
        self.kill()
        return self.popen.returncode

    def kill(self) -> None:
        """End the whole tree at once, as a power cut would."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()
        with suppress(ProcessFailed):
            self.await_(lambda: not _group_lives(self.pid), "did not die", seconds=10, alive=False)

    def await_(self, condition: Callable[[], bool], otherwise: str, *, seconds: float, alive: bool = True) -> None:
        """Wait until it is so; fail if it takes too long, or if the process ends meanwhile.

        Raises:
            ProcessFailed: with the end of the log.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if alive and not self.alive():
                raise ProcessFailed(self.name, f"ended with {self.popen.returncode}", self.tail())
            if time.monotonic() > deadline:
                raise ProcessFailed(self.name, otherwise, self.tail())
            time.sleep(STEP)

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _group_lives(group: int) -> bool:
    """Whether anybody of the process group still runs; zombies wait for their reaper and do nothing more."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False
