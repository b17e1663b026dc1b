"""Events survive their way through the outbox, old rows and newer releases included, and hold only ids and plain facts."""

import dataclasses
import inspect
import re
from datetime import UTC, datetime
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import orjson
import pytest

from perkhub.kit.outbox import Event
from perkhub.plugin import events

EVENTS = sorted(events.public_events().values(), key=lambda event: event.name)
# A text in an event is a word of the house, never something a person wrote.
ALLOWED = {UUID, tuple[UUID, ...], datetime}
WORDS = {"source_kind"}


def example(event: type[Event]) -> Event:
    values: dict[object, Any] = {
        UUID: uuid4(),
        tuple[UUID, ...]: (uuid4(), uuid4()),
        datetime: datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        str: "order",
    }
    hints = get_type_hints(event)
    return event(**{item.name: values[hints[item.name]] for item in dataclasses.fields(event)})


def stored(event: Event) -> dict[str, Any]:
    """As `kit.outbox` writes it."""
    payload = {item.name: getattr(event, item.name) for item in dataclasses.fields(event)}
    return orjson.loads(orjson.dumps(payload, default=str))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_comes_back_as_it_was(event: type[Event]):
    happened = example(event)
    assert events.from_payload(event.name, event.version, stored(happened)) == happened


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_is_frozen_and_holds_only_ids_and_plain_facts(event: type[Event]):
    happened = example(event)
    hints = get_type_hints(event)
    for item in dataclasses.fields(event):
        assert hints[item.name] in ALLOWED or item.name in WORDS
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(happened, item.name, None)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_is_named_and_described(event: type[Event]):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event.name)
    assert "name" in vars(event)
    assert inspect.getdoc(event) != inspect.getdoc(Event)


def test_names_and_versions_are_unique():
    declared = [
        event for event in vars(events).values() if inspect.isclass(event) and issubclass(event, Event) and event is not Event
    ]
    assert len({(event.name, event.version) for event in declared}) == len(declared) == len(EVENTS) == 30


def test_fields_of_a_newer_release_are_left_aside():
    happened = events.OrderPaid(uuid4())
    assert events.from_payload("order.paid", 1, {**stored(happened), "mood": "good"}) == happened


@pytest.mark.parametrize(("name", "version"), [("order.eaten", 1), ("order.paid", 2)])
def test_an_unknown_event_says_so(name: str, version: int):
    with pytest.raises(events.UnknownEvent, match=rf"'{name}' of version {version}"):
        events.from_payload(name, version, {})


def test_an_id_of_the_database_driver_is_stored_as_text():
    class DriverUUID(UUID):
        """asyncpg returns a subclass."""

    plain = uuid4()
    assert stored(events.OrderPaid(DriverUUID(int=plain.int))) == {"order_id": str(plain)}
