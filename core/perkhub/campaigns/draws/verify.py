"""Checking an export of draws offline: the chain, the commitments, each draw, each buyer's sequence, and who got nothing less.

Needs no database. What is found: a changed, missing or moved line; a seed or odds other than were committed to; a draw that
falls on another prize; a buyer whose draws were counted wrongly; a prize that was withheld though some were left.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from perkhub.campaigns.draws import fair
from perkhub.kit.chained import GENESIS, ChainBroken, batches_of

TITLE_KEYS = {"campaign", "seeds"}


@dataclass(frozen=True, slots=True)
class DrawVerdict:
    """What was found. `open` draws are by a seed that is not shown yet: their chain was checked, and they were not."""

    intact: bool
    draws: int
    open: int
    head: str
    fault: str | None = None


class _Unfair(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Seed:
    table: fair.Table
    plain: bytes | None


@dataclass(slots=True)
class _Ledger:
    """What was read so far: where each buyer is, what was given of each prize, and what was withheld."""

    seeds: dict[int, _Seed]
    buyers: dict[str, tuple[int, int]] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)
    withheld: set[str] = field(default_factory=set)
    draws: int = 0
    open: int = 0
    head: str = GENESIS


def verify_draws(lines: Iterable[bytes], *, expected_head: str | None = None) -> DrawVerdict:
    """Check an export. With `expected_head`, the newest digest as it was noted elsewhere, a cut tail shows too."""
    told = iter(lines)
    ledger = _Ledger({})
    try:
        ledger.seeds = _seeds(next(told, b""))
        for head, rows in batches_of(told):
            for row in rows:
                _check(ledger, _row(row))
            ledger.head = head.digest
        _ensure_nothing_withheld(ledger)
        if expected_head is not None and expected_head.lower() != ledger.head:
            raise _Unfair("the log does not end with the expected batch")
    except (_Unfair, ChainBroken) as fault:
        return DrawVerdict(False, ledger.draws, ledger.open, ledger.head, str(fault))
    return DrawVerdict(True, ledger.draws, ledger.open, ledger.head)


def _seeds(line: bytes) -> dict[int, _Seed]:
    try:
        title = orjson.loads(line)
        if set(title) != TITLE_KEYS:
            raise _Unfair("line 1 does not name a campaign and its seeds")
        if len({one["odds"] for one in title["seeds"]}) > 1:
            raise _Unfair("the odds were changed between two seeds")
        return {one["number"]: _seed(one) for one in title["seeds"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _Unfair("line 1 does not name a campaign and its seeds") from None


def _seed(told: dict[str, Any]) -> _Seed:
    table = fair.table_from(orjson.loads(told["odds"]))
    if table.canonical() != told["odds"].encode():
        raise _Unfair(f"the odds of seed {told['number']} are not written as they were hashed")
    if told["seed"] is None:
        return _Seed(table, None)
    plain = bytes.fromhex(told["seed"])
    if fair.commitment(plain, table.hash()) != told["commitment"]:
        raise _Unfair(f"seed {told['number']} and its odds are not what was committed to")
    return _Seed(table, plain)


def _row(line: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(line)
        return found
    except orjson.JSONDecodeError:
        raise _Unfair("a draw cannot be read") from None


def _check(ledger: _Ledger, row: dict[str, Any]) -> None:
    seed = ledger.seeds.get(row["seed"])
    if seed is None:
        raise _Unfair(f"draw {row['id']} names no seed of this campaign")
    nonce, pity = ledger.buyers.get(row["who"], (0, 0))
    if (row["nonce"], row["pity"]) != (nonce + 1, pity):
        raise _Unfair(f"draw {row['id']} does not follow its buyer's draw {nonce}")
    table, given = seed.table, row["given"]
    if seed.plain is None:
        ledger.open += 1
    else:
        fell = fair.drawn(seed.plain, table, client_seed=row["client"], who=row["who"], nonce=row["nonce"], pity=row["pity"])
        if fell != row["drawn"]:
            raise _Unfair(f"draw {row['id']} falls on {fell}, and not on {row['drawn']}")
    if given != row["drawn"]:
        if given != table.exhausted:
            raise _Unfair(f"draw {row['id']} was given {given}, which does not take the place of {row['drawn']}")
        ledger.withheld.add(row["drawn"])
    ledger.given[given] += 1
    ledger.draws += 1
    ledger.buyers[row["who"]] = (row["nonce"], table.pity_after(pity, given))


def _ensure_nothing_withheld(ledger: _Ledger) -> None:
    """Of what was replaced for being exhausted, all must have been given; and of nothing more than there was."""
    for seed in ledger.seeds.values():
        for prize in seed.table.prizes:
            if prize.quantity is not None and ledger.given[prize.key] > prize.quantity:
                raise _Unfair(f"{ledger.given[prize.key]} of {prize.key} were given, of {prize.quantity}")
            if prize.key in ledger.withheld and ledger.given[prize.key] != prize.quantity:
                raise _Unfair(f"{prize.key} was replaced though only {ledger.given[prize.key]} of {prize.quantity} were given")
