"""The demo's child processes: each on a leash and in a session of its own, its log in a file, its messages to people shown."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

# A message of the console notifier may hold a one-time code: the terminal shows it, and no file keeps it.
FRAME = tuple(corner.encode() for corner in "┌│└")
STOP_SECONDS = 20.0
LAST_WORDS_SECONDS = 5.0


class ChildEnded(Exception):
    """A process without which there is no demo."""


@dataclass(slots=True)
class Child:
    """One process."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    listener: threading.Thread | None = None

    @property
    def output(self) -> IO[bytes]:
        """What it says."""
        assert self.process.stdout is not None
        return self.process.stdout

    def await_line(self, beginning: bytes) -> bytes:
        """The first line that begins so; what comes before goes to the log.

        Raises:
            ChildEnded: without having said it.
        """
        with self.log.open("ab") as sink:
            for line in self.output:
                if line.startswith(beginning):
                    return line
                sink.write(line)
        self.process.wait()
        raise self.ended()

    def relay(self) -> None:
        """Send what it says where it belongs, from now on."""
        self.listener = threading.Thread(target=self._relay, daemon=True, name=f"output of {self.name}")
        self.listener.start()

    def _relay(self) -> None:
        with self.log.open("ab", buffering=0) as sink:
            for line in self.output:
                if line.startswith(FRAME):
                    with suppress(OSError):  # a terminal that was closed
                        sys.stdout.buffer.write(line)
                        sys.stdout.flush()
                elif line.strip():
                    sink.write(line)

    def let_go(self) -> None:
        """Close both ends, once the process is gone and its last words are written down."""
        if self.listener is not None:
            self.listener.join(LAST_WORDS_SECONDS)
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.output.close()

    def ended(self) -> ChildEnded:
        """How it ended, for a person."""
        return ChildEnded(f"The {self.name} process ended with {self.process.returncode}. Its log is {self.log}")


@dataclass(frozen=True, slots=True)
class Children:
    """All of them, and the folder of their logs."""

    logs: Path
    started: list[Child] = field(default_factory=list)

    def start(self, name: str, *command: str, environment: Mapping[str, str]) -> Child:
        """Start `perkhub COMMAND`. Its output waits in a pipe until it is relayed."""
        log = self.logs / f"{name}.log"
        os.close(os.open(log, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        process = subprocess.Popen(
            [sys.executable, "-m", "perkhub_schema.demo.leashed", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            # An interrupt typed at the terminal reaches us alone; we stop the others in good order.
            start_new_session=True,
        )
        child = Child(name, process, log)
        self.started.append(child)
        return child

    def ensure_alive(self) -> None:
        """Go on only while all of them run.

        Raises:
            ChildEnded
        """
        for child in self.started:
            if child.process.poll() is not None:
                raise child.ended()

    def stop(self) -> None:
        """Ask all to end at once; whoever has not after a while is killed, with whatever it started."""
        for child in self.started:
            with suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.started:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
            child.let_go()
        self.started.clear()


@contextmanager
def children(logs: Path) -> Iterator[Children]:
    """Children that end with the block."""
    family = Children(logs)
    try:
        yield family
    finally:
        family.stop()
