"""Cells: what is guarded comes back as it was, lists keep their words, and values are read exactly or not at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perkhub.catalog import BenefitKind
from perkhub.catalog.sheets.guard import guarded, unguarded
from perkhub.catalog.sheets.lists import joined, split
from perkhub.catalog.sheets.values import CellRefused, boolean, choice, day, moment, number, whole
from perkhub.kit.tabular.cells import BLANKS, read_text

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12).map(str.strip)
SHARP = st.text(alphabet="'=+-@|#E1+\"/AN", max_size=8)


@given(TEXT | SHARP)
@example("'#N/A")
@example("''=1")
@example("0\xad")
@example("#N/A\xad")
@example("\u200b@\u200b")
def test_a_guarded_text_comes_back_and_never_runs(text: str):
    cell, text = guarded(text), text.strip(BLANKS)
    assert unguarded(cell) == text
    assert cell.strip()[:1] not in {*"=+-@|"}
    told = read_text(cell)
    assert isinstance(told, str)
    assert unguarded(told) in (text, text.strip(), read_text(text))


@given(st.lists((TEXT | SHARP | st.sampled_from(["a;b", '"', '"";', "、"])).filter(bool), max_size=6))
def test_words_in_a_cell_come_back(words: list[str]):
    assert split(joined(words)) == tuple(words)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("a;b", ("a", "b")), ("a； b，c、d", ("a", "b", "c", "d")), (" ;; a", ("a",)), ('a"b; c', ('a"b', "c")), ('"a', ('"a',))],
)
def test_words_are_taken_apart_as_people_write_them(cell: str, words: tuple[str, ...]):
    assert split(cell) == words


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (whole, " １２ ", 12),
        (number, "19.90", Decimal("19.90")),
        (number, "１９．９", Decimal("19.9")),
        (day, "2027-12-31", date(2027, 12, 31)),
        (day, "2027年1月2日", date(2027, 1, 2)),
        (day, "2027/1/2", date(2027, 1, 2)),
        (day, "2027-12-31T00:00:00", date(2027, 12, 31)),
        (boolean, "是", True),
        (boolean, "FALSE", False),
    ],
)
def test_values_are_read(read: Any, cell: str, value: Any):
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (whole, "1.5"),
        (whole, "99999999999"),
        (number, "1e5"),
        (number, "1,000"),
        (number, "NaN"),
        (day, "2027-02-30"),
        (day, "31.12.2027"),
        (day, "0000-01-01"),
        (boolean, "maybe"),
        (lambda cell: choice(BenefitKind, cell), "card"),
        (lambda cell: moment(cell, "UTC"), "9999-12-31 24:00"),
        (lambda cell: moment(cell, "UTC", end=True), "9999-12-31"),
        (lambda cell: moment(cell, "UTC"), "soon"),
    ],
)
def test_what_is_not_said_plainly_is_refused(read: Any, cell: str):
    with pytest.raises(CellRefused):
        read(cell)


@pytest.mark.parametrize(
    ("cell", "end", "at"),
    [
        ("2026-12-01 08:00", False, datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026/12/1 08:00:01.5", False, datetime(2026, 12, 1, 0, 0, 1, 500_000, tzinfo=UTC)),
        ("2026-12-01T00:00:00Z", False, datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01 00:00:00.000007+08:00", True, datetime(2026, 11, 30, 16, 0, 0, 7, tzinfo=UTC)),
        ("2026-12-01", False, datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("2026-12-01", True, datetime(2026, 12, 1, 16, tzinfo=UTC)),
    ],
)
def test_moments_are_in_the_channels_zone(cell: str, end: bool, at: datetime):
    assert moment(cell, "Asia/Shanghai", end=end) == at
