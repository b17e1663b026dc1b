"""Why a value does not fit a plugin's model, in words of the house: pydantic's own are English, and some repeat the value."""

from typing import get_args

from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from perkhub.plugin.payment import Title

WHOLE = Title(en="A whole number.", zh="须为整数。")
NUMBER = Title(en="A number.", zh="须为数字。")
YES_OR_NO = Title(en="True or false.", zh="须为“是”或“否”。")
ONE_OF = Title(en="One of {expected}.", zh="须为以下之一:{expected}。")
DAY = Title(en="A day, such as 2027-01-31.", zh="须为日期,例如 2027-01-31。")
MOMENT = Title(en="A moment, such as 2027-01-31T10:00:00Z.", zh="须为时间,例如 2027-01-31T10:00:00Z。")
DURATION = Title(en="A duration, such as PT24H.", zh="须为时长,例如 PT24H。")
ADDRESS = Title(en="An address, such as https://example.com.", zh="须为网址,例如 https://example.com。")
LIST = Title(en="A list.", zh="须为列表。")
FIELDS = Title(en="An object with its fields.", zh="须为带字段的对象。")

TEXTS = {
    "missing": Title(en="Say it; this is needed.", zh="此项必填。"),
    "extra_forbidden": Title(en="There is no such field.", zh="没有此字段。"),
    "greater_than": Title(en="More than {gt}.", zh="须大于 {gt}。"),
    "greater_than_equal": Title(en="At least {ge}.", zh="不得小于 {ge}。"),
    "less_than": Title(en="Less than {lt}.", zh="须小于 {lt}。"),
    "less_than_equal": Title(en="At most {le}.", zh="不得大于 {le}。"),
    "multiple_of": Title(en="A multiple of {multiple_of}.", zh="须为 {multiple_of} 的倍数。"),
    "too_short": Title(en="{min_length} or more entries.", zh="至少 {min_length} 项。"),
    "too_long": Title(en="No more entries than {max_length}.", zh="最多 {max_length} 项。"),
    "string_too_short": Title(en="{min_length} or more characters.", zh="至少 {min_length} 个字符。"),
    "string_too_long": Title(en="No more characters than {max_length}.", zh="最多 {max_length} 个字符。"),
    "string_pattern_mismatch": Title(en="Not of the form that is asked for: {pattern}", zh="格式不正确,须符合:{pattern}"),
    "string_type": Title(en="A text.", zh="须为文本。"),
    "enum": ONE_OF,
    "literal_error": ONE_OF,
    "decimal_max_digits": Title(en="No more digits than {max_digits}.", zh="最多 {max_digits} 位数字。"),
    "decimal_max_places": Title(en="No more decimal places than {decimal_places}.", zh="最多 {decimal_places} 位小数。"),
    "decimal_whole_digits": Title(
        en="No more digits before the point than {whole_digits}.", zh="整数部分最多 {whole_digits} 位。"
    ),
    "finite_number": NUMBER,
    "timezone_aware": MOMENT,
}
# By how the type of the fault begins: `int_parsing`, `int_from_float` …
KINDS = {
    "int_": WHOLE,
    "float_": NUMBER,
    "decimal_": NUMBER,
    "bool_": YES_OR_NO,
    "uuid_": Title(en="An id.", zh="须为 ID。"),
    "date_": DAY,
    "datetime_": MOMENT,
    "time_delta_": DURATION,
    "url_": ADDRESS,
    "list_": LIST,
    "set_": LIST,
    "frozen_set_": LIST,
    "tuple_": LIST,
    "dict_": FIELDS,
    "model_": FIELDS,
}
# Of a SecretStr pydantic counts characters as it counts entries.
OF_SECRETS = {"too_short": "string_too_short", "too_long": "string_too_long"}
SECRETS_TYPE = "Value"
REST = Title(en="This value cannot be.", zh="取值无效。")
# A validator's own words.
SAID = {"value_error": "Value error, ", "assertion_error": "Assertion failed, "}
PYDANTICS = frozenset(get_args(ErrorType)) - SAID.keys()


def unfit(fault: ErrorDetails) -> Title:
    """The sentence for one fault. What a plugin's own validator said is heard in both languages where it said a `Title`."""
    facts = fault.get("ctx", {})
    said = getattr(facts.get("error"), "args", ())
    if said and isinstance(said[0], Title):
        return said[0]
    kind = fault["type"]
    if kind not in PYDANTICS:
        words = fault["msg"].removeprefix(SAID.get(kind, "")).removesuffix(".")
        return Title(en=f"{words}.", zh=f"取值无效:{words}。")
    if facts.get("field_type") == SECRETS_TYPE:
        kind = OF_SECRETS.get(kind, kind)
    if str(facts.get("pattern", "")).startswith("^http"):
        return ADDRESS
    text = TEXTS.get(kind) or next((one for begins, one in KINDS.items() if kind.startswith(begins)), REST)
    if "expected" in facts:
        facts = {**facts, "expected": str(facts["expected"]).replace(" or ", ", ")}
    try:
        return Title(en=text.en.format_map(facts), zh=text.zh.format_map(facts))
    except KeyError:  # a plugin's own fault, under a name of pydantic's
        return REST
