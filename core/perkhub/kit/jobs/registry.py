"""What the house knows to run: jobs by name, durable handlers of events, periodic tasks. Filled by decorators at import.

Every process that writes events must import the handlers too, or their events are born done.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from pydantic import ConfigDict, TypeAdapter, validate_call

from perkhub.kit.outbox import Event, await_event

# Twelve attempts reach over about an hour: an outage of that length kills no job.
ATTEMPTS = 12
PATIENCE = timedelta(days=1)
EVENT_PREFIX = "event:"
NAME_LENGTH = 80
# Periodic tasks have one row each for ever, whose id follows from the name.
PERIODIC_NAMESPACE = UUID("6f0e6c38-7f0a-4d55-9a0e-0d1b8f6f3c11")

Work = Coroutine[Any, Any, None]
Handler = TypeVar("Handler", bound=Callable[..., Work])


class UnknownJob(Exception):
    """No code here runs this: it was taken away, or a newer process wrote the row. It waits for one that can."""


@dataclass(frozen=True)
class Job:
    """A registered handler. `patience` bounds how long it may postpone itself."""

    name: str
    run: Callable[..., Work]
    max_attempts: int = ATTEMPTS
    patience: timedelta = PATIENCE
    # Only of handlers of events: which event they wait for, and as what they get it.
    event: str | None = None
    event_class: type[Event] | None = None
    event_type: TypeAdapter[Any] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Periodic:
    """A task that every `seconds` one worker runs once."""

    name: str
    run: Callable[[], Work]
    seconds: float

    @property
    def row_id(self) -> UUID:
        """The row that carries its turns."""
        return uuid5(PERIODIC_NAMESPACE, self.name)


_jobs: dict[str, Job] = {}
_handlers: dict[str, list[Job]] = {}
_periodic: dict[str, Periodic] = {}


def job(name: str, *, max_attempts: int = ATTEMPTS, patience: timedelta = PATIENCE) -> Callable[[Handler], Handler]:
    """Register `async def handler(context, **arguments)`; arguments come back as their annotations say (ids as UUID …).

    The handler must be idempotent: a run may die after its work and before that was noted.
    """

    def register(handler: Handler) -> Handler:
        _add(Job(name, _typed(handler), max_attempts=max_attempts, patience=patience))
        return handler

    return register


def on(
    event: str | type[Event], name: str, *, max_attempts: int = ATTEMPTS, patience: timedelta = PATIENCE
) -> Callable[[Handler], Handler]:
    """Register `async def handler(context, event)` as a durable handler of an event, with attempts of its own.

    Registered for a class, it gets instances of it, of its version alone; for a name, the payload of any version.
    """
    event_class = None if isinstance(event, str) else event
    event_name = event if isinstance(event, str) else event.name

    def register(handler: Handler) -> Handler:
        added = Job(
            EVENT_PREFIX + name,
            handler,
            max_attempts=max_attempts,
            patience=patience,
            event=event_name,
            event_class=event_class,
            event_type=None if event_class is None else TypeAdapter(event_class),
        )
        _add(added)
        _handlers.setdefault(event_name, []).append(added)
        await_event(event_name)
        return handler

    return register


def every(*, seconds: float, name: str) -> Callable[[Handler], Handler]:
    """Register `async def task()` to run again and again, `seconds` after each end; never twice at once in all the house."""

    def register(task: Handler) -> Handler:
        if name in _periodic or len(name) > NAME_LENGTH:
            raise ValueError(f"the periodic task {name!r} is registered already, or its name is too long")
        _periodic[name] = Periodic(name, task, seconds)
        return task

    return register


def job_named(name: str) -> Job:
    """The handler of a job's row, those that events were fanned out to included."""
    try:
        return _jobs[name]
    except KeyError:
        raise UnknownJob(name) from None


def handlers_of(event: str, version: int) -> list[Job]:
    """Who waits for this event.

    Raises:
        UnknownJob: nobody here does, or nobody for this version.
    """
    found = [
        handler for handler in _handlers.get(event, []) if handler.event_class is None or handler.event_class.version == version
    ]
    if not found:
        raise UnknownJob(f"{event} version {version}")
    return found


def max_attempts_of(name: str) -> int:
    """How often a row of this name may fail."""
    return _jobs[name].max_attempts if name in _jobs else ATTEMPTS


def periodic_tasks() -> list[Periodic]:
    """Every periodic task."""
    return list(_periodic.values())


def periodic_named(name: str) -> Periodic:
    """The periodic task of a row."""
    try:
        return _periodic[name]
    except KeyError:
        raise UnknownJob(name) from None


def _add(added: Job) -> None:
    if added.name in _jobs or len(added.name) > NAME_LENGTH:
        raise ValueError(f"the job {added.name!r} is registered already, or its name is too long")
    _jobs[added.name] = added


def _typed(handler: Callable[..., Work]) -> Callable[..., Work]:
    """The handler, with JSON arguments turned into what its annotations say."""
    return validate_call(config=ConfigDict(arbitrary_types_allowed=True))(handler)
