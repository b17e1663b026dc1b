"""What a supplier asks with an order, and which of a product's buyer inputs answer it. Sees what buyers said; keeps nothing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import orjson

from perkhub.accounts import is_of_country, national_number
from perkhub.catalog import BuyerInput, PatternOdd, compiled_pattern, fits_pattern
from perkhub.plugin.supplier import InputField
from perkhub.suppliers.errors import OfferNotMappable

COUNTRY = re.compile(r"[A-Z]{2}")
MOST_FIELDS, MOST_OPTIONS = 30, 300
LONGEST_KEY, LONGEST_LABEL = 60, 200


@dataclass(frozen=True, slots=True)
class SentInput:
    """A field of the supplier's form, and the buyer input that fills it. `target` is the account that is topped up; a
    `national` one is a phone number without its country's code."""

    field: str
    input: str
    target: bool = False
    national: bool = False


class Misfit(NamedTuple):
    """What of a buyer's inputs the supplier would refuse; never the value."""

    input: str
    reason: str
    reason_zh: str


def sent_values(sent: Sequence[SentInput], said: Mapping[str, str]) -> dict[str, str]:
    """What goes to the supplier, by its own fields, of what the buyer said."""
    return {one.field: _in_form(one, said[one.input]) for one in sent if one.input in said}


def targets_of(sent: Sequence[SentInput], values: Mapping[str, str]) -> frozenset[str]:
    """What the supplier may name as the account it has topped up; anything that was sent, where none is said to be it."""
    named = [one for one in sent if one.target]
    return frozenset(values[one.field] for one in named or sent if one.field in values)


def misfit(form: Sequence[InputField], sent: Sequence[SentInput], said: Mapping[str, str]) -> Misfit | None:
    """Why the supplier would refuse what the buyer said; None where it would not."""
    asked = {field.key: field for field in form}
    for one in sent:
        field, given = asked.get(one.field), said.get(one.input)
        if given is None:
            if field is None or field.required:
                return Misfit(one.input, "This is needed.", "请填写此项。")
            continue
        if field is not None and not (_is_at_home(field, given) and _fits(field, _in_form(one, given))):
            return Misfit(one.input, "Not acceptable to who delivers it.", "供货方不接受该内容。")
    missing = [field for field in form if field.required and field.key not in {one.field for one in sent}]
    return Misfit("", "It cannot be ordered at the moment.", "暂时无法下单。") if missing else None


def _in_form(one: SentInput, value: str) -> str:
    return national_number(value) if one.national else value


def _is_at_home(field: InputField, value: str) -> bool:
    return field.country is None or is_of_country(value, field.country)


def _fits(field: InputField, value: str) -> bool:
    if field.options and value not in field.options:
        return False
    return field.pattern is None or fits_pattern(field.pattern, value)


def checked_sent(form: Sequence[InputField], sent: Sequence[SentInput], asked: Sequence[BuyerInput]) -> tuple[SentInput, ...]:
    """The mapping as it is kept: every field that the supplier needs is filled by something that every buyer must say.

    Raises:
        OfferNotMappable.
    """
    fields, inputs = {field.key: field for field in form}, {one.key: one for one in asked}
    if len(sent) > MOST_FIELDS or len({one.field for one in sent}) < len(sent):
        raise _unfit(f"At most {MOST_FIELDS} fields, each once.", f"最多 {MOST_FIELDS} 个字段,且不能重复。")
    for place, one in enumerate(sent):
        field, known = fields.get(one.field), inputs.get(one.input)
        if (form and field is None) or not 0 < len(one.field) <= LONGEST_KEY or not one.field.isprintable():
            raise _unfit("The supplier asks for no such field.", "供应商表单中没有该字段。", str(place), "field")
        if known is None:
            raise _unfit("The product asks its buyers for no such input.", "商品未向买家收集该信息。", str(place), "input")
        if not known.required and (field is None or field.required):
            raise _unfit("Buyers may leave this input out.", "该信息为选填,供应商要求必填。", str(place), "input")
    for field in form:
        if field.required and field.key not in {one.field for one in sent}:
            raise _unfit(f"Say which buyer input fills {field.key}.", f"请指定用哪项买家信息填写 {field.key}。")
    return tuple(
        SentInput(
            one.field,
            one.input,
            one.target or (one.field in fields and fields[one.field].target),
            one.national or (one.field in fields and fields[one.field].national),
        )
        for one in sent
    )


def _unfit(reason: str, reason_zh: str, *path: str) -> OfferNotMappable:
    return OfferNotMappable(reason, reason_zh, path=("inputs", *path))


def decent_form(told: Iterable[object]) -> tuple[InputField, ...]:
    """A form as far as it can be used: the plugin's own words come from outside as well."""
    return tuple(_decent(one) for one in list(told)[:MOST_FIELDS] if isinstance(one, InputField) and _is_key(one.key))


def _is_key(key: object) -> bool:
    return isinstance(key, str) and 0 < len(key) <= LONGEST_KEY and key.isprintable()


def _decent(one: InputField) -> InputField:
    pattern: str | None = None
    if isinstance(one.pattern, str):
        try:
            compiled_pattern(one.pattern)
            pattern = one.pattern
        except PatternOdd:
            pattern = None  # the supplier itself refuses what does not fit it
    label = "".join(character for character in str(one.label) if character.isprintable())[:LONGEST_LABEL]
    options = tuple(str(option) for option in one.options[:MOST_OPTIONS])
    country = one.country if isinstance(one.country, str) and COUNTRY.fullmatch(one.country) else None
    return InputField(one.key, label, bool(one.required), pattern, options, bool(one.target), bool(one.national), country)


def as_json(rows: Sequence[InputField | SentInput]) -> str:
    """For a jsonb column."""
    return orjson.dumps([asdict(row) for row in rows]).decode()


def form_from_json(kept: str) -> tuple[InputField, ...]:
    """Out of the column."""
    return tuple(InputField(**{**told, "options": tuple(told["options"])}) for told in orjson.loads(kept))


def sent_from_json(kept: str) -> tuple[SentInput, ...]:
    """Out of the column."""
    return tuple(SentInput(**told) for told in orjson.loads(kept))
