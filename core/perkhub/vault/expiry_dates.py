"""Until when a code is valid, out of what a cell says. A day means its end, in the zone of the table; nothing is guessed."""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from perkhub.kit.moments import end_of_day
from perkhub.vault.models import NEVER

ZONE = "Asia/Shanghai"
# Year first, as nobody could read it otherwise: 03/04/2027 is March to some and April to others.
DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
)
MOMENT = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?")
UNLIMITED = frozenset({"永久", "永久有效", "长期", "长期有效", "无限期", "never", "unlimited", "no expiry", "forever"})
# Repeated over a whole column, as they are, these are worth remembering.
REMEMBERED = 1024


@lru_cache(maxsize=REMEMBERED)
def read_expiry(text: str, zone: str) -> datetime | None:
    """The last moment of validity in UTC, NEVER, or None where the text is no date.

    A spreadsheet writes a day as its midnight, so midnight without a zone means the day.
    """
    if text.casefold() in UNLIMITED:
        return NEVER
    try:
        found = DAY.fullmatch(text)
        if found:
            year, month, day = (int(part) for part in found.groups() if part is not None)
            return _end_of(date(year, month, day), zone)
        if not MOMENT.fullmatch(text):
            return None
        moment = datetime.fromisoformat(_iso(text))
        if moment.tzinfo is None and moment.time() == time():
            return _end_of(moment.date(), zone)
        if moment.year >= NEVER.year:
            return NEVER
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _end_of(day: date, zone: str) -> datetime:
    return NEVER if day.year >= NEVER.year else end_of_day(day, zone)


def _iso(text: str) -> str:
    """With two digits for month, day and hour, which the standard's form wants."""
    day, clock = re.split("[T ]", text, maxsplit=1)
    year, month, in_month = re.split("[-/]", day)
    hour, rest = clock.split(":", 1)
    return f"{year}-{month:0>2}-{in_month:0>2}T{hour:0>2}:{rest}"
