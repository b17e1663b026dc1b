"""Moments and days: which of them a window may begin or end at, and when a day is over somewhere."""

from collections.abc import Set
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from perkhub.kit.errors import InvalidInput

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9998, 12, 31)  # whatever the zone, their moments are of our time
LAST_SECOND = time(23, 59, 59)


@cache
def zones() -> Set[str]:
    """Every IANA time zone; the system's folders are looked through once."""
    return available_timezones()


def refuse_odd_moment(moment: datetime | None, *path: str) -> None:
    """Go on with a moment of our time: the first day of all time stands for "always" in the database, and has no zone.

    Raises:
        InvalidInput: with the path.
    """
    if moment is not None and moment < EARLIEST:
        raise InvalidInput(path=path, reason="A moment after 1970.", reason_zh="须为 1970 年之后的时间。")


def refuse_odd_day(day: date | None, *path: str) -> None:
    """The same for a day.

    Raises:
        InvalidInput: with the path.
    """
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        reason, reason_zh = f"Between {FIRST_DAY} and {LAST_DAY}.", f"须在 {FIRST_DAY} 至 {LAST_DAY} 之间。"
        raise InvalidInput(path=path, reason=reason, reason_zh=reason_zh)


def end_of_day(day: date, zone: str) -> datetime:
    """The last second of that day there."""
    return datetime.combine(day, LAST_SECOND, ZoneInfo(zone)).astimezone(UTC)


def end_of_day_after(moment: datetime, days: int, zone: str) -> datetime:
    """The last second of the day that comes so many days after the moment's, there."""
    return end_of_day(moment.astimezone(ZoneInfo(zone)).date() + timedelta(days=days), zone)
