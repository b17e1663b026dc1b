"""The keys under which a product is found, and those that a search asks for: two sides that must fit each other.

=爱奇艺会员     a whole line: a name, an SKU, a slug, an external reference
<爱  <爱奇      how a line begins
爱  爱奇        a character, and a pair, of a run
^ne  net        how a word begins, and three letters of it; what is read in pinyin is made of these too
@klink          what the product is: see `marks`
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from perkhub.catalog.search.pinyin import syllables
from perkhub.catalog.search.text import HAN, Part, parts

MOST_MISTAKES = 48
SHORTEST_MISTAKEN_WORD = 4
ENDINGS = re.compile(r"(?:(?<=[a-z]{4})(?:ing|ed)|(?<=[a-z]{3})(?:ies|(?<=s|x|z)es|(?<=ch|sh)es|(?<!s)s))$")


def line_keys(line: str) -> Iterator[str]:
    """Of a name or number as a whole."""
    yield f"={line}"
    yield f"<{line[:1]}"
    yield f"<{line[:2]}"


def word_keys(plain: str) -> Iterator[str]:
    """Of everything in a text that is searched for, word by word; of Chinese also as it is read."""
    for part in parts(plain):
        yield from _keys_of(part)


@lru_cache(maxsize=20_000)
def _keys_of(part: Part) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*_spelled(part), *_read(part)]))


def _spelled(part: Part) -> list[str]:
    if part.run:
        return [*part.text, *_slices(part.text, 2)]
    return [f"^{part.text[:1]}", f"^{part.text[:2]}", *_slices(part.text, 3)]


def _read(part: Part) -> Iterator[str]:
    """A search may begin at any character, in full or by initials."""
    for run in HAN.findall(part.text) if part.run else ():
        read = syllables(run)
        for way in (read, tuple(one[:1] for one in read)):
            whole, at = "".join(way), 0
            for one in way:
                if at + 2 <= len(whole):
                    yield f"^{whole[at : at + 2]}"
                at += len(one)
            yield from _slices(whole, 3)


def pinyin_lines(plain: str) -> list[str]:
    """A text of Chinese characters alone as it is typed in Latin letters: in full, and by initials."""
    if HAN.fullmatch(plain) is None:
        return []
    read = syllables(plain)
    return ["".join(read), "".join(one[:1] for one in read)] if len(read) > 1 and all(read) else []


def asked_keys(asked: Iterable[Part]) -> list[str]:
    """What a product must have, all of it, to be what was searched for; a word may be the beginning of a longer one."""
    found: dict[str, None] = {}
    for part in asked:
        found.update(dict.fromkeys(_of_run(part.text) if part.run else _of_word(stem(part.text))))
    return list(found)


def stem(word: str) -> str:
    """The word without an English ending, so that "cards" finds "card" and "streaming" finds "stream"."""
    return ENDINGS.sub("", word) if word.isascii() else word


def mistaken_keys(asked: list[Part]) -> list[list[str]]:
    """What a product must have if one of the parts was mistyped: each entry is one mistake, in one place.

    A character too many, too few, or another one; in runs also a word left out between; in words two letters swapped.
    """
    found: list[list[str]] = []
    for at, part in enumerate(asked):
        others = asked_keys([*asked[:at], *asked[at + 1 :]])
        ways = _mistaken_run(part.text) if part.run else _mistaken_word(stem(part.text))
        found += [list(dict.fromkeys([*others, *way])) for way in ways]
    return found[:MOST_MISTAKES]


def counted_keys(asked: Iterable[Part]) -> list[str]:
    """What tells the nearer of two products that were found by a mistake."""
    return list(dict.fromkeys(key for part in asked for key in _spelled(part)))


def _of_run(text: str) -> list[str]:
    return _slices(text, 2) if len(text) > 1 else [text]


def _of_word(word: str) -> list[str]:
    return [f"^{word[:2]}", *_slices(word, 3)]


def _mistaken_run(text: str) -> Iterator[list[str]]:
    if len(text) < 2:
        return
    yield list(text)
    if len(text) > 2:
        for at in range(len(text)):
            before, after = text[:at], text[at + 1 :]
            yield [*before, *after, *_slices(before, 2), *_slices(after, 2)]


def _mistaken_word(word: str) -> Iterator[list[str]]:
    if len(word) < SHORTEST_MISTAKEN_WORD or not word.isalpha():
        return
    for at in range(len(word) - 1):
        yield _of_word(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    for at in range(len(word)):
        before, after = word[:at], word[at + 1 :]
        left = [*([f"^{word[:2]}"] if at > 1 else []), *_slices(before, 3), *_slices(after, 3)]
        if len(left) > 1:
            yield left


def _slices(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(len(text) - length + 1)]
