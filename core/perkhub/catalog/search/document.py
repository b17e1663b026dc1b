"""What the search keeps of one product: made of its texts alone, so that the same product always gives the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from perkhub.catalog.search.grams import line_keys, pinyin_lines, word_keys
from perkhub.catalog.search.pinyin import syllables
from perkhub.catalog.search.text import line, normal

MOST_LINES = 200  # a product of a thousand variants is found by the SKUs of the first ones, and by the words of all
MOST_WORDS = 20_000  # characters
LONGEST_SORT = 80


@dataclass(frozen=True, slots=True)
class Texts:
    """A product's texts. `numbers` are SKUs, slug and references: compared as a whole, and word by word. `marks` say what it
    is."""

    names: Mapping[str, str]
    numbers: Sequence[str] = ()
    words: Sequence[str] = ()
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A row of `product_search`. `lines` begins and ends with a line break, so that a whole line can be looked for."""

    lines: str
    sort_zh: str
    sort_en: str
    keys: list[str]


def document(texts: Texts) -> Document:
    """The product as the search knows it."""
    names = list(dict.fromkeys(line(name) for name in texts.names.values()))
    numbers = [line(number) for number in texts.numbers]
    typed = [one for name in names for one in pinyin_lines(name)]
    lines = list(islice(dict.fromkeys(one for one in (*names, *typed, *numbers) if one), MOST_LINES))
    named = " ".join(normal(name) for name in texts.names.values())
    words = normal(" ".join(texts.words))[:MOST_WORDS]
    keys = dict.fromkeys(chain(texts.marks, _keys(lines, f"{named} {words}", numbers)))
    return Document(
        lines="\n".join(["", *lines, ""]),
        sort_zh=sort_key(texts.names, "zh"),
        sort_en=sort_key(texts.names, "en"),
        keys=list(keys),
    )


def sort_key(names: Mapping[str, str], language: str) -> str:
    """Where a name stands in an alphabet: Chinese by its reading, character by character."""
    shown = names.get(language) or names.get("en") or names.get("zh") or next(iter(names.values()), "")
    plain = line(shown)
    if plain.isascii():
        return plain[:LONGEST_SORT]
    # A space after each syllable, so that 西安 (xi an) stands before 先 (xian).
    read = zip(plain, syllables(plain), strict=True)
    return "".join(f"{syllable} " if syllable else one for one, syllable in read)[:LONGEST_SORT].rstrip()


def _keys(lines: Sequence[str], words: str, numbers: Sequence[str]) -> Iterator[str]:
    for one in lines:
        yield from line_keys(one)
    yield from word_keys(words)
    for number in numbers:
        yield from word_keys(number)
