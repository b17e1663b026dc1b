"""What the activity log keeps of a mutation's input. Ids, numbers, moments, money and choices are kept; a text is not, only
how long it was, unless its field says more:

    slug: str = strawberry.field(description=…, metadata=KEPT)           # public by nature: names a thing
    reason: str = strawberry.field(description=…, metadata=TOLD)         # for colleagues: what looks secret in it is hidden
    email: str = strawberry.field(description=…, metadata=MASKED)        # names a person: enough to recognise them
    password: str = strawberry.field(description=…, metadata=NEVER_KEPT) # not even how long it was

What a field says holds for all that is inside of it.
"""

import dataclasses
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import strawberry
from pydantic import SecretBytes, SecretStr
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_camel_case

from perkhub.kit.kept import plain
from perkhub.kit.redaction import HIDDEN, redact_text

RULE = "activity log"
KEPT: Final = {RULE: "kept"}
TOLD: Final = {RULE: "told"}
MASKED: Final = {RULE: "masked"}
NEVER_KEPT: Final = {RULE: "never kept"}

LONGEST_TEXT = 500
LONGEST_LIST = 50
DEEPEST = 8
# A global id, or a currency.
ALWAYS_KEPT = re.compile(r"[a-z]{3}_[0-9a-f]{32}|[A-Z]{3}")


def kept_input(given: Any) -> Any:
    """The input as the log keeps it."""
    return _kept(given, None, depth=0)


def _kept(value: Any, rule: str | None, *, depth: int) -> Any:
    if isinstance(value, strawberry.Some):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if rule == NEVER_KEPT[RULE] or isinstance(value, SecretStr | SecretBytes | bytes) or depth > DEEPEST:
        return HIDDEN
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str):
        return _text(value, rule)
    if isinstance(value, list):
        return [_kept(one, rule, depth=depth + 1) for one in value[:LONGEST_LIST]]
    if dataclasses.is_dataclass(value):
        return _object(value, rule, depth=depth + 1)
    if isinstance(value, Mapping):
        return {str(name): _kept(one, rule, depth=depth + 1) for name, one in list(value.items())[:LONGEST_LIST]}
    return plain(value)


def _object(value: Any, outer: str | None, *, depth: int) -> dict[str, Any]:
    return {
        to_camel_case(field.name): _kept(given, outer or field.metadata.get(RULE), depth=depth)
        for field in dataclasses.fields(value)
        if (given := getattr(value, field.name)) is not UNSET
    }


def _text(text: str, rule: str | None) -> str:
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text)})"
    if rule == MASKED[RULE]:
        return _masked(shown)
    if rule == KEPT[RULE] or ALWAYS_KEPT.fullmatch(shown):
        return str(plain(shown))
    return redact_text(shown) if rule == TOLD[RULE] else f"({len(text)} characters)"


def _masked(text: str) -> str:
    """The first character and, of an address, its host: enough to recognise, too little to use."""
    local, at, host = text.strip().partition("@")
    return f"{local[:1]}••••{at}{host}" if local else HIDDEN
