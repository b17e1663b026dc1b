"""Values as the activity log keeps them: plain JSON, of bounded length, without what looks secret or names a person.

It is the last line, not the first: verbs hand over masked contacts, and no secret at all.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

import asyncpg
import orjson
from pydantic import SecretBytes, SecretStr

from perkhub.kit.money import Money
from perkhub.kit.redaction import HIDDEN

LONGEST_TEXT = 4000
LONGEST_LIST = 100
DEEPEST = 6

# Whatever has such a name is never kept.
SECRET = re.compile(r"passw|passphrase|secret|token|credential|signature|private_?key|plaintext|sealed", re.IGNORECASE)
_JWT = r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_MOBILE = r"(?<![\dA-Za-z])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\dA-Za-z])"
_ABROAD = r"(?<![\dA-Za-z])\+\d(?:[ -]?\d){7,14}(?!\d)"
_PERSONAL = re.compile("|".join((_JWT, _EMAIL, _MOBILE, _ABROAD)))


def fields_of(given: Any) -> dict[str, Any] | None:
    """The fields of a dataclass, a row or a mapping; of what has parts itself, each part: "name.zh"."""
    if given is None:
        return None
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        given = {one.name: getattr(given, one.name) for one in dataclasses.fields(given) if one.repr}
    elif isinstance(given, asyncpg.Record):
        given = {name: _decoded(value) for name, value in given.items()}
    flat: dict[str, Any] = {}
    for name, value in given.items():
        if dataclasses.is_dataclass(value) and not isinstance(value, Money | type):
            value = {one.name: getattr(value, one.name) for one in dataclasses.fields(value) if one.repr}
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            flat[str(name)] = value
    return {name: HIDDEN if value is not None and _is_secret(name) else value for name, value in flat.items()}


@lru_cache(maxsize=10_000)
def _is_secret(name: str) -> bool:
    return SECRET.search(name) is not None


def plain(value: Any, *, depth: int = 0) -> Any:
    """The value in JSON's types."""
    if value is None or type(value) is int:
        return value
    if type(value) is str:
        return _text(value)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if depth < DEEPEST and (isinstance(value, Mapping | asyncpg.Record) or dataclasses.is_dataclass(value)):
        return {name: plain(one, depth=depth + 1) for name, one in (fields_of(value) or {}).items()}
    if depth < DEEPEST and isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray | memoryview):
        ordered = sorted(value, key=str) if isinstance(value, Set) else value
        return [plain(one, depth=depth + 1) for one in list(ordered)[:LONGEST_LIST]]
    return _other(value)


def _other(value: Any) -> str:
    if isinstance(value, SecretStr | SecretBytes | bytes | bytearray | memoryview):
        return HIDDEN
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _text(str(value))


def _text(text: str) -> str:
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text)})"
    return _PERSONAL.sub(HIDDEN, shown)


def _decoded(value: Any) -> Any:
    """A row has its JSON as text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value
