"""The correlation id that runs from a request through its jobs and events to the last notice."""

from contextvars import ContextVar

from perkhub.kit.ids import new_id

_current: ContextVar[str | None] = ContextVar("correlation_id", default=None)


def correlation_id() -> str:
    """The present id; made on first use."""
    current = _current.get()
    if current is None:
        current = begin_correlation()
    return current


def present_correlation() -> str | None:
    """The present id, or None where no trail has begun; for logs, which must not begin one."""
    return _current.get()


def begin_correlation(given: str | None = None) -> str:
    """Start a new trail, or take up one that was handed to us (at most 64 plain characters of it)."""
    kept = "".join(c for c in (given or "") if c.isascii() and (c.isalnum() or c in "-_."))[:64]
    current = kept or str(new_id())
    _current.set(current)
    return current
