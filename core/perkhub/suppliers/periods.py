"""For how long a benefit is good, as its name says it: a month, 季卡, 12 months. Nothing where a name says two times."""

import re

MONTHS_OF_DAYS = {30: 1, 31: 1, 90: 3, 180: 6, 360: 12, 365: 12, 366: 12}
DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "六": 6, "十二": 12}
NUMBER = r"(\d{1,3}|十二|[一二两三六])"

COUNTED = (
    (re.compile(NUMBER + r" ?(?:天|日(?!元|本|用))|(?<![\d.])(\d{1,3})[ -]?days?\b"), "D", 1),
    (re.compile(NUMBER + r" ?周|(?<![\d.])(\d{1,3})[ -]?weeks?\b"), "D", 7),
    (re.compile(NUMBER + r" ?(?:个月|月(?![\d份]))|(?<![\d.])(\d{1,3})[ -]?(?:months?|mo)\b"), "M", 1),
    (re.compile(r"(?<!\d)(\d|[一二两三])年|(?<![\d.])(\d)[ -]?years?\b"), "M", 12),
)
SAID = (
    (re.compile(r"半年卡?"), "M", 6),
    (re.compile(r"年卡|年度|包年|\b(?:annual|yearly|a year)\b"), "M", 12),
    (re.compile(r"季卡|季度|包季|\b(?:quarterly|quarter|season)\b"), "M", 3),
    (re.compile(r"(?<!个)月卡|包月|\b(?:monthly|a month)\b"), "M", 1),
    (re.compile(r"周卡|\b(?:weekly|a week)\b"), "D", 7),
    (re.compile(r"[日天]卡|\b(?:daily|a day)\b"), "D", 1),
)


def period_in(text: str) -> str | None:
    """The one time that a text names, by ISO 8601: P1M, P7D."""
    plain = text.casefold()
    found: set[str] = set()
    for pattern, unit, times in COUNTED:
        for match in pattern.finditer(plain):
            number = next(group for group in match.groups() if group)
            found.add(_period(DIGITS.get(number) or int(number), unit, times))
        plain = pattern.sub(" ", plain)
    for pattern, unit, times in SAID:
        if pattern.search(plain):
            found.add(_period(times, unit, 1))
            plain = pattern.sub(" ", plain)
    found.discard("")
    return found.pop() if len(found) == 1 else None


def period_of_days(days: int) -> str:
    """The same of a number of days: 365 of them are a year."""
    return _period(days, "D", 1)


def _period(number: int, unit: str, times: int) -> str:
    amount = number * times
    if unit == "D" and amount in MONTHS_OF_DAYS:
        unit, amount = "M", MONTHS_OF_DAYS[amount]
    return f"P{amount}{unit}" if amount else ""
