"""The one clock moves when a test says so, and comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from perkhub.kit import clock


def near(moment: datetime, shift: timedelta = timedelta()) -> bool:
    return abs(datetime.now(UTC) + shift - moment) < timedelta(seconds=5)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert near(clock.now())


def test_travel_goes_there_and_back() -> None:
    with clock.travel(timedelta(days=3)):
        assert near(clock.now(), timedelta(days=3))
        with clock.travel(timedelta(days=-5)):
            assert near(clock.now(), timedelta(days=-2))
        assert near(clock.now(), timedelta(days=3))
    assert near(clock.now())


def test_a_failure_on_the_way_brings_the_clock_back() -> None:
    with pytest.raises(ZeroDivisionError), clock.travel(timedelta(hours=1)):
        raise ZeroDivisionError
    assert near(clock.now())


def test_shifts_add_up() -> None:
    clock.shift(timedelta(hours=1))
    clock.shift(timedelta(hours=1))
    try:
        assert near(clock.now(), timedelta(hours=2))
    finally:
        clock.shift(timedelta(hours=-2))
