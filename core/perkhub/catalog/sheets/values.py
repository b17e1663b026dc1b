"""What stands in a cell, as the value that it means: numbers, days, moments, choices. Nothing is guessed."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from perkhub.catalog.attributes import AttributeDraft
from perkhub.catalog.models import AttributeType, BenefitKind, RefundKind, ValidityKind
from perkhub.catalog.sheets.guard import unguarded
from perkhub.catalog.sheets.lists import split
from perkhub.kit.tabular.cells import normalise_cell

WHOLE = re.compile(r"[+-]?\d{1,10}")
NUMBER = re.compile(r"[+-]?\d{1,13}(\.\d{1,9})?")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
MOMENT = re.compile(rf"({DAY.pattern})[T ]?(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(\.\d{{1,6}})?)?\s*(Z|[+-]\d{{2}}:\d{{2}})?")
LARGEST_WHOLE = 2_000_000_000
WORDS: dict[type[Any], dict[str, Any]] = {
    BenefitKind: {
        "卡密": BenefitKind.CODE, "链接": BenefitKind.LINK, "直充": BenefitKind.TOP_UP, "会员": BenefitKind.MEMBERSHIP,
        "兑换券": BenefitKind.VOUCHER, "服务": BenefitKind.SERVICE,
    },
    ValidityKind: {
        "以卡券为准": ValidityKind.AS_PRINTED, "自发放起": ValidityKind.FROM_DELIVERY, "截至": ValidityKind.UNTIL,
    },
    RefundKind: {"未查看可退": RefundKind.UNSEEN, "限期可退": RefundKind.WITHIN_DAYS, "不可退": RefundKind.NEVER},
}  # fmt: skip
YES, NO = frozenset({"true", "yes", "1", "是"}), frozenset({"false", "no", "0", "否"})


class CellRefused(Exception):
    """The cell says nothing that its column could mean."""

    def __init__(self, reason: str, reason_zh: str) -> None:
        self.reason, self.reason_zh = reason, reason_zh
        super().__init__(reason)


def plain(cell: str) -> str:
    """A word of the house: full-width letters and digits made narrow."""
    return normalise_cell(unguarded(cell))


def whole(cell: str) -> int:
    """A whole number."""
    text = plain(cell)
    if not WHOLE.fullmatch(text) or abs(int(text)) > LARGEST_WHOLE:
        raise CellRefused("A whole number.", "须为整数。")
    return int(text)


def number(cell: str) -> Decimal:
    """A number, exactly."""
    text = plain(cell)
    if not NUMBER.fullmatch(text):
        raise CellRefused("A number such as 19.90.", "须为数字,如 19.90。")
    return Decimal(text)


def choice(kind: type[Any], cell: str) -> Any:
    """One of an enumeration, by its name or in Chinese."""
    text = plain(cell)
    found = WORDS[kind].get(text) or kind.__members__.get(text.upper().replace("-", "_").replace(" ", "_"))
    if found is None:
        named, words = ", ".join(kind.__members__), "、".join(WORDS[kind])
        raise CellRefused(f"One of {named}.", f"须为以下之一:{words}。")
    return found


def day(cell: str) -> date:
    """A day; a spreadsheet's own days come with midnight."""
    text = plain(cell)
    found = DAY.fullmatch(text.removesuffix("T00:00:00").removesuffix(" 00:00:00"))
    try:
        if found is not None:
            return date(*(int(one) for one in found.groups()))
    except ValueError:
        pass
    raise CellRefused("A day such as 2027-12-31.", "须为日期,如 2027-12-31。")


def moment(cell: str, zone: str, *, end: bool = False) -> datetime:
    """A moment, in this zone unless it says another; of a day alone its beginning, or its `end`."""
    text = plain(cell)
    try:
        if found := MOMENT.fullmatch(text):
            _, year, month, of_month, hour, minute, second, fraction, offset = found.groups()
            at = datetime(int(year), int(month), int(of_month), int(hour), int(minute), int(second or 0))  # noqa: DTZ001
            at += timedelta(microseconds=int(float(fraction or 0) * 1_000_000 + 0.5))
            if offset is not None:
                return at.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo)
            return at.replace(tzinfo=ZoneInfo(zone))
        whole_day = day(text) + timedelta(days=1 if end else 0)
        return datetime.combine(whole_day, time(), ZoneInfo(zone))
    except (ValueError, OverflowError):
        pass
    except CellRefused:
        pass
    raise CellRefused("A moment such as 2027-01-31 10:00, or a day.", "须为时间,如 2027-01-31 10:00,或日期。")


def boolean(cell: str) -> bool:
    """Yes or no."""
    text = plain(cell).casefold()
    if text not in YES | NO:
        raise CellRefused("TRUE or FALSE.", "须为“是”或“否”。")
    return text in YES


def attribute_value(defined: AttributeDraft | None, cell: str) -> Any:
    """What the attribute's type makes of it; an option by its value, or by what people read."""
    match defined:
        case None:
            raise CellRefused("There is no such attribute, or it is archived.", "没有该属性,或该属性已归档。")
        case AttributeDraft(type=AttributeType.NUMBER):
            return number(cell)
        case AttributeDraft(type=AttributeType.BOOLEAN):
            return boolean(cell)
        case AttributeDraft(type=AttributeType.DATE):
            return day(cell)
        case AttributeDraft(type=AttributeType.TEXT):
            return unguarded(cell)
    return tuple(_option(defined, word) for word in split(unguarded(cell)))


def _option(defined: AttributeDraft, word: str) -> str:
    labels: Mapping[str, str] = {label: option.value for option in defined.options for label in option.label.values()}
    known = any(option.value == word for option in defined.options)
    return word if known else labels.get(word, word)
