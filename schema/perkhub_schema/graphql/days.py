"""Days on the wire, without an hour and without a zone."""

import re
from datetime import date

import strawberry
from strawberry.types.scalar import ScalarDefinition

SHAPE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_day(given: object) -> date:
    """A day.

    Raises:
        ValueError: it is none; the text does not repeat what was given.
    """
    try:
        if isinstance(given, str) and SHAPE.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise ValueError("Date must be a day, such as 2027-01-31")


DAY: ScalarDefinition = strawberry.scalar(
    name="Date", description="A day, by ISO 8601: 2027-01-31.", serialize=date.isoformat, parse_value=parse_day
)
