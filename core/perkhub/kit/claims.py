"""Claims on what is scarce: several of them as one statement, so that no lock on a hot row waits for our next round trip."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import asyncpg

from perkhub.kit.composed import as_parts, numbered_on
from perkhub.kit.db import Transaction
from perkhub.kit.models import CLAIMS_REFUSED

Granted = Mapping[UUID, bool]
Shape = tuple[str, str, int]

# The places of answers that are no claim's.
WRITTEN, AHEAD = -1, -2


@dataclass(frozen=True, slots=True)
class Claim:
    """`tables` are the parts of a WITH that lock and count; `answer` selects from them a key and whether it was granted, for
    each of so many `keys`.

    `settle` looks at the answer and raises what was refused: it must, where a key is missing or was not granted. Names of the
    parts are one claim's own.
    """

    tables: str
    answer: str
    values: tuple[Any, ...]
    keys: int
    settle: Callable[[Transaction, Granted], Awaitable[None]]


async def claim(tx: Transaction, *claims: Claim) -> None:
    """Carry the claims out, and lock their rows, in this order. What the first refuses is told first; then nothing holds.

    The transaction's waiting writes go along, before the first of them: while they are written nobody waits for us.
    """
    writes = tx.take_waiting()
    if not (writes or claims):
        return
    values = [value for _, written in writes for value in written]
    values += [value for one in claims for value in one.values]
    sql = _in_one(tuple(sql for sql, _ in writes), _shapes(claims))
    granted: list[dict[UUID, bool]] = [{} for _ in claims]
    for place, key, given in await tx.rows(sql, *values):
        if key is not None:
            granted[place][key] = given
    for one, answer in zip(claims, granted, strict=True):
        await one.settle(tx, answer)


def claim_last(tx: Transaction, *claims: Claim) -> None:
    """Carry the claims out at the end of the transaction, or before whatever else is asked of the database in it; once.

    A transaction of which they are all, with what waits to be written, is one statement: it commits by itself, and on hot rows
    nobody waits for us at all. Where not everything is granted the database undoes it, and the claims are carried out again
    step by step: who refuses looks at what it has locked.
    """
    tx.last(partial(_carry_out, tx, claims))


async def _carry_out(tx: Transaction, claims: Sequence[Claim], whole: bool) -> None:
    if whole and await _all_at_once(tx, claims):
        return
    await tx.settle_ahead()
    await claim(tx, *claims)


async def _all_at_once(tx: Transaction, claims: Sequence[Claim]) -> bool:
    """Whether everything was granted; else nothing was done."""
    ahead, writes = tx.take_ahead(), tx.take_waiting()
    if ahead is None and not (writes or claims):
        return True
    values = [*ahead.values] if ahead is not None else []
    values += [value for _, written in writes for value in written]
    values += [value for one in claims for value in one.values]
    first = ahead.sql if ahead is not None else None
    sql = _all_or_nothing(first, tuple(sql for sql, _ in writes), _shapes(claims), sum(one.keys for one in claims))
    try:
        await tx.alone(sql, *values)
    except asyncpg.PostgresError as refused:
        if refused.sqlstate != CLAIMS_REFUSED:
            raise
        tx.put_back(ahead, writes)
        return False
    return True


def _shapes(claims: Sequence[Claim]) -> tuple[Shape, ...]:
    return tuple((one.tables, one.answer, len(one.values)) for one in claims)


@lru_cache(maxsize=500)
def _in_one(writes: tuple[str, ...], shapes: tuple[Shape, ...]) -> str:
    tables, answers = _parts(writes, shapes)
    return f"WITH {', '.join(tables)} {' UNION ALL '.join(answers)}"


@lru_cache(maxsize=500)
def _all_or_nothing(ahead: str | None, writes: tuple[str, ...], shapes: tuple[Shape, ...], keys: int) -> str:
    """The same with what goes ahead of it, undone unless every key was granted, and what goes ahead was written."""
    tables, answers = _parts(writes if ahead is None else (ahead, *writes), shapes)
    if ahead is not None:
        answers.insert(0, f"SELECT {AHEAD} AS claim, NULL::uuid AS key, EXISTS (SELECT FROM w0) AS given")
        keys += 1
    tables.append(f"answers(claim, key, given) AS MATERIALIZED ({' UNION ALL '.join(answers)})")
    granted = f"count(*) FILTER (WHERE claim <> {WRITTEN} AND given) = {keys}"
    return f"WITH {', '.join(tables)} SELECT CASE WHEN {granted} THEN true ELSE refuse_claims() END FROM answers"


def _parts(writes: tuple[str, ...], shapes: tuple[Shape, ...]) -> tuple[list[str], list[str]]:
    """Each answer draws on its own parts alone, and the answers are given one after the other: so are the locks taken.

    A write that nothing draws on would be carried out last of all, with the hot rows locked: the first answer counts them.
    """
    tables, before = as_parts([_returning(sql) for sql in writes])
    written = " + ".join(f"(SELECT count(*) FROM w{number})" for number in range(len(writes)))
    answers = [f"SELECT {WRITTEN} AS claim, NULL::uuid AS key, {written} >= 0 AS given"] if writes else []
    for place, (parts, answer, values) in enumerate(shapes):
        tables.append(numbered_on(parts, before))
        answers.append(f"SELECT {place} AS claim, a.* FROM ({answer}) AS a")
        before += values
    return tables, answers


def _returning(sql: str) -> str:
    return sql if "RETURNING" in sql else f"{sql} RETURNING 1"
