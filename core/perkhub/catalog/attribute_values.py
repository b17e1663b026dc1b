"""Values of attributes: held against their definitions when they are given, kept as JSON, and read back as what they are."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from perkhub.catalog.attributes import AttributeDraft, draft_from
from perkhub.catalog.models import AttributeType
from perkhub.kit.db import Transaction
from perkhub.kit.errors import DomainError, InvalidInput, NotFound
from perkhub.kit.texts import refuse_odd_text

MOST_VALUES = 50
LONGEST_TEXT = 500
LARGEST = Decimal(10**9)
PLACES = Decimal("0.000001")

# In share: an option is not taken away while it is being given to something.
DEFINED = """
    SELECT code, type, name, options, unit, filterable FROM attribute
    WHERE code = ANY($1) AND archived_at IS NULL ORDER BY id FOR SHARE
"""
KINDS: dict[AttributeType, tuple[type, str]] = {
    AttributeType.TEXT: (str, "text"),
    AttributeType.NUMBER: (Decimal, "number"),
    AttributeType.BOOLEAN: (bool, "boolean"),
    AttributeType.DATE: (date, "date"),
    AttributeType.SELECT: (tuple, "options"),
    AttributeType.MULTISELECT: (tuple, "options"),
}


async def checked_values(tx: Transaction, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept: by code, in JSON's types. Given are texts, decimals, booleans, days, and tuples of options.

    Raises:
        NotFound: no such attribute, or an archived one. InvalidInput: the path names the entry and its field.
    """
    if not given:
        return {}
    refuse_too_many(given)
    kept, faults = kept_values(await defined_attributes(tx, given), given)
    for _, refusal in faults:
        raise refusal
    return kept


def refuse_too_many(values: Mapping[str, Any]) -> None:
    """Go on with as many as one thing may have.

    Raises:
        InvalidInput.
    """
    if len(values) > MOST_VALUES:
        reason, reason_zh = f"At most {MOST_VALUES} attributes.", f"最多 {MOST_VALUES} 个属性。"
        raise InvalidInput(path=("attributes",), reason=reason, reason_zh=reason_zh)


async def defined_attributes(tx: Transaction, codes: Iterable[str]) -> dict[str, AttributeDraft]:
    """Those of these codes that are in use, by code; held as they are until the transaction ends."""
    return {row["code"]: draft_from(row) for row in await tx.rows(DEFINED, list(codes))}


def kept_values(
    defined: Mapping[str, AttributeDraft], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[tuple[str, DomainError]]]:
    """The values as they are kept, and those that cannot be: the code, and why."""
    kept: dict[str, Any] = {}
    faults: list[tuple[str, DomainError]] = []
    for position, (code, value) in enumerate(given.items()):
        place = ("attributes", str(position))
        if code not in defined:
            faults.append((code, NotFound("attribute", "属性", path=(*place, "code"))))
            continue
        try:
            kept[code] = to_kept(defined[code], value, *place)
        except InvalidInput as refusal:
            faults.append((code, refusal))
    return kept, faults


def to_kept(attribute: AttributeDraft, value: Any, *place: str) -> Any:
    """One value in JSON's types.

    Raises:
        InvalidInput.
    """
    kind, field = KINDS[attribute.type]
    if not isinstance(value, kind):
        reason = f"A {attribute.type.name} is given as `{field}`."
        raise InvalidInput(path=place, reason=reason, reason_zh=f"{attribute.type.name} 类型须以 {field} 填写。")
    if isinstance(value, str):
        refuse_odd_text(value, *place, field, longest=LONGEST_TEXT)
        if not value.strip():
            reason_zh = "不能为空;如无此属性请勿填写。"
            raise InvalidInput(path=(*place, field), reason="Say something, or leave the attribute out.", reason_zh=reason_zh)
        return value
    if isinstance(value, Decimal):
        return _kept_number(value, *place, field)
    if isinstance(value, tuple):
        return _kept_options(attribute, value, *place, field)
    return value.isoformat() if isinstance(value, date) else value


def _kept_number(value: Decimal, *place: str) -> int | float:
    # Within fifteen digits, which JSON's numbers and ours have in common: what is kept is what was given.
    if not value.is_finite() or abs(value) >= LARGEST or value != value.quantize(PLACES):
        reason = f"Below {LARGEST} either way, with at most six decimal places."
        raise InvalidInput(path=place, reason=reason, reason_zh=f"绝对值须小于 {LARGEST},最多六位小数。")
    return int(value) if value == value.to_integral_value() else float(value)


def _kept_options(attribute: AttributeDraft, chosen: tuple[str, ...], *place: str) -> str | list[str]:
    known = [option.value for option in attribute.options]
    if not chosen or any(one not in known for one in chosen) or len(set(chosen)) < len(chosen):
        reason = "Of the attribute's options, each at most once."
        raise InvalidInput(path=place, reason=reason, reason_zh="须为该属性的选项,且不能重复。")
    if attribute.type is AttributeType.MULTISELECT:
        return sorted(chosen, key=known.index)
    if len(chosen) > 1:
        raise InvalidInput(path=place, reason="Exactly one option.", reason_zh="只能选择一个选项。")
    return chosen[0]
