"""Finding products: one page of a list, narrowed, searched and sorted, in one statement as a rule."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from perkhub.catalog.search.asked import Asked, Span
from perkhub.catalog.search.matching import Search, near_products
from perkhub.catalog.search.order import Place, Sort
from perkhub.catalog.search.sizes import is_small
from perkhub.catalog.search.sources import Reading, Source
from perkhub.catalog.search.statement import Statement, all_of
from perkhub.catalog.search.where import Where
from perkhub.catalog.views import PRODUCT, ProductView, to_product_view
from perkhub.kit import db

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product, and where it stands in the list."""

    view: ProductView
    place: Place


@dataclass(frozen=True)
class Found:
    """A part of a list, in its order; `more` on the side to which it was read."""

    products: list[FoundProduct] = field(default_factory=list)
    more: bool = False


async def find_products(asked: Asked, span: Span) -> Found:
    """One page.

    A search by relevance is first looked up as it was typed. Only where that does not fill the page, and hardly any
    product of the house has it, those that nearly do are taken in.
    """
    search = asked.search
    small = not asked.market.everything and await is_small(asked.market.channel)
    if search is None:
        return _page(await _meant(asked, span, small=small), span)
    if not search.keys:
        return Found()
    if asked.sort is Sort.RELEVANCE and not span.backwards:
        found = await _meant(asked, span, small=small)
        if len(found) > span.size:
            return _page(found, span)
        near = await near_products(search)
        return _page(found if near is None else await _read(asked, span, Reading.source, near=near), span)
    near = await near_products(search)
    return _page(await _meant(asked, span, near=near, small=small), span)


async def count_products(asked: Asked) -> int:
    """How many the whole list has, counted up to ten thousand."""
    near = None
    if asked.search is not None:
        if not asked.search.keys:
            return 0
        near = await near_products(asked.search)
    small = not asked.market.everything and await is_small(asked.market.channel)
    reading = Reading(asked, Span(0), Statement(), near, small=small)
    products, shown = reading.unsorted(), _conditions(reading)
    counted = f"SELECT count(*) FROM (SELECT FROM {products} WHERE {shown} LIMIT {MOST_COUNTED}) counted"
    many: int = await db.value(counted, *reading.statement.values)
    return many


async def _meant(asked: Asked, span: Span, *, near: dict[UUID, int] | None = None, small: bool = False) -> list[FoundProduct]:
    """A list is first walked a little way in its order: that fills a page with whatever many products are or have, where
    the indexes would bring half the house to be sorted. What the walk does not find is little enough to be looked up."""
    if near is None and not small and _promising(asked):
        walked = await _walk(asked, span)
        if len(walked) > span.size:
            return walked
    return await _read(asked, span, Reading.source, near=near, small=small)


def _promising(asked: Asked) -> bool:
    """Whether what is asked for may be common; what is asked for by name, or searched for by a rare word, is not."""
    if asked.search is not None:
        return bool(asked.search.share) and not asked.where.by_name()
    return asked.where != Where() and not asked.where.by_name()


async def _walk(asked: Asked, span: Span) -> list[FoundProduct]:
    if asked.sort is not Sort.RELEVANCE or asked.search is None:
        return await _read(asked, span, Reading.walk)
    found = await _read(asked, span, partial(Reading.tier, number=0))
    if len(found) <= span.size:
        found += await _beginning(asked, span, asked.search, missing=span.size - len(found))
    if len(found) <= span.size:
        found += await _read(asked, span, partial(Reading.tier, number=2, walked=True))
    return found


async def _beginning(asked: Asked, span: Span, search: Search, *, missing: int) -> list[FoundProduct]:
    """All whose names begin so, or enough of them."""
    if search.often_first:
        walked = await _read(asked, span, partial(Reading.tier, number=1, walked=True))
        if len(walked) > missing:
            return walked
    return await _read(asked, span, partial(Reading.tier, number=1))


async def _read(
    asked: Asked,
    span: Span,
    source: Callable[[Reading], Source | None],
    *,
    near: dict[UUID, int] | None = None,
    small: bool = False,
) -> list[FoundProduct]:
    """One more than the page holds, to know whether there is a next one."""
    reading = Reading(asked, span, Statement(), near, small=small)
    taken = source(reading)
    if taken is None:
        return []
    begin = "" if taken.begun else reading.begin(taken.id, taken.key)
    direction = asked.order.direction(backwards=span.backwards)
    order = f"{f'{taken.key} {direction}, ' if taken.key else ''}{taken.id} {direction}"
    rows = await db.rows(
        f"SELECT {PRODUCT}, {taken.key or 'NULL'} AS place FROM {taken.sql} WHERE {all_of(_conditions(reading), begin)} "
        f"ORDER BY {order} LIMIT {span.size + 1}",
        *reading.statement.values,
    )
    return [FoundProduct(to_product_view(row), Place(row["place"], row["id"])) for row in rows]


def _conditions(reading: Reading) -> str:
    asked = reading.asked
    return all_of(asked.market.shown(reading.statement), asked.where.condition(reading.statement, asked.market))


def _page(found: list[FoundProduct], span: Span) -> Found:
    shown = found[: span.size]
    return Found(shown[::-1] if span.backwards else shown, more=len(found) > span.size)
