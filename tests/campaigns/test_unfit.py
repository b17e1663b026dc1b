"""What a mechanic's model refuses is told in words of the house, in both languages, and without the value."""

import re
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_args
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType

from perkhub.campaigns import CampaignInvalid
from perkhub.campaigns.working import parsed
from perkhub.plugin.payment import Title
from perkhub.plugin.unfit import KINDS, TEXTS
from perkhub_plugins.mechanics.blind_box.settings import BlindBoxChoice
from perkhub_plugins.mechanics.coupon import CouponConfig


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Settings(BaseModel):
    many: int = Field(default=1, gt=0, le=3)
    share: Decimal = Field(default=Decimal(1), ge=0, lt=100, max_digits=5, decimal_places=2)
    whole: Decimal = Field(default=Decimal(1), max_digits=4, decimal_places=2)
    word: str = Field(default="aa", min_length=2, max_length=3, pattern="^a+$")
    words: list[str] = Field(default=["a"], min_length=1, max_length=2)
    id: UUID | None = None
    sure: bool = False
    colour: Colour = Colour.RED
    side: Literal["left", "right"] = "left"
    since: datetime | None = None
    said: str = ""

    @field_validator("said")
    @classmethod
    def _decent(cls, said: str) -> str:
        match said:
            case "title":
                raise ValueError(Title(en="Say another.", zh="请换一个。"))
            case "text":
                raise ValueError("Say another.")
            case "named as pydantic's":
                raise PydanticCustomError("greater_than", "Say another.")
            case "asserted":
                raise AssertionError("Say another.")
        return said


REFUSED = [
    ({"many": 0}, "More than 0.", "须大于 0。"),
    ({"many": 4}, "At most 3.", "不得大于 3。"),
    ({"many": "S3CRET"}, "A whole number.", "须为整数。"),
    ({"many": 1.5}, "A whole number.", "须为整数。"),
    ({"share": -1}, "At least 0.", "不得小于 0。"),
    ({"share": 100}, "Less than 100.", "须小于 100。"),
    ({"share": "1.234"}, "No more decimal places than 2.", "最多 2 位小数。"),
    ({"share": "123456"}, "No more digits than 5.", "最多 5 位数字。"),
    ({"whole": "123.4"}, "No more digits before the point than 2.", "整数部分最多 2 位。"),
    ({"share": "S3CRET"}, "A number.", "须为数字。"),
    ({"share": "NaN"}, "A number.", "须为数字。"),
    ({"word": "a"}, "2 or more characters.", "至少 2 个字符。"),
    ({"word": "aaaa"}, "No more characters than 3.", "最多 3 个字符。"),
    ({"word": "S3C"}, "Not of the form that is asked for: ^a+$", "格式不正确,须符合:^a+$"),
    ({"word": 7}, "A text.", "须为文本。"),
    ({"words": []}, "1 or more entries.", "至少 1 项。"),
    ({"words": ["a", "b", "c"]}, "No more entries than 2.", "最多 2 项。"),
    ({"words": "S3CRET"}, "A list.", "须为列表。"),
    ({"id": "S3CRET"}, "An id.", "须为 ID。"),
    ({"sure": "S3CRET"}, "True or false.", "须为“是”或“否”。"),
    ({"colour": "S3CRET"}, "One of 'red', 'blue'.", "须为以下之一:'red', 'blue'。"),
    ({"side": "S3CRET"}, "One of 'left', 'right'.", "须为以下之一:'left', 'right'。"),
    ({"since": "S3CRET"}, "A moment, such as 2027-01-31T10:00:00Z.", "须为时间,例如 2027-01-31T10:00:00Z。"),
    ({"said": "title"}, "Say another.", "请换一个。"),
    ({"said": "text"}, "Say another.", "取值无效:Say another。"),
    ({"said": "asserted"}, "Say another.", "取值无效:Say another。"),
    ({"said": "named as pydantic's"}, "This value cannot be.", "取值无效。"),
]


def refused(model: type[BaseModel], said: dict[str, Any]) -> CampaignInvalid:
    with pytest.raises(CampaignInvalid) as caught:
        parsed(model, said, "config")
    return caught.value


@pytest.mark.parametrize(("said", "en", "zh"), REFUSED, ids=str)
def test_what_does_not_fit_is_told_in_both_languages(said: dict[str, Any], en: str, zh: str):
    error = refused(Settings, said)
    assert (error.message("en"), error.message("zh")) == (en, zh)
    assert error.path == ("config", *said)
    assert "S3C" not in error.message("en") + error.message("zh")


def test_the_chinese_of_the_table_is_chinese():
    """Names that pydantic does not know would never be asked for."""
    known = get_args(ErrorType)
    assert [kind for kind in TEXTS if kind not in known] == []
    assert [begins for begins in KINDS if not any(kind.startswith(begins) for kind in known)] == []
    examples = r"\{\w+\}|https?://\S+?(?=。)|PT24H|2027-\S+?(?=。)|ID"
    chinese = [re.sub(examples, "", text.zh) for text in (*TEXTS.values(), *KINDS.values())]
    assert [text for text in chinese if re.search(r"[A-Za-z]", text)] == []


def test_built_in_mechanics_speak_both():
    seed = refused(BlindBoxChoice, {"client_seed": "有 空格"})
    assert (seed.path, seed.message("zh")[:6]) == (("config", "clientSeed"), "格式不正确,")
    assert refused(CouponConfig, {}).message("zh") == "“off”与“percentOff”须填写且只能填写一项。"
    assert refused(CouponConfig, {"off": "5", "percent_off": "5"}).message("en") == "Say `off` or `percentOff`, one of the two."
