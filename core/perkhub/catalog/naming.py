"""How things of the catalog are named and noted: slugs, external references, and metadata for whoever integrates."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import asyncpg
import orjson

from perkhub.catalog.errors import AlreadyNamed, VersionMoved
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import DomainError, InvalidInput, NotFound, faults_told
from perkhub.kit.texts import refuse_odd_text

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:-]{0,119})")
LONGEST_NAME = 200
LONGEST_TEXT = 20_000
LONGEST_REFERENCE = 120
LONGEST_VALUE = 4000
MOST_ENTRIES = 50
MOST_TAGS = 30
LONGEST_TAG = 40


def refuse_odd_slug(slug: str) -> None:
    """Go on with what may stand in an address.

    Raises:
        InvalidInput.
    """
    if not SLUG.fullmatch(slug):
        reason_zh = "须为 1 至 80 个 a-z、0-9 或“-”,且不能以“-”开头或结尾。"
        raise InvalidInput(path=("slug",), reason="Use up to 80 of a-z, 0-9 and '-', not at either end.", reason_zh=reason_zh)


class Noted(Protocol):
    """What another system may note on an object."""

    @property
    def external_reference(self) -> str | None: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...
    @property
    def private_metadata(self) -> Mapping[str, str]: ...


def refuse_odd_notes(noted: Noted) -> None:
    """Go on with what another system may note on an object.

    Raises:
        InvalidInput.
    """
    for _, refusal in odd_notes(noted):
        raise refusal


def odd_notes(noted: Noted) -> Iterator[tuple[str, DomainError]]:
    """Which of its notes cannot be, and why."""
    return faults_told(
        (
            "external_reference",
            lambda: refuse_odd_text(noted.external_reference or "", "externalReference", longest=LONGEST_REFERENCE),
        ),
        ("metadata", lambda: refuse_odd_metadata(noted.metadata, "metadata")),
        ("private_metadata", lambda: refuse_odd_metadata(noted.private_metadata, "privateMetadata")),
    )


def refuse_odd_metadata(metadata: Mapping[str, str], *path: str) -> None:
    """Go on with at most fifty short texts under plain keys.

    Raises:
        InvalidInput: with the path.
    """
    if len(metadata) > MOST_ENTRIES:
        reason, reason_zh = f"At most {MOST_ENTRIES} entries.", f"最多 {MOST_ENTRIES} 项。"
        raise InvalidInput(path=path, reason=reason, reason_zh=reason_zh)
    for position, (key, value) in enumerate(metadata.items()):
        if not KEY.fullmatch(key):
            reason = "A key has up to 120 of A-Z, a-z, 0-9, '_', '.', ':' and '-', a letter or digit first."
            reason_zh = "键须为 1 至 120 个 A-Z、a-z、0-9、“_”、“.”、“:”或“-”,且以字母或数字开头。"
            raise InvalidInput(path=(*path, str(position), "key"), reason=reason, reason_zh=reason_zh)
        refuse_odd_text(value, *path, str(position), "value", longest=LONGEST_VALUE, lines=True)


def refuse_odd_tags(tags: Sequence[str]) -> None:
    """Go on with a few short words, in any language, none twice.

    Raises:
        InvalidInput.
    """
    if len(tags) > MOST_TAGS or len(set(tags)) < len(tags):
        reason, reason_zh = f"At most {MOST_TAGS} tags, each once.", f"最多 {MOST_TAGS} 个标签,且不能重复。"
        raise InvalidInput(path=("tags",), reason=reason, reason_zh=reason_zh)
    for position, tag in enumerate(tags):
        refuse_odd_text(tag, "tags", str(position), longest=LONGEST_TAG)
        if not tag or tag != tag.strip():
            reason, reason_zh = "A word, without spaces around it.", "标签不能为空,首尾不能有空格。"
            raise InvalidInput(path=("tags", str(position)), reason=reason, reason_zh=reason_zh)


async def locked(tx: Transaction, read: str, key: Any, *, expected_version: int, thing: tuple[str, str, str]) -> Row:
    """The row that a change is made of, locked by `read`: of two changes at once, the second sees the first one's version.

    `thing` is its name in English and Chinese, and the input field that named it.

    Raises:
        NotFound, VersionMoved.
    """
    row = await tx.row(read, key)
    english, chinese, field = thing
    if row is None:
        raise NotFound(english, chinese, path=(field,))
    if row["version"] != expected_version:
        raise VersionMoved(version=row["version"])
    return row


@contextmanager
def names_kept_apart(**fields: str) -> Iterator[None]:
    """Tell a name that is taken as what it is: by the column in the constraint's name, the input field.

    Raises:
        AlreadyNamed.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as taken:
        constraint = taken.constraint_name or ""
        raise AlreadyNamed(next((field for column, field in fields.items() if column in constraint), "slug")) from None


def as_json(value: Any) -> str:
    """For a jsonb column."""
    return orjson.dumps(value).decode()


def as_values(record: Mapping[str, Any]) -> list[Any]:
    """A record's columns as parameters of a statement: mappings and lists as JSON, tuples as arrays."""
    return [
        as_json(value) if isinstance(value, Mapping | list) else list(value) if isinstance(value, tuple) else value
        for value in record.values()
    ]
