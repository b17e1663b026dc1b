"""Claims on what is scarce: several of them as one statement, so that no lock on a hot row waits for our next round trip."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from perkhub.kit.db import Transaction, numbered_on

Granted = Mapping[UUID, bool]


@dataclass(frozen=True, slots=True)
class Claim:
    """`tables` are the parts of a WITH that lock and count; `answer` selects from them a key and whether it was granted.

    `settle` looks at the answer and raises what was refused. Names of the parts are one claim's own.
    """

    tables: str
    answer: str
    values: tuple[Any, ...]
    settle: Callable[[Transaction, Granted], Awaitable[None]]


async def claim(tx: Transaction, *claims: Claim) -> None:
    """Carry the claims out, and lock their rows, in this order. What the first refuses is told first; then nothing holds."""
    values = [value for one in claims for value in one.values]
    shapes = tuple((one.tables, one.answer, len(one.values)) for one in claims)
    granted: list[dict[UUID, bool]] = [{} for _ in claims]
    for place, key, given in await tx.rows(_in_one(shapes), *values):
        granted[place][key] = given
    for one, answer in zip(claims, granted, strict=True):
        await one.settle(tx, answer)


@lru_cache(maxsize=100)
def _in_one(shapes: tuple[tuple[str, str, int], ...]) -> str:
    """Each answer draws on its own parts alone, and the answers are given one after the other: so are the locks taken."""
    tables, answers, before = [], [], 0
    for place, (parts, answer, values) in enumerate(shapes):
        tables.append(numbered_on(parts, before))
        answers.append(f"SELECT {place} AS claim, a.* FROM ({answer}) AS a")
        before += values
    return f"WITH {', '.join(tables)} {' UNION ALL '.join(answers)}"
