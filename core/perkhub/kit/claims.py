"""Claims on what is scarce: several of them as one statement, so that no lock on a hot row waits for our next round trip."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from perkhub.kit.composed import as_parts, numbered_on
from perkhub.kit.db import Transaction

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
    """Carry the claims out, and lock their rows, in this order. What the first refuses is told first; then nothing holds.

    The transaction's waiting writes go along, before the first of them: while they are written nobody waits for us.
    """
    writes = tx.take_waiting()
    values = [value for _, written in writes for value in written]
    values += [value for one in claims for value in one.values]
    shapes = tuple((one.tables, one.answer, len(one.values)) for one in claims)
    granted: list[dict[UUID, bool]] = [{} for _ in claims]
    for place, key, given in await tx.rows(_in_one(tuple(sql for sql, _ in writes), shapes), *values):
        if key is not None:
            granted[place][key] = given
    for one, answer in zip(claims, granted, strict=True):
        await one.settle(tx, answer)


@lru_cache(maxsize=500)
def _in_one(writes: tuple[str, ...], shapes: tuple[tuple[str, str, int], ...]) -> str:
    """Each answer draws on its own parts alone, and the answers are given one after the other: so are the locks taken.

    A write that nothing draws on would be carried out last of all, with the hot rows locked: the first answer counts them.
    """
    tables, before = as_parts([_returning(sql) for sql in writes])
    written = " + ".join(f"(SELECT count(*) FROM w{number})" for number in range(len(writes)))
    answers = [f"SELECT 0 AS claim, NULL::uuid AS key, {written} >= 0 AS given"] if writes else []
    for place, (parts, answer, values) in enumerate(shapes):
        tables.append(numbered_on(parts, before))
        answers.append(f"SELECT {place} AS claim, a.* FROM ({answer}) AS a")
        before += values
    return f"WITH {', '.join(tables)} {' UNION ALL '.join(answers)}"


def _returning(sql: str) -> str:
    return sql if "RETURNING" in sql else f"{sql} RETURNING 1"
