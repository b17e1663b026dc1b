"""What a text of an operator must be to be kept: short enough, and of characters that a database and a page can hold."""

import re
from collections.abc import Mapping

from perkhub.kit.errors import InvalidInput

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def refuse_odd_text(text: str, *path: str, longest: int, lines: bool = False) -> None:
    """Go on with a text of at most `longest` characters; only with `lines` may it have more than one line.

    Raises:
        InvalidInput: with the path.
    """
    if len(text) > longest:
        raise InvalidInput(path=path, reason=f"At most {longest} characters.", reason_zh=f"最多 {longest} 个字符。")
    if (CONTROL_BUT_LINES if lines else CONTROL).search(text):
        raise InvalidInput(path=path, reason="No control characters.", reason_zh="不能包含控制字符。")


def refuse_odd_texts(texts: Mapping[str, str], *path: str, longest: int, needed: bool = False, lines: bool = False) -> None:
    """The same for a text in several languages; a `needed` one must say something in at least one of them.

    Raises:
        InvalidInput: with the path, and the language at fault.
    """
    for language, text in texts.items():
        refuse_odd_text(text, *path, language, longest=longest, lines=lines)
    if needed and not any(text.strip() for text in texts.values()):
        raise InvalidInput(path=path, reason="Give it in at least one language.", reason_zh="请至少填写一种语言。")
