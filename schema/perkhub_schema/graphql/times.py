"""Moments on the wire: always with a zone, so that nobody guesses whose midnight is meant."""

import re
from datetime import UTC, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition

EXAMPLE = "2027-01-31T23:59:59+08:00"
# Python reads much besides; what stands between the parts may even be a NUL.
SHAPE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII | re.IGNORECASE)


def parse_moment(given: object) -> datetime:
    """An aware moment, in UTC.

    Raises:
        ValueError: it is no moment, or one without a zone; the text does not repeat what was given.
    """
    try:
        if isinstance(given, str) and SHAPE.fullmatch(given):
            return datetime.fromisoformat(given.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"DateTime must be a moment with its zone, such as {EXAMPLE}")


MOMENT: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description=f"A moment with its zone, by ISO 8601: {EXAMPLE}. Answers are in UTC.",
    serialize=datetime.isoformat,
    parse_value=parse_moment,
)
