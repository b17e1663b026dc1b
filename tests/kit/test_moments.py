"""When a day is over somewhere, through changes of the clocks too."""

from datetime import UTC, date, datetime

import pytest

from perkhub.kit.errors import InvalidInput
from perkhub.kit.moments import FIRST_DAY, LAST_DAY, end_of_day, end_of_day_after, refuse_odd_day


@pytest.mark.parametrize(
    ("moment", "days", "zone", "ends"),
    [
        ("2026-03-01T15:59:59+00:00", 0, "Asia/Shanghai", "2026-03-01T15:59:59+00:00"),
        ("2026-03-01T16:00:00+00:00", 0, "Asia/Shanghai", "2026-03-02T15:59:59+00:00"),
        ("2026-02-27T04:00:00+00:00", 2, "UTC", "2026-03-01T23:59:59+00:00"),
        # Across the change of the clocks a day has 23 or 25 hours.
        ("2026-03-28T22:30:00+00:00", 1, "Europe/Berlin", "2026-03-29T21:59:59+00:00"),
        ("2026-10-24T21:30:00+00:00", 1, "Europe/Berlin", "2026-10-25T22:59:59+00:00"),
        ("2026-01-01T09:59:59+00:00", 0, "Pacific/Honolulu", "2026-01-01T09:59:59+00:00"),
    ],
)
def test_a_day_ends_where_it_is_counted(moment: str, days: int, zone: str, ends: str):
    assert end_of_day_after(datetime.fromisoformat(moment), days, zone) == datetime.fromisoformat(ends)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "America/St_Johns", "Asia/Shanghai"])
def test_every_day_that_is_accepted_has_an_end_everywhere(zone: str):
    for day in (FIRST_DAY, LAST_DAY):
        assert datetime(1970, 1, 1, tzinfo=UTC) < end_of_day(day, zone) < datetime(9999, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("day", [date.min, date(1970, 1, 1), date(9999, 1, 1), date.max])
def test_a_day_of_no_time_is_refused_by_name(day: date):
    with pytest.raises(InvalidInput) as refused:
        refuse_odd_day(day, "validity", "until")
    assert refused.value.path == ("validity", "until")
