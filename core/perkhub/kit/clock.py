"""The one clock: aware UTC, which tests can move. No other code asks the machine or the database for the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_shift = timedelta()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _shift


def shift(by: timedelta) -> None:
    """Move this process's clock by a further step; for demos and tests."""
    global _shift
    _shift += by


@contextmanager
def travel(by: timedelta) -> Iterator[None]:
    """Inside the block, time is later (or earlier, when negative) by the given step."""
    shift(by)
    try:
        yield
    finally:
        shift(-by)
