"""Several statements as one text: each round trip that is not made is time in which nobody waits for a locked row."""

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple


class Ahead(NamedTuple):
    """A write that goes before all others, and who hears whether it wrote its row."""

    sql: str
    values: tuple[Any, ...]
    settle: Callable[[bool], Awaitable[None]]


_PARAMETER = re.compile(r"\$(\d+)")


@lru_cache(maxsize=500)
def in_one(writes: tuple[str, ...]) -> str:
    """Several writes as the parts of one statement, their parameters numbered on."""
    if len(writes) == 1:
        return writes[0]
    parts, _ = as_parts(writes)
    return f"WITH {', '.join(parts)} SELECT 1"


@lru_cache(maxsize=100)
def along(ahead: str, values: int, sql: str) -> str:
    """A write and, after it, a plain statement as one: one row, without anything where the second finds nothing."""
    return f"""WITH ahead AS ({ahead}), asked AS ({numbered_on(sql, values)})
        SELECT one.*, asked.* FROM (SELECT count(*) > 0 AS ahead_written FROM ahead) AS one LEFT JOIN asked ON true"""


def is_plain(sql: str) -> bool:
    """Whether it can be a part of another statement, whatever it writes: a WITH that writes has to stand on top."""
    return not sql.lstrip().startswith("WITH")


def as_parts(writes: Sequence[str]) -> tuple[list[str], int]:
    """Writes as the parts w0, w1 … of a WITH, and how many parameters they have together."""
    parts = []
    before = 0
    for number, sql in enumerate(writes):
        parts.append(f"w{number} AS ({numbered_on(sql, before)})")
        before += max((int(found) for found in _PARAMETER.findall(sql)), default=0)
    return parts, before


def numbered_on(sql: str, before: int) -> str:
    """The SQL with its parameters counted on from so many before it."""
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + before}", sql)
