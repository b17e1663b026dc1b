"""How Chinese is typed in Latin letters: 爱奇艺 as "aiqiyi" or "aqy". A test compares `pinyin.txt` with its source.

The table: the usual reading of each character, then words that are read otherwise than their characters.
"""

from functools import cache, lru_cache
from pathlib import Path

LONGEST_WORD = 3


@cache
def _table() -> dict[str, tuple[str, ...]]:
    readings: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("pinyin.txt").read_text(encoding="utf-8").splitlines():
        *syllables, written = line.split(" ")
        if len(syllables) == 1:
            readings.update(dict.fromkeys(written, (syllables[0],)))
        else:
            readings[written] = tuple(syllables)
    return readings


@lru_cache(maxsize=4096)
def syllables(run: str) -> tuple[str, ...]:
    """The reading of each character; one that is not in the table reads as nothing."""
    readings, at = _table(), 0
    found: list[str] = []
    while at < len(run):
        for length in range(min(LONGEST_WORD, len(run) - at), 0, -1):
            known = readings.get(run[at : at + length])
            if known is not None or length == 1:
                found += known or ("",)
                at += length
                break
    return tuple(found)
