"""Several words in one cell: by semicolon, one that holds a separator itself in quotation marks."""

import re
from collections.abc import Iterable

SEPARATORS = ";；,，、\n"
WORD = re.compile(rf'\s*(?:"((?:[^"]|"")*)"|([^{SEPARATORS}]*))\s*(?:[{SEPARATORS}]|$)')
QUOTED = re.compile(rf'[{SEPARATORS}"]')


def joined(words: Iterable[str]) -> str:
    """As we write them."""
    return "; ".join('"{}"'.format(word.replace('"', '""')) if QUOTED.search(word) else word for word in words)


def split(cell: str) -> tuple[str, ...]:
    """The words, without the blanks around them and without empty ones."""
    words: list[str] = []
    place = 0
    while place < len(cell):
        found = WORD.match(cell, place)
        if found is None:  # a quotation mark in the middle: the rest is one word
            words.append(cell[place:].strip())
            break
        words.append((found[2] or "").strip() if found[1] is None else found[1].replace('""', '"'))
        place = found.end()
    return tuple(word for word in words if word)
