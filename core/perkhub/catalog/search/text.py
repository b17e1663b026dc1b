"""What a text is to the search: one form for all ways of writing it, and the words and runs of characters it consists of."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST = 200  # of a line that is compared as a whole; what is cut there is still found by its words
LONGEST_WORD = 40

# Scripts that put no spaces between words: found by their characters and pairs of them. Hangul has spaces, but its words
# grow endings that pairs see through.
RUNS = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
PARTS = re.compile(rf"([{RUNS}]+)|([^\W_{RUNS}]+)|([\u2190-\u21ff\u2300-\u2bff\U0001f000-\U0001faff])")
APOSTROPHES = re.compile(r"(?<=\w)['’](?=\w)")
ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")


class Part(NamedTuple):
    """A piece of a text: a word, or a run of characters between which nobody puts spaces."""

    text: str
    run: bool


def normal(text: str) -> str:
    """The text as it is compared: full-width and other variants made plain, small letters without accents, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if ACCENTED.search(text):
            text = "".join(map(_without_accent, text))
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.casefold().split())


def line(text: str) -> str:
    """A name or a number as a whole, short enough to be a key."""
    return normal(text)[:LONGEST].rstrip()


def parts(plain: str) -> list[Part]:
    """The words and runs of a text in normal form, in their order. Signs between them are nothing; a pictogram is a word."""
    found = PARTS.findall(APOSTROPHES.sub("", plain))
    return [Part(run or sign, run=True) if run or sign else Part(word[:LONGEST_WORD], run=False) for run, word, sign in found]


@lru_cache(maxsize=10_000)
def _without_accent(one: str) -> str:
    """Accents on Latin letters are not typed; marks of other scripts make other letters."""
    if "\u00c0" <= one <= "\u024f" or "\u1e00" <= one <= "\u1eff":
        return "".join(part for part in unicodedata.normalize("NFD", one) if not unicodedata.combining(part))
    return "" if "\u0300" <= one <= "\u036f" else one
