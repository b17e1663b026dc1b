"""Who uses a folder: locks that a process loses with its life, however it dies."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def used_by_us(folder: Path, *, first: Callable[[], None], last: Callable[[], None]) -> Iterator[None]:
    """Use a folder together with other processes.

    Each user holds a shared lock from before `first`, which every user runs on the way in and which finds what another
    has already done, until after `last`, which only the last user to leave runs. Neither ever runs twice at a time.
    """
    with _lock_file(folder / "users.lock") as users:
        try:
            with one_at_a_time(folder):
                fcntl.flock(users, fcntl.LOCK_SH)
                first()
            yield
        finally:
            with one_at_a_time(folder):
                if _is_last(users):
                    last()


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until nobody else enters or leaves the folder. Bounded by the time limits of what they do."""
    with _lock_file(folder / "start.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _lock_file(path: Path) -> IO[bytes]:
    path.touch(mode=0o600)  # whoever may open it may lock it, and keep us out
    return path.open("ab")


def _is_last(users: IO[bytes]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
