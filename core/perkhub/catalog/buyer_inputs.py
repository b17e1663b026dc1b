"""What buyers must say before a product can be theirs: a schema of fields on the product, which any front end can render."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

import orjson

from perkhub.catalog.patterns import PatternOdd, compiled
from perkhub.kit.errors import InvalidInput
from perkhub.kit.texts import refuse_odd_text, refuse_odd_texts

KEY = re.compile(r"[a-z][a-zA-Z0-9_]{0,39}")
OPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
LONGEST_LABEL = 100
LONGEST_HELP = 500
LONGEST_VALUE = 500
MOST_INPUTS = 20
MOST_OPTIONS = 300


class BuyerInputKind(StrEnum):
    PHONE = auto()
    EMAIL = auto()
    ACCOUNT = auto()
    TEXT = auto()
    NUMBER = auto()
    SELECT = auto()
    REGION = auto()
    DATE = auto()


CHOSEN = frozenset({BuyerInputKind.SELECT, BuyerInputKind.REGION})
TYPED = frozenset({BuyerInputKind.ACCOUNT, BuyerInputKind.TEXT, BuyerInputKind.NUMBER})


@dataclass(frozen=True, slots=True)
class InputOption:
    """A choice, with what people read."""

    value: str
    label: dict[str, str]


@dataclass(frozen=True, slots=True)
class BuyerInput:
    """One field. Lengths and pattern are for what is typed: ACCOUNT, TEXT and NUMBER. `hidden` is shown to nobody again."""

    key: str
    kind: BuyerInputKind
    label: dict[str, str]
    help: dict[str, str]
    required: bool = True
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    options: tuple[InputOption, ...] = ()
    hidden: bool = False


def refuse_odd_inputs(inputs: Sequence[BuyerInput]) -> None:
    """Go on with a schema that buyers can fulfil.

    Raises:
        InvalidInput: the path names the field and what is odd of it.
    """
    if len(inputs) > MOST_INPUTS:
        raise InvalidInput(path=("buyerInputs",), reason=f"At most {MOST_INPUTS}.", reason_zh=f"最多 {MOST_INPUTS} 个。")
    seen: set[str] = set()
    for position, one in enumerate(inputs):
        place = ("buyerInputs", str(position))
        if not KEY.fullmatch(one.key) or one.key in seen:
            reason = "Up to 40 of A-Z, a-z, 0-9 and '_', a small letter first; each key once."
            reason_zh = "须为 1 至 40 个字母、数字或“_”,以小写字母开头,且不能重复。"
            raise InvalidInput(path=(*place, "key"), reason=reason, reason_zh=reason_zh)
        seen.add(one.key)
        refuse_odd_texts(one.label, *place, "label", longest=LONGEST_LABEL, needed=True)
        refuse_odd_texts(one.help, *place, "help", longest=LONGEST_HELP, lines=True)
        _refuse_odd_lengths(one, *place)
        _refuse_odd_pattern(one, *place)
        _refuse_odd_options(one, *place)


def _refuse_odd_lengths(one: BuyerInput, *place: str) -> None:
    least, most = one.min_length or 0, one.max_length or LONGEST_VALUE
    said = one.min_length is not None or one.max_length is not None
    if said and one.kind not in TYPED:
        field = "minLength" if one.min_length is not None else "maxLength"
        reason, reason_zh = "Only ACCOUNT, TEXT and NUMBER have lengths.", "仅 ACCOUNT、TEXT、NUMBER 类型可限定长度。"
        raise InvalidInput(path=(*place, field), reason=reason, reason_zh=reason_zh)
    if one.max_length is not None and not 1 <= one.max_length <= LONGEST_VALUE:
        reason, reason_zh = f"Between 1 and {LONGEST_VALUE}.", f"须在 1 至 {LONGEST_VALUE} 之间。"
        raise InvalidInput(path=(*place, "maxLength"), reason=reason, reason_zh=reason_zh)
    if not 0 <= least <= most:
        reason, reason_zh = f"Between 0 and {most}.", f"须在 0 至 {most} 之间。"
        raise InvalidInput(path=(*place, "minLength"), reason=reason, reason_zh=reason_zh)


def _refuse_odd_pattern(one: BuyerInput, *place: str) -> None:
    if one.pattern is None:
        return
    if one.kind not in TYPED:
        reason, reason_zh = "Only ACCOUNT, TEXT and NUMBER have a pattern.", "仅 ACCOUNT、TEXT、NUMBER 类型可设格式。"
        raise InvalidInput(path=(*place, "pattern"), reason=reason, reason_zh=reason_zh)
    refuse_odd_text(one.pattern, *place, "pattern", longest=LONGEST_VALUE)
    try:
        compiled(one.pattern)
    except PatternOdd as odd:
        reason_zh = "格式仅支持字符、“[]”字符类、\\d、\\w 及次数,用“|”分隔多个格式,不支持分组。"
        raise InvalidInput(path=(*place, "pattern"), reason=f"A pattern has {odd}.", reason_zh=reason_zh) from None


def _refuse_odd_options(one: BuyerInput, *place: str) -> None:
    place = (*place, "options")
    if bool(one.options) != (one.kind in CHOSEN) or len(one.options) > MOST_OPTIONS:
        reason = f"SELECT and REGION have 1 to {MOST_OPTIONS} options, and no other kind."
        raise InvalidInput(path=place, reason=reason, reason_zh=f"仅 SELECT 和 REGION 类型须有 1 至 {MOST_OPTIONS} 个选项。")
    seen: set[str] = set()
    for position, option in enumerate(one.options):
        if not OPTION.fullmatch(option.value) or option.value in seen:
            reason = "Up to 60 of A-Z, a-z, 0-9, '_', '.' and '-', each value once."
            reason_zh = "须为 1 至 60 个 A-Z、a-z、0-9、“_”、“.”或“-”,且不能重复。"
            raise InvalidInput(path=(*place, str(position), "value"), reason=reason, reason_zh=reason_zh)
        seen.add(option.value)
        refuse_odd_texts(option.label, *place, str(position), "label", longest=LONGEST_LABEL, needed=True)


def inputs_as_data(inputs: Sequence[BuyerInput]) -> list[dict[str, Any]]:
    """For a jsonb column; what says nothing is left out."""
    found = []
    for one in inputs:
        told: dict[str, Any] = {"key": one.key, "kind": str(one.kind), "label": one.label, "required": one.required}
        said = {
            "help": one.help,
            "pattern": one.pattern,
            "min_length": one.min_length,
            "max_length": one.max_length,
            "options": [{"value": option.value, "label": option.label} for option in one.options],
            "hidden": one.hidden,
        }
        found.append({**told, **{name: value for name, value in said.items() if value}})
    return found


# Over `o`, a row of offers: read where something is bought, and left alone where a page of products is priced.
ASKED_OF_OFFER = "(SELECT asking.buyer_inputs FROM product asking WHERE asking.id = o.product_id)"


def inputs_from_json(kept: str) -> tuple[BuyerInput, ...]:
    """The schema that was kept; most products have none, which costs nothing."""
    if kept == "[]":
        return ()
    return tuple(
        BuyerInput(
            key=told["key"],
            kind=BuyerInputKind(told["kind"]),
            label=told["label"],
            help=told.get("help", {}),
            required=told["required"],
            pattern=told.get("pattern"),
            min_length=told.get("min_length"),
            max_length=told.get("max_length"),
            options=tuple(InputOption(option["value"], option["label"]) for option in told.get("options", ())),
            hidden=told.get("hidden", False),
        )
        for told in orjson.loads(kept)
    )
