"""What is searched for: each secret in clear, base64, hex, UTF-16, JSON and URL spelling, as bytes.

Planted texts all begin with one mark, so that a handful of needles finds any of them at any place, even cut off.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

MARK = "PLANTEDx7Qz"
SHOWN = 24


@dataclass(frozen=True)
class Needle:
    """One secret in one spelling."""

    secret: str
    spelling: str
    pattern: bytes


@dataclass(frozen=True)
class Found:
    """A needle in a place, with what follows it: the secrets are made up, so that they may be told."""

    place: str
    secret: str
    spelling: str
    shown: str


def marked(name: str) -> str:
    """A secret of this name that carries the mark; letters and digits alone."""
    return f"{MARK}{name}"


def needles_for(others: Mapping[str, str | bytes]) -> list[Needle]:
    """The mark, in any case, and secrets that could not be made to carry it."""
    marks = {"mark": MARK, "mark, lower": MARK.lower(), "mark, upper": MARK.upper()}
    texts = {name: mark.encode() for name, mark in marks.items()}
    texts |= {name: value if isinstance(value, bytes) else value.encode() for name, value in others.items()}
    seen: set[bytes] = set()
    found = []
    for name, secret in texts.items():
        for spelling, pattern in _spellings(secret):
            if pattern not in seen:
                seen.add(pattern)
                found.append(Needle(name, spelling, pattern))
    return found


def search_alone(place: str, content: bytes, secrets: Iterable[str]) -> Iterator[Found]:
    """Each secret's first occurrence as a word of its own, in clear: for short ones, which chance makes too."""
    for secret in secrets:
        at = re.search(rb"(?<![0-9A-Za-z.])%s(?![0-9A-Za-z])" % secret.encode(), content)
        if at is not None:
            shown = content[max(0, at.start() - SHOWN) : at.end() + SHOWN]
            yield Found(place, secret, "clear", shown.decode("latin-1"))


def _spellings(secret: bytes) -> Iterator[tuple[str, bytes]]:
    yield "clear", secret
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    for shift in range(3):
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            yield f"{name} at {shift}", _inside(encode(bytes(shift) + secret), shift, len(secret))
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "json", json.dumps(text)[1:-1].encode()
    yield "json, slashes escaped", json.dumps(text)[1:-1].replace("/", "\\/").encode()
    yield "url", quote(text, safe="").encode()


def _inside(encoded: bytes, shift: int, length: int) -> bytes:
    """The characters that depend on the secret alone, whatever stands before and after it."""
    return encoded[(8 * shift + 5) // 6 : 8 * (shift + length) // 6]


def search(place: str, content: bytes, needles: Iterable[Needle]) -> Iterator[Found]:
    """Each needle's first occurrence."""
    for needle in needles:
        at = content.find(needle.pattern)
        if at >= 0:
            after = content[at : at + len(needle.pattern) + SHOWN]
            yield Found(place, needle.secret, needle.spelling, after.decode("latin-1"))
