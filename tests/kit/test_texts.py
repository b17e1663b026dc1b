"""Texts of operators: short enough, and of characters that can be kept and shown."""

import pytest

from perkhub.kit.errors import InvalidInput
from perkhub.kit.texts import refuse_odd_text, refuse_odd_texts


@pytest.mark.parametrize("text", ["", "月卡", "a" * 10, "👨‍👩‍👧 家庭", "“quoted” (all)!"])
def test_what_people_write_is_let_through(text: str):
    refuse_odd_text(text, "name", longest=20)


@pytest.mark.parametrize("text", ["a" * 21, "two\nlines", "tab\t", "\x00", "\x1b[0m", "\x7f", "\x85"])
def test_a_line_is_short_and_has_no_control_characters(text: str):
    with pytest.raises(InvalidInput) as refused:
        refuse_odd_text(text, "name", longest=20)
    assert refused.value.path == ("name",)


@pytest.mark.parametrize(
    ("text", "good"), [("two\nlines", True), ("a\tb", True), ("\r\n", False), ("\x00", False), ("\x1b", False)]
)
def test_a_longer_text_has_lines_and_no_other_control_characters(text: str, good: bool):
    if good:
        refuse_odd_text(text, "description", longest=20, lines=True)
    else:
        with pytest.raises(InvalidInput):
            refuse_odd_text(text, "description", longest=20, lines=True)


def test_a_needed_text_says_something_in_some_language():
    refuse_odd_texts({"zh": "月卡", "en": " "}, "name", longest=20, needed=True)
    refuse_odd_texts({}, "description", longest=20)
    for texts in ({}, {"zh": "", "en": "  "}):
        with pytest.raises(InvalidInput) as refused:
            refuse_odd_texts(texts, "name", longest=20, needed=True)
        assert refused.value.path == ("name",)


def test_a_text_at_fault_is_named_by_its_language():
    with pytest.raises(InvalidInput) as refused:
        refuse_odd_texts({"zh": "月卡", "en": "x" * 21}, "name", longest=20)
    assert refused.value.path == ("name", "en")
