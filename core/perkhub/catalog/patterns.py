"""Patterns for what buyers type: a small language that any browser reads alike, matched in bounded time whatever is typed.

A pattern is read as a row of characters and classes, each with how often it may stand there, and of such rows separated by
"|"; it must fit the whole text. There are no groups, so that nothing can be tried in more ways than there are places: all
places that a text can have reached are one number, a bit each, moved on from part to part.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 200
MOST_TIMES = 500
ESCAPED = {"d": "0123456789", "w": "0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
PUNCTUATION = frozenset(r"\^$.|?*+()[]{}/-")
MEANT = frozenset("^$()[]{}*+?|\\")
TIMES = re.compile(r"\{(\d{1,3})(?:(,)(\d{0,3}))?\}", re.ASCII)


class PatternOdd(ValueError):
    """It is not of the language. Told to whoever wrote it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """So many of these characters; `others` turns the choice around, and `any_one` takes whatever there is."""

    ranges: tuple[tuple[str, str], ...]
    others: bool
    least: int
    most: int

    def takes(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) is not self.others


@lru_cache(maxsize=500)
def compiled(pattern: str) -> tuple[tuple[_Part, ...], ...]:
    """The rows of a pattern.

    Raises:
        PatternOdd.
    """
    if not 1 <= len(pattern) <= LONGEST:
        raise PatternOdd(f"1 to {LONGEST} characters")
    rows: list[list[_Part]] = [[]]
    at = 0
    while at < len(pattern):
        if pattern[at] == "|":
            rows.append([])
            at += 1
            continue
        ranges, others, at = _one(pattern, at)
        least, most, at = _times(pattern, at)
        rows[-1].append(_Part(ranges, others, least, most))
    if not all(rows):
        raise PatternOdd("something on both sides of '|'")
    return tuple(tuple(row) for row in rows)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says."""
    return any(_row_fits(row, text) for row in compiled(pattern))


def _row_fits(row: tuple[_Part, ...], text: str) -> bool:
    reached = 1  # bit n: the first n characters are told for
    for part in row:
        steps = sum(1 << place for place, character in enumerate(text) if part.takes(character))
        here, reached = reached, reached if part.least == 0 else 0
        for times in range(1, min(part.most, len(text)) + 1):
            here = (here & steps) << 1
            if not here:
                break
            if times >= part.least:
                reached |= here
        if not reached:
            return False
    return bool(reached >> len(text) & 1)


def _one(pattern: str, at: int) -> tuple[tuple[tuple[str, str], ...], bool, int]:
    character = pattern[at]
    if character == "[":
        return _class(pattern, at + 1)
    if character == "\\":
        ranges, at = _escaped(pattern, at)
        return ranges, False, at
    if character == ".":
        return (), True, at + 1
    if character in MEANT:
        raise PatternOdd(f"no '{character}' here, but escaped: characters, classes in '[]', and how often")
    return ((character, character),), False, at + 1


def _class(pattern: str, at: int) -> tuple[tuple[tuple[str, str], ...], bool, int]:
    others = pattern[at : at + 1] == "^"
    at += others
    ranges: list[tuple[str, str]] = []
    while at < len(pattern) and pattern[at] != "]":
        if pattern[at] == "[":
            raise PatternOdd("no '[' inside of '[]', but escaped")
        found, at = _escaped(pattern, at) if pattern[at] == "\\" else (((pattern[at], pattern[at]),), at + 1)
        if len(found) == 1 and pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("]", ""):
            last, at = _escaped(pattern, at + 1) if pattern[at + 1] == "\\" else (((pattern[at + 1],) * 2,), at + 2)
            if len(last) != 1 or last[0][1] < found[0][0]:
                raise PatternOdd("a range that goes upwards")
            found = ((found[0][0], last[0][1]),)
        ranges += found
    if at >= len(pattern) or not ranges:
        raise PatternOdd("something in '[]', and its end")
    return tuple(ranges), others, at + 1


def _escaped(pattern: str, at: int) -> tuple[tuple[tuple[str, str], ...], int]:
    character = pattern[at + 1 : at + 2]
    if character in ESCAPED:
        return tuple((one, one) for one in ESCAPED[character]), at + 2
    if character in PUNCTUATION and character:
        return ((character, character),), at + 2
    raise PatternOdd(r"after '\' a 'd', a 'w', or punctuation")


def _times(pattern: str, at: int) -> tuple[int, int, int]:
    character = pattern[at : at + 1]
    if character in ("?", "*", "+") and character:
        least, most = {"?": (0, 1), "*": (0, MOST_TIMES), "+": (1, MOST_TIMES)}[character]
        return least, most, at + 1
    if character != "{":
        return 1, 1, at
    found = TIMES.match(pattern, at)
    if found is None:
        raise PatternOdd("how often as {3}, {3,} or {3,5}")
    least = int(found[1])
    most = least if found[2] is None else int(found[3]) if found[3] else MOST_TIMES
    if most < least or most > MOST_TIMES or most == 0:
        raise PatternOdd(f"how often, upwards to {MOST_TIMES}")
    return least, most, found.end()
