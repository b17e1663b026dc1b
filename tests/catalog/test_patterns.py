"""Patterns for what buyers type: read as browsers read them, and matched at once whatever is typed."""

import re
from time import process_time

import pytest

from perkhub.catalog.patterns import PatternOdd, compiled, fits

# Pattern, what fits, what does not.
TOLD = [
    (r"\d{11}", ["13800138000"], ["1380013800", "138001380000", "1380013800a", ""]),
    (r"1[3-9]\d{9}", ["19912345678"], ["12912345678"]),
    (r"[A-Z]{2}\d{4,6}", ["AB1234", "AB123456"], ["AB123", "AB1234567", "ab1234"]),
    (r"\w+@qq\.com", ["a_1@qq.com"], ["@qq.com", "a@qqxcom"]),
    (r"[^@ ]+", ["张三", "x"], ["a@b", "a b", ""]),
    (r"\d{5}|\d{8}", ["12345", "12345678"], ["123456", "1234567"]),
    (r"a?b*c+", ["c", "ac", "abbbcc", "bc"], ["ab", "aac", ""]),
    (r".{2,3}", ["ab", "你好吗"], ["a", "abcd"]),
    (r"[-_.a]+", ["a-_.", "-"], ["b"]),
    (r"a{0,2}b", ["b", "ab", "aab"], ["aaab"]),
    (r"[\d\-]+", ["12-34"], ["12.34"]),
    (r"\$\/\(x\)", ["$/(x)"], ["/(x)"]),
    (r"x{3,}", ["xxx", "x" * 500], ["xx"]),
]
ODD = [
    "(a)",
    "a)",
    "^a",
    "a$",
    "[a",
    "[]",
    "[^]",
    "a**",
    "*a",
    "+",
    "?",
    "{3}",
    "a{",
    "a{b}",
    "a{3,2}",
    "a{0}",
    "a{501}",
    "a{1000}",
    "a|",
    "|a",
    "a||b",
    "[z-a]",
    "[a-\\d]",
    "[[a]]",
    r"\s",
    r"\b",
    "\\",
    r"\1",
    r"\x41",
    "a]",
    "a}",
    "",
    "x" * 201,
]


@pytest.mark.parametrize(("pattern", "fitting", "others"), TOLD, ids=[told[0] for told in TOLD])
def test_it_says_what_a_regular_expression_says(pattern: str, fitting: list[str], others: list[str]):
    assert [text for text in fitting + others if fits(pattern, text)] == fitting
    expression = re.compile(f"(?:{pattern})", re.ASCII)
    assert [text for text in fitting + others if expression.fullmatch(text)] == fitting


@pytest.mark.parametrize("pattern", ODD)
def test_what_is_not_of_the_language_is_refused(pattern: str):
    with pytest.raises(PatternOdd):
        compiled(pattern)


def test_nothing_that_is_typed_takes_long():
    """Regular expressions try such texts in millions of ways."""
    patterns = ["a*a*a*a*a*a*a*a*b", ".*.*.*.*.*.*x", "[a-z]*" * 33, "a?" * 90 + "a{90}"]
    begun = process_time()
    for pattern in patterns:
        fits(pattern, "a" * 500)
        fits(pattern, "a" * 499 + "!")
    assert process_time() - begun < 2
