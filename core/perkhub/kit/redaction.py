"""What may be told to a log: nothing under a name that sounds secret, nothing in a text that looks like a credential.

It is the last line, not the first: code must not hand secrets to a log at all. So it rather hides too much.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import SecretBytes, SecretStr, ValidationError

from perkhub.kit.errors import AccessError, DomainError

HIDDEN = "[redacted]"
DEEPEST = 6
LONGEST_TEXT = 4000
LONGEST_LIST = 50

# Wherever they stand in a name.
SECRET_PARTS = re.compile(
    r"passw|passphrase|secret|token|credential|authori[sz]ation|cookie|phone|mobile|e[-_]?mail|apikey|signature|plaintext"
    r"|密码|密钥|卡密|卡号|手机|邮箱|令牌|验证码",
    re.IGNORECASE,
)
# Only as a whole word of a name: "spin", "postcode_check" or "keyboard" are no secrets, "card_no" and "userPin" are.
SECRET_WORDS = {"pin", "pins", "code", "codes", "otp", "card", "cards", "key", "keys", "pwd", "auth", "bearer", "session"}
INNOCENT = {"status_code", "error_code", "exit_code", "country_code", "currency_code", "card_count", "code_count"}
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

# Shown as they are although they are long: without them nobody could follow a trail.
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MOMENT = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
# Neither \b nor \w: between Chinese and Latin characters there is no word boundary.
_ALONE = r"(?<![A-Za-z0-9])"
_ENDS = r"(?![A-Za-z0-9])"

_JWT = r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
# Eight digits and more, however they are grouped: phones, card numbers. Full-width digits are digits too.
_DIGITS = r"(?<![\d.])\+?\d(?:[ -]?\d){7,}"
# Ten characters and more in which digits and letters mix.
_MIXED = rf"{_ALONE}(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{{10,}}{_ENDS}"
# The same in groups, as card secrets are printed.
_GROUPED = rf"{_ALONE}(?=[A-Za-z0-9-]*\d)(?:[A-Za-z0-9]{{3,}}-){{2,}}[A-Za-z0-9]{{3,}}{_ENDS}"
_SPACED = rf"{_ALONE}(?=[A-Z0-9 ]*\d)(?:[A-Z0-9]{{3,}} ){{2,}}[A-Z0-9]{{3,}}{_ENDS}"
_BASE64_CHARACTERS = "[A-Za-z0-9+/=_-]"
_BASE64 = (
    rf"{_ALONE}"
    + "".join(f"(?={_BASE64_CHARACTERS}*{some})" for some in (r"\d", "[A-Z]", "[a-z]"))
    + (rf"{_BASE64_CHARACTERS}{{32,}}")
)
_SHOWN = rf"(?P<shown>{_ALONE}{_UUID}{_ENDS}|(?<!\d){_MOMENT}(?!\d))"
_ALIKE = re.compile("|".join((_SHOWN, _JWT, _EMAIL, _BASE64, _GROUPED, _SPACED, _DIGITS, _MIXED)))

_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?P<scheme>bearer|basic|digest)\s+[^\s,;\"']+", re.IGNORECASE)
_COOKIES = re.compile(r"(?P<name>cookie\s*[=:]).*", re.IGNORECASE)
_NAMED = re.compile(
    r"(?P<name>(?:passw(?:or)?d|passphrase|secret|token|credential|authori[sz]ation|phone|mobile|e-?mail|api[-_ ]?key"
    r"|(?<![A-Za-z])(?:pwd|pin|otp|card(?:[-_ ]?(?:no|number|secret|pin))?|(?<!status )(?<!error )(?<!exit )code)"
    r"|密码|卡密|卡号|手机号?|邮箱|验证码)[\"']?\s*[=:：]\s*[\"']?)[^\s,;\"'&)}\]]+",
    re.IGNORECASE,
)
# What PostgreSQL adds to an error quotes the row.
_DETAIL = re.compile(r"\s*\b(?:DETAIL|CONTEXT|HINT|QUERY|STATEMENT):.*", re.DOTALL)


# Shorter ones would hide half of every line; they are for the patterns alone.
SHORTEST_HIDDEN = 6
_always: set[str] = set()
_known = re.compile(r"(?!)")


def hide_always(secrets: Iterable[str]) -> None:
    """From here on, show these texts in no log of this process, whoever hands them to one and under whatever name."""
    global _known
    added = {secret for secret in secrets if len(secret) >= SHORTEST_HIDDEN} - _always
    if added:
        _always.update(added)
        _known = re.compile("|".join(re.escape(secret) for secret in sorted(_always, key=len, reverse=True)))


def redact_text(text: str) -> str:
    """The text without what looks like a secret in it."""
    shown = _known.sub(HIDDEN, text)[:LONGEST_TEXT]
    shown = _URL_PASSWORD.sub(rf"\g<before>:{HIDDEN}@", shown)
    shown = _SCHEME.sub(rf"\g<scheme> {HIDDEN}", shown)
    shown = _COOKIES.sub(rf"\g<name> {HIDDEN}", shown)
    shown = _NAMED.sub(rf"\g<name>{HIDDEN}", shown)
    return _ALIKE.sub(lambda found: found["shown"] or HIDDEN, shown)


def sounds_secret(name: str) -> bool:
    """Whether a value of this name is never shown."""
    if name.lower() in INNOCENT:
        return False
    return SECRET_PARTS.search(name) is not None or any(word.lower() in SECRET_WORDS for word in WORDS.findall(name))


def redact(value: Any, *, depth: int = 0) -> Any:
    """A value as a log may show it: plain JSON types, secrets hidden; of what it does not know, the type alone."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**10 else HIDDEN
    if isinstance(value, str):
        return redact_text(value)
    if depth < DEEPEST and isinstance(value, Mapping):
        return redact_mapping(value, depth=depth + 1)
    if depth < DEEPEST and isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray | memoryview):
        return [redact(item, depth=depth + 1) for item in list(value)[:LONGEST_LIST]]
    return _plain(value)


def redact_mapping(values: Mapping[Any, Any], *, depth: int = 0) -> dict[str, Any]:
    """Each value of a mapping, by its name and its look."""
    return {
        str(name): HIDDEN if value is not None and sounds_secret(str(name)) else redact(value, depth=depth)
        for name, value in values.items()
    }


def _plain(value: Any) -> Any:
    for kinds, as_text in PLAIN:
        if isinstance(value, kinds):
            return as_text(value)
    return f"<{type(value).__name__}>"


PLAIN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    ((SecretStr, SecretBytes), lambda _: HIDDEN),
    (BaseException, lambda error: told(error)),
    (UUID, str),
    ((datetime, date, time), lambda moment: str(moment.isoformat())),
    ((timedelta, Decimal), str),
    (type, lambda kind: str(kind.__qualname__)),
)


def told(error: BaseException) -> str:
    """What an exception may say of itself: its type, and a message without values."""
    name = type(error).__name__
    if isinstance(error, DomainError | AccessError):
        return f"{name}: {error.code}"
    if isinstance(error, ValidationError):
        # Pydantic quotes the input; the places and the kinds of the faults are enough.
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        places = ", ".join(f"{'.'.join(map(str, fault['loc']))} {fault['type']}" for fault in faults[:5])
        return redact_text(f"{name}: {places}")
    if len(error.args) == 1 and isinstance(error.args[0], BaseException):
        return f"{name}: {told(error.args[0])}"  # the ORM wraps the driver's errors
    message = _database_message(error) if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError) else str(error)
    return redact_text(f"{name}: {message}" if message else name)


def _database_message(error: Exception) -> str:
    sqlstate = str(getattr(error, "sqlstate", None) or "")
    # Wrong data is quoted in the message itself; so is what the driver could not encode.
    if sqlstate.startswith("22") or isinstance(error, ValueError):
        return sqlstate
    return _DETAIL.sub("", str(error))
