"""Taking codes out of stock that have too little validity left to be sold; their cost is our loss."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from perkhub.catalog import minimum_validities
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.ledger import Book, Entry, post
from perkhub.vault.claim import settle_stock
from perkhub.vault.sql import EXPIRE_CODES

ACTOR = "system:vault.expire"
CODES_AT_ONCE = 2_000
IN_STOCK = "SELECT variant_id FROM stock WHERE available > 0 ORDER BY variant_id"


async def expire_codes() -> int:
    """Expire what is due, chunk by chunk; how many that were."""
    variants = [row["variant_id"] for row in await db.rows(IN_STOCK)]
    at = now()
    usable = {variant: at + validity for variant, validity in (await minimum_validities(variants)).items()}
    expired = 0
    while usable and (count := await transact(lambda tx: _expire_chunk(tx, usable))):
        expired += count
    return expired


async def _expire_chunk(tx: Transaction, usable: dict[UUID, datetime]) -> int:
    lots = await tx.rows(EXPIRE_CODES, list(usable), list(usable.values()), CODES_AT_ONCE, now(), ACTOR, correlation_id())
    entries: list[Entry] = []
    taken: Counter[UUID] = Counter()
    for row in lots:
        taken[row["variant_id"]] += row["codes"]
        cost = Money.line(row["unit_cost"], 1, row["currency"]) * row["codes"]
        entries += [Entry(Book.INVENTORY, cost), Entry(Book.LOSS, -cost)]
    if any(entry.amount for entry in entries):
        await post(tx, "codes.expired", new_id(), entries, actor=ACTOR)
    await settle_stock(tx, taken=taken, promised={})
    return taken.total()
