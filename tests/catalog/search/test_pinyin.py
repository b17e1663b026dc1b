"""Chinese as it is typed in Latin letters."""

from pathlib import Path

from perkhub.catalog.search import pinyin
from tests.catalog.search.pinyin_table import table


def test_words_are_read_as_words():
    assert pinyin.syllables("爱奇艺") == ("ai", "qi", "yi")
    assert pinyin.syllables("重庆银行的音乐") == ("chong", "qing", "yin", "hang", "de", "yin", "yue")
    assert pinyin.syllables("a爱\U0002070e") == ("", "ai", "")


def test_the_table_is_what_the_library_says():
    made = Path(pinyin.__file__).with_name("pinyin.txt").read_text(encoding="utf-8")
    assert made == table(), "python -m tests.catalog.search.pinyin_table > core/perkhub/catalog/search/pinyin.txt"
