"""Server processes: our children, but in a session of their own, so that they outlive a killed owner and can be adopted."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam

from perkhub.kit.embedded.errors import ServerFailed

# The caller's environment stays out: PGPORT, PGDATA, LC_ALL and the like would change what the servers do.
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}
STEP = 0.005

# Kept so that our own children are reaped: an unreaped one is a zombie, which still owns its pid.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Account:
    """The system account a server runs under."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Who runs what refuses to run as root (PostgreSQL does): `nobody` if we are root, else we ourselves (None)."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = getpwnam("nobody")
    except KeyError:
        raise ServerFailed("PostgreSQL", "it refuses to run as root, and there is no account `nobody`") from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def launch(command: Sequence[object], *, folder: Path, log: Path, account: Account | None = None) -> subprocess.Popen[bytes]:
    """Start a server in the background; what it says goes to the log, which is ours alone to read."""
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=folder,
            env=ENVIRONMENT,
            # Its own session: an interrupt typed at the terminal must reach us first, and the servers last.
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=() if account else None,
        )
    finally:
        os.close(sink)
    _children[child.pid] = child
    return child


def run(command: Sequence[object], *, folder: Path, account: Account | None = None) -> subprocess.CompletedProcess[str]:
    """Run a tool of a server to its end."""
    return subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=() if account else None,
    )


def is_running(pid: int, mark: str) -> bool:
    """Whether this pid is alive *and* the server whose command line holds `mark`.

    A pid file alone proves nothing: pids are used again, above all in containers, and a zombie (its parent killed, and a
    pid 1 that does not reap) still answers to signals.
    """
    _reap()
    process = Path("/proc") / str(pid)
    if not Path("/proc/self").exists():  # not Linux: no better proof than the signal
        return _answers_signals(pid)
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" and mark in (process / "cmdline").read_bytes().decode(errors="replace")
    except (OSError, IndexError):
        return False


def _answers_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def stop(pid: int, mark: str, *, signals: Sequence[int], patience: float) -> None:
    """Send each signal in turn until the server is gone."""
    for signal in signals:
        if not is_running(pid, mark):
            break
        with suppress(ProcessLookupError):
            os.kill(pid, signal)
        wait_for(lambda: not is_running(pid, mark), seconds=patience)
    child = _children.pop(pid, None)
    if child is not None:
        child.wait(patience)


def _reap() -> None:
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            del _children[pid]


def wait_for(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask again and again, for a limited time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP)
    return True


def read_pid(file: Path) -> int | None:
    """The pid on a pid file's first line."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def tail(log: Path, lines: int = 8) -> str:
    """The end of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError as missing:
        return str(missing)
