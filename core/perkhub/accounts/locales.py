"""The form of a locale: language, perhaps script and region, as BCP 47 writes them."""

import re

from perkhub.kit.errors import InvalidInput

FORM = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|[0-9]{3}))?")


def parse_locale(value: str, *, path: tuple[str, ...] = ("locale",)) -> str:
    """zh-CN, en, zh-Hant-TW; underscores are taken for hyphens.

    Raises:
        InvalidInput
    """
    if not FORM.fullmatch(value):
        raise InvalidInput(path=path, reason="Give a locale such as zh-CN or en.", reason_zh="请提供语言区域代码,如 zh-CN。")
    return value.replace("_", "-")
