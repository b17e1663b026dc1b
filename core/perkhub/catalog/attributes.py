"""Defining attributes: what can be said of products and variants without a migration. Their values are `attribute_values`'."""

import re
from dataclasses import dataclass, replace
from typing import TypedDict
from uuid import UUID

import orjson

from perkhub.catalog.errors import AlreadyNamed
from perkhub.catalog.models import AttributeType
from perkhub.catalog.naming import LONGEST_NAME, as_json, locked
from perkhub.catalog.search.rebuild import Of, products_renamed
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_text, refuse_odd_texts

THING = ("attribute", "属性", "attributeId")
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
OPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
LONGEST_UNIT = 20
MOST_OPTIONS = 200
CHOSEN = frozenset({AttributeType.SELECT, AttributeType.MULTISELECT})

INSERT = """
    INSERT INTO attribute (id, code, type, name, options, unit, filterable, version, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8) ON CONFLICT (code) DO NOTHING RETURNING id
"""
# Against whoever gives a value at this moment, who holds the definition in share.
READ = "SELECT code, type, name, options, unit, filterable, version FROM attribute WHERE id = $1 FOR NO KEY UPDATE"
CHANGE = "UPDATE attribute SET name = $2, options = $3, unit = $4, filterable = $5, version = version + 1 WHERE id = $1"
ARCHIVE = "UPDATE attribute SET archived_at = coalesce(archived_at, $2), version = version + 1 WHERE id = $1"
IN_USE = """
    SELECT EXISTS (SELECT 1 FROM product WHERE attributes @> $1 OR attributes @> $2)
        OR EXISTS (SELECT 1 FROM variant WHERE attributes @> $1 OR attributes @> $2)
"""


@dataclass(frozen=True, slots=True)
class AttributeOption:
    """One of the values of a SELECT or MULTISELECT, with what people read."""

    value: str
    label: dict[str, str]


@dataclass(frozen=True)
class AttributeDraft:
    """A new attribute. Its code and type stay for ever: values stand by them."""

    code: str
    type: AttributeType
    name: dict[str, str]
    options: tuple[AttributeOption, ...] = ()
    unit: str | None = None
    filterable: bool = False


class AttributeChanges(TypedDict, total=False):
    """What an operator changes of an attribute; what is missing stays."""

    name: dict[str, str]
    options: tuple[AttributeOption, ...]
    unit: str | None
    filterable: bool


async def create_attribute(tx: Transaction, draft: AttributeDraft) -> UUID:
    """Define an attribute.

    Raises:
        InvalidInput, AlreadyNamed.
    """
    _refuse_odd(draft)
    named = (draft.code, str(draft.type), as_json(draft.name), _options_json(draft.options))
    made: UUID | None = await tx.value(INSERT, new_id(), *named, draft.unit, draft.filterable, now())
    if made is None:
        raise AlreadyNamed("code")
    tx.note_change("attribute", made, after=draft)
    return made


async def update_attribute(tx: Transaction, attribute: UUID, changes: AttributeChanges, *, expected_version: int) -> None:
    """Change how an attribute is shown, or what can be chosen; an option that something has can only be renamed.

    Raises:
        NotFound, VersionMoved, InvalidInput.
    """
    before = draft_from(await locked(tx, READ, attribute, expected_version=expected_version, thing=THING))
    changed = replace(before, **changes)
    _refuse_odd(changed)
    left = {option.value for option in changed.options}
    for option in before.options:
        if option.value not in left and await _in_use(tx, before, option.value):
            reason = f"Something still has the option {option.value}: take it away there first."
            reason_zh = f"选项 {option.value} 仍被使用,请先移除。"
            raise InvalidInput(path=("options",), reason=reason, reason_zh=reason_zh)
    values = (as_json(changed.name), _options_json(changed.options), changed.unit, changed.filterable)
    await tx.execute(CHANGE, attribute, *values)
    tx.note_change("attribute", attribute, before=before, after=changed)
    if changed.options != before.options:
        products_renamed(tx, Of.ATTRIBUTE, attribute)


async def archive_attribute(tx: Transaction, attribute: UUID, *, expected_version: int) -> None:
    """Show an attribute nowhere and give it to nothing any more, for good; values that are there stay in the dark.

    Raises:
        NotFound, VersionMoved.
    """
    await locked(tx, READ, attribute, expected_version=expected_version, thing=THING)
    await tx.execute(ARCHIVE, attribute, now())
    tx.note_change("attribute", attribute, before={"archived": False}, after={"archived": True})
    products_renamed(tx, Of.ATTRIBUTE, attribute)


def draft_from(row: Row) -> AttributeDraft:
    """A row as what an operator said."""
    return AttributeDraft(
        code=row["code"],
        type=AttributeType(row["type"]),
        name=orjson.loads(row["name"]),
        options=tuple(AttributeOption(one["value"], one["label"]) for one in orjson.loads(row["options"])),
        unit=row["unit"],
        filterable=row["filterable"],
    )


async def _in_use(tx: Transaction, attribute: AttributeDraft, option: str) -> bool:
    one, among = as_json({attribute.code: option}), as_json({attribute.code: [option]})
    return bool(await tx.value(IN_USE, one, among))


def _options_json(options: tuple[AttributeOption, ...]) -> str:
    return as_json([{"value": option.value, "label": option.label} for option in options])


def _refuse_odd(draft: AttributeDraft) -> None:
    if not CODE.fullmatch(draft.code):
        reason_zh = "须为 1 至 40 个 a-z、0-9 或“_”,以字母开头。"
        raise InvalidInput(path=("code",), reason="Up to 40 of a-z, 0-9 and '_', a letter first.", reason_zh=reason_zh)
    refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)
    refuse_odd_text(draft.unit or "", "unit", longest=LONGEST_UNIT)
    if draft.unit is not None and draft.type is not AttributeType.NUMBER:
        reason, reason_zh = "Only a NUMBER has a unit.", "仅 NUMBER 类型可有单位。"
        raise InvalidInput(path=("unit",), reason=reason, reason_zh=reason_zh)
    _refuse_odd_options(draft)


def _refuse_odd_options(draft: AttributeDraft) -> None:
    if bool(draft.options) != (draft.type in CHOSEN):
        reason, reason_zh = "SELECT and MULTISELECT have options, and no other type.", "仅 SELECT 和 MULTISELECT 类型须有选项。"
        raise InvalidInput(path=("options",), reason=reason, reason_zh=reason_zh)
    if len(draft.options) > MOST_OPTIONS:
        raise InvalidInput(path=("options",), reason=f"At most {MOST_OPTIONS}.", reason_zh=f"最多 {MOST_OPTIONS} 个。")
    seen = set()
    for position, option in enumerate(draft.options):
        place = ("options", str(position))
        if not OPTION.fullmatch(option.value) or option.value in seen:
            reason = "Up to 60 of A-Z, a-z, 0-9, '_', '.' and '-', each value once."
            reason_zh = "须为 1 至 60 个 A-Z、a-z、0-9、“_”、“.”或“-”,且不能重复。"
            raise InvalidInput(path=(*place, "value"), reason=reason, reason_zh=reason_zh)
        seen.add(option.value)
        refuse_odd_texts(option.label, *place, "label", longest=LONGEST_NAME, needed=True)
