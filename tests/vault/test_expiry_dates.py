"""A day ends in its zone; what cannot be read with certainty is not read."""

from datetime import UTC, datetime

import pytest

from perkhub.vault.expiry_dates import read_expiry
from perkhub.vault.models import NEVER

END_IN_SHANGHAI = datetime(2027, 12, 31, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2027-12-31",
        "2027/12/31",
        "2027.12.31",
        "2027年12月31日",
        "20271231",
        "2027-12-31T00:00:00",  # how a spreadsheet's date is read
        "2027-12-31 00:00:00",
    ],
)
def test_a_day_means_its_end(text: str):
    assert read_expiry(text, "Asia/Shanghai") == END_IN_SHANGHAI


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2027-3-5", "Asia/Shanghai", datetime(2027, 3, 5, 15, 59, 59, tzinfo=UTC)),
        ("2027-12-31", "UTC", datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2027-07-01", "America/New_York", datetime(2027, 7, 2, 3, 59, 59, tzinfo=UTC)),
        ("2028-02-29", "UTC", datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ("2027-12-31T18:30:00", "Asia/Shanghai", datetime(2027, 12, 31, 10, 30, tzinfo=UTC)),
        ("2027/12/31 8:30", "Asia/Shanghai", datetime(2027, 12, 31, 0, 30, tzinfo=UTC)),
        ("2027-12-31T18:30:00Z", "Asia/Shanghai", datetime(2027, 12, 31, 18, 30, tzinfo=UTC)),
        ("2027-12-31T00:00:00+08:00", "UTC", datetime(2027, 12, 30, 16, 0, tzinfo=UTC)),
        ("永久有效", "Asia/Shanghai", NEVER),
        ("Never", "Asia/Shanghai", NEVER),
        ("9999-12-31", "Asia/Shanghai", NEVER),
        ("9999-12-31T23:59:59-08:00", "Asia/Shanghai", NEVER),
    ],
)
def test_other_ways_to_say_it(text: str, zone: str, expected: datetime):
    assert read_expiry(text, zone) == expected


@pytest.mark.parametrize(
    "text",
    [
        "12/31/2027",
        "31.12.2027",
        "2027-02-29",
        "2027-13-01",
        "2027-12",
        "46387",  # a spreadsheet's serial number: of which of its two calendars?
        "20271331",
        "2027-12-31T25:00",
        "0000-01-01",
        "0001-01-01T00:00:00+14:00",
        "soon",
        "2027-12-31 and more",
        "6222000011112222",
        "-1",
        "",
    ],
)
def test_nothing_is_guessed(text: str):
    assert read_expiry(text, "Asia/Shanghai") is None
