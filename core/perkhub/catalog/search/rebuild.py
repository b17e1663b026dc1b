"""Making anew what the search knows of many products: of all, and of those whose brand, category or attribute changed."""

from collections.abc import AsyncIterator
from enum import StrEnum, auto
from functools import cache, partial
from uuid import UUID

from perkhub.catalog.search.index import index_products
from perkhub.kit.db import Transaction, transact
from perkhub.kit.jobs import Context, job
from perkhub.kit.outbox import enqueue

JOB = "catalog.index_products"
CHUNK = 500


class Of(StrEnum):
    """Whose products are meant."""

    HOUSE = auto()
    BRAND = auto()
    CATEGORY = auto()
    ATTRIBUTE = auto()


NEXT = "SELECT p.id FROM product p WHERE ($1::uuid IS NULL OR p.id > $1) AND {which} ORDER BY p.id LIMIT $3"
WHICH = {
    Of.HOUSE: "$2::uuid IS NULL",
    Of.BRAND: "p.brand_id = $2",
    Of.CATEGORY: """p.id IN (SELECT pc.product_id FROM product_category pc JOIN category c ON c.id = pc.category_id
                             WHERE c.path @> ARRAY[$2::uuid])""",
    Of.ATTRIBUTE: "p.id IN (SELECT f.product_id FROM product_fact f JOIN attribute a ON a.code = f.code WHERE a.id = $2)",
}


def products_renamed(tx: Transaction, of: Of, id: UUID | None = None) -> UUID:
    """Have a job follow: what these products are found by has changed, without a change of their own."""
    return enqueue(tx, JOB, of=of, id=id)


async def index_chunk(tx: Transaction, of: Of, id: UUID | None, *, after: UUID | None) -> list[UUID]:
    """Do the next few products, in the order of their ids; which these were, none when there are no more."""
    found = [row["id"] for row in await tx.rows(NEXT.format(which=WHICH[of]), after, id, CHUNK)]
    if found:
        await index_products(tx, found)
    return found


async def rebuild_search() -> AsyncIterator[int]:
    """Every product of the house, a few in each transaction; how many these were."""
    after: UUID | None = None
    while done := await transact(partial(index_chunk, of=Of.HOUSE, id=None, after=after)):
        yield len(done)
        after = done[-1]


@cache
def register_search_jobs() -> None:
    """Register them, once."""
    job(JOB)(_index)


async def _index(context: Context, of: Of, id: UUID | None = None) -> None:
    async def work(tx: Transaction) -> bool:
        after = context.progress.get("after")
        done = await index_chunk(tx, of, id, after=None if after is None else UUID(after))
        if done:
            await context.save_progress(tx, {"after": done[-1]})
        return bool(done)

    while await transact(work):
        pass
