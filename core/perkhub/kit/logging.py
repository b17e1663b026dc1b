"""Logs: one JSON object a line on stderr, with the correlation id, and nothing secret in it.

    log = get_logger(__name__)
    log.warning("run failed", job=name, exc_info=error)

The event is a fixed text; what varies goes into keywords, where the redactor sees its name. The standard library's
loggers come the same way. An exception is told as its type, a message without values, and where it happened.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from perkhub.kit.clock import now
from perkhub.kit.correlation import present_correlation
from perkhub.kit.redaction import redact_mapping, told
from perkhub.kit.settings import Settings

# Libraries that write statements with their values, or the arguments of calls, at these levels and below.
QUIET = {
    "tortoise": logging.WARNING,
    "tortoise.db_client": logging.WARNING,
    "asyncpg": logging.WARNING,
    "arq": logging.WARNING,
    "asyncio": logging.WARNING,
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
    "multipart": logging.WARNING,
    "python_multipart": logging.WARNING,
}
DEEPEST_STACK = 30
LONGEST_CHAIN = 5


def get_logger(name: str) -> FilteringBoundLogger:
    """The logger of a module."""
    return cast("FilteringBoundLogger", structlog.stdlib.get_logger(name))


def configure_logging(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send every log of this process to stderr. Called once, at start; without it only warnings and worse are shown."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(max(level, root.level))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


class _JsonLines(logging.Formatter):
    """The lines of our own loggers as they are; records of the standard library's loggers in the same form."""

    def format(self, record: logging.LogRecord) -> str:
        if getattr(record, "rendered", False):
            return record.getMessage()
        event: EventDict = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        return _line(_clean(None, "", _correlate(None, "", {**event, "exc_info": record.exc_info})))


def _correlate(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    current = present_correlation()
    if current is not None:
        event["correlation_id"] = current
    return event


def _clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # Ours, and long names of files or trails must not be mistaken for a secret.
    own = {name: event.pop(name) for name in ("level", "logger", "correlation_id") if name in event}
    error = _exception_of(event.pop("exc_info", None))
    text = event.pop("event", "")
    cleaned = redact_mapping({"event": text if isinstance(text, str) else repr(text), **event})
    told_of = {} if error is None else _tell(error)
    return {"time": now().isoformat(timespec="milliseconds"), **own, **cleaned, **told_of}


def _line(event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _hand_on(_logger: WrappedLogger, _method: str, event: EventDict) -> tuple[tuple[str], dict[str, Any]]:
    """To the standard library's logger as a finished line, so that even a process without a handler shows no secret."""
    return (_line(event),), {"extra": {"rendered": True}}


def _tell(error: BaseException) -> dict[str, Any]:
    """Type, safe message and places, in the stead of a traceback, whose text would quote values."""
    causes = [told(cause) for cause in _causes(error)]
    return {"error": told(error), "stack": places(error), **({"caused_by": causes} if causes else {})}


def _exception_of(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return cast("BaseException | None", given[1])
    return sys.exc_info()[1] if given else None


def places(error: BaseException) -> list[str]:
    """Where it happened, the outermost first; neither source lines nor locals."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST_STACK:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error
    while len(found) < LONGEST_CHAIN:
        following = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
        if following is None:
            break
        found.append(following)
        cause = following
    if isinstance(error, BaseExceptionGroup):
        found.extend(error.exceptions[:LONGEST_CHAIN])
    return found


def _log_uncaught(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    get_logger("perkhub").critical("the process failed", exc_info=error)


def _log_uncaught_in_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        get_logger("perkhub").critical("a thread failed", exc_info=failed.exc_value)


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _correlate,
        _clean,
        _hand_on,
    ],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
