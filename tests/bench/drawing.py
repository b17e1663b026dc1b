"""The draw itself, without the purchase around it: `python -m tests.bench.drawing` inside an installation, JSON in, JSON out.

By the domain's own verb on PostgreSQL, each draw in a transaction of its own. What it leaves belongs to no orders: for the end
of a benchmark, after the audit.
"""

import asyncio
import json
import sys
from time import perf_counter
from typing import Any
from uuid import UUID

from perkhub.campaigns.draws import Boxes, commit_odds, draw_units, retire_seed
from perkhub.kit.db import Transaction, transact, transaction
from perkhub.kit.ids import new_id
from perkhub.plugin.mechanic import Guarantee, Odds, Prize
from perkhub_schema.runtime import running
from tests.bench.load import percentile
from tests.bench.seed import party_id

AT_ONCE = 8
BUYERS = 1000
COLD = 50


def odds() -> Odds:
    """One draw in nine is of a prize that is counted, and locks its row."""
    prizes = (
        Prize("month", UUID(int=1), 890),
        Prize("season", UUID(int=2), 100, 1_000_000),
        Prize("year", UUID(int=3), 10, 100_000),
    )
    return Odds(prizes, "month", Guarantee(9, frozenset({"season", "year"})))


async def draw_once(campaign: UUID, number: int) -> float:
    """One draw of one buyer; the seconds from its first statement to its last, the commit left out."""
    async with transaction() as tx:
        begun = perf_counter()
        await draw_units(tx, campaign, party_id(number % BUYERS), [Boxes(new_id(), 1, f"seed{number}")], order=new_id())
        await tx.flush()
        return perf_counter() - begun


async def draw_many(campaign: UUID, many: int) -> tuple[list[float], float]:
    """So many by one buyer after the other; then as many from several connections at once. Seconds of each of the first, in
    order, and how many the second made a second, commits included."""
    for number in range(COLD):
        await draw_once(campaign, number)
    alone = sorted([await draw_once(campaign, number) for number in range(many)])
    waiting = iter(range(many))

    async def one_after_another() -> None:
        for number in waiting:
            await draw_once(campaign, number)

    begun = perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    return alone, many / (perf_counter() - begun)


async def measure(many: int) -> dict[str, Any]:
    """Draw, then let the seed be shown, so that every draw can be verified."""
    campaign = new_id()

    async def commit(tx: Transaction) -> None:
        await commit_odds(tx, campaign, odds())

    async with running(application="perkhub bench", queue=False):
        await transact(commit)
        alone, per_second = await draw_many(campaign, many)
        await transact(lambda tx: retire_seed(tx, campaign))
    return {
        "campaign_id": str(campaign),
        "draws": COLD + 2 * many,
        "p50_ms": percentile(alone, 0.5),
        "p99_ms": percentile(alone, 0.99),
        "mean_ms": sum(alone) * 1000 / len(alone),
        "per_second": per_second,
    }


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(asyncio.run(measure(json.load(sys.stdin))))}\n")
