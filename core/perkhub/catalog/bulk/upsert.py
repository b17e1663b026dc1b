"""Bringing in many products with their variants and listings: all of them checked first, then written in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from perkhub.catalog.bulk.drafts import Outcome, ProductUpsert
from perkhub.catalog.bulk.known import Named, read_known
from perkhub.catalog.bulk.planned import PlannedProduct
from perkhub.catalog.bulk.planning import Planning
from perkhub.catalog.bulk.writing import write_products
from perkhub.kit.bulk import BulkRow, ErrorPolicy, NothingTaken, bulk_rows, taken
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput

MOST_AT_ONCE = 500
MOST_BELOW = 5_000  # variants and listings, together


@dataclass(frozen=True, slots=True)
class Upserted:
    """The rows with what was refused of them, and what came, or would come, of each."""

    rows: list[BulkRow[ProductUpsert]]
    outcomes: list[Outcome]


async def upsert_products(
    tx: Transaction,
    asked: Sequence[ProductUpsert],
    *,
    policy: ErrorPolicy,
    dry_run: bool = False,
) -> Upserted:
    """Make products that are not there yet, and change those that are, with what is said of their variants and listings.

    What is as it was is not written again: no version rises for it.

    Raises:
        InvalidInput: nothing asked, or too much.
        ClaimContended: tried again by `transact`.
    """
    rows = bulk_rows(asked, most=MOST_AT_ONCE)
    _refuse_excess(asked)
    return await upsert_rows(tx, rows, Named(), policy=policy, dry_run=dry_run)


async def upsert_rows(
    tx: Transaction, rows: list[BulkRow[ProductUpsert]], named: Named, *, policy: ErrorPolicy, dry_run: bool
) -> Upserted:
    """The same for rows that stand somewhere; `named` holds what those before them have named, and grows."""
    at = now()
    planning = Planning(await read_known(tx, [row.asked for row in rows]), named, policy=policy, at=at)
    plans = {row.place: planning.plan(row) for row in rows}
    try:
        written = [plan for row in taken(rows, policy) if (plan := plans[row.place]) is not None]
    except NothingTaken:
        written = []
    if not dry_run:
        await write_products(tx, written, at)
    for row in rows:
        plan = plans[row.place]
        if not row.left_out and plan is not None and not (dry_run and plan.new):
            row.result = plan.id
    return Upserted(rows, [_outcome(row, plans[row.place]) for row in rows])


def _refuse_excess(asked: Sequence[ProductUpsert]) -> None:
    below = sum(1 + len(variant.listings) for product in asked for variant in product.variants)
    if below > MOST_BELOW:
        reason, reason_zh = f"At most {MOST_BELOW} variants and listings in all.", f"规格与上架记录合计最多 {MOST_BELOW} 条。"
        raise InvalidInput(path=("rows",), reason=reason, reason_zh=reason_zh)


def _outcome(row: BulkRow[ProductUpsert], plan: PlannedProduct | None) -> Outcome:
    if row.left_out or plan is None:
        return Outcome.LEFT_OUT
    if plan.new:
        return Outcome.CREATED
    return Outcome.CHANGED if plan.touched else Outcome.UNCHANGED
