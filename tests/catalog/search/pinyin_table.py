"""Makes the table of readings out of pypinyin's: `python -m tests.catalog.search.pinyin_table > …/search/pinyin.txt`.

The library itself takes a second to import and 56 MB; what a search needs of it fits into one small file: the usual
reading of each character in use, and the words whose reading differs from that of their characters.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator

LONGEST_WORD = 3


def table() -> str:
    """The whole file."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT  # noqa: PLC0415 - see above
    from pypinyin.contrib.tone_convert import to_normal  # noqa: PLC0415

    def plain(reading: str) -> str:
        return str(to_normal(reading)).replace("ü", "v")

    usual = {chr(code): plain(readings.split(",")[0]) for code, readings in PINYIN_DICT.items() if _in_use(chr(code))}
    words = {
        word: tuple(plain(reading[0]) for reading in readings)
        for word, readings in sorted(PHRASES_DICT.items(), key=lambda item: (len(item[0]), item[0]))
        if 2 <= len(word) == len(readings) <= LONGEST_WORD and all(map(_in_use, word))
    }
    return "".join(f"{one}\n" for one in [*_syllables(usual), *_exceptions(usual, words)])


def _in_use(one: str) -> bool:
    for charset in ("gb2312", "big5"):
        try:
            return bool(one.encode(charset))
        except UnicodeEncodeError:
            continue
    return False


def _syllables(usual: dict[str, str]) -> Iterator[str]:
    by_syllable = defaultdict(list)
    for one, syllable in usual.items():
        by_syllable[syllable].append(one)
    for syllable, characters in sorted(by_syllable.items()):
        if syllable.isascii() and syllable.isalpha():
            yield f"{syllable} {''.join(sorted(characters))}"


def _exceptions(usual: dict[str, str], words: dict[str, tuple[str, ...]]) -> Iterator[str]:
    kept: dict[str, tuple[str, ...]] = {}
    for word, readings in words.items():
        if _read(word, usual, kept) != readings and all(one.isascii() and one.isalpha() for one in readings):
            kept[word] = readings
            yield f"{' '.join(readings)} {word}"


def _read(word: str, usual: dict[str, str], kept: dict[str, tuple[str, ...]]) -> tuple[str | None, ...]:
    for begin in range(len(word) - 1):
        pair = word[begin : begin + 2]
        if pair in kept:
            return (*map(usual.get, word[:begin]), *kept[pair], *map(usual.get, word[begin + 2 :]))
    return tuple(map(usual.get, word))


if __name__ == "__main__":
    sys.stdout.write(table())
