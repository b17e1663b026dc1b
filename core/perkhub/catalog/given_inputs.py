"""What a buyer said, held against the product's schema; what may be shown of it afterwards. Keeps nothing, repeats nothing."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from perkhub.accounts import ContactKind, ContactPoint, parse_contact
from perkhub.catalog.buyer_inputs import CHOSEN, KEY, LONGEST_VALUE, BuyerInput, BuyerInputKind
from perkhub.catalog.errors import BuyerInputInvalid
from perkhub.catalog.patterns import fits
from perkhub.kit.errors import InvalidInput
from perkhub.kit.sealing import HIDDEN

NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,10})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LONG_ENOUGH = 6
LONGEST_MASKED = 64
CONTACTS = {BuyerInputKind.PHONE: ContactKind.PHONE, BuyerInputKind.EMAIL: ContactKind.EMAIL}
# What says where a benefit goes, before what only says more about it.
TARGETS = (BuyerInputKind.PHONE, BuyerInputKind.ACCOUNT, BuyerInputKind.EMAIL, BuyerInputKind.NUMBER)
# Controls, formats, surrogates, private and unassigned characters, other lines' ends, enclosing marks and pictures: no
# account has them, suppliers' protocols break by them, and some of them cannot be seen.
ODD = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Me", "So"})
VARIATIONS = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True, slots=True)
class GivenInput:
    """A key and what the buyer typed: personal data, which stays out of representations, and so out of logs."""

    key: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """In its normal form, with what may be shown of it. `target` says where the benefit goes; `hidden` is never shown."""

    key: str
    value: str = field(repr=False)
    masked: str
    contact: ContactPoint | None = None
    target: bool = False
    hidden: bool = False


def checked_inputs(schema: Sequence[BuyerInput], given: Sequence[GivenInput], *, complete: bool) -> tuple[CheckedInput, ...]:
    """What was given, in the schema's order; with `complete`, all that is required must be there.

    Raises:
        BuyerInputInvalid: its path leads to the entry; its key names the field.
    """
    if not schema and not given:
        return ()
    known = {one.key: one for one in schema}
    found: dict[str, CheckedInput] = {}
    for position, one in enumerate(given[: len(known) + 1]):
        place = ("buyerInputs", str(position))
        if one.key not in known or one.key in found:
            reason, reason_zh = "This product does not ask for it, or it is given twice.", "该商品不需要此信息,或重复填写。"
            # What is no key may be a phone number in the wrong place.
            raise BuyerInputInvalid(one.key if KEY.fullmatch(one.key) else None, reason, reason_zh, path=(*place, "key"))
        if one.value.strip():
            found[one.key] = _checked(known[one.key], one.value, *place, "value")
    for wanted in schema:
        if complete and wanted.required and wanted.key not in found:
            label, label_zh = _label(wanted, "en"), _label(wanted, "zh")
            raise BuyerInputInvalid(wanted.key, f"{label}: this is needed.", f"请填写{label_zh}。", path=("buyerInputs",))
    target = _target(schema, found)
    return tuple(
        CheckedInput(
            key=one.key,
            value=said.value,
            masked=said.masked,
            contact=said.contact,
            target=one.key == target,
            hidden=one.hidden,
        )
        for one in schema
        if (said := found.get(one.key)) is not None
    )


def _target(schema: Sequence[BuyerInput], found: dict[str, CheckedInput]) -> str | None:
    ranked = [one.key for kind in TARGETS for one in schema if one.kind is kind and not one.hidden and one.key in found]
    return ranked[0] if ranked else None


def _checked(schema: BuyerInput, typed: str, *path: str) -> CheckedInput:
    value = unicodedata.normalize("NFKC", typed[: LONGEST_VALUE + 1]).strip()
    fault = _fault(schema, value)
    contact = None
    if fault is None and schema.kind in CONTACTS:
        try:
            contact = parse_contact(CONTACTS[schema.kind], value)
        except InvalidInput as odd:
            fault = (str(odd.data["reason"]), str(odd.data["reason_zh"]))
    if fault is not None:
        said, said_zh = fault
        label, label_zh = _label(schema, "en"), _label(schema, "zh")
        raise BuyerInputInvalid(schema.key, f"{label}: {said}", f"{label_zh}:{said_zh}", path=path)
    normal = value if contact is None else contact.value
    return CheckedInput(schema.key, normal, _masked(schema, normal, contact), contact)


def _fault(schema: BuyerInput, value: str) -> tuple[str, str] | None:
    least, most = schema.min_length or 1, schema.max_length or LONGEST_VALUE
    if not least <= len(value) <= most:
        return f"{least} to {most} characters.", f"须为 {least} 至 {most} 个字符。"
    if VARIATIONS.search(value) or any(unicodedata.category(character) in ODD for character in value):
        return "Neither control characters nor pictures.", "不能包含控制字符或表情符号。"
    if schema.kind is BuyerInputKind.NUMBER and not NUMBER.fullmatch(value):
        return "A number.", "须为数字。"
    if schema.kind is BuyerInputKind.DATE and not _is_day(value):
        return "A day, such as 2027-01-31.", "须为日期,例如 2027-01-31。"
    if schema.kind in CHOSEN and value not in {option.value for option in schema.options}:
        return "One of the options.", "请选择其中一项。"
    if schema.pattern is not None and not fits(schema.pattern, value):
        return "Not in the form that is asked for.", "格式不正确。"
    return None


def _is_day(value: str) -> bool:
    try:
        return DAY.fullmatch(value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _masked(schema: BuyerInput, value: str, contact: ContactPoint | None) -> str:
    """Enough for the buyer to know it again, too little for anybody else; a choice says nothing of a person."""
    if schema.hidden:
        return HIDDEN
    if contact is not None:
        return contact.masked[:LONGEST_MASKED]
    if schema.kind in CHOSEN:
        return value
    return f"{value[:1]}{HIDDEN}{value[-2:]}" if len(value) >= LONG_ENOUGH else HIDDEN


def _label(schema: BuyerInput, language: str) -> str:
    said = schema.label.get(language, "").strip()
    return said or next((one for one in schema.label.values() if one.strip()), schema.key)
