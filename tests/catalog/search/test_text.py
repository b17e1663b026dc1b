"""One form for all ways of writing a text; and no text that cannot be searched for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perkhub.catalog.search.document import Texts, document, sort_key
from perkhub.catalog.search.grams import asked_keys, mistaken_keys, stem
from perkhub.catalog.search.text import line, normal, parts

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＶＩＰ１２３", "vip123"),
        ("爱奇艺　 VIP\t月卡 ", "爱奇艺 vip 月卡"),
        ("Café", "cafe"),
        ("e\u0301", "e"),
        ("STRASSE Straße", "strasse strasse"),
        ("İstanbul", "istanbul"),
        ("ｶﾞ", "ガ"),
        ("a\x00b\u200bc\ud800", "a b c"),
    ],
)
def test_ways_of_writing_are_one(written: str, plain: str):
    assert normal(written) == plain


def test_parts_are_words_runs_and_pictograms():
    found = [(part.text, part.run) for part in parts(normal("爱奇艺VIP月卡 McDonald’s 🎁 ¥100"))]
    assert found == [("爱奇艺", True), ("vip", False), ("月卡", True), ("mcdonalds", False), ("🎁", True), ("100", False)]


@pytest.mark.parametrize(
    ("word", "without"),
    [("cards", "card"), ("boxes", "box"), ("streaming", "stream"), ("pass", "pass"), ("string", "string"), ("gas", "gas")],
)
def test_endings_fall_off_words_that_are_long_enough(word: str, without: str):
    assert stem(word) == without


def test_chinese_is_sorted_by_its_reading():
    names = ["中国移动", "爱奇艺", "Netflix", "重庆小面", "银行卡", "先", "西安"]
    assert sorted(names, key=lambda name: sort_key({"zh": name}, "zh")) == [
        "爱奇艺", "重庆小面", "Netflix", "西安", "先", "银行卡", "中国移动",
    ]  # fmt: skip


@given(ANY_TEXT)
@settings(max_examples=500)
def test_whatever_a_product_is_called_it_has_what_a_search_for_it_asks(name: str):
    made = document(Texts({"zh": name}))
    assert set(asked_keys(parts(line(name)))) <= set(made.keys)
    assert normal(normal(name)) == normal(name)
    assert all(len(key.encode()) <= 2000 and "\x00" not in key and "\x1f" not in key for key in made.keys)
    mistaken_keys(parts(line(name)))
